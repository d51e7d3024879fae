"""Judge what the names of a scene's bands prove: words, numbers of a known sensor, wavelengths, or only positions."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from .sensors import Sensor, order_for
from .wavelengths import CENTRES_NM, CIRRUS_NM, band_at, may_be, plain_wavelength, wavelength_in, wavelength_of

# Common names of each band, in lower case without spaces, "-" and "_".
# Sentinel-2 numbers: ESA's Sentinel-2 user guide. HLS numbers: HLS v2.0 user guide, where L30 and S30 differ from
# band 5 on; Landsat 8/9: USGS. A number is therefore only interpreted together with its sensor, see _numbering.
_NAMES: dict[str, tuple[str, ...]] = {
    "COASTAL_AEROSOL": ("coastal", "coastalaerosol", "ultrablue", "aerosol"),
    "BLUE": ("blue",),
    "GREEN": ("green",),
    "RED": ("red",),
    "RED_EDGE_1": ("rededge1", "rededge", "re1"),
    "RED_EDGE_2": ("rededge2", "re2"),
    "RED_EDGE_3": ("rededge3", "re3"),
    "NIR_BROAD": ("nirbroad", "nir", "nir1", "nearinfrared"),
    "NIR_NARROW": ("nirnarrow", "narrownir", "nir08", "nir2", "nira", "nir8a"),
    "SWIR_1": ("swir1", "swir16", "shortwaveinfrared1", "swir"),
    "SWIR_2": ("swir2", "swir22", "shortwaveinfrared2"),
}
_SENTINEL2 = {
    "1": "COASTAL_AEROSOL",
    "2": "BLUE",
    "3": "GREEN",
    "4": "RED",
    "5": "RED_EDGE_1",
    "6": "RED_EDGE_2",
    "7": "RED_EDGE_3",
    "8": "NIR_BROAD",
    "8a": "NIR_NARROW",
    "11": "SWIR_1",
    "12": "SWIR_2",
}
_LANDSAT = {
    "1": "COASTAL_AEROSOL",
    "2": "BLUE",
    "3": "GREEN",
    "4": "RED",
    "5": "NIR_NARROW",
    "6": "SWIR_1",
    "7": "SWIR_2",
}
_OLD_LANDSAT = {  # TM and ETM+ of Landsat 4, 5 and 7
    "1": "BLUE",
    "2": "GREEN",
    "3": "RED",
    "4": "NIR_NARROW",
    "5": "SWIR_1",
    "7": "SWIR_2",
}
_ALIKE = {number: _SENTINEL2[number] for number in ("1", "2", "3", "4")}  # of Sentinel-2, Landsat 8/9 and HLS
_OLD_SENSOR = re.compile(r"landsat[ _-]?[457]|(?:^|[^a-z0-9])(?:l[te]0[457]|tm|etm\+?)(?![a-z0-9])")
_NUMBER = re.compile(r"(?:^|[^a-z0-9])(?:b|band|sr_?b)[ _-]?0*([0-9]{1,2}a?)(?![0-9a-z])")
_POSITION_LABEL = re.compile(r"[^\W\d]+[ _.-]?0*(\d+)\s*[:(,-]\s*(.+?)\s*\)?")  # "Band 3: B04", "Band 3 (B04)"
_COUNTED = re.compile(r"(?:[^\W\d]*[\W_]*\d+)?")
_BY_NAME, _BY_LONGER_NAME, _BY_WAVELENGTH = 0, 1, 2
_Right = tuple[int, float, float]  # one of these, distance to the band's centre and wavelength in nm: the lowest wins
# Metadata items that may name a band better than its description, in lower case.
_NAME_ITEMS = (
    *("bandname", "band_name", "name", "common_name", "long_name", "standard_name"),
    *("netcdf_varname", "netcdf_dim_band", "dim_band_value"),
)


@dataclass(frozen=True)
class BandEvidence:
    """What the bands of a scene are, and how surely."""

    found: dict[str, int] = field(default_factory=dict)
    """1-based number of each identified band, by TerraTorch name."""
    alike: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Bands that several numbers claim with the same right."""
    nearest: tuple[str, ...] = ()
    """Bands for which the nearest of several wavelengths was taken."""
    conflicts: dict[int, tuple[str, float]] = field(default_factory=dict)
    """Band that a name means and wavelength in nm that contradicts it, by number."""
    order: tuple[str, ...] = ()
    """The sensor's band names, where they stand in for the file's."""
    cirrus: int = 0
    """Number of Sentinel-2's B10; 0 where the scene has none or it is not known."""
    unread: bool = False
    """Whether the names hold numbers of no known sensor, so that they are no mere positions either."""


