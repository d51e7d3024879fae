"""Raster references, resampled to the mask's grid window by window."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Optional

import numpy as np
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsRectangle,
)

from ...core.errors import ErrorCode, PrithviError
from ..base import tr
from .class_table import ClassTable
from .mask_file import MaskFile, Window, open_single_band, read_window, validity_of, window_bounds

_FILL = (-9999, -99999, -32768, -32767, -999, 65535, 32767)  # of exports without declared nodata; no class has them
_COPIED = 2048  # rows and columns that are copied at once
_TOLERANCE_PX = 1e-3  # largest offset between grids that count as the same


class RasterReference:
    """Labels each pixel of a mask from another raster.

    A reference on the mask's grid is read without resampling; otherwise each pixel takes the label nearest to its
    centre.

    Raises:
        PrithviError: ``source_unsupported`` if the two cannot be overlaid; ``extent_outside``.
    """

    def __init__(
        self,
        path: str,
        name: str,
        crs: QgsCoordinateReferenceSystem,
        mask: MaskFile,
        transforms: QgsCoordinateTransformContext,
        folder: Path,
    ):
        self.name = name
        self.fill: set[int] = set()
        """Values that no class has, which were taken as no label."""
        self._mask = mask
        self.dataset = open_single_band(path, name, "REFERENCE")
        self.table = ClassTable(self.dataset.GetRasterBand(1))
        if gdal.DataTypeIsComplex(self.dataset.GetRasterBand(1).DataType):
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED, f"REFERENCE {name} holds complex numbers.", "Choose a raster of classes."
            )
        size = Window(0, 0, self.dataset.RasterXSize, self.dataset.RasterYSize)
        georeferenced = self.dataset.GetGeoTransform(can_return_null=True) is not None
        require_crs(crs, name, mask, same_size=size[2:] == (mask.width, mask.height))
        transform = tuple(self.dataset.GetGeoTransform())
        self._wkt = crs.toWkt(Qgis.CrsWktVariant.PreferredGdal) if crs.isValid() else ""
        self._offset = (0, 0)
        self.warped = False
        if not crs.isValid() and not (georeferenced and mask.georeferenced):
            self.alignment = tr("neither has a place on earth; compared pixel by pixel")
            self._bounds = mask.extent
            return
        self._bounds = bounds_in_mask(window_bounds(transform, size), crs, mask, transforms)
        check_overlap(self._bounds, mask, name)
        offset = _offset(transform, mask.transform) if crs == mask.crs else None
        self.warped = offset is None
        if offset is None:
            crs_change = (
                "" if crs == mask.crs else f" ({crs.userFriendlyIdentifier()} > {mask.crs.userFriendlyIdentifier()})"
            )
            self.alignment = tr("brought to the mask's grid by the nearest pixel{}").format(crs_change)
            if validity_of(self.dataset)[0]:
                self.dataset = self._with_nan(folder / "reference.tif")
        else:
            self.alignment = tr("on the mask's grid")
            self._offset = offset

    def window(self, window: Window) -> np.ndarray:
        """Return (height, width) float64 labels, NaN for pixels without one.

        Raises:
            PrithviError: ``source_unreadable``; ``source_unsupported`` for labels that are not whole numbers.
        """
        if not self._bounds.intersects(window_bounds(self._mask.transform, window)):
            return np.full((window.height, window.width), np.nan)
        labels = self._warp(window) if self.warped else self._read(window)
        for value in _FILL:
            found = labels == value
            if found.any():
                self.fill.add(value)
                labels[found] = np.nan
        labelled = labels[np.isfinite(labels)]
        fractional = labelled[labelled != np.floor(labelled)]
        if fractional.size:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"REFERENCE {self.name} holds {fractional[0]:g}, which is no class.",
                "Choose a raster of whole numbers, one a class.",
            )
        return labels

    def _read(self, window: Window) -> np.ndarray:
        labels = np.full((window.height, window.width), np.nan)
        left, top = window.left + self._offset[0], window.top + self._offset[1]
        begin_x, begin_y = max(0, left), max(0, top)
        end_x = min(left + window.width, self.dataset.RasterXSize)
        end_y = min(top + window.height, self.dataset.RasterYSize)
        if end_x > begin_x and end_y > begin_y:
            part = Window(begin_x, begin_y, end_x - begin_x, end_y - begin_y)
            values, valid = read_window(self.dataset, part, self.name)
            into = labels[begin_y - top : end_y - top, begin_x - left : end_x - left]
            into[valid] = values[valid]
        return labels

    def _with_nan(self, path: Path) -> gdal.Dataset:
        """Return a copy of the reference with NaN where it has no data: gdalwarp leaves some masks and alpha out."""
        size = self.dataset.RasterXSize, self.dataset.RasterYSize
        options = ["TILED=YES", "COMPRESS=DEFLATE", "BIGTIFF=IF_SAFER"]
        copy = gdal.GetDriverByName("GTiff").Create(str(path), *size, 1, gdal.GDT_Float64, options)
        copy.SetGeoTransform(self.dataset.GetGeoTransform())
        copy.GetRasterBand(1).SetNoDataValue(math.nan)
        for top in range(0, size[1], _COPIED):
            for left in range(0, size[0], _COPIED):
                part = Window(left, top, min(_COPIED, size[0] - left), min(_COPIED, size[1] - top))
                values, valid = read_window(self.dataset, part, self.name)
                copy.GetRasterBand(1).WriteArray(np.where(valid, values.astype(np.float64), np.nan), left, top)
        copy.FlushCache()
        return copy

    def _warp(self, window: Window) -> np.ndarray:
        target = self._mask.empty_raster(window, gdal.GDT_Float64)
        target.SetProjection(self._mask.wkt)
        target.GetRasterBand(1).SetNoDataValue(math.nan)
        target.GetRasterBand(1).Fill(math.nan)
        try:
            # Transform each pixel exactly: an approximation picks other neighbours along class borders.
            # Overviews may be averages.
            options = ["-ovr", "NONE"]
            gdal.Warp(
                target, self.dataset, options=options, srcSRS=self._wkt or None, resampleAlg="near", errorThreshold=0
            )
        except RuntimeError as e:
            raise PrithviError(
                ErrorCode.SOURCE_UNREADABLE,
                f"REFERENCE {self.name} cannot be brought to the mask's grid: {e}.",
                "Reproject it in QGIS first.",
            ) from e
        return target.GetRasterBand(1).ReadAsArray()


def require_crs(crs: QgsCoordinateReferenceSystem, name: str, mask: MaskFile, same_size: bool) -> None:
    """Refuse a reference that cannot be overlaid on the mask; two grids of equal size without any CRS can.

    Raises:
        PrithviError: ``source_unsupported``.
    """
    if crs.isValid() and mask.crs.isValid():
        return
    if not crs.isValid() and not mask.crs.isValid() and same_size:
        return
    which = f"REFERENCE {name}" if not crs.isValid() else f"INPUT {mask.name}"
    raise PrithviError(
        ErrorCode.SOURCE_UNSUPPORTED,
        f"{which} has no coordinate reference system.",
        "Set it with Raster > Projections > Assign Projection, or the layer's Set Layer CRS.",
    )


def bounds_in_mask(
    box: QgsRectangle, crs: QgsCoordinateReferenceSystem, mask: MaskFile, transforms: QgsCoordinateTransformContext
) -> QgsRectangle:
    """Return a box transformed to the mask's CRS; the mask's extent if PROJ cannot transform it."""
    try:
        return QgsCoordinateTransform(crs, mask.crs, transforms).transformBoundingBox(box)
    except QgsCsException:
        return mask.extent


def crosses_antimeridian(
    mask: MaskFile, crs: QgsCoordinateReferenceSystem, transforms: QgsCoordinateTransformContext
) -> bool:
    """Whether the mask lies on both sides of 180 degrees in a geographic ``crs``."""
    if not crs.isGeographic() or crs == mask.crs:
        return False
    try:
        box = QgsCoordinateTransform(mask.crs, crs, transforms).transformBoundingBox(
            mask.extent, Qgis.TransformDirection.Forward, True
        )
    except QgsCsException:
        return True
    return bool(box.xMinimum() > box.xMaximum())


def check_overlap(box: QgsRectangle, mask: MaskFile, name: str) -> None:
    """Refuse a reference that does not overlap the mask.

    Raises:
        PrithviError: ``extent_outside``.
    """
    if not box.intersects(mask.extent):
        raise PrithviError(
            ErrorCode.EXTENT_OUTSIDE,
            f"REFERENCE {name} ({box.toString(4)}) does not overlap INPUT {mask.name} ({mask.extent.toString(4)}).",
            "Choose a reference of the same place, or correct its coordinate reference system.",
        )


def _offset(transform: tuple[float, ...], onto: tuple[float, ...]) -> Optional[tuple[int, int]]:
    """Return (columns, rows) from a pixel of the grid ``onto`` to that of ``transform``; None if the grids differ."""
    pixel = abs(onto[1]) + abs(onto[2])
    size = max(abs(onto[1]) + abs(onto[2]), abs(onto[4]) + abs(onto[5]))
    if any(abs(transform[i] - onto[i]) > _TOLERANCE_PX * size / 1e4 for i in (1, 2, 4, 5)) or not pixel:
        return None
    inverse = gdal.InvGeoTransform(list(transform))
    column, row = gdal.ApplyGeoTransform(inverse, onto[0], onto[3])
    near = round(column), round(row)
    return near if max(abs(column - near[0]), abs(row - near[1])) < _TOLERANCE_PX else None
