"""A model's classes: as given, else as the training names them, else by number."""

from __future__ import annotations

import json
import re
from typing import Any

from .problems import wrong

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_EXAMPLE = 'Give CLASSES like [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...], or leave it empty.'
_BACKGROUND = "#d9c8a0"
# Okabe and Ito's colours, told apart by colour-blind people; strongest contrasts first.
_PALETTE = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#f0e442", "#000000")


def make_classes(given: str, names: list[str], count: int) -> list[dict[str, Any]]:
    """The classes of a card, in the order of the model's output.

    Args:
        given: CLASSES as JSON, or empty.
        names: from the training, or empty.
        count: what the model predicts.
    Raises:
        PrithviError: ``parameter_invalid``.
    """
    if not given.strip():
        names = names if len(names) == count else [f"Class {value}" for value in range(count)]
        return [{"value": v, "name": name, "color": color(v, count)} for v, name in enumerate(names)]
    try:
        found = json.loads(given)
    except ValueError as e:
        raise wrong(f"CLASSES is no JSON: {e}.", _EXAMPLE) from e
    if not isinstance(found, list) or not all(isinstance(c, dict) for c in found):
        raise wrong("CLASSES is no list of classes.", _EXAMPLE)
    if len(found) != count:
        raise wrong(f"CLASSES names {len(found)} classes; the model predicts {count}.", _EXAMPLE)
    classes = [_class(c, place, count) for place, c in enumerate(found)]
    classes.sort(key=lambda c: c["value"])
    if [c["value"] for c in classes] != list(range(count)):
        raise wrong(
            f"CLASSES has the values {[c['value'] for c in classes]}, not 0 to {count - 1} once each.", _EXAMPLE
        )
    return classes


def color(value: int, count: int) -> str:
    """A colour for a class that nobody gave one. Of two classes the first is what lies around the other."""
    if value == 0 and count == 2:
        return _BACKGROUND
    place = value - 1 if count == 2 else value
    if place < len(_PALETTE):
        return _PALETTE[place]
    # Beyond what eyes tell apart anyhow: darker and darker versions, so that no two are the same.
    turn, place = divmod(place, len(_PALETTE))
    base = [int(_PALETTE[place][i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{(c * 5 + turn * 47) % 256:02x}" for c in base)


def _class(found: dict[str, Any], place: int, count: int) -> dict[str, Any]:
    value, name = found.get("value", place), found.get("name")
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(f"CLASSES has the value {value!r}, which is no whole number.", _EXAMPLE)
    if not isinstance(name, str) or not name.strip():
        raise wrong(f"Class {value} in CLASSES has no name.", _EXAMPLE)
    shade = found.get("color") or color(place, count)
    if not isinstance(shade, str) or not _COLOR.fullmatch(shade):
        raise wrong(f"The colour {shade!r} of {name} in CLASSES is not #rrggbb.", _EXAMPLE)
    return {"value": value, "name": name.strip(), "color": shade.lower()}
