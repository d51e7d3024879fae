"""Reads a mask window by window: values, validity and pixel areas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Optional

import numpy as np
from osgeo import gdal, osr
from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsRectangle

from ...accuracy.ground import GroundAreas
from ...core.errors import ErrorCode, PrithviError
from ...core.scenes.validity import mask_bands, stored_range
from ..reports.facts import provenance
from ..scenes.geodetic_base import geodetic_base
from ..scenes.product_files import with_lost_masks

_WINDOW_PIXELS = 1 << 20
_WINDOW_SIDE = 1024
_INTEGER_NAMES = ("Byte", "UInt8", "Int8", "UInt16", "Int16", "UInt32", "Int32", "UInt64", "Int64")  # as GDAL has them


class Window(NamedTuple):
    """A window of a raster, in pixels."""

    left: int
    top: int
    width: int
    height: int


def open_single_band(path: str, name: str, role: str) -> gdal.Dataset:
    """Open a raster of class values.

    Args:
        role: the parameter's name, for error messages.
    Raises:
        PrithviError: ``source_unreadable`` or ``source_unsupported``.
    """
    try:
        dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_READONLY)
        if masked := with_lost_masks(dataset):
            dataset = gdal.OpenEx(masked, gdal.OF_RASTER | gdal.OF_READONLY)
    except RuntimeError as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE, f"{role} {name} cannot be read: {e}.", "Choose a raster such as a GeoTIFF."
        ) from e
    bands = [dataset.GetRasterBand(i + 1) for i in range(dataset.RasterCount)]
    data_bands = [b for b in bands if b.GetColorInterpretation() != gdal.GCI_AlphaBand]
    if len(data_bands) != 1:
        raise PrithviError(
            ErrorCode.SOURCE_UNSUPPORTED,
            f"{role} {name} has {len(data_bands)} bands; a raster of classes has one.",
            "Choose the mask itself, not the scene or its probabilities.",
        )
    return dataset


class MaskFile:
    """A classified raster, read window by window.

    Args:
        path: file or dataset that GDAL opens.
        name: name of the layer, for messages.
        crs: QGIS's CRS of the layer; invalid if it has none.
    Raises:
        PrithviError: as :func:`open_single_band`; ``source_unsupported`` for values that are not whole numbers.
    """

    def __init__(self, path: str, name: str, crs: QgsCoordinateReferenceSystem):
        self.path, self.name, self.crs = path, name, crs
        self.dataset = open_single_band(path, name, "INPUT")
        self.band = self.dataset.GetRasterBand(1)
        data_type = gdal.GetDataTypeName(self.band.DataType)
        if data_type not in _INTEGER_NAMES:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"INPUT {name} holds {data_type} numbers, no classes.",
                "Choose a mask, such as the OUTPUT of prithvi:segment, or convert it to Byte.",
            )
        self.width, self.height = self.dataset.RasterXSize, self.dataset.RasterYSize
        self.georeferenced = self.dataset.GetGeoTransform(can_return_null=True) is not None
        self.transform = tuple(self.dataset.GetGeoTransform())
        self.wkt = crs.toWkt(Qgis.CrsWktVariant.PreferredGdal) if crs.isValid() else ""
        self._ground = self._ground_areas() if self.wkt and self.georeferenced else None

    def _ground_areas(self) -> Optional[GroundAreas]:
        base = geodetic_base(osr.SpatialReference(self.wkt))
        if base is None:
            return None
        areas = GroundAreas(self.transform, self.width, self.height, base.lon_lat, base.semi_major_m, base.flattening)
        return areas if areas.outside < 1 else None

    @property
    def area_unit(self) -> str:
        """``m2``, or ``pixels`` where the mask has no place on Earth."""
        return "pixels" if self._ground is None else "m2"

    @property
    def extent(self) -> QgsRectangle:
        """The mask's extent in its CRS."""
        return window_bounds(self.transform, Window(0, 0, self.width, self.height))

    def windows(self) -> Iterator[Window]:
        """Iterate over windows that cover the mask along its blocks, of about a million pixels each."""
        block_x, block_y = self.band.GetBlockSize()
        width = self.width if block_x >= self.width else -(-_WINDOW_SIDE // block_x) * block_x
        width = min(width, self.width, max(_WINDOW_PIXELS, block_x))
        height = max(1, _WINDOW_PIXELS // width)
        height = max(height // block_y, 1) * block_y if block_y < self.height else height
        for top in range(0, self.height, height):
            for left in range(0, self.width, width):
                yield Window(left, top, min(width, self.width - left), min(height, self.height - top))

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (height, width) values, and a mask that is True for data.

        Raises:
            PrithviError: ``source_unreadable`` for a file that ends too early.
        """
        values, valid = read_window(self.dataset, window, self.name)
        return (values.astype(np.int64) if values.dtype == np.uint64 else values), valid  # NumPy does not mix the two

    def pixel_areas(self, window: Window) -> np.ndarray:
        """Return the area of each pixel of a window as (height, width) float64, in ``area_unit``."""
        if self._ground is None:
            return np.ones((window.height, window.width))
        return self._ground.window(*window)

    def empty_raster(self, window: Window, data_type: int) -> gdal.Dataset:
        """Return a raster in memory, of one band of GDAL's ``data_type``, on a window of the grid; without a CRS."""
        t = self.transform
        made = gdal.GetDriverByName("MEM").Create("", window.width, window.height, 1, data_type)
        x, y = gdal.ApplyGeoTransform(list(t), float(window.left), float(window.top))
        made.SetGeoTransform([x, t[1], t[2], y, t[4], t[5]])
        return made

    def provenance(self) -> dict[str, str]:
        """Return the provenance in the mask's metadata."""
        return provenance(self.dataset)


def validity_of(dataset: gdal.Dataset) -> tuple[list[gdal.Band], Optional[tuple[float, float]]]:
    """Return the masks and alpha bands of a raster of classes, 0 where nodata, and its range of nodata values.

    All of them count; GDAL's own mask of the band is one of them only.
    """
    band = dataset.GetRasterBand(1)
    alphas = [
        n
        for n in range(1, dataset.RasterCount + 1)
        if dataset.GetRasterBand(n).GetColorInterpretation() == gdal.GCI_AlphaBand
    ]
    masks = mask_bands([1], [band.GetMaskFlags()], alphas)
    bands = [band.GetMaskBand()] if masks.shared or masks.own else []
    number = band.GetNoDataValue()
    # float64 takes a number as it is; what float32 rounds is compared as float32.
    kind = {gdal.GDT_Float32: "float32"}.get(band.DataType, "float64")
    nodata = None if number is None else stored_range(kind, number, number)
    return [*bands, *(dataset.GetRasterBand(n) for n in masks.alphas)], nodata


def read_window(dataset: gdal.Dataset, window: Window, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (height, width) values of the first band, and a mask that is True for data (nodata value, mask, alpha).

    Raises:
        PrithviError: ``source_unreadable``.
    """
    masks, nodata = validity_of(dataset)
    try:
        values = dataset.GetRasterBand(1).ReadAsArray(*window)
        valid = np.ones(values.shape, bool)
        for mask in masks:
            valid &= mask.ReadAsArray(*window) != 0
    except RuntimeError as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE, f"{name} cannot be read to its end: {e}.", "The file may be damaged."
        ) from e
    if nodata is not None:
        valid &= ~((values >= nodata[0]) & (values <= nodata[1]))
    return values, valid


def window_bounds(transform: tuple[float, ...], window: Window) -> QgsRectangle:
    """Return the bounding box of a window's corners, also for a rotated grid."""
    columns = (window.left, window.left + window.width)
    rows = (window.top, window.top + window.height)
    corners = [gdal.ApplyGeoTransform(list(transform), float(c), float(r)) for c in columns for r in rows]
    xs, ys = zip(*corners)
    return QgsRectangle(min(xs), min(ys), max(xs), max(ys))
