"""Where a raster's masks and alpha bands mark its nodata: GDAL's mask flags read alike by engine and form.

GDAL raster data model, "Band mask": a mask may belong to the whole dataset or to one band, may be derived from nodata
values or from alpha; only some of these reach a band's own mask, and a mask file hides the others.
"""

from __future__ import annotations

import math
import os
import re
import xml.etree.ElementTree as ET  # nosec B405: of XML that GDAL has written
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Optional

ALL_VALID, PER_DATASET, ALPHA, NODATA = 1, 2, 4, 8  # GDAL's GMF_...
_INTEGER = re.compile(r"(u?)int(\d+)")
_FLOAT32_STEP, _FLOAT32_MAX = 2.0**-23, (2 - 2.0**-23) * 2.0**127
_SOURCES = ("SimpleSource", "ComplexSource", "AveragedSource", "KernelFilteredSource")
_MOST_CHECKED = 32  # sources of a VRT that are opened


@dataclass(frozen=True)
class MaskBands:
    """Which masks of a raster mark its nodata, by 1-based numbers of bands."""

    shared: Optional[int]
    """Band whose mask holds for all bands; None without one."""
    own: tuple[int, ...]
    """Used bands with masks of their own."""
    alphas: tuple[int, ...]
    """Alpha bands: a pixel is nodata where one of them is 0."""

    def __bool__(self) -> bool:
        return bool(self.shared or self.own or self.alphas)


def mask_bands(used: Sequence[int], flags: Sequence[int], alphas: Sequence[int]) -> MaskBands:
    """Return the masks of a raster.

    Args:
        used: 1-based numbers of the used bands.
        flags: GDAL's mask flags of each of them.
        alphas: 1-based numbers of the alpha bands. They are read themselves: GDAL makes masks of some types only, and
            only in rasters of two or four bands.
    """
    shared = next((b for b, f in zip(used, flags) if f & PER_DATASET and not f & ALPHA), None)
    own = tuple(b for b, f in zip(used, flags) if not f & (ALL_VALID | PER_DATASET | ALPHA | NODATA))
    return MaskBands(shared, own, tuple(a for a in alphas if a not in used))


def masks_a_band(flags: int) -> bool:
    """Whether a band has a mask that is not derived from nodata values alone."""
    return not flags & (ALL_VALID | NODATA) or bool(flags & PER_DATASET)


def stored_range(kind: str, first: float, last: float) -> Optional[tuple[float, float]]:
    """Return a range of nodata, both ends included, as values of a type; None where the type holds none of it.

    Numbers that float32 rounds are compared as GDAL does, within a few of its steps.

    Args:
        kind: NumPy's name of the type.
        first: lower end; NaN for no range.
        last: upper end.
    """
    if math.isnan(first) or math.isnan(last):
        return None
    whole = _INTEGER.fullmatch(kind)
    if whole:
        bits = int(whole.group(2))
        low, high = (0, 2**bits - 1) if whole.group(1) else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        if first > high or last < low:
            return None
        low = low if first <= low else math.ceil(first)
        high = high if last >= high else math.floor(last)
        return (low, high) if low <= high else None
    if kind == "float32":
        return _rounded(first, -1), _rounded(last, 1)
    return float(first), float(last)


def declares_nodata(kind: str, number: Optional[float]) -> bool:
    """Whether a nodata value of a band of type ``kind`` can mark a pixel: -9999 marks none of uint16."""
    if number is None:
        return False
    return stored_range(kind, number, number) is not None or (math.isnan(number) and kind.startswith("float"))


def _rounded(value: float, direction: int) -> float:
    if math.isinf(value) or (abs(value) < 2**24 and float(value).is_integer()):  # float32 holds it
        return float(value)
    moved = value + direction * 4 * _FLOAT32_STEP * abs(value)
    return min(max(moved, -_FLOAT32_MAX), _FLOAT32_MAX)


