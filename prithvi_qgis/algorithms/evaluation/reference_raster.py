"""A reference that is a raster, brought to the mask's grid window by window."""

from __future__ import annotations

import math
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
from .mask_file import MaskFile, Window, box_of, open_single_band, read_window

_CLOSE = 1e-3  # of a pixel: grids this near are the same


class RasterReference:
    """Labels of every pixel of a mask, from another raster.

    On the mask's own grid pixels are read as they are; else each takes the label nearest to its centre.

    Attributes:
        how: what was done to bring it to the mask's grid, for people.
    Raises:
        PrithviError: ``source_unsupported`` where the two cannot be laid over each other, ``extent_outside``.
    """

    def __init__(
        self,
        path: str,
        name: str,
        crs: QgsCoordinateReferenceSystem,
        mask: MaskFile,
        transforms: QgsCoordinateTransformContext,
    ):
        self.name = name
        self._mask = mask
        self.dataset = open_single_band(path, name, "REFERENCE")
        self.table = ClassTable(self.dataset.GetRasterBand(1))
        if gdal.DataTypeIsComplex(self.dataset.GetRasterBand(1).DataType):
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED, f"REFERENCE {name} holds complex numbers.", "Choose a raster of classes."
            )
        size = Window(0, 0, self.dataset.RasterXSize, self.dataset.RasterYSize)
        placed = self.dataset.GetGeoTransform(can_return_null=True) is not None
        require_crs(crs, name, mask, same_size=size[2:] == (mask.width, mask.height))
        transform = tuple(self.dataset.GetGeoTransform())
        self._wkt = crs.toWkt(Qgis.CrsWktVariant.PreferredGdal) if crs.isValid() else ""
        self._shift = (0, 0)
        self.warped = False
        if not crs.isValid() and not (placed and mask.placed):
            self.how = tr("neither has a place on earth; compared pixel by pixel")
            self._box = mask.extent
            return
        self._box = box_in_mask(box_of(transform, size), crs, mask, transforms)
        check_overlap(self._box, mask, name)
        shift = _shift(transform, mask.transform) if crs == mask.crs else None
        self.warped = shift is None
        if shift is None:
            told = "" if crs == mask.crs else f" ({crs.userFriendlyIdentifier()} > {mask.crs.userFriendlyIdentifier()})"
            self.how = tr("brought to the mask's grid by the nearest pixel{}").format(told)
        else:
            self.how = tr("on the mask's grid")
            self._shift = shift

    def window(self, window: Window) -> np.ndarray:
        """(height, width) float64 labels, NaN where there is none.

        Raises:
            PrithviError: ``source_unreadable``; ``source_unsupported`` for labels that are no whole numbers.
        """
        if not self._box.intersects(box_of(self._mask.transform, window)):
            return np.full((window.height, window.width), np.nan)
        labels = self._warp(window) if self.warped else self._read(window)
        known = labels[np.isfinite(labels)]
        broken = known[known != np.floor(known)]
        if broken.size:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"REFERENCE {self.name} holds {broken[0]:g}, which is no class.",
                "Choose a raster of whole numbers, one a class.",
            )
        return labels

    def _read(self, window: Window) -> np.ndarray:
        labels = np.full((window.height, window.width), np.nan)
        left, top = window.left + self._shift[0], window.top + self._shift[1]
        begin_x, begin_y = max(0, left), max(0, top)
        end_x = min(left + window.width, self.dataset.RasterXSize)
        end_y = min(top + window.height, self.dataset.RasterYSize)
        if end_x > begin_x and end_y > begin_y:
            part = Window(begin_x, begin_y, end_x - begin_x, end_y - begin_y)
            values, valid = read_window(self.dataset, part, self.name)
            into = labels[begin_y - top : end_y - top, begin_x - left : end_x - left]
            into[valid] = values[valid]
        return labels

    def _warp(self, window: Window) -> np.ndarray:
        t = self._mask.transform
        target = gdal.GetDriverByName("MEM").Create("", window.width, window.height, 1, gdal.GDT_Float64)
        x, y = gdal.ApplyGeoTransform(list(t), float(window.left), float(window.top))
        target.SetGeoTransform([x, t[1], t[2], y, t[4], t[5]])
        target.SetProjection(self._mask.wkt)
        target.GetRasterBand(1).SetNoDataValue(math.nan)
        target.GetRasterBand(1).Fill(math.nan)
        try:
            # An exact transformation of each pixel: an approximate one picks other neighbours along class borders.
            # Overviews may be averages.
            more = ["-ovr", "NONE"]
            gdal.Warp(
                target, self.dataset, options=more, srcSRS=self._wkt or None, resampleAlg="near", errorThreshold=0
            )
        except RuntimeError as e:
            raise PrithviError(
                ErrorCode.SOURCE_UNREADABLE,
                f"REFERENCE {self.name} cannot be brought to the mask's grid: {e}.",
                "Reproject it in QGIS first.",
            ) from e
        return target.GetRasterBand(1).ReadAsArray()


def require_crs(crs: QgsCoordinateReferenceSystem, name: str, mask: MaskFile, same_size: bool) -> None:
    """Refuse what cannot be laid over each other; two grids of one size without any CRS can.

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


def box_in_mask(
    box: QgsRectangle, crs: QgsCoordinateReferenceSystem, mask: MaskFile, transforms: QgsCoordinateTransformContext
) -> QgsRectangle:
    """A box in another CRS as one in the mask's; the mask's own extent where PROJ cannot tell."""
    try:
        return QgsCoordinateTransform(crs, mask.crs, transforms).transformBoundingBox(box)
    except QgsCsException:
        return mask.extent


def check_overlap(box: QgsRectangle, mask: MaskFile, name: str) -> None:
    """Refuse a reference that lies elsewhere.

    Raises:
        PrithviError: ``extent_outside``.
    """
    if not box.intersects(mask.extent):
        raise PrithviError(
            ErrorCode.EXTENT_OUTSIDE,
            f"REFERENCE {name} ({box.toString(4)}) does not overlap INPUT {mask.name} ({mask.extent.toString(4)}).",
            "Choose a reference of the same place, or correct its coordinate reference system.",
        )


def _shift(transform: tuple[float, ...], onto: tuple[float, ...]) -> Optional[tuple[int, int]]:
    """(columns, rows) that a pixel of the grid ``onto`` has to be moved to be one of ``transform``'s; None: no such."""
    pixel = abs(onto[1]) + abs(onto[2])
    size = max(abs(onto[1]) + abs(onto[2]), abs(onto[4]) + abs(onto[5]))
    if any(abs(transform[i] - onto[i]) > _CLOSE * size / 1e4 for i in (1, 2, 4, 5)) or not pixel:
        return None
    inverse = gdal.InvGeoTransform(list(transform))
    column, row = gdal.ApplyGeoTransform(inverse, onto[0], onto[3])
    near = round(column), round(row)
    return near if max(abs(column - near[0]), abs(row - near[1])) < _CLOSE else None
