"""What a folder run needs of GDAL, by QGIS's bindings. See :class:`..contract.many.folder_run.RasterTool`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Optional

from osgeo import gdal

from ..contract.many.mosaic import Place, short_name


class GdalTool:
    """See the module."""

    def tags(self, path: Path) -> Mapping[str, str]:
        """Metadata of a raster."""
        dataset = _opened(path)
        return {} if dataset is None else dict(dataset.GetMetadata())

    def place(self, path: Path) -> Optional[Place]:
        """Grid of a mask."""
        dataset = _opened(path)
        transform = None if dataset is None else dataset.GetGeoTransform(can_return_null=True)
        crs = None if dataset is None else dataset.GetSpatialRef()
        if dataset is None or transform is None or crs is None:
            return None
        name = short_name(crs.GetAuthorityName(None), crs.GetAuthorityCode(None))
        return Place(dataset.RasterXSize, dataset.RasterYSize, tuple(transform), crs.ExportToWkt(), name)

    def cog(self, source: Path, target: Path) -> None:
        """Make a cloud-optimised GeoTIFF."""
        options = ["COMPRESS=DEFLATE", "OVERVIEW_RESAMPLING=NEAREST"]
        with _Quiet():
            made = gdal.Translate(str(target), str(source), format="COG", creationOptions=options)
        if made is None:
            raise OSError(gdal.GetLastErrorMsg() or "GDAL's COG driver failed")


def _opened(path: Path) -> Optional[gdal.Dataset]:
    with _Quiet():
        return gdal.Open(str(path))


class _Quiet:
    """No exceptions and nothing on standard error while it lasts."""

    def __enter__(self) -> None:
        self._exceptions = gdal.GetUseExceptions()
        gdal.DontUseExceptions()
        gdal.PushErrorHandler("CPLQuietErrorHandler")

    def __exit__(self, *_: object) -> None:
        gdal.PopErrorHandler()
        if self._exceptions:
            gdal.UseExceptions()