def describe_band(name: str, items: Mapping[str, str]) -> str:
    """Return what a band is called, with its wavelength, from its description and its metadata items.

    Args:
        name: description, "" where there is none.
        items: metadata of the band, in the default and in the IMAGERY domain.
    Returns:
        Such as ``B04 (665 nm)``; "" for a band without a name.
    """
    if _COUNTED.fullmatch(name.strip()):  # no name or a position
        known = {key.lower(): str(value) for key, value in items.items()}
        texts = [known[key] for key in _NAME_ITEMS if key in known]
        name = next((text for text in texts if _by_name(text.lower()) or _NUMBER.search(text.lower())), name)
    nm = wavelength_of(items)
    if nm is None or wavelength_in(name.lower())[0] is not None or plain_wavelength(name) is not None:
        return name
    return f"{name} ({nm:g} nm)" if name else f"{nm:g} nm"


def judge_names(names: Sequence[str], tags: Mapping[str, str], sensor: Optional[Sensor] = None) -> BandEvidence:
    """Identify the bands of a scene by their names.

    Args:
        names: of :func:`describe_band`, in the order of the scene.
        tags: the source's metadata, to detect its sensor.
        sensor: of the source, where known; its order is used where names identify no band.
    """
    texts = [_without_position(name.lower().strip(), number) for number, name in enumerate(names, 1)]
    waves, words = _wavelengths(texts)
    numbering = _numbering(words, waves, tags, sensor)
    counted = _only_counted(words)
    order: tuple[str, ...] = ()
    if sensor is not None and not any(waves) and (counted or not any(_band_of(word, numbering) for word in words)):
        order = order_for(sensor, len(names))
    if order:
        words = [band.lower() for band in order]
    elif counted and not (len(words) >= 7 and (numbering is _LANDSAT or numbering is _OLD_LANDSAT)):
        words = ["" if _number(word) else word for word in words]  # of a known Landsat, numbers are positions too
    unread = not counted and not numbering and any(map(_number, words))
    evidence = _claims(words, waves, numbering, order, unread)
    other = sensor is not None and not sensor.id.startswith("sentinel2")
    return dataclasses.replace(evidence, cirrus=0) if other or numbering not in ({}, _SENTINEL2) else evidence


def _claims(
    words: Sequence[str],
    waves: Sequence[Optional[float]],
    numbering: Mapping[str, str],
    order: tuple[str, ...],
    unread: bool,
) -> BandEvidence:
    """Give each band to the number with the best right to it: by a plain name, a longer one, the nearest wavelength."""
    claims: dict[str, list[tuple[_Right, int]]] = {}
    conflicts: dict[int, tuple[str, float]] = {}
    cirrus = [index for index, word in enumerate(words, 1) if _number(word) == "10" and numbering is _SENTINEL2]
    for index, (word, nm) in enumerate(zip(words, waves), 1):
        named, seen = _band_of(word, numbering), band_at(nm) if nm is not None else ""
        if nm is not None and CIRRUS_NM[0] <= nm <= CIRRUS_NM[1]:
            cirrus.append(index)
        if named and nm is not None and not may_be(named, nm):
            conflicts[index] = named, nm
        if nm is not None and seen and (not named or index in conflicts or _is_finer(seen, named)):
            claims.setdefault(seen, []).append(((_BY_WAVELENGTH, abs(nm - CENTRES_NM[seen]), nm), index))
        elif named and index not in conflicts:
            claims.setdefault(named, []).append(((_BY_NAME if _is_plain(word) else _BY_LONGER_NAME, 0, 0), index))
    best = {band: min(found) for band, found in claims.items()}
    alike = {
        band: numbers
        for band, found in claims.items()
        if len(numbers := tuple(index for right, index in found if right == best[band][0])) > 1
    }
    return BandEvidence(
        {band: index for band, (_, index) in best.items()},
        alike,
        tuple(
            band for band in best if best[band][0][0] == _BY_WAVELENGTH and len(claims[band]) > 1 and band not in alike
        ),
        conflicts,
        order,
        cirrus[0] if len(cirrus) == 1 else 0,
        unread,
    )


def _is_finer(seen: str, named: str) -> bool:
    """Whether a wavelength tells more than the name: "nir" and "rededge" stand for several bands."""
    return (named, seen) == ("NIR_BROAD", "NIR_NARROW") or (
        seen.startswith("RED_EDGE") and named.startswith("RED_EDGE")
    )


def _without_position(text: str, number: int) -> str:
    """Return ``b04`` of ``band 3: b04``, QGIS's name of the third band."""
    label = _POSITION_LABEL.fullmatch(text)
    if label is None or int(label.group(1)) != number:
        return text
    rest = label.group(2)
    return rest if _by_name(rest) or _NUMBER.search(rest) else text


def _wavelengths(texts: Sequence[str]) -> tuple[list[Optional[float]], list[str]]:
    """Return wavelengths in nm and the names without them."""
    found = [wavelength_in(text) for text in texts]
    waves, words = [nm for nm, _ in found], [word for _, word in found]
    plain = [plain_wavelength(word) for word in words]
    if len(plain) > 1 and all(plain) and len(set(plain)) == len(plain):
        return plain, [""] * len(words)
    return waves, words


