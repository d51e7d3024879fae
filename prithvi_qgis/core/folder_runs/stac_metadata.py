"""Read what a STAC item states about an asset and its bands.

Sources: STAC 1.0 and 1.1 (common metadata, bands) with the extensions eo, raster, projection, processing and sentinel-2
(stac-extensions.github.io). Earth Search (Element 84) subtracts Sentinel-2's offset from some of its files; it then
sets ``earthsearch:boa_offset_applied``, and ``raster:bands`` still gives the offset of ESA's product.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Optional

from ..protocol.stated_metadata import StatedBand, StatedMetadata
from ..scenes.bands import identify
from ..scenes.dates import day_of_text
from ..scenes.gdal_names import locate
from ..scenes.granules import common_product

BY = "its STAC item"
# Keys of each fact, first those of band objects, then those that count on assets, item properties and item_assets too.
COMMON_NAME = ("eo:common_name", "common_name")
BAND_NAME = ("name",)
WAVELENGTH_UM = ("eo:center_wavelength", "center_wavelength")
SCALE = ("raster:scale", "scale")
OFFSET = ("raster:offset", "offset")
NODATA = ("nodata", "raster:nodata", "file:nodata")
UNIT = ("unit", "raster:unit", "file:unit")
DTYPE = ("data_type", "raster:data_type", "file:data_type")
BAND_LISTS = ("bands", "eo:bands", "raster:bands")
CRS = ("proj:code", "proj:epsg", "proj:wkt2", "proj:projjson")
RESOLUTION = ("raster:spatial_resolution", "spatial_resolution")
SENSOR = ("platform", "constellation", "instruments")
BASELINE = ("s2:processing_baseline", "sentinel:processing_baseline", "processing:version")
PRODUCT = ("s2:product_uri", "sentinel:product_id", "s2:granule_id", "s2:datastrip_id")
OFFSET_APPLIED = ("earthsearch:boa_offset_applied", "sentinel:boa_offset_applied")
DATES = ("datetime", "start_datetime", "end_datetime")
_OF_BANDS_ALONE = frozenset(("scale", "offset", "name", "common_name", "center_wavelength", "spatial_resolution"))
_AMBIGUOUS = ("", "nir", "rededge")  # Sentinel-2's B08 and B8A may both be "nir", and four bands "rededge"
# Names of the eo extension from version 2.0 on, as the bands' rules have them.
_RED_EDGES = {"rededge071": "rededge1", "rededge075": "rededge2", "rededge078": "rededge3"}
_UNITLESS = frozenset(("", "1", "dn", "dl", "none", "unitless", "reflectance", "ratio", "-", "n/a", "digital numbers"))
_PERCENT = frozenset(("%", "percent", "percentage"))
_SENTINEL2 = re.compile(r"sentinel[ _-]?2|(?:^|[^a-z0-9])s2[a-d]?(?![a-z0-9])", re.I)
_IN_PRODUCT = re.compile(r"_N(\d{2})\.?(\d{2})(?=_|$)")
OFFSET_SINCE = 4.0  # Sentinel-2's processing baseline that added 1000 to the stored values
ADDED = 1000


class MalformedError(ValueError):
    """A field of an item that cannot be what the specification says; the text names it."""


@dataclass(frozen=True)
class Asset:
    """An asset with its bands."""

    key: str
    """Its name in the item."""
    href: str
    """Absolute location."""
    media: str
    """Media type, lower case; may be empty."""
    roles: frozenset[str]
    """What it is for."""
    chains: tuple[tuple[Mapping[str, Any], ...], ...]
    """For each band where its fields stand, nearest first: the band, the asset, its definition, the item. One for all
    bands where the item does not list them."""

    @property
    def names(self) -> list[str]:
        """Name of each band: the common name, or a name that is more specific, and its wavelength; "" for none."""
        key = self.key if len(self.chains) == 1 else ""
        names = [(_band_name(chain, key), _wavelength_nm(chain)) for chain in self.chains]
        return [name if nm is None else f"{name} ({nm:g} nm)".lstrip() for name, nm in names]

    @property
    def pixel_size(self) -> float:
        """Ground sampling distance for comparisons, infinite where unknown."""
        transform = _transform(self.chains[0])
        in_key = re.search(r"[_-](\d{2,3})m(?:$|[_-])", self.key)
        size = abs(transform[1]) if transform else _finite(_find(self.chains[0], RESOLUTION))
        return size or (float(in_key.group(1)) if in_key else _gsd(self.chains[0]))


@dataclass(frozen=True)
class ItemFacts:
    """What an item states about all of its assets."""

    tags: dict[str, str]
    """Sensor, product and processing."""
    date: str
    """ISO day, or empty."""
    baseline: str
    """Sentinel-2's processing baseline such as ``05.09``, or empty."""
    offset_applied: Optional[bool]
    """Whether the offset of that baseline was subtracted from the files; None where it is not stated."""


