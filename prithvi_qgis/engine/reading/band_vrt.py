"""Open scenes of several files as one raster: products, and stacks whose name lists the band files."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Optional

import rasterio
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import DatasetReader

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import without_query
from ...core.scenes.band_vrt import BandFile, find_product, stack_vrt
from ...core.scenes.containers import MAX_VARIABLES, find_container
from ...core.scenes.gdal_names import without_secrets
from ...core.scenes.granules import PRODUCT_TAG, common_product
from ...core.scenes.sentinel2 import Product
from ...core.scenes.validity import ALL_VALID, ALPHA, masks_a_band, vrt_with_lost_masks
from ..gdal_errors import GDAL_ERRORS
from .file_metadata import all_tags
from .geodetic_base import wkt_of

_GDAL_TYPES = {"uint8": "Byte", "uint16": "UInt16", "int16": "Int16", "uint32": "UInt32", "int32": "Int32"}
_GDAL_TYPES |= {"float32": "Float32", "float64": "Float64"}
# In a VRT a bare URL is downloaded whole, or cannot be opened at all.
_URL_READERS = {"http://": "/vsicurl/http://", "https://": "/vsicurl/https://"}
_URL_READERS |= {"s3://": "/vsis3/", "gs://": "/vsigs/", "az://": "/vsiaz/"}


def vrt_of_bands(bands: Sequence[tuple[str, str]]) -> str:
    """Return what GDAL opens for (band name, file) pairs: the XML of a VRT.

    Raises:
        PrithviError: ``source_unreadable`` for a band that is missing or has another extent than the others.
    """
    product = common_product([without_query(file) for _, file in bands])
    return stack_vrt(bands, _read_band_file, {PRODUCT_TAG: product} if product else None)[0]


def product_at(source: str) -> Optional[Product]:
    """Return the product or the container behind ``source``; None for any other raster.

    See :func:`~prithvi_qgis.core.scenes.band_vrt.find_product` and
    :func:`~prithvi_qgis.core.scenes.containers.find_container`.
    """
    product = find_product(source, _read_band_file)
    return product or find_container(source, _read_subdatasets, _read_band_file)


def _read_subdatasets(source: str) -> list[tuple[str, int]]:
    """Return name and number of bands of each subdataset; nothing for what has bands of its own or cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(source) as handle:
                tags = {} if handle.count else handle.tags(ns="SUBDATASETS")
            names = [name for key, name in tags.items() if key.endswith("_NAME")]
            return [(name, _count(name)) for name in names[:MAX_VARIABLES]]
    except (*GDAL_ERRORS, OSError):
        return []


def _count(subdataset: str) -> int:
    with rasterio.open(subdataset) as handle:
        return int(handle.count)


def with_lost_masks(handle: DatasetReader) -> Optional[str]:
    """Return what to open in place of a VRT that hides masks, see :func:`.vrt_with_lost_masks`; None for others."""
    if handle.driver != "VRT":
        return None
    xml = handle.tags(ns="xml:VRT").get("xml:VRT", "")
    return vrt_with_lost_masks(xml, handle.name, _mask_flags) if xml else None


def _mask_flags(file: str, band: int) -> int:
    try:
        with rasterio.open(file) as handle:
            return sum(handle.mask_flag_enums[band - 1])
    except (*GDAL_ERRORS, OSError, IndexError):
        return ALL_VALID  # reading the scene reports it


def _read_band_file(name: str, file: str) -> BandFile:
    opened = gdal_name(file)
    try:
        with rasterio.open(opened) as handle:
            gdal_type = _GDAL_TYPES.get(str(handle.dtypes[0]), "")
            if not gdal_type:
                raise OSError(f"pixels of type {handle.dtypes[0]}")
            crs, flags = handle.crs, sum(handle.mask_flag_enums[0])
            alphas = [number for number, c in enumerate(handle.colorinterp, 1) if c == ColorInterp.alpha]
            return BandFile(
                without_query(file),
                opened,
                handle.width,
                handle.height,
                handle.block_shapes[0],
                handle.transform.to_gdal(),
                crs,
                "" if crs is None else wkt_of(crs),
                gdal_type,
                handle.nodatavals[0],
                handle.offsets[0],
                handle.scales[0],
                masks_a_band(flags) and not flags & ALPHA,
                next((number for number in alphas if number != 1), 0),
                tags=all_tags(handle),
            )
    except (*GDAL_ERRORS, OSError) as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"The band {name} cannot be read from {without_query(file)}: {cause_text(e)}.",
            "Check that the file is complete and readable.",
        ) from e


def gdal_name(file: str) -> str:
    """Return what GDAL opens for a band's file, alone or in a VRT; GDAL then reads only the needed parts of a URL."""
    scheme, separator, rest = file.partition("://")
    reader = _URL_READERS.get(scheme.lower() + separator)
    return reader + rest if reader else file


def cause_text(error: object) -> str:
    """Return the first line of GDAL's error, without what may be secret in its URLs."""
    return without_secrets(str(error).split("\n")[0]).rstrip(".")
