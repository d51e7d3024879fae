"""Merge what a file declares about a scene with what its QGIS layer or STAC item states. Both sides use it.

A layer's statement precedes the file: what a person sees in QGIS is segmented. A STAC item fills what the file leaves
open, and a contradiction becomes a warning.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ..protocol.stated_metadata import StatedBand, StatedMetadata
from .band_evidence import describe_band
from .bands import identify, label
from .scaling import OWN

_BASELINE = "PROCESSING_BASELINE"
Ranges = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class BandMetadata:
    """Metadata of one band."""

    name: str = ""
    """Description or common name, "" for none."""
    dtype: str = ""
    """NumPy's name of the pixel type."""
    scale: Optional[float] = None
    """reflectance = stored value * scale + offset; None where undeclared."""
    offset: Optional[float] = None
    """Offset of the same formula."""
    nodata: Optional[float] = None
    """None where undeclared."""
    nodata_ranges: Ranges = ()
    """Ranges of further nodata values, both ends included."""
    masked: bool = False
    """Whether a mask or an alpha band marks its nodata."""
    fixed_nodata: bool = False
    """Whether nodata was set in QGIS, so that no preset may add to it."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Metadata of the band."""

    def all_ranges(self, value: Optional[float]) -> Ranges:
        """Return the nodata ranges with ``value``, which stands for :attr:`nodata`; None for none."""
        return self.nodata_ranges if value is None else ((value, value), *self.nodata_ranges)


@dataclass(frozen=True)
class SceneMetadata:
    """Metadata of a scene."""

    bands: tuple[BandMetadata, ...]
    """In the order of the file."""
    tags: dict[str, str]
    """Metadata on sensor, product and processing."""
    crs: str = ""
    """WKT or ``EPSG:...``; empty without one."""
    scaling_by: str = OWN
    """Who declares the scaling: :data:`OWN`, ``its STAC item's``."""
    notes: tuple[str, ...] = ()
    """Lines for the log."""
    warnings: tuple[str, ...] = ()
    """Contradictions."""

    def scaling(self, numbers: Sequence[int]) -> tuple[list[float], list[float]]:
        """Return scales and offsets of bands by 1-based number; 1 and 0 where undeclared."""
        bands = [self.bands[n - 1] for n in numbers]
        scales = [1.0 if b.scale is None else b.scale for b in bands]
        return scales, [0.0 if b.offset is None else b.offset for b in bands]


def declared_scaling(scale: Optional[float], offset: Optional[float]) -> tuple[Optional[float], Optional[float]]:
    """Return a band's scale and offset as GDAL reports them, or None for both where that is its default, 1 and 0."""
    found = 1.0 if scale is None else float(scale), 0.0 if offset is None else float(offset)
    return (None, None) if found == (1.0, 0.0) else found


def merge_stated(
    file: SceneMetadata, stated: Optional[StatedMetadata], name: str, same_crs: Callable[[str, str], bool]
) -> SceneMetadata:
    """Return the metadata of a scene from its file and from what is stated beside it.

    Args:
        file: what the file declares.
        stated: what a layer or a STAC item states, or None.
        name: of the scene, for messages.
        same_crs: whether two CRSs place the scene's pixels alike.
    """
    if stated is None:
        return file
    notes, warnings = ([f"{name}: {line}" for line in lines] for lines in (stated.notes, stated.warnings))
    bands: Sequence[StatedBand] = stated.bands
    if stated.precedes_file:  # QGIS shows a mask as one band more than the file has
        bands = bands[: len(file.bands)]
    elif len(bands) == 1 and not bands[0].name:
        bands = [*bands] * len(file.bands)
    if bands and len(bands) != len(file.bands):
        warnings.append(
            f"{_subject(stated)} lists {len(bands)} bands, {name} has {len(file.bands)}: what it states of bands "
            "is not used."
        )
        bands = ()
    tags, more = _merge_tags(file.tags, stated, name)
    warnings += more
    crs = _merge_crs(file.crs, stated, name, same_crs, notes, warnings)
    if not bands:
        return dataclasses.replace(
            file, tags=tags, crs=crs, notes=(*file.notes, *notes), warnings=(*file.warnings, *warnings)
        )
    names, more = _merge_names([b.name for b in file.bands], [b.name for b in bands], stated, tags, name)
    warnings += more
    merged = []
    differences: dict[str, list[int]] = {}
    for number, (own, other, band_name) in enumerate(zip(file.bands, bands, names), 1):
        band, differs = _merge_band(own, other, stated)
        merged.append(dataclasses.replace(band, name=describe_band(band_name, band.tags)))
        for text in differs:
            differences.setdefault(text, []).append(number)
    for text, numbers in differences.items():
        where = "every band" if len(numbers) == len(merged) else f"band {', '.join(map(str, numbers))}"
        warnings.append(f"{_subject(stated)} {text} of {where} of {name}.")
    return SceneMetadata(
        tuple(merged),
        tags,
        crs,
        _scaling_by(file.bands, merged, stated),
        (*file.notes, *notes),
        (*file.warnings, *warnings),
    )


