"""Grid of a raster as the records of a run need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class RasterGrid:
    """Grid of a mask and what its numbers are.

    Attributes:
        width, height: in pixels; transform: GDAL's geotransform.
        crs: as WKT; crs_name: a short one such as EPSG:32630.
        dtype: GDAL's name of the pixels' type, such as Byte; nodata: None where none is declared.
    """

    width: int
    height: int
    transform: tuple[float, float, float, float, float, float]
    crs: str
    crs_name: str
    dtype: str
    nodata: Optional[float]
