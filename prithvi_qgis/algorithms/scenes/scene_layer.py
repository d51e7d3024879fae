"""Scenes as the engine can open them: a path, or a layer that is first written to a temporary GeoTIFF."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsCoordinateTransformContext,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsRasterPipe,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QThread

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes.granules import band_files, is_granule, whole_product
from ...core.scenes.pixel_window import pixel_window
from ...core.scenes.product_files import is_product
from ...core.scenes.sentinel2 import Product
from ..base import Parameters, tr
from ..parameter_names import FRAMES, INPUT
from .product_files import product_at

# What both QGIS's GDAL and the engine's own can read; other drivers go through a temporary GeoTIFF.
_SHARED_DRIVERS = frozenset(
    [
        "AAIGrid",
        "BMP",
        "COG",
        "DIMAP",
        "EHdr",
        "ENVI",
        "ERS",
        "GIF",
        "GPKG",
        "GTiff",
        "HDF5",
        "HDF5Image",
        "HFA",
        "ILWIS",
        "ISIS3",
        "JP2OpenJPEG",
        "JPEG",
        "MRF",
        "NITF",
        "PCIDSK",
        "PDS4",
        "PNG",
        "RST",
        "SAGA",
        "SENTINEL2",
        "VRT",
        "WCS",
        "WMS",
        "WMTS",
        "Zarr",
        "netCDF",
    ]
)

Extent = tuple[float, float, float, float]  # xmin, ymin, xmax, ymax


@dataclass
class SceneLayer:
    """A raster layer, ready to be used off the main thread."""

    name: str
    """Name for messages."""
    path: str
    """What the engine opens; empty when the layer has to be exported first."""
    files: list[str]
    """All files of the layer."""
    bands: int
    """Number of bands."""
    band_names: list[str] = field(default_factory=list)
    """Their descriptions, which an export would lose."""
    provider: Optional[QgsRasterDataProvider] = None
    """Clone for exporting; only when ``path`` is empty."""
    transforms: QgsCoordinateTransformContext = field(default_factory=QgsCoordinateTransformContext)
    """The project's transform context, for exporting."""
    title: str = ""
    """Name in the layer tree."""
    layer_id: str = ""
    unopened: str = ""
    """GDAL's name of a source that may be slow to open; :meth:`settle` opens it."""
    crs: str = ""
    """Well-known text or ``EPSG:...``."""
    note: str = ""
    """A line for the user, or empty."""

    def settle(self) -> None:
        """Find ``path`` and ``files`` of a source that was too slow to open on the main thread."""
        if self.unopened:
            self.path, self.files = as_path(self.unopened)
            self.unopened = ""

    def all_files(self) -> list[str]:
        """Return the files that no output may overwrite."""
        return [*self.files, *([self.path] if self.path else [])]

    def leave_thread(self) -> None:
        """Release the clone from this thread, so that the thread that exports can use it."""
        if self.provider is not None:
            self.provider.moveToThread(None)


def scene_of(layer: QgsRasterLayer, context: QgsProcessingContext) -> SceneLayer:
    """Return the scene of a layer; on the main thread.

    Raises:
        PrithviError: ``source_unreadable``, or ``source_unsupported`` for one whose pixels a server draws.
    """
    provider = layer.dataProvider()
    name = layer.name() or Path(layer.source()).name
    if not layer.isValid() or provider is None:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE, f"The layer {name} cannot be read.", "Repair its source, or choose another."
        )
    product = product_at(layer.source()) if provider.name() == "gdal" else None
    if product is not None:
        return _scene_of_product(product, layer.source(), name, layer.id())
    names = [band_description(layer.bandName(number)) for number in range(1, layer.bandCount() + 1)]
    scene = SceneLayer(name, "", [], layer.bandCount(), names, None, context.transformContext())
    scene.title, scene.layer_id, scene.crs = name, layer.id(), layer.crs().toWkt()
    if provider.name() == "gdal":
        source = layer.source()
        if scene.name == Path(source).stem:
            scene.name = Path(source).name  # a file's name is more specific than QGIS's name of its layer
        if _opens_at_once(source):
            scene.path, scene.files = as_path(source)
        else:
            scene.unopened = source
    if not scene.path:
        if provider.xSize() <= 0 or provider.ySize() <= 0:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"The layer {name} ({provider.name()}) is drawn by a server and has no pixels of its own.",
                "Choose a layer with the satellite's bands, such as a GeoTIFF.",
            )
        scene.provider = provider.clone()
    return scene


