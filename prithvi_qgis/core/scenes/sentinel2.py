"""Open a Sentinel-2 product as one scene: read its metadata, and stack its bands in a GDAL VRT.

The VRT refers to the product's JPEG 2000 files and not to the subdatasets of GDAL's SENTINEL2 driver. Pixels are those
of that driver (tested), but the driver fills a band whose file is missing with zeros, has one subdataset per
resolution, and in some versions of GDAL does not report the offsets.

Source: Sentinel-2 Products Specification Document, version 14.9, "SAFE compact" (since December 2016).
"""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import dataclass
from typing import Optional

from ..errors import ErrorCode, PrithviError
from .product_files import Files, ProductLocation, locate_product

# Pixel size in metres. The published models' bands come first and in their order, so that they are 1 to 6 in every
# product; then the other bands of at most twice the finest pixel size.
CORE = {"B02": 10, "B03": 10, "B04": 10, "B8A": 20, "B11": 20, "B12": 20}
FURTHER = {"B05": 20, "B06": 20, "B07": 20, "B08": 10}
_BAND_IDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
_BLOCK = 1024  # pixels, of the 10 m files
_IMAGE = re.compile(r"<IMAGE_FILE(?:_2A)?>\s*([^<]+?)\s*</IMAGE_FILE")
_IMAGE_NAME = re.compile(r"^(GRANULE/[^/]+)/IMG_DATA/(?:[^/.]+/)?[^/]*_(B\d[\dA])(?:_(\d\d)m)?$")
_QUANTIFICATION = re.compile(r"<(?:L2A_)?(?:BOA_)?QUANTIFICATION_VALUE\b[^>]*>\s*([\d.]+)\s*<")
_OFFSET = re.compile(r'<(?:BOA|RADIO)_ADD_OFFSET\s+band_id="(\d+)"\s*>\s*(-?[\d.]+)\s*<')
_SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"


@dataclass(frozen=True)
class Product:
    """A product that can be opened as one raster."""

    path: str
    """For requests and messages."""
    name: str
    """Last part of the path, or the product's name."""
    vrt: str
    """XML of the stack, which GDAL opens instead of a file name."""
    bands: tuple[str, ...]
    """Descriptions of its bands."""
    crs: str
    """``EPSG:32630``, or well-known text."""
    note: str
    """Bands in use and their resampling, for log, dialog and provenance."""
    warnings: tuple[str, ...]
    """Lines for the user's attention."""


@dataclass(frozen=True)
class _Tile:
    """The 10 m grid of the product's granule."""

    crs: str
    rows: int
    cols: int
    left: float
    top: float


def find_product(source: str) -> Optional[Product]:
    """Return the product behind a path, a GDAL name or a layer's source; None for any other raster.

    Raises:
        PrithviError: ``source_unreadable`` naming the file that is missing or broken, ``source_unsupported``.
    """
    location = locate_product(source)
    return _read(location) if location else None


