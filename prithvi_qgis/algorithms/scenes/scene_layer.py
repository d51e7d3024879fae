"""Scenes as the engine can open them: a path, or a layer that :mod:`.layer_copy` first writes to a GeoTIFF."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsProcessingContext,
    QgsProject,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRectangle,
)

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.stated_metadata import StatedMetadata
from ...core.scenes.gdal_names import is_path, resolve, without_secrets
from ...core.scenes.granules import band_files, is_granule, whole_product
from ...core.scenes.product_files import is_product
from ...core.scenes.sentinel2 import Product
from ..base import Parameters, tr
from ..parameter_names import FRAMES, INPUT
from .layer_metadata import BY, gdal_source, stated_by, stated_of_product
from .product_files import is_container, product_at, why_unreadable

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
    """Their descriptions, which a copy through QGIS would lose."""
    provider: Optional[QgsRasterDataProvider] = None
    """Clone for copying; only of a layer that QGIS does not read through GDAL."""
    gdal_name: str = ""
    """The layer's source, where QGIS reads it through GDAL."""
    transforms: QgsCoordinateTransformContext = field(default_factory=QgsCoordinateTransformContext)
    """The project's transform context, for exporting."""
    title: str = ""
    """Name in the layer tree."""
    layer_id: str = ""
    unopened: str = ""
    """GDAL's name of a source that may be slow to open; :meth:`settle` opens it."""
    crs: QgsCoordinateReferenceSystem = field(default_factory=QgsCoordinateReferenceSystem)
    """As the user sees it."""
    bounds: Optional[QgsRectangle] = None
    """In ``crs``; None for a product."""
    stated: Optional[StatedMetadata] = None
    """What the layer states other than its file; None for a plain layer."""
    note: str = ""
    """A line for the user, or empty."""
    warning: str = ""
    """A warning for the user, or empty."""

    @property
    def identity(self) -> str:
        """What is opened, with the options that may choose one of several rasters in a file."""
        return "|option:".join([self.path, *(self.stated.open_options if self.stated and self.path else ())])

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
        return _scene_of_product(product, layer.source(), name, layer)
    names = [band_description(layer.bandName(number)) for number in range(1, layer.bandCount() + 1)]
    scene = SceneLayer(name, "", [], layer.bandCount(), names, transforms=context.transformContext())
    scene.title, scene.layer_id, scene.crs, scene.bounds = name, layer.id(), layer.crs(), layer.extent()
    scene.stated = stated_by(layer)
    if provider.crs().isValid() and not layer.crs().isValid():
        scene.crs = provider.crs()
        scene.warning = tr("{} has no CRS in QGIS; that of its file is used.").format(name)
    if provider.name() == "gdal":
        scene.gdal_name = source = layer.source()
        file = Path(without_secrets(gdal_source(source).location))
        if scene.name == file.stem:
            scene.name = file.name  # a file's name is more specific than QGIS's name of its layer
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
        scene.provider = None if scene.gdal_name else provider.clone()
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
    return _scene_of_product(product, text, title, topmost_band(product.path, project) if project else None)


def topmost_band(path: str, project: QgsProject) -> Optional[QgsRasterLayer]:
    """Return the first layer in the layer tree that is one band of this product."""
    layers = (node.layer() for node in project.layerTreeRoot().findLayers())
    bands = (layer for layer in layers if isinstance(layer, QgsRasterLayer) and input_of(layer) == path)
    return next(bands, None)


def is_product_path(value: object) -> bool:
    """Whether a raster parameter's value names a product that is not a layer: QGIS must not try to load it."""
    if not isinstance(value, str) or value.startswith("SENTINEL2_"):
        return False
    return is_product(value) or is_granule(value) or is_container(value)


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


def _scene_of_product(product: Product, source: str, title: str, layer: Optional[QgsRasterLayer]) -> SceneLayer:
    files = [product.path, *band_files(product.path)]
    scene = SceneLayer(product.name, product.path, files, len(product.bands), list(product.bands))
    scene.title, scene.crs, scene.note = title, QgsCoordinateReferenceSystem(product.crs), part_note(source)
    if layer is not None:
        scene.layer_id = layer.id()
        scene.stated, left_out = stated_of_product(stated_by(layer), len(product.bands))
        if scene.stated and scene.stated.crs:
            scene.crs = layer.crs()
        if left_out:
            scene.warning = tr(
                "{}: its nodata settings differ by band, and are not used for the whole product."
            ).format(layer.name())
    return scene


def part_note(source: str) -> str:
    """Return a line for a layer that is only a part of a product, else empty."""
    if not source.startswith("SENTINEL2_"):
        return ""
    return tr("The layer is only a part of its Sentinel-2 product; the whole product is used.")


def unreadable(text: str, parameter: str = INPUT) -> PrithviError:
    """Return the error for a parameter that is not a layer."""
    if text and not is_path(text):
        return why_unreadable(text, parameter)
    path = Path(text)
    what = "is no raster that can be read" if path.is_file() else "does not exist" if "/" in text else "is no layer"
    if path.is_dir():
        what = "is a folder, not a raster"
    return PrithviError(
        ErrorCode.SOURCE_UNREADABLE, f"{parameter} {text or '(empty)'} {what}.", "Choose a raster such as a GeoTIFF."
    )


def all_stated(stated: Sequence[Optional[StatedMetadata]]) -> tuple[StatedMetadata, ...]:
    """Return what each of several layers states, as a request holds it: () where none states anything."""
    return tuple(one or StatedMetadata(BY, True) for one in stated) if any(stated) else ()


def band_description(band_name: str) -> str:
    """Return ``B04`` for ``Band 4: B04 (Gray)``, QGIS's name of a band in the user's language."""
    _, colon, rest = band_name.partition(":")
    return re.sub(r" \(\w+\)$", "", rest).strip() if colon else ""


def _opens_at_once(source: str) -> bool:
    """Whether opening takes milliseconds: a plain file. A VRT of a thousand scenes or a remote file takes seconds."""
    location = gdal_source(source).location
    return Path(location).is_file() and not location.lower().endswith(".vrt")


def as_path(source: str) -> tuple[str, list[str]]:
    """Return what the engine opens, without options, and its files; an empty path when only QGIS's GDAL reads it."""
    parts = gdal_source(source)
    if parts.credentials:  # only QGIS's own process has them
        return "", []
    source = resolve(parts.location, os.getcwd())  # the engine works in another folder
    product = None if parts.open_options else product_at(source)
    if product is not None:
        return product.path, [product.path]
    try:
        dataset = gdal.OpenEx(source, gdal.OF_RASTER | gdal.OF_READONLY, open_options=list(parts.open_options))
    except RuntimeError:
        dataset = None
    if dataset is None:
        return "", []
    files = [f for f in (dataset.GetFileList() or []) if f]
    driver = dataset.GetDriver().ShortName
    if driver not in _SHARED_DRIVERS or any(f.startswith("/vsimem/") for f in [source, *files]):
        return "", files
    return source, files