def scene_of_path(text: str, project: Optional[QgsProject] = None) -> SceneLayer:
    """Return the scene of a product that QGIS does not open as a layer, such as a folder of Sentinel-2 or HLS.

    Args:
        project: may hold layers of its bands; the topmost of them is the scene's layer.
    Raises:
        PrithviError: ``source_unreadable`` for anything else, ``source_unsupported``.
    """
    product = product_at(text) if text else None
    if product is None:
        raise unreadable(text)
    title = re.sub(r"\.(SAFE|zip)$", "", product.name, flags=re.IGNORECASE)
    return _scene_of_product(product, text, title, _topmost_band(product.path, project) if project else "")


def _topmost_band(path: str, project: QgsProject) -> str:
    """Return the id of the first layer in the layer tree that is one band of this product; empty without one."""
    layers = (node.layer() for node in project.layerTreeRoot().findLayers())
    bands = (layer for layer in layers if isinstance(layer, QgsRasterLayer) and input_of(layer) == path)
    return next((str(layer.id()) for layer in bands), "")


def is_product_path(value: object) -> bool:
    """Whether a raster parameter's value names a product that is not a layer: QGIS must not try to load it."""
    return isinstance(value, str) and not value.startswith("SENTINEL2_") and (is_product(value) or is_granule(value))


def input_of(layer: QgsRasterLayer) -> str:
    """Return INPUT for a layer: its id, or the whole product where it is a file of one band."""
    provider = layer.dataProvider()
    whole = whole_product(layer.source()) if provider is not None and provider.name() == "gdal" else ""
    return whole or layer.id()


def as_checked_by_qgis(parameters: Parameters) -> dict[str, Any]:
    """Return parameters for QGIS's own check, with a layer in place of a path that it would refuse."""
    checked = dict(parameters)
    if is_product_path(checked.get(INPUT)):
        checked[INPUT] = QgsRasterLayer()
    if isinstance(checked.get(FRAMES), (list, tuple)):
        checked[FRAMES] = [value for value in checked[FRAMES] if not is_product_path(value)]
    return checked


def _scene_of_product(product: Product, source: str, title: str, layer_id: str) -> SceneLayer:
    files = [product.path, *band_files(product.path)]
    scene = SceneLayer(product.name, product.path, files, len(product.bands), list(product.bands))
    scene.title, scene.layer_id, scene.crs, scene.note = title, layer_id, product.crs, part_note(source)
    return scene


def part_note(source: str) -> str:
    """Return a line for a layer that is only a part of a product, else empty."""
    if not source.startswith("SENTINEL2_"):
        return ""
    return tr("The layer is only a part of its Sentinel-2 product; the whole product is used.")


def unreadable(text: str, parameter: str = INPUT) -> PrithviError:
    """Return the error for a parameter that is not a layer."""
    path = Path(text)
    what = "is no raster that can be read" if path.is_file() else "does not exist" if "/" in text else "is no layer"
    if path.is_dir():
        what = "is a folder, not a raster"
    return PrithviError(
        ErrorCode.SOURCE_UNREADABLE, f"{parameter} {text or '(empty)'} {what}.", "Choose a raster such as a GeoTIFF."
    )