def read_item(item: Mapping[str, Any], hrefs: Sequence[str]) -> ItemFacts:
    """Return what an item states about all of its assets.

    Raises:
        MalformedError: ``properties`` is not an object.
    """
    properties = _object(item.get("properties"), "properties")
    tags = {key: _text(properties.get(key)) for key in SENSOR}
    tags = {key: value for key, value in tags.items() if value}
    identity = {key: _text(item.get(key)) for key in ("id", "collection")}
    if not tags:
        tags = {key: value for key, value in identity.items() if value}
    of_product = [_text(properties.get(key)) for key in PRODUCT]
    names = " ".join((*tags.values(), *identity.values(), *of_product))
    baseline = ""
    if _SENTINEL2.search(names) and "hls" not in names.lower():  # HLS has the offset taken out
        baseline = _baseline([_text(properties.get(key)) for key in BASELINE], [*of_product, identity["id"], *hrefs])
    applied = next((_flag(properties[key]) for key in OFFSET_APPLIED if properties.get(key) is not None), None)
    return ItemFacts(tags, _day(properties), baseline, applied)


def read_assets(
    item: Mapping[str, Any], definitions: Mapping[str, Any], base: Path, problems: list[str]
) -> Iterator[Asset]:
    """Yield the assets of an item that are well formed; the others are reported in ``problems``.

    Args:
        item: with ``assets`` that are an object.
        definitions: the collection's ``item_assets``, or {}.
        base: folder at which a relative ``href`` starts.
        problems: gets a line for each malformed asset.
    """
    properties = _object(item.get("properties"), "properties")
    for key, asset in item["assets"].items():
        try:
            if not isinstance(asset, Mapping):
                raise MalformedError("is not an object")
            href = asset.get("href")
            if not isinstance(href, str) or not href:
                raise MalformedError("has no href")
            defined = _object(definitions.get(key), f"item_assets {key}")
            chains = _chains(asset, defined, properties)
            media = _text(asset.get("type") or defined.get("type")).lower()
            roles = asset.get("roles") or defined.get("roles")
            named = frozenset(map(str, roles)) if isinstance(roles, list) else frozenset()
            read = Asset(key, located(href, base), media, named, chains)
            for chain in chains:
                _stated_band(chain, "")  # raises where a number is none
        except MalformedError as e:
            problems.append(f'asset "{key}" {e}')
            continue
        yield read


def located(href: str, base: Path) -> str:
    """Return what GDAL opens for a reference from a file in ``base``."""
    return locate(href, str(base))


def stated_by(
    facts: ItemFacts, used: Sequence[tuple[Asset, int]], names: Sequence[str], problems: Sequence[str] = ()
) -> StatedMetadata:
    """Return what an item states about the bands of a scene.

    Args:
        facts: of the item.
        used: asset and index in it of each band.
        names: of each band; "" for one band that stands for all of a raster.
        problems: lines about assets that are left out.
    """
    notes: list[str] = []
    warnings: list[str] = [f"in its STAC item, {line}: it is left out." for line in problems]
    bands = []
    for (asset, index), name in zip(used, names):
        band, of_unit = _stated_band(asset.chains[index], name)
        bands.append(with_offset(band, facts, asset, notes, warnings))
        warnings += of_unit
    tags = dict(facts.tags)
    applied = facts.offset_applied and not any("jp2" in asset.media for asset, _ in used)
    if facts.baseline and not applied:
        tags["PROCESSING_BASELINE"] = facts.baseline
    chain = used[0][0].chains[used[0][1]]
    crs, problem = _crs(chain)
    transform, shape = _transform(chain), _shape(chain)
    return StatedMetadata(
        BY,
        False,
        crs=crs,
        transform=transform,
        shape=shape,
        tags=tags,
        date=facts.date,
        bands=tuple(bands) if any(band != StatedBand() for band in bands) else (),
        notes=tuple(dict.fromkeys(notes)),
        warnings=tuple(dict.fromkeys([*warnings, *problem])),
    )


