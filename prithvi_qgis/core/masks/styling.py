"""Style of a mask on a map; the engine's sidecar and the desktop share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..models.model_card import Quantity

if TYPE_CHECKING:  # QGIS imports this module at its start
    from ..protocol.messages import ClassArea

MASK_OPACITY = 0.7
UNCERTAIN_NAME = "Unsure"
UNCERTAIN_COLOR = "#8c8c8c"
# matplotlib's viridis (CC0): lightness increases evenly, so it is legible in grey and with any colour vision.
RAMP = (
    "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151", "#bddf26",
    "#fde725",
)  # fmt: skip
BACKGROUND_ALPHA = 64  # of 255
SOLID_ALPHA = 255


def rgb(color: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``#rrggbb``, 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def class_alpha(value: int, values: Sequence[int]) -> int:
    """Return the opacity of a class, 0 to 255.

    A model with two classes separates one thing (water, burns) from everything else, which is class 0. A flood map
    should leave the land legible, so this class gets a faint tint: enough to distinguish it from nodata, too little to
    hide the scene. Its colour stays in the legend. With more classes none is background, and all are solid.
    """
    return BACKGROUND_ALPHA if len(values) == 2 and value == min(values) == 0 else SOLID_ALPHA


def known_values(classes: Sequence[ClassArea]) -> list[int]:
    """Return the values of a mask's classes without the uncertain one."""
    return [c.value for c in classes if not c.unsure]


def colour_range(quantity: Quantity, values: Mapping[str, float]) -> tuple[float, float]:
    """Return the lowest and highest coloured value of a quantity.

    Args:
        quantity: its limits are used where the model card has them; else two standard deviations about the mean.
        values: ``Result.values``.
    """
    mean, spread = values.get("mean", 0.0), 2 * values.get("std", 0.0)
    low = quantity.low if quantity.low is not None else max(values.get("min", 0.0), mean - spread)
    high = quantity.high if quantity.high is not None else min(values.get("max", 1.0), mean + spread)
    return (low, high) if high > low else (low, low + 1.0)


def ramp(low: float, high: float) -> list[tuple[float, str]]:
    """Return (value, colour) of each colour stop between ``low`` and ``high``."""
    steps = len(RAMP) - 1
    return [(low + (high - low) * i / steps, color) for i, color in enumerate(RAMP)]