def export(
    scene: SceneLayer,
    extent: Optional[tuple[float, float, float, float]],
    feedback: QgsProcessingFeedback,
    context: QgsProcessingContext,
) -> str:
    """Write a layer that is not a file to a temporary GeoTIFF, at its own resolution; off the main thread.

    Args:
        extent: (xmin, ymin, xmax, ymax) in the layer's CRS, or None for all of it.
    Returns:
        the path; the caller removes it.
    Raises:
        PrithviError: ``extent_outside``, ``source_unreadable`` or ``cancelled``.
    """
    provider = scene.provider
    if provider is None:
        raise ValueError("the scene is a file already")
    provider.moveToThread(QThread.currentThread())
    area, columns, rows = _whole_pixels(provider, extent, scene.name)
    path = QgsProcessingUtils.generateTempFilename("scene.tif", context)
    pipe = QgsRasterPipe()
    pipe.set(provider.clone())
    writer = QgsRasterFileWriter(path)
    writer.setOutputFormat("GTiff")
    # QGIS 3.44 renamed it.
    set_options = writer.setCreationOptions if hasattr(writer, "setCreationOptions") else writer.setCreateOptions
    set_options(["TILED=YES", "BIGTIFF=IF_SAFER"])
    watcher = QgsRasterBlockFeedback()
    feedback.canceled.connect(watcher.cancel)
    done = writer.writeRaster(pipe, columns, rows, area, provider.crs(), scene.transforms, watcher)
    if feedback.isCanceled():
        raise PrithviError(ErrorCode.CANCELLED, "Cancelled.", "")
    if done != Qgis.RasterFileWriterResult.Success:
        why = "; ".join(watcher.errors()) or str(done)
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"The layer {scene.name} could not be copied to {path} ({why}).",
            "Save it as a GeoTIFF in QGIS and use that.",
        )
    _describe_bands(path, scene.band_names)
    return path


def _describe_bands(path: str, names: list[str]) -> None:
    dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_UPDATE)
    for number, name in enumerate(names, 1):
        dataset.GetRasterBand(number).SetDescription(name)
    dataset.FlushCache()


def band_description(band_name: str) -> str:
    """Return ``B04`` for ``Band 4: B04 (Gray)``, QGIS's name of a band in the user's language."""
    _, colon, rest = band_name.partition(":")
    return re.sub(r" \(\w+\)$", "", rest).strip() if colon else ""


def _whole_pixels(
    provider: QgsRasterDataProvider, extent: Optional[tuple[float, float, float, float]], name: str
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
        raise PrithviError(
            ErrorCode.EXTENT_OUTSIDE,
            f"EXTENT {', '.join(f'{v:g}' for v in extent)} lies outside {name}.",
            f"Choose one that overlaps {whole.toString(6)}.",
        )
    left, top, width, height = window
    area = QgsRectangle(
        whole.xMinimum() + left * x_size,
        whole.yMaximum() - (top + height) * y_size,
        whole.xMinimum() + (left + width) * x_size,
        whole.yMaximum() - top * y_size,
    )
    return area, width, height


def _opens_at_once(source: str) -> bool:
    """Whether opening takes milliseconds: a plain file. A VRT of a thousand scenes or a remote file takes seconds."""
    return "|" in source or (Path(source).is_file() and not source.lower().endswith(".vrt"))


def as_path(source: str) -> tuple[str, list[str]]:
    """Return what the engine opens and its files; an empty path when only QGIS's own GDAL reads it."""
    product = product_at(source)
    if product is not None:
        return product.path, [product.path]
    if "|" in source:  # open options or credentials, which a path cannot carry
        return "", []
    try:
        dataset = gdal.OpenEx(source, gdal.OF_RASTER | gdal.OF_READONLY)
    except RuntimeError:
        dataset = None
    if dataset is None:
        return "", []
    files = [f for f in (dataset.GetFileList() or []) if f]
    driver = dataset.GetDriver().ShortName
    if driver not in _SHARED_DRIVERS or any(f.startswith("/vsimem/") for f in [source, *files]):
        return "", files
    # The engine works in another folder, so it cannot use a relative path.
    return (str(Path(source).absolute()) if Path(source).exists() else source), files
