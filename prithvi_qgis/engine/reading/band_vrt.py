"""Scenes of many files become one raster: products, and stacks of bands that are named in the scene's name."""

from __future__ import annotations

import re
from typing import Optional

import rasterio
from rasterio.errors import RasterioError

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import without_query
from ...core.scenes.band_vrt import BandFile, find_product, stack_vrt
from ...core.scenes.granules import PRODUCT_TAG, common_product
from ...core.scenes.sentinel2 import Product
from ...core.scenes.stack_names import stacked_bands

_TYPES = {"uint8": "Byte", "uint16": "UInt16", "int16": "Int16", "uint32": "UInt32", "int32": "Int32"}
_TYPES |= {"float32": "Float32", "float64": "Float64"}
# In a VRT a bare URL is downloaded whole, or cannot be opened at all.
_READERS = {"http://": "/vsicurl/http://", "https://": "/vsicurl/https://"}
_READERS |= {"s3://": "/vsis3/", "gs://": "/vsigs/", "az://": "/vsiaz/"}
_QUERY = re.compile(r"""((?:://|/vsi)[^\s?'"]*)\?[^\s'"]*""")


def resolve(source: str) -> str:
    """What GDAL opens for a scene's name: the name itself, or the XML of a VRT for a stack of bands.

    Raises:
        PrithviError: ``source_unreadable`` for a band that is missing or lies elsewhere than the others.
    """
    bands = stacked_bands(source)
    if not bands:
        return source
    product = common_product([without_query(file) for _, file in bands])
    return stack_vrt(bands, _look, {PRODUCT_TAG: product} if product else None)[0]


def product_at(source: str) -> Optional[Product]:
    """See :func:`core.scenes.band_vrt.find_product`."""
    return find_product(source, _look)


def _look(name: str, file: str) -> BandFile:
    opened = _opened(file)
    try:
        with rasterio.open(opened) as handle:
            kind = _TYPES.get(str(handle.dtypes[0]), "")
            if not kind:
                raise OSError(f"pixels of type {handle.dtypes[0]}")
            crs = handle.crs
            return BandFile(
                without_query(file),
                opened,
                handle.width,
                handle.height,
                handle.block_shapes[0],
                handle.transform.to_gdal(),
                crs,
                "" if crs is None else crs.to_wkt(),
                kind,
                handle.nodatavals[0],
                handle.offsets[0],
                handle.scales[0],
            )
    except (RasterioError, OSError) as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"The band {name} cannot be read from {without_query(file)}: {cause_text(e)}.",
            "Check that the file is complete and readable.",
        ) from e


def _opened(file: str) -> str:
    """What GDAL opens for a band's file, alone and in a VRT: of a URL only the parts that are needed are read."""
    scheme, mark, rest = file.partition("://")
    reader = _READERS.get(scheme.lower() + mark)
    return reader + rest if reader else file


def cause_text(error: object) -> str:
    """GDAL's first line, without the queries of URLs, which may be somebody's signature."""
    return _QUERY.sub(r"\1", str(error).split("\n")[0]).rstrip(".")