def with_offset(band: StatedBand, facts: ItemFacts, asset: Asset, notes: list[str], warnings: list[str]) -> StatedBand:
    """Return a band with the offset that its item means, where it speaks of Sentinel-2's offset in several places."""
    if band.dtype.startswith("float") or not (facts.baseline or facts.offset_applied is not None):
        return band
    late = bool(facts.baseline) and float(facts.baseline) >= OFFSET_SINCE
    scale = band.scale if band.scale is not None else 1e-4
    added = -ADDED * scale
    if facts.offset_applied and "jp2" not in asset.media:  # the JPEG 2000 files are ESA's own
        notes.append(
            "by its STAC item, the offset of Sentinel-2 is taken out of the stored values already: none is applied."
        )
        return replace(band, scale=scale, offset=0.0, dtype=band.dtype or "uint16")
    if band.scale is None and band.offset is None:
        return band  # by the baseline, like a file with this tag
    if late and band.offset is None:
        notes.append(f"its STAC item gives no offset; that of processing baseline {facts.baseline} is applied.")
        return replace(band, offset=added)
    if late and band.offset == 0 and facts.offset_applied is False:
        warnings.append(
            f"its STAC item gives the offset 0, but sets boa_offset_applied to false for processing baseline "
            f"{facts.baseline}: {added:g} is applied. OFFSET 0 leaves it out."
        )
        return replace(band, offset=added)
    if late and band.offset == 0:
        warnings.append(
            f"its STAC item gives the offset 0 and processing baseline {facts.baseline}, whose stored values carry "
            f"{ADDED} unless it was taken out: 0 is applied. OFFSET {added:g} takes it out."
        )
    elif facts.baseline and not late and band.offset is not None and math.isclose(band.offset, added, rel_tol=1e-6):
        warnings.append(
            f"its STAC item gives the offset {added:g} and processing baseline {facts.baseline}, which has none: 0 is "
            f"applied. OFFSET {added:g} applies it."
        )
        return replace(band, offset=0.0)
    return band


def _stated_band(chain: Sequence[Mapping[str, Any]], name: str) -> tuple[StatedBand, list[str]]:
    """Return what is stated about a band, and warnings about its unit.

    Raises:
        MalformedError: naming a field that is no number.
    """
    scale, offset = _number(_find(chain, SCALE), SCALE[0]), _number(_find(chain, OFFSET), OFFSET[0])
    if scale == 0:
        raise MalformedError(f"has {SCALE[0]} 0")
    unit, warnings = _text(_find(chain, UNIT)).strip(), []
    if unit.lower() in _PERCENT:
        scale, offset = (1.0 if scale is None else scale) / 100, None if offset is None else offset / 100
    elif unit.lower() not in _UNITLESS:
        warnings.append(f"its STAC item gives the unit {unit[:40]}: the values are used as reflectance nevertheless.")
    band = StatedBand(
        name,
        scale,
        offset,
        _nodata(_find(chain, NODATA)),
        wavelength_nm=_wavelength_nm(chain),
        dtype=_text(_find(chain, DTYPE)).lower(),
    )
    states_values = band.scale is not None or band.offset is not None or band.nodata
    return band if states_values else replace(band, dtype=""), warnings


def _chains(
    asset: Mapping[str, Any], defined: Mapping[str, Any], properties: Mapping[str, Any]
) -> tuple[tuple[Mapping[str, Any], ...], ...]:
    """Return :attr:`Asset.chains`."""
    lists = []
    for key in BAND_LISTS:
        entries = next((holder[key] for holder in (asset, defined) if holder.get(key)), None) or []
        if not isinstance(entries, list):
            raise MalformedError(f"has {key} that is no list")
        lists.append([_band_object(entry, properties, key) for entry in entries])
    around = (asset, defined, properties)
    count = max(map(len, lists))
    # One object for all bands, and lists of one length; other lengths cannot be told apart.
    fitting = [entries * count if len(entries) == 1 else entries for entries in lists]
    if any(entries and len(entries) != count for entries in fitting):
        lengths = ", ".join(f"{len(entries)} {key}" for key, entries in zip(BAND_LISTS, lists) if entries)
        raise MalformedError(f"lists different numbers of bands ({lengths})")
    chains = tuple((*(entries[n] for entries in fitting if entries), *around) for n in range(count))
    return chains or (around,)


