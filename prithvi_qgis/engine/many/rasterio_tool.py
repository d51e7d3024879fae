"""The raster operations of a folder run, through rasterio."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Optional

import rasterio
import rasterio.shutil
from rasterio.dtypes import dtype_rev, typename_fwd

from ...core.folder_runs.mosaic import short_name
from ...core.folder_runs.raster_grid import RasterGrid
from ...core.folder_runs.raster_tool import RasterTool
from ..gdal_errors import GDAL_ERRORS
from ..reading.geodetic_base import wkt_of


class RasterioTool(RasterTool):
    """Raster operations with rasterio's GDAL."""

    def tags(self, path: Path) -> Mapping[str, str]:
        try:
            with rasterio.open(path) as src:
                return dict(src.tags())
        except (*GDAL_ERRORS, OSError):
            return {}

    def grid(self, path: Path) -> Optional[RasterGrid]:
        try:
            with rasterio.open(path) as src:
                if src.crs is None or src.transform.is_identity:
                    return None
                authority = src.crs.to_authority() or (None, None)
                transform = src.transform.to_gdal()
                pixels = typename_fwd[dtype_rev[src.dtypes[0]]], src.nodata
                return RasterGrid(src.width, src.height, transform, wkt_of(src.crs), short_name(*authority), *pixels)
        except (*GDAL_ERRORS, OSError):
            return None

    def cog(self, source: Path, target: Path) -> None:
        try:
            rasterio.shutil.copy(source, target, driver="COG", COMPRESS="DEFLATE", OVERVIEW_RESAMPLING="NEAREST")
        except GDAL_ERRORS as e:
            raise OSError(str(e)) from e
