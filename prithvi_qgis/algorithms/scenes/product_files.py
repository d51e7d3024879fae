"""Products of several files, read with QGIS's GDAL; the engine uses rasterio's."""

from __future__ import annotations

from typing import Optional

from osgeo import gdal

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes.band_vrt import BandFile, find_product
from ...core.scenes.sentinel2 import Product
from ...core.scenes.validity import ALL_VALID, ALPHA, masks_a_band, vrt_with_lost_masks


def product_at(source: str) -> Optional[Product]:
    """Return the product that ``source`` is or belongs to; None for any other source."""
    return find_product(source, _read_band)


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
