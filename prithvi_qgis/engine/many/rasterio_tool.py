"""What a folder run needs of GDAL, by rasterio. See :class:`core.folder_runs.raster_tool.RasterTool`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Optional

import rasterio
import rasterio.shutil
from rasterio.dtypes import dtype_rev, typename_fwd
from rasterio.errors import RasterioError

from ...core.folder_runs.mosaic import short_name
from ...core.folder_runs.raster_grid import RasterGrid


class RasterioTool:
    """See the module."""

    def tags(self, path: Path) -> Mapping[str, str]:
        """Metadata of a raster."""
        try:
            with rasterio.open(path) as src:
                return dict(src.tags())
        except (RasterioError, OSError):
            return {}

    def grid(self, path: Path) -> Optional[RasterGrid]:
        """Grid of a mask."""
        try:
            with rasterio.open(path) as src:
                if src.crs is None or src.transform.is_identity:
                    return None
                authority = src.crs.to_authority() or (None, None)
                transform = src.transform.to_gdal()
                pixels = typename_fwd[dtype_rev[src.dtypes[0]]], src.nodata
                return RasterGrid(src.width, src.height, transform, src.crs.to_wkt(), short_name(*authority), *pixels)
        except (RasterioError, OSError):
            return None

    def cog(self, source: Path, target: Path) -> None:
        """Make a cloud-optimised GeoTIFF."""
        try:
            rasterio.shutil.copy(source, target, driver="COG", COMPRESS="DEFLATE", OVERVIEW_RESAMPLING="NEAREST")
        except RasterioError as e:
            raise OSError(str(e)) from e