def _merge_band(own: BandMetadata, other: StatedBand, stated: StatedMetadata) -> tuple[BandMetadata, list[str]]:
    """Return a band without its name, and how ``other`` contradicts it."""
    tags = dict(own.tags)
    if other.wavelength_nm is not None:
        tags.setdefault("CENTRAL_WAVELENGTH_UM", f"{other.wavelength_nm / 1000:g}")  # as in GDAL's IMAGERY domain
    own = dataclasses.replace(own, tags=tags)
    if other.dtype and own.dtype and _is_float(other.dtype) != _is_float(own.dtype):
        # Numbers of another encoding: a reflectance of floats made from the product's integers, or the other way round.
        states_values = other.scale is not None or other.offset is not None or other.nodata
        text = f"describes {other.dtype} values, which are not the {own.dtype} values"
        return own, [f"{text}, so that its scale, offset and nodata are not used,"] if states_values else []
    differs = []
    band = own
    if other.scale is not None or other.offset is not None:
        scale = 1.0 if other.scale is None else other.scale
        offset = 0.0 if other.offset is None else other.offset
        if own.scale is None or stated.precedes_file:
            band = dataclasses.replace(band, scale=scale, offset=offset)
        elif not (_close(own.scale, scale) and _close(own.offset or 0.0, offset)):
            differs.append(
                f"gives scale {scale:g} offset {offset:g}, but scale {own.scale:g} offset {own.offset or 0.0:g} is "
                "used as the file declares it,"
            )
    if stated.precedes_file:
        nodata = own.nodata if other.file_nodata else None
        fixed = bool(other.nodata) or not other.file_nodata
        return dataclasses.replace(band, nodata=nodata, nodata_ranges=other.nodata, fixed_nodata=fixed), differs
    if other.nodata and own.nodata is None and not own.masked:
        return _with_nodata(band, other.nodata), differs
    if other.nodata and own.nodata is not None and not _within(own.nodata, other.nodata):
        text = ", ".join(f"{low:g}" if low == high else f"{low:g} to {high:g}" for low, high in other.nodata)
        differs.append(f"gives nodata {text}, but {own.nodata:g} is used as the file declares it,")
    return band, differs


def _with_nodata(band: BandMetadata, ranges: Ranges) -> BandMetadata:
    (low, high), *more = ranges
    if low == high:
        return dataclasses.replace(band, nodata=low, nodata_ranges=tuple(more))
    return dataclasses.replace(band, nodata_ranges=ranges)


def _merge_names(
    own: Sequence[str], others: Sequence[str], stated: StatedMetadata, tags: Mapping[str, str], name: str
) -> tuple[list[str], list[str]]:
    """Return the bands' names, and a warning where both identify bands and do not agree."""
    if stated.precedes_file:
        return [other or mine for mine, other in zip(own, others)], []
    found, stated_bands = identify(own, tags), identify(others, tags)
    if not found and stated_bands:
        return [other or mine for mine, other in zip(own, others)], []
    by_number = {number: band for band, number in found.items()}
    wrong = [
        f"band {number} is {label(by_number[number])} (not {label(band)})"
        for band, number in stated_bands.items()
        if number in by_number and _spectrum(by_number[number]) != _spectrum(band)
    ]
    warning = (
        f"{_subject(stated)} names bands of {name} otherwise than the file, whose names are used: {', '.join(wrong)}."
    )
    return [mine or other for mine, other in zip(own, others)], [warning] if wrong else []


def _spectrum(band: str) -> str:
    """Return the part of the spectrum: common names leave open which red edge or NIR band of Sentinel-2 is meant."""
    return next((part for part in ("RED_EDGE", "NIR") if band.startswith(part)), band)


def _subject(stated: StatedMetadata) -> str:
    return stated.by[:1].upper() + stated.by[1:]


def _merge_tags(own: Mapping[str, str], stated: StatedMetadata, name: str) -> tuple[dict[str, str], list[str]]:
    first, then = (stated.tags, own) if stated.precedes_file else (own, stated.tags)
    keys = {key.upper() for key in first}
    merged = {**first, **{key: value for key, value in then.items() if key.upper() not in keys}}
    mine, other = (_baseline(tags) for tags in (own, stated.tags))
    if not mine or not other or mine == other or stated.precedes_file:
        return merged, []
    return merged, [
        f"{_subject(stated)} gives processing baseline {other}, but {mine} is used as {name} itself declares it."
    ]


def _baseline(tags: Mapping[str, str]) -> str:
    value = next((str(v).strip() for k, v in tags.items() if k.upper() == _BASELINE), "")
    try:
        return f"{float(value):05.2f}"
    except ValueError:
        return ""


def _merge_crs(
    own: str,
    stated: StatedMetadata,
    name: str,
    same_crs: Callable[[str, str], bool],
    notes: list[str],
    warnings: list[str],
) -> str:
    if not stated.crs or own == stated.crs:
        return own
    if not own:
        notes.append(f"{name} has no CRS; that of {stated.by} is used.")
        return stated.crs
    if same_crs(own, stated.crs):
        return stated.crs if stated.precedes_file else own
    if stated.precedes_file:
        notes.append(f"The CRS of {stated.by} is used in place of that in {name}.")
        return stated.crs
    warnings.append(f"{_subject(stated)} gives another CRS than {name}, whose own is used.")
    return own


def _scaling_by(file: Sequence[BandMetadata], merged: Sequence[BandMetadata], stated: StatedMetadata) -> str:
    """Return who declares the scaling of the bands that have one."""
    changed = [(m.scale, m.offset) != (f.scale, f.offset) for f, m in zip(file, merged) if m.scale is not None]
    if not any(changed):
        return OWN
    return f"{stated.by}'s" if all(changed) else f"the file's and {stated.by}'s"


def _within(value: float, ranges: Ranges) -> bool:
    return math.isnan(value) or any(low <= value <= high for low, high in ranges)


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-12)


def _is_float(dtype: str) -> bool:
    return dtype.startswith(("float", "cfloat"))