def _band_of(word: str, numbering: Mapping[str, str]) -> str:
    return _by_name(word) or numbering.get(_number(word), "")


def _by_name(name: str) -> str:
    """Return the band with this common name, also within a longer text such as "B8A (narrow NIR)"; "" for none."""
    parts = [re.sub(r"[\s_\-]", "", part) for part in re.split(r"[(),:;/|]|\s-\s", name)]
    for word in [re.sub(r"[\s_\-]", "", name), *parts]:
        for band, known in _NAMES.items():
            if word in known:
                return band
    return ""


def _number(word: str) -> str:
    """Return the band number in a name such as ``sr_b5`` or ``0_b8a``; "" for none."""
    match = _NUMBER.search(word)
    return match.group(1) if match else ""


def _is_plain(word: str) -> bool:
    """Whether a name is a band's and nothing else, unlike ``view_zenith_b2``."""
    bare = re.sub(r"[\s_\-]", "", word)
    return bool(_NUMBER.fullmatch(word)) or any(bare in names for names in _NAMES.values())


def _only_counted(words: Sequence[str]) -> bool:
    """Whether the names differ by their position alone: "Band 1", "layer_2", "0_B3", from 1 or from 0."""
    counted = [(index, word) for index, word in enumerate(words, 1) if word and not _by_name(word)]
    if len(counted) < 2 or any(re.search(r"(?:^|_)sr_?b", word) for _, word in counted):
        return False
    # "B01" is how Sentinel-2 and HLS write a band; nobody counts to nine like that.
    if all(re.search(r"(?:^|_)b(?:0[1-9]|1[0-2])$", word) for _, word in counted):
        return False
    return any(len(set(_templates(counted, first))) == 1 for first in (1, 0))


def _templates(counted: Sequence[tuple[int, str]], first: int) -> Iterator[str]:
    """Return each name with its position, counted from ``first``, replaced; another text each where it has none."""
    for index, word in counted:
        found = list(re.finditer(rf"(?<!\d)0*{index - 1 + first}(?!\d)", word))
        yield f"{word[: found[-1].start()]}#{word[found[-1].end() :]}" if found else f"{index} {word}"


def _numbering(
    words: Sequence[str], waves: Sequence[Optional[float]], tags: Mapping[str, str], sensor: Optional[Sensor]
) -> Mapping[str, str]:
    """Return the meaning of band numbers: by the sensor, by tags, wavelengths, or by the set of numbers; else {}."""
    if sensor is not None:
        return _LANDSAT if sensor.landsat else _SENTINEL2
    text = " ".join(f"{k} {v}" for k, v in tags.items() if k != "description").lower()  # ENVI's may be a path
    numbers = {_number(word) for word in words} - {""}
    surface = {_number(word) for word in words if re.search(r"(?:^|_)sr_?b", word)}
    if "sentinel" in text or "hls.s30" in text or "msi" in text.split():
        return _SENTINEL2
    if _OLD_SENSOR.search(text) or ("7" in surface and "6" not in surface):
        return _OLD_LANDSAT
    if surface or "landsat" in text or "hls.l30" in text or "oli" in text.replace("_", " ").split():
        return _LANDSAT
    if any(waves) and numbers:
        fitting = next((n for n in (_SENTINEL2, _LANDSAT, _OLD_LANDSAT) if _fits(words, waves, n)), {})
        return fitting or (_SENTINEL2 if "8a" in numbers else {})
    return _proven_numbering(words, numbers)


def _proven_numbering(words: Sequence[str], numbers: set[str]) -> Mapping[str, str]:
    """Return the only numbering that a set fits, what sensors have in common, or {} for numbers of no known sensor."""
    whole = {int(number) for number in numbers if number.isdigit()}
    if whole - set(range(1, 13)):
        return {}
    if "8a" in numbers:
        return _SENTINEL2
    padded = all(re.search(r"b(?:0\d|1[0-2])$", word) for word in words if _number(word))
    if len(whole) > 1 and whole == set(range(1, len(words) + 1)) and not padded:
        return {}  # positions, in another order perhaps
    if numbers == {"1", "2", "3", "4", "5", "7"}:
        return _OLD_LANDSAT
    if {5, 6, 7, 10, 11} <= whole and 12 not in whole:
        return _LANDSAT  # HLS L30, Landsat 8/9 with its thermal bands
    return _ALIKE if {5, 6, 7} <= whole <= {1, 2, 3, 4, 5, 6, 7} else _SENTINEL2


def _fits(words: Sequence[str], waves: Sequence[Optional[float]], numbering: Mapping[str, str]) -> bool:
    pairs = [(numbering.get(_number(word), ""), nm) for word, nm in zip(words, waves) if nm is not None]
    return all(not band or may_be(band, nm) for band, nm in pairs)
