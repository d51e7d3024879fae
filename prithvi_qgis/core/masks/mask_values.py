"""Values of a mask that are not classes."""

from __future__ import annotations

from dataclasses import dataclass

REGRESSION_NODATA = -9999.0  # of its float32 raster


@dataclass(frozen=True)
class MaskValues:
    """Type and special values of a mask."""

    dtype: str
    """NumPy type."""
    nodata: int
    """Pixels without a class."""
    uncertain: int
    """Pixels below their class's minimum probability."""


def mask_values(classes: int) -> MaskValues:
    """Return them for a number of classes: bytes as long as 254 and 255 are free for uncertain and nodata."""
    return MaskValues("uint8", 255, 254) if classes <= 254 else MaskValues("uint16", 65_535, 65_534)
