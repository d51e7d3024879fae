"""What the numbers in a mask mean beside the classes."""

from __future__ import annotations

from dataclasses import dataclass

VALUE_NODATA = -9999.0  # of a regression's float32 raster


@dataclass(frozen=True)
class MaskValues:
    """NumPy type of a mask, its nodata, and the value of pixels whose class is not believed."""

    dtype: str
    nodata: int
    unsure: int


def mask_values(classes: int) -> MaskValues:
    """For a model of so many classes: bytes as long as 254 and 255 are free for unsure and nodata."""
    return MaskValues("uint8", 255, 254) if classes <= 254 else MaskValues("uint16", 65_535, 65_534)
