"""Combine one file per band into one raster: a GDAL VRT on the finest band's grid. The caller reads the headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Optional

from ..errors import ErrorCode, PrithviError
from . import sentinel2
from .granules import PRODUCT_TAG, find_granule
from .validity import mask_source


@dataclass(frozen=True)
class BandFile:
    """Header of a band's file."""

    shown: str
    """The file, for messages."""
    opened: str
    """What GDAL opens."""
    width: int
    """Columns."""
    height: int
    """Rows."""
    block: tuple[int, int]
    """Rows and columns of its blocks."""
    transform: tuple[float, ...]
    """Geotransform in GDAL's order: left, width, rotation, top, rotation, height."""
    crs: object
    """Compared with ``==``."""
    wkt: str
    """The CRS as well-known text; empty without one."""
    gdal_type: str
    """GDAL's name of the pixel type."""
    nodata: Optional[float]
    """None where undeclared."""
    offset: float
    """0 where undeclared."""
    scale: float
    """1 where undeclared."""
    masked: bool = False
    """Whether the file has a mask that is not derived from nodata values."""
    alpha: int = 0
    """1-based number of its alpha band; 0 without one."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Metadata of the file; what all files have alike is that of the stack."""

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """x and y of the first pixel's outer corner, and of the last pixel's."""
        t, w, h = self.transform, self.width, self.height
        return t[0], t[3], t[0] + w * t[1] + h * t[2], t[3] + w * t[4] + h * t[5]


ReadBandFile = Callable[[str, str], BandFile]  # of a band's name and file; PrithviError where it cannot be read


def find_product(source: str, read_band_file: ReadBandFile) -> Optional[sentinel2.Product]:
    """Return the multi-file product behind a path, a GDAL name or a layer's source; None for any other raster.

    Raises:
        PrithviError: ``source_unreadable`` naming the file that is missing or broken, ``source_unsupported``.
    """
    product = sentinel2.find_product(source)
    granule = None if product else find_granule(source)
    if granule is None:
        return product
    vrt, crs = stack_vrt(granule.bands, read_band_file, {PRODUCT_TAG: granule.name})
    names = tuple(name for name, _ in granule.bands)
    return sentinel2.Product(granule.path, granule.name, vrt, names, crs, granule.note, ())


def stack_vrt(
    bands: Sequence[tuple[str, str]], read_band_file: ReadBandFile, tags: Optional[Mapping[str, str]] = None
) -> tuple[str, str]:
    """Return the VRT of (band name, file) pairs, with ``tags`` as metadata, and its CRS as well-known text.

    Raises:
        PrithviError: ``source_unreadable`` for a band that is missing or has another extent than the others.
    """
    files = [(name, read_band_file(name, file)) for name, file in bands]
    finest = min((file for _, file in files), key=lambda f: abs(f.transform[1]))
    xml = [f'<VRTDataset rasterXSize="{finest.width}" rasterYSize="{finest.height}">']
    if finest.wkt:
        xml.append(f"<SRS>{escape(finest.wkt)}</SRS>")
    xml.append(f"<GeoTransform>{', '.join(map(repr, finest.transform))}</GeoTransform>")
    shared = set.intersection(*(set(file.tags.items()) for _, file in files))
    tags = {**dict(sorted(shared)), **(tags or {})}
    if tags:
        known = "".join(f'<MDI key="{escape(k)}">{escape(v)}</MDI>' for k, v in tags.items())
        xml.append(f"<Metadata>{known}</Metadata>")
    blocks = f' blockXSize="{finest.block[1]}" blockYSize="{finest.block[0]}"'  # as in the file
    for number, (name, file) in enumerate(files, 1):
        tolerance = abs(file.transform[1])
        if file.crs != finest.crs or any(abs(a - b) > tolerance for a, b in zip(file.corners, finest.corners)):
            raise PrithviError(
                ErrorCode.SOURCE_UNREADABLE,
                f"The band {name} ({file.shown}) has another extent or CRS than the scene's other bands.",
                "Bring the bands onto one grid first.",
            )
        rects = (
            f'<SrcRect xOff="0" yOff="0" xSize="{file.width}" ySize="{file.height}"/>'
            f'<DstRect xOff="0" yOff="0" xSize="{finest.width}" ySize="{finest.height}"/>'
        )
        has_mask = file.masked or file.alpha
        mask = mask_source(escape(file.opened), 0 if file.masked else file.alpha, rects) if has_mask else ""
        xml.append(
            f'<VRTRasterBand dataType="{file.gdal_type}" band="{number}"{blocks}>'
            f"<Description>{escape(name)}</Description>"
            f'{_value_tags(file)}<SimpleSource><SourceFilename relativeToVRT="0">{escape(file.opened)}</SourceFilename>'
            f"<SourceBand>1</SourceBand>{rects}</SimpleSource>{mask}</VRTRasterBand>"
        )
    return "".join([*xml, "</VRTDataset>"]), finest.wkt


def _value_tags(file: BandFile) -> str:
    """Return nodata, offset and scale where the file declares them."""
    found = "" if file.nodata is None else f"<NoDataValue>{file.nodata!r}</NoDataValue>"
    found += f"<Offset>{file.offset!r}</Offset>" if file.offset != 0 else ""
    return found + (f"<Scale>{file.scale!r}</Scale>" if file.scale != 1 else "")
