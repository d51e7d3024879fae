"""Parse a mask's options from text: minimum probabilities, classes to ignore, the smallest patch.

Used by the front end before an engine starts, and by the engine's command line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ErrorCode, PrithviError
from ..models.model_card import ModelCard
from .class_words import ClassWords, split_words

if TYPE_CHECKING:  # QGIS imports this module at its start
    from ..protocol.messages import Segment

_AREA = re.compile(r"([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*([a-zµ²0-9]*)", re.IGNORECASE)
_SQUARE_METRES = {"m2": 1.0, "m²": 1.0, "sqm": 1.0, "ha": 1e4, "km2": 1e6, "km²": 1e6}
_PROBABILITY_HINT = "Give 0.6, or Water=0.7 by name or value."
_PIXELS = ("", "px", "pixel", "pixels")


@dataclass(frozen=True)
class SmallestPatch:
    """Size of the smallest patch that stays."""

    amount: float
    """Square metres if ``ground``, else pixels."""
    ground: bool
    """Whether it is an area on the ground."""
    text: str
    """The user's text, for messages."""


def read_min_area(text: str) -> SmallestPatch | None:
    """Parse ``25``, ``25 px``, ``5000 m2``, ``0.5 ha`` or ``0.1 km2``; return None for an empty text.

    Raises:
        PrithviError: ``parameter_invalid``.
    """
    text = text.strip()
    if not text:
        return None
    match = _AREA.fullmatch(text)
    unit = match.group(2).lower() if match else "?"
    amount = float(match.group(1)) if match else math.nan
    ground = unit in _SQUARE_METRES
    if (not ground and unit not in _PIXELS) or not 0 < amount < math.inf:
        raise _invalid(
            f'MIN_AREA "{text[:60]}" is no area above 0.', 'Give pixels, such as "25 px", or "5000 m2", "0.5 ha".'
        )
    if not ground and amount != int(amount):
        raise _invalid(f'MIN_AREA "{text[:60]}" is no whole number of pixels.', 'Give one such as "25 px".')
    return SmallestPatch(amount * _SQUARE_METRES.get(unit, 1.0), ground, text)


def read_min_probability(text: str, card: ModelCard) -> dict[str, float]:
    """Parse ``0.6`` for all classes, ``Water=0.7, 0=0.5`` by name or value, or both, where the latter take precedence.

    Returns:
        Minimum by class value as text; empty for an empty text.
    Raises:
        PrithviError: ``parameter_invalid``.
    """
    items = _items(text, card, "MIN_PROBABILITY")
    general: float | None = None
    given: dict[str, float] = {}
    open_name = ""  # beginning of a name that contains commas
    for item in items:
        name, equals, number = item.rpartition("=")
        if not equals and not open_name and _number(item) is not None:
            if general is not None:
                raise _invalid(
                    f'MIN_PROBABILITY "{text[:60]}" has two numbers for every class.',
                    "Give one, with a decimal point, such as 0.6.",
                )
            general = _probability(item, item)
        elif not equals:
            open_name += f"{item}, "
        else:
            value = _class_value(open_name + name, card, "MIN_PROBABILITY")
            given[str(value)] = _probability(number, item)
            open_name = ""
    if open_name:
        raise _invalid(
            f'"{open_name[:-2][:60]}" in MIN_PROBABILITY is no number from 0 to 1.',
            _PROBABILITY_HINT,
        )
    all_classes = {} if general is None else {str(c.value): general for c in card.classes}
    return {value: p for value, p in {**all_classes, **given}.items() if p > 0}


def read_ignore_classes(text: str, card: ModelCard) -> tuple[int, ...]:
    """Return the values of the classes that ``text`` lists by name or value, separated by commas.

    Raises:
        PrithviError: ``parameter_invalid``.
    """
    items = _items(text, card, "IGNORE_CLASSES")
    words = split_words(",".join(items), lambda name: _find_class(name, card))
    return tuple(sorted({_class_value(word, card, "IGNORE_CLASSES") for word, _ in words}))


