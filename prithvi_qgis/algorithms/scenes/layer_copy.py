"""Writes a layer that the engine cannot open to a temporary GeoTIFF, with all that its source declares."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Optional

import numpy as np
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRasterFileWriter,
    QgsRasterPipe,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QThread

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.stated_metadata import StatedBand, StatedMetadata
from ...core.scenes.pixel_window import pixel_window
from .layer_metadata import gdal_source, with_nodata_per_band

if TYPE_CHECKING:
    from .scene_layer import Extent, SceneLayer

_CREATE_OPTIONS = ["TILED=YES", "BIGTIFF=IF_SAFER"]
_ROWS_BYTES = 1 << 24
_INTERNAL_MASK = "GDAL_TIFF_INTERNAL_MASK"  # else the mask is a second file


def export(
    scene: SceneLayer, extent: Optional[Extent], feedback: QgsProcessingFeedback, context: QgsProcessingContext
) -> tuple[str, Optional[StatedMetadata]]:
    """Write a layer that the engine cannot open to a temporary GeoTIFF, at its own resolution; off the main thread.

    Args:
        extent: (xmin, ymin, xmax, ymax) in the layer's CRS, or None for all of it.
    Returns:
        The path, which the caller removes, and what the layer states of this copy.
    Raises:
        PrithviError: ``extent_outside``, ``source_unreadable`` or ``cancelled``.
    """
    path = QgsProcessingUtils.generateTempFilename("scene.tif", context)
    if scene.gdal_name:
        return path, _copy_by_gdal(scene, extent, path, feedback)
    return path, _copy_by_qgis(scene, extent, path, feedback)


def _copy_by_gdal(
    scene: SceneLayer, extent: Optional[Extent], path: str, feedback: QgsProcessingFeedback
) -> Optional[StatedMetadata]:
    """Copy with names, tags, scales, masks and alpha."""
    source = gdal_source(scene.gdal_name)
    try:
        with _internal_mask():
            dataset = gdal.OpenEx(
                source.location, gdal.OF_RASTER | gdal.OF_READONLY, open_options=list(source.open_options)
            )
            if dataset is None:  # where GDAL is not set to raise
                raise RuntimeError(gdal.GetLastErrorMsg() or "GDAL does not know it")
            window = None if extent is None else _window(dataset, extent, scene)
            copy = gdal.Translate(
                path,
                dataset,
                format="GTiff",
                creationOptions=_CREATE_OPTIONS,
                srcWin=window,
                callback=lambda share, *_: int(not feedback.isCanceled()),
            )
            if feedback.isCanceled():
                raise PrithviError(ErrorCode.CANCELLED, "Cancelled.", "")
            if copy is None:
                raise RuntimeError(gdal.GetLastErrorMsg() or "GDAL gave no reason")
            _copy_imagery(dataset, copy)
            copy.FlushCache()
    except RuntimeError as e:
        if feedback.isCanceled():
            raise PrithviError(ErrorCode.CANCELLED, "Cancelled.", "") from None
        raise _uncopied(scene, path, " ".join(str(e).split()).rstrip(".")) from e
    nodata = [dataset.GetRasterBand(n).GetNoDataValue() for n in range(1, dataset.RasterCount + 1)]
    return with_nodata_per_band(scene.stated, nodata)


def _copy_imagery(source: gdal.Dataset, copy: gdal.Dataset) -> None:
    """Copy the domain of sensor, date and wavelengths, which gdal.Translate leaves out."""
    pairs = [(source, copy)]
    pairs += [(source.GetRasterBand(n), copy.GetRasterBand(n)) for n in range(1, source.RasterCount + 1)]
    for one, other in pairs:
        known = one.GetMetadata("IMAGERY")
        if known:
            other.SetMetadata(known, "IMAGERY")


@contextlib.contextmanager
def _internal_mask() -> Iterator[None]:
    before = gdal.GetThreadLocalConfigOption(_INTERNAL_MASK)
    gdal.SetThreadLocalConfigOption(_INTERNAL_MASK, "YES")
    try:
        yield
    finally:
        gdal.SetThreadLocalConfigOption(_INTERNAL_MASK, before)


def _window(dataset: gdal.Dataset, extent: Extent, scene: SceneLayer) -> list[int]:
    back = gdal.InvGeoTransform(dataset.GetGeoTransform())
    corners = [gdal.ApplyGeoTransform(back, x, y) for x in extent[::2] for y in extent[1::2]]
    window = pixel_window(corners, dataset.RasterXSize, dataset.RasterYSize)
    if window is None:
        raise _outside(extent, scene)
    return list(window)


def _copy_by_qgis(
    scene: SceneLayer, extent: Optional[Extent], path: str, feedback: QgsProcessingFeedback
) -> Optional[StatedMetadata]:
    """Copy through the layer's provider. Its writer does not declare nodata that was added in QGIS: it is stated."""
    provider = scene.provider
    if provider is None:
        raise ValueError("the scene is a file already")
    provider.moveToThread(QThread.currentThread())
    area, columns, rows = _whole_pixels(provider, extent, scene)
    pipe = QgsRasterPipe()
    plain = provider.clone()
    for number in range(1, provider.bandCount() + 1):
        plain.setUserNoDataValue(number, [])
    pipe.set(plain)
    writer = QgsRasterFileWriter(path)
    writer.setOutputFormat("GTiff")
    # QGIS 3.44 renamed it.
    set_options = writer.setCreationOptions if hasattr(writer, "setCreationOptions") else writer.setCreateOptions
    set_options(_CREATE_OPTIONS)
    watcher = QgsRasterBlockFeedback()
    feedback.canceled.connect(watcher.cancel)
    done = writer.writeRaster(pipe, columns, rows, area, provider.crs(), scene.transforms, watcher)
    if feedback.isCanceled():
        raise PrithviError(ErrorCode.CANCELLED, "Cancelled.", "")
    if done != Qgis.RasterFileWriterResult.Success:
        raise _uncopied(scene, path, "; ".join(watcher.errors()) or str(done))
    _describe_bands(path, scene.band_names)
    return scene.stated