def mask_source(file: str, alpha: int, rects: str) -> str:
    """Return the VRT mask band of a file's first band.

    Args:
        file: escaped name that GDAL opens.
        alpha: 1-based number of the alpha band that is the mask; 0 for the mask of the band.
        rects: the elements SrcRect and DstRect.
    """
    name = f'<SourceFilename relativeToVRT="0">{file}</SourceFilename>'
    if alpha:  # any value above 0 is valid, whatever its type
        inner = f"{name}<SourceBand>{alpha}</SourceBand>{rects}<LUT>0:0,1e-30:255</LUT>"
        source = f"<ComplexSource>{inner}</ComplexSource>"
    else:
        source = f"<SimpleSource>{name}<SourceBand>mask,1</SourceBand>{rects}</SimpleSource>"
    return f'<MaskBand><VRTRasterBand dataType="Byte">{source}</VRTRasterBand></MaskBand>'


def vrt_with_lost_masks(xml: str, vrt: str, mask_flags: Callable[[str, int], int]) -> Optional[str]:
    """Return a VRT with mask bands where it hides which of its pixels no valid pixel of a source covers.

    Without a nodata value a VRT holds 0 where it has no source, and GDAL calls that valid; ``gdalbuildvrt -separate``
    drops the masks of its files.

    Args:
        xml: of the VRT, as GDAL returns it.
        vrt: its path, from which relative names of sources count, or its text.
        mask_flags: of (file, 1-based band), 1 where the file cannot be opened.
    Returns:
        XML; None where nothing is lost.
    """
    root = ET.fromstring(xml)  # nosec B314: GDAL has written it
    bands = root.findall("VRTRasterBand")
    if root.get("subClass") or root.find("MaskBand") is not None:
        return None
    # As text: in /vsizip//data the slashes mean something. A VRT that is given as text has no folder.
    folder = "" if vrt.lstrip().startswith("<") else vrt[: max(vrt.rfind("/"), vrt.rfind("\\")) + 1]
    for name in root.iter("SourceFilename"):
        if name.get("relativeToVRT") == "1" and name.text:
            name.text = name.text if os.path.isabs(name.text) else folder + name.text  # GDAL keeps absolute names
            name.set("relativeToVRT", "0")
    size = [float(root.get(key, "0")) for key in ("rasterXSize", "rasterYSize")]
    checked: dict[tuple[str, int], bool] = {}
    changed = False
    for band in bands:
        sources = [s for s in band if s.tag in _SOURCES]
        if band.get("subClass") or band.find("MaskBand") is not None or not sources:
            continue
        has_nodata = band.find("NoDataValue") is not None
        gaps = not has_nodata and not any(_covers(s, size) for s in sources)
        if gaps or any(_masked(s, has_nodata, mask_flags, checked) for s in sources):
            made = ET.SubElement(ET.SubElement(band, "MaskBand"), "VRTRasterBand", dataType="Byte")
            made.extend(_mask_of(source) for source in sources)
            changed = True
    return ET.tostring(root, encoding="unicode") if changed else None


def _covers(source: ET.Element, size: Sequence[float]) -> bool:
    """Whether a source fills the whole VRT; one without a rectangle does."""
    at = source.find("DstRect")
    if at is None:
        return True
    left, top, width, height = (float(at.get(key, "0")) for key in ("xOff", "yOff", "xSize", "ySize"))
    tolerance = 1e-3
    whole = left + width >= size[0] - tolerance and top + height >= size[1] - tolerance
    return left <= tolerance and top <= tolerance and whole


def _masked(
    source: ET.Element, has_nodata: bool, mask_flags: Callable[[str, int], int], checked: dict[tuple[str, int], bool]
) -> bool:
    """Whether a source has a mask that does not show in the VRT's own values."""
    file, number = source.findtext("SourceFilename", ""), source.findtext("SourceBand", "1")
    shows = has_nodata and source.findtext("UseMaskBand", "").lower() == "true"
    if shows or not file or not number.isdigit():
        return False
    key = file, int(number)
    if key not in checked and len(checked) < _MOST_CHECKED:
        checked[key] = masks_a_band(mask_flags(*key))
    return checked.get(key, False)


def _mask_of(source: ET.Element) -> ET.Element:
    """Return the source of a mask: the same pixels of the mask of the same band."""
    mask = ET.Element("SimpleSource")
    for part in source:
        if part.tag in ("SourceFilename", "OpenOptions", "SrcRect", "DstRect"):
            mask.append(part)
        elif part.tag == "SourceBand":
            number = part.text or "1"
            ET.SubElement(mask, "SourceBand").text = number if "mask" in number else f"mask,{number}"
    if mask.find("SourceBand") is None:
        ET.SubElement(mask, "SourceBand").text = "mask,1"
    return mask