def _read(location: ProductLocation) -> Product:
    path = location.path
    name = path.name if path.suffix != ".xml" else path.parent.name
    main = _text(location, location.main, name)
    images, granule = _images(main, name)
    tile = _tile(_text(location, f"{granule}/MTD_TL.xml", name), name)
    for band, metres in CORE.items():
        if band not in images:
            raise _broken(name, f"{location.main} lists no {band} of {metres} m")
        problem = _problem(location.files, images[band], _shape(tile, metres))
        if problem:
            raise _broken(name, f"its band {band} {problem} ({images[band]})")
    listed = {b: m for b, m in FURTHER.items() if b in images}
    problems = {b: _problem(location.files, images[b], _shape(tile, m)) for b, m in listed.items()}
    further = {b: m for b, m in listed.items() if not problems[b]}
    level = "L2A" if "L2A" in location.main else "L1C"
    baseline = _one(r"<PROCESSING_BASELINE>\s*([\d.]+)\s*<", main)
    scale, offsets = _scaling(main, name)
    stacked = {**CORE, **further}
    tags = {
        "PRODUCT_URI": _one(r"<PRODUCT_URI(?:_2A)?>\s*([^<]+?)\s*<", main),
        "PROCESSING_BASELINE": baseline,
        "PROCESSING_LEVEL": f"Level-{level[1:]}",
        "SENSOR": "Sentinel-2 MSI",
        "SENSING_TIME": _one(r"<PRODUCT_START_TIME>\s*([^<]+?)\s*<", main),
    }
    coarse = " ".join(b for b, m in stacked.items() if m == 20)
    note = (
        f"Sentinel-2 {level} product, processing baseline {baseline or 'unknown'}: {' '.join(stacked)} on the 10 m "
        f"grid; {coarse} are 20 m bands, each pixel repeated (nearest neighbour)."
    )
    note += "".join(f" {band} {problem} and is left out." for band, problem in problems.items() if problem)
    bands = [
        _band(
            number, band, location.files.location(images[band]), tile, metres, (scale, offsets.get(band, 0.0) * scale)
        )
        for number, (band, metres) in enumerate(stacked.items(), 1)
    ]
    metadata = "".join(f'<MDI key="{k}">{html.escape(v)}</MDI>' for k, v in tags.items() if v)
    vrt = (
        f'<VRTDataset rasterXSize="{tile.cols}" rasterYSize="{tile.rows}"><SRS>{tile.crs}</SRS>'
        f"<GeoTransform>{tile.left!r}, 10, 0, {tile.top!r}, 0, -10</GeoTransform>"
        f"<Metadata>{metadata}</Metadata>{''.join(bands)}</VRTDataset>"
    )
    warnings: tuple[str, ...] = ()
    if _has_offset(baseline) and not offsets:
        warnings = (
            f"{name} is of processing baseline {baseline} and lists no offset: none is applied. Check the reflectance.",
        )
    return Product(str(path), name, vrt, tuple(stacked), tile.crs, note, warnings)


def _band(number: int, band: str, file: str, tile: _Tile, metres: int, scaling: tuple[float, float]) -> str:
    rows, cols = _shape(tile, metres)
    return (
        f'<VRTRasterBand dataType="UInt16" band="{number}" blockXSize="{_BLOCK}" blockYSize="{_BLOCK}">'
        f"<Description>{band}</Description><NoDataValue>0</NoDataValue>"
        f"<Offset>{scaling[1]!r}</Offset><Scale>{scaling[0]!r}</Scale>"
        f'<SimpleSource resampling="near"><SourceFilename relativeToVRT="0">{html.escape(file)}</SourceFilename>'
        f'<SourceBand>1</SourceBand><SourceProperties RasterXSize="{cols}" RasterYSize="{rows}" DataType="UInt16" '
        f'BlockXSize="{_BLOCK}" BlockYSize="{_BLOCK}"/><SrcRect xOff="0" yOff="0" xSize="{cols}" ySize="{rows}"/>'
        f'<DstRect xOff="0" yOff="0" xSize="{tile.cols}" ySize="{tile.rows}"/></SimpleSource></VRTRasterBand>'
    )


def _images(main: str, name: str) -> tuple[dict[str, str], str]:
    """Return the file of each band in its native resolution, and the folder of the granule."""
    native = {**CORE, **FURTHER}
    images: dict[str, str] = {}
    granules: set[str] = set()
    for text in _IMAGE.findall(main):
        match = _IMAGE_NAME.match(html.unescape(text))
        if not match or ".." in text:
            continue
        granules.add(match.group(1))
        if native.get(match.group(2)) == int(match.group(3) or native.get(match.group(2), 0)):
            images[match.group(2)] = f"{match.group(0)}.jp2"
    if len(granules) != 1:
        what = f"is made of {len(granules)} granules" if granules else "lists no band files as products since 2016 do"
        raise PrithviError(
            ErrorCode.SOURCE_UNSUPPORTED,
            f"{name} {what}; a product of one tile is opened directly.",
            "Stack the bands of one tile into a GeoTIFF, for example with gdalbuildvrt -separate.",
        )
    return images, granules.pop()


