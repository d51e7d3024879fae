"""Products of several files, read with QGIS's GDAL; the engine uses rasterio's."""

from __future__ import annotations

from typing import Optional

from osgeo import gdal

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes.band_vrt import BandFile, find_product
from ...core.scenes.sentinel2 import Product


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


def _read_band(name: str, file: str) -> BandFile:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(file, gdal.OF_RASTER | gdal.OF_READONLY)
        if dataset is None:  # where GDAL is not set to raise
            raise RuntimeError(gdal.GetLastErrorMsg() or "GDAL does not know it")
        band, system = dataset.GetRasterBand(1), dataset.GetSpatialRef()
        crs = system.ExportToWkt(["FORMAT=WKT2_2019"]) if system else ""
        block = band.GetBlockSize()
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
            all_tags(dataset),
        )
    except RuntimeError as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"The band {name} cannot be read from {file}: {str(e).splitlines()[0].rstrip('.')}.",
            "Check that the file is complete and readable.",
        ) from e
    finally:
        gdal.PopErrorHandler()
