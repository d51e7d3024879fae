"""Bands in files of their own as one raster: a GDAL VRT on the grid of the finest. Each side looks by its own GDAL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Optional

from ..errors import ErrorCode, PrithviError
from . import sentinel2
from .granules import PRODUCT_TAG, find_granule


@dataclass(frozen=True)
class BandFile:
    """What a band's file says of itself.

    Attributes:
        shown: the file, for people; opened: what GDAL opens.
        block: rows and columns of the blocks in which it is stored; kind: GDAL's name of the type of its pixels.
        transform: in GDAL's order (left, width, rotation, top, rotation, height).
        crs: compared with ``==``; wkt: the same as text, empty where there is none.
    """

    shown: str
    opened: str
    width: int
    height: int
    block: tuple[int, int]
    transform: tuple[float, ...]
    crs: Any
    wkt: str
    kind: str
    nodata: Optional[float]
    offset: float
    scale: float

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """x and y of the first pixel's outer corner, and of the last one's."""
        t, w, h = self.transform, self.width, self.height
        return t[0], t[3], t[0] + w * t[1] + h * t[2], t[3] + w * t[4] + h * t[5]


Look = Callable[[str, str], BandFile]  # of a band's name and file; PrithviError where it cannot be read


def find_product(source: str, look: Look) -> Optional[sentinel2.Product]:
    """The product of several files behind a path, a GDAL name or a layer's source; None where it is another raster.

    Raises:
        PrithviError: ``source_unreadable`` naming the file that is missing or broken, ``source_unsupported``.
    """
    product = sentinel2.find_product(source)
    granule = None if product else find_granule(source)
    if granule is None:
        return product
    vrt, crs = stack_vrt(granule.bands, look, {PRODUCT_TAG: granule.name})
    names = tuple(name for name, _ in granule.bands)
    return sentinel2.Product(granule.path, granule.name, vrt, names, crs, granule.note, ())


def stack_vrt(
    bands: Sequence[tuple[str, str]], look: Look, tags: Optional[Mapping[str, str]] = None
) -> tuple[str, str]:
    """(VRT, well-known text of its CRS) of (band name, file) pairs, with ``tags`` as metadata.

    Raises:
        PrithviError: ``source_unreadable`` for a band that is missing or lies elsewhere than the others.
    """
    looked = [(name, look(name, file)) for name, file in bands]
    finest = min((facts for _, facts in looked), key=lambda f: abs(f.transform[1]))
    xml = [f'<VRTDataset rasterXSize="{finest.width}" rasterYSize="{finest.height}">']
    if finest.wkt:
        xml.append(f"<SRS>{escape(finest.wkt)}</SRS>")
    xml.append(f"<GeoTransform>{', '.join(map(repr, finest.transform))}</GeoTransform>")
    if tags:
        known = "".join(f'<MDI key="{escape(k)}">{escape(v)}</MDI>' for k, v in tags.items())
        xml.append(f"<Metadata>{known}</Metadata>")
    blocks = f' blockXSize="{finest.block[1]}" blockYSize="{finest.block[0]}"'  # read as they are stored
    for number, (name, facts) in enumerate(looked, 1):
        tolerance = abs(facts.transform[1])
        if facts.crs != finest.crs or any(abs(a - b) > tolerance for a, b in zip(facts.corners, finest.corners)):
            raise PrithviError(
                ErrorCode.SOURCE_UNREADABLE,
                f"The band {name} ({facts.shown}) has another extent or CRS than the scene's other bands.",
                "Bring the bands onto one grid first.",
            )
        xml.append(
            f'<VRTRasterBand dataType="{facts.kind}" band="{number}"{blocks}><Description>{escape(name)}</Description>'
            f'{_values(facts)}<SimpleSource><SourceFilename relativeToVRT="0">{escape(facts.opened)}</SourceFilename>'
            f'<SourceBand>1</SourceBand><SrcRect xOff="0" yOff="0" xSize="{facts.width}" ySize="{facts.height}"/>'
            f'<DstRect xOff="0" yOff="0" xSize="{finest.width}" ySize="{finest.height}"/>'
            "</SimpleSource></VRTRasterBand>"
        )
    return "".join([*xml, "</VRTDataset>"]), finest.wkt


def _values(facts: BandFile) -> str:
    """Nodata, offset and scale where the file has them."""
    found = "" if facts.nodata is None else f"<NoDataValue>{facts.nodata!r}</NoDataValue>"
    found += f"<Offset>{facts.offset!r}</Offset>" if facts.offset != 0 else ""
    return found + (f"<Scale>{facts.scale!r}</Scale>" if facts.scale != 1 else "")