def apply_nodata(path: str, band: StatedBand) -> None:
    """Mark in the mask of a copy of one band what its layer states to be nodata."""
    dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_UPDATE)
    copied = dataset.GetRasterBand(1)
    width, height = dataset.RasterXSize, dataset.RasterYSize
    if not band.file_nodata:
        copied.DeleteNoDataValue()
    step = max(1, _ROWS_BYTES // width)
    windows = [(0, top, width, min(step, height - top)) for top in range(0, height, step)]
    valid = [np.packbits(copied.GetMaskBand().ReadAsArray(*window) != 0) for window in windows]
    copied.DeleteNoDataValue()  # it would hide the mask
    with _internal_mask():
        if not copied.GetMaskFlags() & gdal.GMF_PER_DATASET:  # else the mask was copied with the pixels
            dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
        for window, packed in zip(windows, valid):
            values = copied.ReadAsArray(*window)
            known = np.unpackbits(packed, count=values.size).reshape(values.shape) != 0
            for low, high in band.nodata:
                known &= (values < low) | (values > high)
            copied.GetMaskBand().WriteArray(np.where(known, 255, 0).astype(np.uint8), window[0], window[1])
    dataset.FlushCache()


def _describe_bands(path: str, names: list[str]) -> None:
    dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_UPDATE)
    for number, name in enumerate(names, 1):
        dataset.GetRasterBand(number).SetDescription(name)
    dataset.FlushCache()


def _whole_pixels(
    provider: QgsRasterDataProvider, extent: Optional[Extent], scene: SceneLayer
) -> tuple[QgsRectangle, int, int]:
    """Return (area, columns, rows) of the layer's pixels that ``extent`` touches."""
    whole = provider.extent()
    columns, rows = provider.xSize(), provider.ySize()
    if extent is None:
        return whole, columns, rows
    x_size, y_size = whole.width() / columns, whole.height() / rows
    corners = [((x - whole.xMinimum()) / x_size, (whole.yMaximum() - y) / y_size) for x, y in (extent[:2], extent[2:])]
    window = pixel_window(corners, columns, rows)
    if window is None:
        raise _outside(extent, scene)
    left, top, width, height = window
    area = QgsRectangle(
        whole.xMinimum() + left * x_size,
        whole.yMaximum() - (top + height) * y_size,
        whole.xMinimum() + (left + width) * x_size,
        whole.yMaximum() - top * y_size,
    )
    return area, width, height


def _outside(extent: Extent, scene: SceneLayer) -> PrithviError:
    numbers = ", ".join(f"{v:.10g}" for v in extent)
    return PrithviError(
        ErrorCode.EXTENT_OUTSIDE,
        f"EXTENT {numbers} (xmin, ymin, xmax, ymax) does not touch {scene.name}.",
        "Choose an extent over the scene.",
    )


def _uncopied(scene: SceneLayer, path: str, why: str) -> PrithviError:
    return PrithviError(
        ErrorCode.SOURCE_UNREADABLE,
        f"The layer {scene.name} could not be copied to {path} ({why}).",
        "Save it as a GeoTIFF in QGIS and use that.",
    )
