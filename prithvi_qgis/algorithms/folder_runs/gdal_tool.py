"""Raster access of a folder run through QGIS's GDAL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Optional

from osgeo import gdal

from ...core.folder_runs.mosaic import short_name
from ...core.folder_runs.raster_grid import RasterGrid
from ..quiet_gdal import quiet_gdal


class GdalTool:
    """Implements :class:`~prithvi_qgis.core.folder_runs.raster_tool.RasterTool`."""

    def tags(self, path: Path) -> Mapping[str, str]:
        dataset = _opened(path)
        return {} if dataset is None else dict(dataset.GetMetadata())

    def grid(self, path: Path) -> Optional[RasterGrid]:
        dataset = _opened(path)
        transform = None if dataset is None else dataset.GetGeoTransform(can_return_null=True)
        crs = None if dataset is None else dataset.GetSpatialRef()
        if dataset is None or transform is None or crs is None:
            return None
        name = short_name(crs.GetAuthorityName(None), crs.GetAuthorityCode(None))
        wkt = crs.ExportToWkt(["FORMAT=WKT2_2019"])  # version 1 has no 3D and derived CRSs
        band = dataset.GetRasterBand(1)
        pixels = gdal.GetDataTypeName(band.DataType), band.GetNoDataValue()
        return RasterGrid(dataset.RasterXSize, dataset.RasterYSize, tuple(transform), wkt, name, *pixels)

    def cog(self, source: Path, target: Path) -> None:
        options = ["COMPRESS=DEFLATE", "OVERVIEW_RESAMPLING=NEAREST"]
        with quiet_gdal():
            try:
                made = gdal.Translate(str(target), str(source), format="COG", creationOptions=options)
            except RuntimeError as e:
                raise OSError(str(e)) from e
        if made is None:
            raise OSError(gdal.GetLastErrorMsg() or "GDAL's COG driver failed")


def _opened(path: Path) -> Optional[gdal.Dataset]:
    with quiet_gdal():
        try:
            return gdal.Open(str(path))
        except RuntimeError:  # where GDAL's exceptions are turned on; both must work
            return None
