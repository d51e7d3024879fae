"""Products of several files, read with QGIS's GDAL; the engine uses rasterio's."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from osgeo import gdal

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes.band_vrt import BandFile, find_product
from ...core.scenes.containers import MAX_VARIABLES, find_container, may_be_container, several_subdatasets
from ...core.scenes.gdal_names import ACCESS_HINT, is_remote, without_secrets
from ...core.scenes.sentinel2 import Product
from ...core.scenes.validity import ALL_VALID, ALPHA, masks_a_band, vrt_with_lost_masks


def product_at(source: str) -> Optional[Product]:
    """Return the product or container that ``source`` is or belongs to; None for any other source."""
    return find_product(source, _read_band) or find_container(source, _read_subdatasets, _read_band)


def is_container(source: str) -> bool:
    """Whether a path is that of a file whose bands are subdatasets, which QGIS does not open as one layer."""
    try:
        return may_be_container(source) and bool(_read_subdatasets(source))
    except PrithviError:  # reported when it is opened
        return True


def location_of(source: str) -> str:
    """Return what GDAL opens for a source: the VRT of a product, other sources unchanged."""
    product = product_at(source)
    return product.vrt if product else source


def all_tags(dataset: gdal.Dataset) -> dict[str, str]:
    """Return the metadata of every domain that may describe sensor or product."""
    tags: dict[str, str] = {}
    for domain in ("", "IMAGERY", "TIFFTAG", "ENVI"):
        tags.update(dataset.GetMetadata(domain) or {})
    return tags


def with_lost_masks(dataset: gdal.Dataset) -> Optional[str]:
    """Return what to open in place of a VRT that hides masks, see :func:`.vrt_with_lost_masks`; None for others."""
    xml = dataset.GetMetadata_List("xml:VRT") if dataset.GetDriver().ShortName == "VRT" else None
    return vrt_with_lost_masks(xml[0], dataset.GetDescription(), _mask_flags) if xml else None


def _mask_flags(file: str, band: int) -> int:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(file, gdal.OF_RASTER | gdal.OF_READONLY)
        return ALL_VALID if dataset is None else dataset.GetRasterBand(band).GetMaskFlags()
    except RuntimeError:
        return ALL_VALID  # reading the scene reports it
    finally:
        gdal.PopErrorHandler()


def why_unreadable(name: str, parameter: str) -> PrithviError:
    """Return the error for a GDAL name or URL that QGIS does not open as a layer: GDAL's own reason."""
    shown = without_secrets(name)
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(name, gdal.OF_RASTER | gdal.OF_READONLY)
        reason = "" if dataset is not None else gdal.GetLastErrorMsg()
    except RuntimeError as e:
        dataset, reason = None, str(e)
    finally:
        gdal.PopErrorHandler()
    if dataset is not None and not dataset.RasterCount and dataset.GetSubDatasets():
        return several_subdatasets(shown, [(sub, 0) for sub, _ in dataset.GetSubDatasets()])
    reason = without_secrets((reason or "GDAL gives no reason").splitlines()[0]).rstrip(".")
    hint = "Choose a raster such as a GeoTIFF."
    if is_remote(name):
        hint = ACCESS_HINT
    return PrithviError(ErrorCode.SOURCE_UNREADABLE, f"{parameter} {shown} cannot be opened: {reason}.", hint)


def _read_subdatasets(source: str) -> list[tuple[str, int]]:
    """Return name and number of bands of each subdataset; nothing for what has bands of its own or cannot be read."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(source, gdal.OF_RASTER | gdal.OF_READONLY)
        if dataset is None or dataset.RasterCount:
            return []
        names = [name for name, _ in dataset.GetSubDatasets()[:MAX_VARIABLES]]
        if dataset.GetDriver().ShortName == "HDF4" and names:  # the engine's GDAL does not read it
            error = several_subdatasets(Path(source).name, [(name, 0) for name in names])
            raise PrithviError(error.code, error.text, f"{error.hint} && gdal_translate stack.vrt stack.tif")
        parts = [(name, gdal.OpenEx(name, gdal.OF_RASTER | gdal.OF_READONLY)) for name in names]
        return [(name, part.RasterCount) for name, part in parts if part is not None]
    except RuntimeError:
        return []
    finally:
        gdal.PopErrorHandler()


def _read_band(name: str, file: str) -> BandFile:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(file, gdal.OF_RASTER | gdal.OF_READONLY)
        if dataset is None:  # where GDAL is not set to raise
            raise RuntimeError(gdal.GetLastErrorMsg() or "GDAL does not know it")
        band, system = dataset.GetRasterBand(1), dataset.GetSpatialRef()
        crs = system.ExportToWkt(["FORMAT=WKT2_2019"]) if system else ""
        block, flags = band.GetBlockSize(), band.GetMaskFlags()
        others = range(2, dataset.RasterCount + 1)
        return BandFile(
            file,
            file,
            dataset.RasterXSize,
            dataset.RasterYSize,
            (block[1], block[0]),
            dataset.GetGeoTransform(),
            crs,
            crs,
            gdal.GetDataTypeName(band.DataType),
            band.GetNoDataValue(),
            band.GetOffset() or 0.0,
            band.GetScale() or 1.0,
            masks_a_band(flags) and not flags & ALPHA,
            next((n for n in others if dataset.GetRasterBand(n).GetColorInterpretation() == gdal.GCI_AlphaBand), 0),
            tags=all_tags(dataset),
        )
    except RuntimeError as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"The band {name} cannot be read from {file}: {str(e).splitlines()[0].rstrip('.')}.",
            "Check that the file is complete and readable.",
        ) from e
    finally:
        gdal.PopErrorHandler()
