"""Grid and pixel type of a mask, for the mosaic of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class RasterGrid:
    """Grid and pixel type of a mask."""

    width: int
    """Width in pixels."""
    height: int
    """Height in pixels."""
    transform: tuple[float, float, float, float, float, float]
    """GDAL's geotransform."""
    crs: str
    """CRS as WKT."""
    crs_name: str
    """Short, such as EPSG:32630; empty for a CRS without a code."""
    dtype: str
    """GDAL's name of the pixel type, such as Byte."""
    nodata: Optional[float]
    """None where none is declared."""
