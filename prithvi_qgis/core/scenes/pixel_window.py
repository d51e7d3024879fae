"""The pixels of a raster that an extent touches. Engine, preview and the copy of a layer use the same rule."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Optional

from .sampling import PixelBox

_TOLERANCE = 1e-3  # pixels: an extent along pixel edges must not take one pixel more because of rounding


def pixel_window(corners: Iterable[tuple[float, float]], width: int, height: int) -> Optional[PixelBox]:
    """Return (column, row, width, height) of the whole pixels that an extent touches; None where it touches none.

    Args:
        corners: fractional (column, row) of the extent's corners; two opposite ones are enough on an upright grid.
        width, height: size of the raster in pixels.
    """
    cols, rows = zip(*corners)
    left, top = (max(0, math.floor(min(values) + _TOLERANCE)) for values in (cols, rows))
    right = min(width, math.ceil(max(cols) - _TOLERANCE))
    bottom = min(height, math.ceil(max(rows) - _TOLERANCE))
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None
