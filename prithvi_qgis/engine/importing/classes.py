"""The classes or the quantity that a model predicts: given ones, else the training's, else numbered ones."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from ...core.masks.styling import rgb
from ...core.models.model_card import COLOR, MOST_CLASSES
from .errors import model_error, parameter_error
from .terratorch_config import Training, whole

_EXAMPLE = 'Give CLASSES like [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...], or leave it empty.'
_QUANTITY = 'Give CLASSES like {"name": "Biomass", "unit": "Mg/ha", "min": 0, "max": 300}, or leave it empty.'
_BACKGROUND = "#d9c8a0"
# Okabe and Ito's colours, distinguishable with colour blindness; strongest contrasts first.
_PALETTE = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#f0e442", "#000000")


def count_channels(training: Training, args: dict[str, Any]) -> None:
    """Put ``num_classes``, or ``num_outputs`` of a regression, into ``args``, where TerraTorch reads it.

    Raises:
        PrithviError: ``model_invalid``.
    """
    if training.kind == "regression":
        given = args.pop("num_classes", None)
        count = whole(args.get("num_outputs") or given or 1, "num_outputs", training.name)
        if count != 1:
            raise model_error(
                f"{training.name} trains a regression of {count} numbers a pixel (num_outputs).",
                "One number a pixel runs here.",
            )
        args["num_outputs"] = count
        return
    args.pop("num_outputs", None)
    given = args.get("num_classes", training.data.get("num_classes"))
    if given is None:
        raise model_error(f"{training.name} has no num_classes in model_args.", "Write it there.")
    count = whole(given, "num_classes", training.name)
    if not 2 <= count <= MOST_CLASSES:
        raise model_error(
            f"num_classes in {training.name} is {count}.", f"Models of 2 to {MOST_CLASSES} classes run here."
        )
    args["num_classes"] = count


def describe_prediction(
    given: str, training: Training, args: dict[str, Any], known: Sequence[str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the card's keys for the prediction, and lines for a person.

    Args:
        given: CLASSES as JSON, or empty.
        known: class names of the data module, or none.
    Raises:
        PrithviError: ``parameter_invalid``.
    """
    if training.kind == "regression":
        quantity = make_quantity(given)
        return {"task": "regression", "quantity": quantity}, [f"one number a pixel ({quantity['name']})"]
    names = training.task.get("class_names")
    names = [str(name) for name in (names if isinstance(names, list) and names else known)]
    classes = make_classes(given, names, args["num_classes"])
    lines = [f"{len(classes)} classes", *_mark_ignored(classes, training)]
    if all(c.get("ignore") for c in classes):
        raise parameter_error("CLASSES ignores every class.", "Keep at least one.")
    return {"classes": classes}, lines


def _mark_ignored(classes: list[dict[str, Any]], training: Training) -> list[str]:
    """Set ``ignore`` for the class whose labels the training ignored, if the model predicts that class.

    Usually ``ignore_index`` is -1 or 255, which no model predicts. With two classes none is ignored, since one class
    alone is not a segmentation. Returns log lines.
    """
    index = training.task.get("ignore_index")
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(classes):
        return []
    chosen = classes[index]
    if "ignore" in chosen:  # set in CLASSES
        return []
    if len(classes) == 2:
        return [f"ignore_index {index} of the training is not taken over: it would leave one class of two"]
    chosen["ignore"] = True
    return [f"{chosen['name']} ({index}) was ignored in training: what the model calls so has no data in masks"]


def make_quantity(given: str) -> dict[str, Any]:
    """Return the quantity of a regression: name, unit, and the range of its colours.

    Raises:
        PrithviError: ``parameter_invalid``.
    """
    if not given.strip():
        return {"name": "Value", "unit": "", "min": None, "max": None}
    try:
        found = json.loads(given)
    except ValueError as e:
        raise parameter_error(f"CLASSES is no JSON: {e}.", _QUANTITY) from e
    if not isinstance(found, dict) or not isinstance(found.get("name"), str) or not found["name"].strip():
        raise parameter_error("The model predicts a quantity, and CLASSES gives it no name.", _QUANTITY)
    low, high = found.get("min"), found.get("max")
    for limit in (low, high):
        number = isinstance(limit, (int, float)) and not isinstance(limit, bool) and math.isfinite(limit)
        if limit is not None and not number:
            raise parameter_error(f"CLASSES has {limit!r} as min or max, which is no number.", _QUANTITY)
    if low is not None and high is not None and low >= high:
        raise parameter_error(f"CLASSES has a min of {low} and a max of {high}.", _QUANTITY)
    return {"name": found["name"].strip(), "unit": str(found.get("unit") or ""), "min": low, "max": high}


def make_classes(given: str, names: list[str], count: int) -> list[dict[str, Any]]:
    """Return the classes of a card, in the order of the model's output.

    Args:
        given: CLASSES as JSON, or empty.
        names: the training's class names, or empty.
        count: number of classes that the model predicts.
    Raises:
        PrithviError: ``parameter_invalid``.
    """
    if not given.strip():
        names = names if len(names) == count else [f"Class {value}" for value in range(count)]
        return [{"value": v, "name": name, "color": color(v, count)} for v, name in enumerate(names)]
    try:
        found = json.loads(given)
    except ValueError as e:
        raise parameter_error(f"CLASSES is no JSON: {e}.", _EXAMPLE) from e
    if not isinstance(found, list) or not all(isinstance(c, dict) for c in found):
        raise parameter_error("CLASSES is no list of classes.", _EXAMPLE)
    if len(found) != count:
        raise parameter_error(f"CLASSES names {len(found)} classes; the model predicts {count}.", _EXAMPLE)
    classes = [_class(c, index, count) for index, c in enumerate(found)]
    classes.sort(key=lambda c: c["value"])
    if [c["value"] for c in classes] != list(range(count)):
        raise parameter_error(
            f"CLASSES has the values {[c['value'] for c in classes]}, not 0 to {count - 1} once each.", _EXAMPLE
        )
    return classes


def color(value: int, count: int) -> str:
    """Return the default colour of a class. The first of two classes is the background."""
    if value == 0 and count == 2:
        return _BACKGROUND
    index = value - 1 if count == 2 else value
    if index < len(_PALETTE):
        return _PALETTE[index]
    # Darker variants: not distinguishable by eye, but all different.
    turn, index = divmod(index, len(_PALETTE))
    return "#" + "".join(f"{(c * 5 + turn * 47) % 256:02x}" for c in rgb(_PALETTE[index]))


def _class(found: dict[str, Any], index: int, count: int) -> dict[str, Any]:
    value, name = found.get("value", index), found.get("name")
    if not isinstance(value, int) or isinstance(value, bool):
        raise parameter_error(f"CLASSES has the value {value!r}, which is no whole number.", _EXAMPLE)
    if not isinstance(name, str) or not name.strip():
        raise parameter_error(f"Class {value} in CLASSES has no name.", _EXAMPLE)
    shade = found.get("color") or color(index, count)
    if not isinstance(shade, str) or not COLOR.fullmatch(shade):
        raise parameter_error(f"The colour {shade!r} of {name} in CLASSES is not #rrggbb.", _EXAMPLE)
    made = {"value": value, "name": name.strip(), "color": shade.lower()}
    if "ignore" in found:
        if not isinstance(found["ignore"], bool):
            raise parameter_error(
                f'"ignore" of {name} in CLASSES is {found["ignore"]!r}, neither true nor false.', _EXAMPLE
            )
        made["ignore"] = found["ignore"]
    return made