def _tile(text: str, name: str) -> _Tile:
    size = re.search(r'<Size resolution="10">\s*<NROWS>(\d+)</NROWS>\s*<NCOLS>(\d+)</NCOLS>', text)
    corner = re.search(r'<Geoposition resolution="10">\s*<ULX>(-?[\d.]+)</ULX>\s*<ULY>(-?[\d.]+)</ULY>', text)
    crs = _one(r"<HORIZONTAL_CS_CODE>\s*(EPSG:\d+)\s*<", text)
    if not (size and corner and crs):
        raise _broken(name, "the grid in its MTD_TL.xml cannot be read")
    return _Tile(crs, int(size.group(1)), int(size.group(2)), float(corner.group(1)), float(corner.group(2)))


def _scaling(main: str, name: str) -> tuple[float, dict[str, float]]:
    """Return the scale, and the offset of each band in stored values: reflectance = (value + offset) * scale."""
    quantification = float(_one(_QUANTIFICATION.pattern, main) or 0)
    if quantification <= 0:
        raise _broken(name, "its metadata have no QUANTIFICATION_VALUE")
    pairs = [(int(i), float(v)) for i, v in _OFFSET.findall(main)]
    return 1 / quantification, {_BAND_IDS[i]: v for i, v in pairs if i < len(_BAND_IDS)}


def _has_offset(baseline: str) -> bool:
    """Whether products of this baseline have an offset; Sen2Cor run by users writes 99.99."""
    return bool(baseline) and 4 <= float(baseline.partition(".")[0]) < 90


def _shape(tile: _Tile, metres: int) -> tuple[int, int]:
    return tile.rows * 10 // metres, tile.cols * 10 // metres


def _problem(files: Files, path: str, shape: tuple[int, int]) -> str:
    """Return the problem of a JPEG 2000 file, without decoding it; empty where there is none."""
    try:
        size = files.size(path)
        head = files.head(path, 0, 4096)
    except FileNotFoundError:
        return "is missing"
    except (OSError, zipfile.BadZipFile) as e:
        return f"cannot be read, {e}"
    start = head.find(b"ihdr")
    if not head.startswith(_SIGNATURE) or start < 0:
        return "is no JPEG 2000 file" if size else "is empty"
    rows, cols = (int.from_bytes(head[start + i : start + i + 4], "big") for i in (4, 8))
    if (rows, cols) != shape:
        return f"has {cols} x {rows} pixels, not {shape[1]} x {shape[0]}"
    return "is truncated" if _ends_early(files, path, size, head) else ""


def _ends_early(files: Files, path: str, size: int, start: bytes) -> bool:
    """Whether a box of the file extends beyond the file's end (ISO/IEC 15444-1, annex I).

    Args:
        files: of the product.
        path: of the file.
        size: of the file in bytes.
        start: first bytes of the file, where most boxes begin: every other read opens a zip again.
    """
    position = 0
    while position < size:
        head = start[position : position + 16]
        if len(head) < 16:
            head = files.head(path, position, 16)
        if len(head) < 8:
            return size - position < 8  # else in a zip, where this position is slow to read
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length == 0:  # to the end of the file, where the code stream has an end marker
            tail = files.head(path, size - 2, 2)
            return bool(tail) and tail != b"\xff\xd9"
        if length < 8:
            return True
        position += length
    return position > size


def _text(location: ProductLocation, path: str, name: str) -> str:
    try:
        return location.files.text(path)
    except FileNotFoundError as e:
        raise _broken(name, f"its {path} is missing") from e
    except (OSError, zipfile.BadZipFile) as e:
        raise _broken(name, f"its {path} cannot be read, {e}") from e


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return html.unescape(found.group(1)) if found else ""


def _broken(name: str, what: str) -> PrithviError:
    return PrithviError(
        ErrorCode.SOURCE_UNREADABLE,
        f"The Sentinel-2 product {name} is incomplete: {what}.",
        "Download or unpack it again.",
    )
