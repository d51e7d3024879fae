"""The picture of a report: the scene next to its mask, small, as PNG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np
from osgeo import gdal

from ...core.masks.styling import rgb
from ...core.protocol.messages import ClassArea
from ..scenes.product_files import location_of

_SIDE_PX = 560
_GAP_PX = 12
_OPACITY = 0.75


def scene_and_mask(
    source: str,
    bands: Sequence[int],
    mask: str,
    classes: Sequence[ClassArea],
    colours: Optional[Sequence[tuple[float, str]]] = None,
) -> bytes:
    """Return a PNG of scene and mask side by side, drawn from overviews or decimated rows.

    Args:
        source: the scene.
        bands: three of its bands, shown as red, green and blue.
        mask: on the scene's grid or a part of it.
        classes: values and colours of the mask.
        colours: (number, colour) of the ramp of a regression instead.
    Raises:
        RuntimeError: GDAL cannot read one of them.
    """
    with GdalExceptions():
        mask_file, scene_file = gdal.Open(mask), gdal.Open(location_of(source))
        window = _window(scene_file, mask_file)
        factor = max(1.0, max(mask_file.RasterXSize, mask_file.RasterYSize) / _SIDE_PX)
        size = (max(1, round(mask_file.RasterXSize / factor)), max(1, round(mask_file.RasterYSize / factor)))
        values = mask_file.GetRasterBand(1).ReadAsArray(buf_xsize=size[0], buf_ysize=size[1])
        nodata = mask_file.GetRasterBand(1).GetNoDataValue()
        valid = np.isin(values, [c.value for c in classes]) if colours is None else values != np.float32(nodata)
        scene = np.dstack([_stretched(_read(scene_file, band, window, size), valid) for band in bands])
        painted = _overlay(scene, values, classes) if colours is None else _shaded(values, colours)
        return png(np.hstack([_paper(scene, valid), _gap(size[1]), _paper(painted, valid)]))


class GdalExceptions:
    """Context with GDAL's exceptions on, as gdal.ExceptionMgr of GDAL 3.7 and newer."""

    def __enter__(self) -> None:
        self._before = gdal.GetUseExceptions()
        gdal.UseExceptions()

    def __exit__(self, *_: object) -> None:
        if not self._before:
            gdal.DontUseExceptions()


def _window(scene: gdal.Dataset, mask: gdal.Dataset) -> tuple[int, int, int, int]:
    """Return (x, y, width, height) of the mask in the scene's pixels, which may have another size."""
    inverse, own = gdal.InvGeoTransform(scene.GetGeoTransform()), mask.GetGeoTransform()
    corners = [gdal.ApplyGeoTransform(own, *corner) for corner in ((0, 0), (mask.RasterXSize, mask.RasterYSize))]
    (left, top), (right, bottom) = (gdal.ApplyGeoTransform(inverse, *corner) for corner in corners)
    x, y = max(0, round(left)), max(0, round(top))
    return x, y, max(1, min(round(right), scene.RasterXSize) - x), max(1, min(round(bottom), scene.RasterYSize) - y)


def _read(scene: gdal.Dataset, band: int, window: tuple[int, int, int, int], size: tuple[int, int]) -> np.ndarray:
    values = scene.GetRasterBand(band).ReadAsArray(*window, buf_xsize=size[0], buf_ysize=size[1])
    return values.astype(np.float32)


def _stretched(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return (height, width) in 0..1; clouds may saturate, so that the land does not look dark."""
    known = values[valid & np.isfinite(values)]
    if not known.size:
        return np.zeros_like(values)
    low, high = float(np.percentile(known, 1)), float(np.percentile(known, 92))
    scaled = np.clip((np.nan_to_num(values) - low) / max(1.3 * (high - low), 1e-6), 0, 1)
    return scaled ** (1 / 1.4)


def _overlay(scene: np.ndarray, values: np.ndarray, classes: Sequence[ClassArea]) -> np.ndarray:
    grey = np.repeat(scene.mean(axis=2, keepdims=True), 3, axis=2)
    painted = grey.copy()
    for c in classes:
        colour = np.array(rgb(c.color)) / 255
        where = values == c.value
        painted[where] = (1 - _OPACITY) * grey[where] + _OPACITY * colour
    return painted


def _shaded(values: np.ndarray, colours: Sequence[tuple[float, str]]) -> np.ndarray:
    """Return (height, width) numbers as (height, width, 3) colours, clipped to the ramp."""
    stops = [number for number, _ in colours]
    channels = np.array([rgb(color) for _, color in colours]).T / 255
    return np.dstack([np.interp(values, stops, channel) for channel in channels])


def _paper(image: np.ndarray, valid: np.ndarray) -> np.ndarray:
    return np.where(valid[..., None], image, 1.0)


def _gap(height: int) -> np.ndarray:
    return np.ones((height, _GAP_PX, 3))


def png(image: np.ndarray) -> bytes:
    """Return PNG of a (height, width, 3) image, 0 to 1."""
    pixels = (255 * image).round().astype(np.uint8)
    memory = gdal.GetDriverByName("MEM").Create("", pixels.shape[1], pixels.shape[0], 3, gdal.GDT_Byte)
    for i in range(3):
        memory.GetRasterBand(i + 1).WriteArray(pixels[..., i])
    name = f"/vsimem/prithvi-{id(memory)}.png"
    gdal.GetDriverByName("PNG").CreateCopy(name, memory)
    file = gdal.VSIFOpenL(name, "rb")
    try:
        return bytes(gdal.VSIFReadL(1, gdal.VSIStatL(name).size, file))
    finally:
        gdal.VSIFCloseL(file)
        gdal.Unlink(name)
