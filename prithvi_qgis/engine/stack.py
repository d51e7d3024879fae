"""Bands in files of their own become one raster: a VRT in memory on the grid of the finest."""

from __future__ import annotations

import re
from html import escape

import rasterio
from rasterio.errors import RasterioError

from ..contract.errors import ErrorCode, PrithviError
from ..contract.many.fingerprint import without_query
from ..contract.many.stacks import stacked_bands

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
    return _vrt(bands) if bands else source


def _vrt(bands: list[tuple[str, str]]) -> str:
    looked = [(name, file, *_look(name, file)) for name, file in bands]
    finest = min(looked, key=lambda b: abs(b[2].transform.a))[2]
    extent = finest.bounds
    xml = [f'<VRTDataset rasterXSize="{finest.width}" rasterYSize="{finest.height}">']
    if finest.crs is not None:
        xml.append(f"<SRS>{escape(finest.crs.to_wkt())}</SRS>")
    t = finest.transform
    xml.append(f"<GeoTransform>{t.c!r}, {t.a!r}, {t.b!r}, {t.f!r}, {t.d!r}, {t.e!r}</GeoTransform>")
    for number, (name, file, facts, kind, values) in enumerate(looked, 1):
        tolerance = abs(facts.transform.a)
        if facts.crs != finest.crs or any(abs(a - b) > tolerance for a, b in zip(facts.bounds, extent)):
            raise PrithviError(
                ErrorCode.SOURCE_UNREADABLE,
                f"The band {name} ({without_query(file)}) has another extent or CRS than the scene's other bands.",
                "Bring the bands onto one grid first.",
            )
        xml.append(
            f'<VRTRasterBand dataType="{kind}" band="{number}"><Description>{escape(name)}</Description>{values}'
            f'<SimpleSource><SourceFilename relativeToVRT="0">{escape(_opened(file))}</SourceFilename>'
            f'<SourceBand>1</SourceBand><SrcRect xOff="0" yOff="0" xSize="{facts.width}" ySize="{facts.height}"/>'
            f'<DstRect xOff="0" yOff="0" xSize="{finest.width}" ySize="{finest.height}"/>'
            "</SimpleSource></VRTRasterBand>"
        )
    return "".join([*xml, "</VRTDataset>"])


class _Facts:
    """Grid of a band's file."""

    def __init__(self, handle: rasterio.DatasetReader):
        self.width, self.height = handle.width, handle.height
        self.transform, self.crs, self.bounds = handle.transform, handle.crs, handle.bounds


def _look(name: str, file: str) -> tuple[_Facts, str, str]:
    """A band's grid, type of pixels, and what its file says of their values, as XML."""
    try:
        with rasterio.open(_opened(file)) as handle:
            kind = _TYPES.get(str(handle.dtypes[0]), "")
            if not kind:
                raise OSError(f"pixels of type {handle.dtypes[0]}")
            return _Facts(handle), kind, _values(handle)
    except (RasterioError, OSError) as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"The band {name} cannot be read from {without_query(file)}: {cause_text(e)}.",
            "Check that the file is complete and readable.",
        ) from e


def _values(handle: rasterio.DatasetReader) -> str:
    """Nodata, offset and scale where the file has them."""
    nodata, offset, scale = handle.nodatavals[0], handle.offsets[0], handle.scales[0]
    found = "" if nodata is None else f"<NoDataValue>{nodata!r}</NoDataValue>"
    found += f"<Offset>{offset!r}</Offset>" if offset != 0 else ""
    return found + (f"<Scale>{scale!r}</Scale>" if scale != 1 else "")


def _opened(file: str) -> str:
    """What GDAL opens for a band's file, alone and in a VRT: of a URL only the parts that are needed are read."""
    scheme, mark, rest = file.partition("://")
    reader = _READERS.get(scheme.lower() + mark)
    return reader + rest if reader else file


def cause_text(error: object) -> str:
    """GDAL's first line, without the queries of URLs, which may be somebody's signature."""
    return _QUERY.sub(r"\1", str(error).split("\n")[0]).rstrip(".")