def _band_object(entry: Any, properties: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the object of a band; items before STAC 0.9 have its index in the item's own list."""
    whole = properties.get(key)
    if isinstance(entry, int) and isinstance(whole, list) and 0 <= entry < len(whole):
        entry = whole[entry]
    return _object(entry, key)


def _band_name(chain: Sequence[Mapping[str, Any]], key: str) -> str:
    """Return the common name, or the name or the asset's key where they are more specific."""
    common = _text(_find(chain, COMMON_NAME))
    common = _RED_EDGES.get(common.lower(), common)
    others = [_text(_find(chain, BAND_NAME)), key]
    if common.lower() in _AMBIGUOUS:
        known = next((name for name in others if name and identify([name], {})), "")
        return known or common or next(filter(None, others), "")
    return common


def _find(chain: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> Any:
    """Return the nearest value of ``keys`` that is not null; None without one."""
    *bands, asset, defined, properties = chain
    for holder in bands:
        for key in keys:
            if holder.get(key) is not None:
                return holder[key]
    for holder in (asset, defined, properties):
        for key in keys:
            if holder.get(key) is not None and key not in _OF_BANDS_ALONE:
                return holder[key]
    return None


def _number(value: Any, what: str) -> Optional[float]:
    """Return a finite number, also of a text; None for null."""
    if value is None:
        return None
    found = _finite(value)
    if found is None:
        raise MalformedError(f"has {what} {json.dumps(value)[:40]}, which is no number")
    return found


def _wavelength_nm(chain: Sequence[Mapping[str, Any]]) -> Optional[float]:
    found = _number(_find(chain, WAVELENGTH_UM), WAVELENGTH_UM[0])
    return round(found * 1000 if found < 100 else found, 3) if found and found > 0 else None  # some give nanometres


def _finite(value: Any) -> Optional[float]:
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) < 1e300 else None  # neither NaN nor what a factor makes infinite


def _nodata(value: Any) -> tuple[tuple[float, float], ...]:
    """Return the ranges of nodata; none for NaN and infinity, which are nodata in every file."""
    values = value if isinstance(value, list) else [value]
    found = []
    for one in values:
        if one is None or str(one).lower().lstrip("+-") in ("nan", "inf", "infinity"):
            continue
        number = _number(one, "nodata")
        if number is not None:
            found.append((number, number))
    return tuple(found)


def _crs(chain: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """Return the CRS of the nearest holder that has one, and a warning where it cannot be used."""
    for holder in chain:
        for key in CRS:
            value = holder.get(key)
            if value is None or value == "":
                continue
            if key == "proj:projjson" and isinstance(value, Mapping):
                return json.dumps(value), []
            if key == "proj:epsg" and isinstance(value, int):
                return f"EPSG:{value}", []
            if key in ("proj:code", "proj:wkt2") and isinstance(value, str):
                return value, []
            return "", [f"the {key} of its STAC item cannot be read, and is not used: {json.dumps(value)[:40]}."]
    return "", []


def _transform(chain: Sequence[Mapping[str, Any]]) -> tuple[float, ...]:
    """Return ``proj:transform`` in GDAL's order; () without one that can be used."""
    value = next((holder["proj:transform"] for holder in chain if holder.get("proj:transform")), None)
    if not isinstance(value, list) or len(value) not in (6, 9):
        return ()
    numbers = [number for number in map(_finite, value[:6]) if number is not None]
    if len(numbers) < 6 or numbers[0] * numbers[4] == 0:
        return ()
    a, b, c, d, e, f = numbers
    return c, a, b, f, d, e


def _shape(chain: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    value = next((holder["proj:shape"] for holder in chain if holder.get("proj:shape")), None)
    fits = isinstance(value, list) and len(value) == 2 and all(type(n) is int and n > 0 for n in value)
    return tuple(value) if fits and value else ()


def _gsd(chain: Sequence[Mapping[str, Any]]) -> float:
    return next(filter(None, (_finite(holder.get("gsd")) for holder in chain)), math.inf)


def _baseline(values: Sequence[str], names: Sequence[str]) -> str:
    """Return the processing baseline of Sentinel-2, as stated, or as product names have it."""
    for value in values:
        match = re.fullmatch(r"N?(\d{1,2})\.(\d{2})", value.strip())
        if match:
            return f"{int(match.group(1)):02d}.{match.group(2)}"
    match = next(filter(None, map(_IN_PRODUCT.search, names)), None)
    return f"{match.group(1)}.{match.group(2)}" if match else ""


def _day(properties: Mapping[str, Any]) -> str:
    """Return the day of ``datetime``, which is UTC; a composite has none, but a start and an end."""
    day, first, last = (day_of_text(_text(properties.get(key))) for key in DATES)
    day = day or (first if first == last else None)
    return day.isoformat() if day else ""


def _flag(value: Any) -> bool:
    return value is True or str(value).lower() in ("true", "1", "yes")


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise MalformedError(f"has {what} that is no object")
    return value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def product_of(hrefs: Sequence[str]) -> str:
    """Return the HLS or Landsat product to which all files belong by their names, or an empty text."""
    return common_product([href.split("?", 1)[0] for href in hrefs])