def check_mask_options(request: Segment, card: ModelCard) -> None:
    """Refuse options that a model or a pipeline does not support, before anything is loaded.

    Raises:
        PrithviError: ``parameter_invalid``.
    """
    read_min_area(request.min_area)
    if card.quantity is not None:
        requested = {
            "PROBABILITY": request.probability,
            "POLYGONS": request.polygons,
            "MIN_PROBABILITY": request.min_probability,
            "MIN_AREA": request.min_area,
            "IGNORE_CLASSES": request.ignore_classes,
            "PIPELINE=1": request.pipeline == "stock",
        }
        for name, value in requested.items():
            if value:
                hint = "Use PIPELINE=0." if name.startswith("PIPELINE") else f"Leave {name} empty."
                raise _invalid(
                    f"{name} was asked for, but {card.id} predicts a quantity ({card.quantity.name}), no classes.", hint
                )
        return
    known = {str(c.value) for c in card.classes}
    _check_min_probabilities(request.min_probability, known, card)
    unknown = [v for v in request.ignore_classes if str(v) not in known]
    if unknown:
        raise _invalid(f"{card.id} has no class {unknown[0]} to ignore.", f"Its values are 0 to {len(known) - 1}.")
    if {c.value for c in card.classes if c.ignore} | set(request.ignore_classes) == {c.value for c in card.classes}:
        raise _invalid("IGNORE_CLASSES names every class, which would leave an empty mask.", "Keep at least one.")
    if request.pipeline == "stock" and request.min_probability:
        raise _invalid(
            "MIN_PROBABILITY was asked for, but the stock IO processor (PIPELINE=1) returns classes only.",
            "Use PIPELINE=0.",
        )


def _check_min_probabilities(min_probabilities: Mapping[str, float], known: set[str], card: ModelCard) -> None:
    for value, minimum in min_probabilities.items():
        if value not in known:
            raise _invalid(f"MIN_PROBABILITY names class {value}, which {card.id} does not have.", "Correct it.")
        if isinstance(minimum, bool) or not isinstance(minimum, (int, float)) or not 0 <= minimum <= 1:
            raise _invalid(f"MIN_PROBABILITY {minimum} of class {value} is not from 0 to 1.", "Correct it.")


def _items(text: str, card: ModelCard, parameter: str) -> list[str]:
    items = [item.strip() for item in re.split("[,;]", text) if item.strip()]
    if items and card.quantity is not None:
        raise _invalid(
            f"{parameter} was given, but {card.id} predicts a quantity ({card.quantity.name}), no classes.",
            f"Leave {parameter} empty.",
        )
    return items


def _find_class(name: str, card: ModelCard) -> int | None:
    """Return a class by value, else by its name, ignoring case and blanks; None for none or several."""
    value = ClassWords({c.value: c.name for c in card.classes}).of_parameter(name)
    return value if value is not None and 0 <= value < len(card.classes) else None


def _class_value(name: str, card: ModelCard, parameter: str) -> int:
    value = _find_class(name, card)
    if value is None:
        names = ", ".join(f"{c.value} {c.name}" for c in card.classes[:12]) + (
            ", ..." if len(card.classes) > 12 else ""
        )
        raise _invalid(f'"{name.strip()[:60]}" in {parameter} is no class of {card.id}.', f"Its classes are: {names}.")
    return value


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _probability(text: str, item: str) -> float:
    number = _number(text)
    if number is None or not 0 <= number <= 1:
        raise _invalid(f'"{item[:60]}" in MIN_PROBABILITY is no number from 0 to 1.', _PROBABILITY_HINT)
    return number


def _invalid(text: str, hint: str) -> PrithviError:
    return PrithviError(ErrorCode.PARAMETER_INVALID, text, hint)
