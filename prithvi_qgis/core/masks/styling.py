"""How a mask looks on a map, for the style that the engine writes and the one that the desktop sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..models.model_card import Quantity

if TYPE_CHECKING:  # QGIS's start imports this module
    from ..protocol.messages import ClassArea

MASK_OPACITY = 0.7
UNSURE_NAME = "Unsure"
UNSURE_COLOR = "#8c8c8c"
# matplotlib's viridis (CC0): lightness grows evenly, so it is read in grey and by colour-blind people alike.
RAMP = (
    "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151", "#bddf26",
    "#fde725",
)  # fmt: skip
BACKGROUND_ALPHA = 64  # of 255
SOLID_ALPHA = 255


def rgb(color: str) -> tuple[int, int, int]:
    """``#rrggbb`` as numbers, 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def class_alpha(value: int, values: Sequence[int]) -> int:
    """How solid a class is drawn, 0 to 255.

    A model of two classes tells one thing (water, burns) from everything else, and class 0 is everything else. Who
    maps a flood wants to read the land beneath it, so that class is a faint tint: enough to tell what was segmented
    from what had no data, too little to hide the scene. Its colour stays in the legend. With three classes and more
    no class is background, and all are drawn alike.
    """
    return BACKGROUND_ALPHA if len(values) == 2 and value == min(values) == 0 else SOLID_ALPHA


def known_values(classes: Sequence[ClassArea]) -> list[int]:
    """The model's own classes among a mask's."""
    return [c.value for c in classes if not c.unsure]


def colour_range(quantity: Quantity, values: Mapping[str, float]) -> tuple[float, float]:
    """Between which numbers a quantity is coloured: as its card says, else two standard deviations about the mean.

    Args:
        values: ``Result.values``.
    """
    mean, spread = values.get("mean", 0.0), 2 * values.get("std", 0.0)
    low = quantity.low if quantity.low is not None else max(values.get("min", 0.0), mean - spread)
    high = quantity.high if quantity.high is not None else min(values.get("max", 1.0), mean + spread)
    return (low, high) if high > low else (low, low + 1.0)


def ramp(low: float, high: float) -> list[tuple[float, str]]:
    """(number, colour) of each stop between ``low`` and ``high``."""
    steps = len(RAMP) - 1
    return [(low + (high - low) * i / steps, color) for i, color in enumerate(RAMP)]
