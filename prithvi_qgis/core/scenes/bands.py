"""Identify the bands of a source: by description, by common name, by number, by the order of its sensor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Optional

from ..errors import ErrorCode, PrithviError
from .sensors import NAME, Sensor, order_for

# Common names of each band, in lower case without spaces, "-" and "_".
# Sentinel-2 numbers: ESA's Sentinel-2 user guide. HLS numbers: HLS v2.0 user guide, where L30 and S30 differ from
# band 5 on; Landsat 8/9: USGS. A number is therefore only interpreted together with its sensor, see _by_number.
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
    "WATER_VAPOR": ("watervapor", "watervapour", "nir09"),
    "CIRRUS": ("cirrus",),
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
    "9": "WATER_VAPOR",
    "10": "CIRRUS",
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
_OLD_SENSOR = re.compile(r"landsat[ _-]?[457]|(?:^|[^a-z0-9])(?:l[te]0[457]|tm|etm\+?)(?![a-z0-9])")
# For messages.
LABELS: dict[str, str] = {
    "COASTAL_AEROSOL": "coastal aerosol",
    "BLUE": "blue",
    "GREEN": "green",
    "RED": "red",
    "RED_EDGE_1": "red edge 1",
    "RED_EDGE_2": "red edge 2",
    "RED_EDGE_3": "red edge 3",
    "NIR_BROAD": "broad NIR",
    "NIR_NARROW": "narrow NIR",
    "WATER_VAPOR": "water vapour",
    "CIRRUS": "cirrus",
    "SWIR_1": "SWIR 1",
    "SWIR_2": "SWIR 2",
}
_NUMBER = re.compile(r"(?:^|[^a-z0-9])(?:b|band|sr_?b)[ _-]?0*([0-9]{1,2}a?)(?![0-9a-z])")


def label(band: str) -> str:
    """Return a band's name as it is written in text."""
    return LABELS.get(band, band.lower().replace("_", " "))


def choose_bands(
    wanted: Sequence[str],
    names: Sequence[str],
    chosen: Sequence[int],
    source: str,
    model: str,
    tags: Mapping[str, str],
    sensor: Optional[Sensor] = None,
) -> tuple[tuple[int, ...], list[str]]:
    """Find the model's bands among the source's.

    Args:
        wanted: TerraTorch band names in the model's order.
        names: descriptions of the source's bands, "" where there is none.
        chosen: 1-based numbers given by the user, or empty.
        source: name for messages.
        model: name for messages.
        tags: the source's metadata, to detect its sensor.
        sensor: of the source, where known; its band order is used where bands have no names.
    Returns:
        1-based numbers in the model's order, and warnings.
    Raises:
        PrithviError: ``bands_missing`` with the missing bands.
    """
    count = len(names)
    if chosen:
        return _given(wanted, count, chosen, source, model), []
    found = identify(names, tags, sensor)
    if sensor is not None and not sensor.detected_by and not found:
        raise _other_sensor(count, sensor, source)
    missing = [b for b in wanted if b not in found]
    if missing == ["NIR_NARROW"] and "NIR_BROAD" in found:
        warning = f"{source} has no narrow NIR band; its broad NIR band ({found['NIR_BROAD']}) is used instead."
        return tuple(found.get(b, found["NIR_BROAD"]) for b in wanted), [warning]
    if not missing:
        return tuple(found[b] for b in wanted), []
    if not found and count == len(wanted):
        order = ", ".join(label(b) for b in wanted)
        return tuple(range(1, count + 1)), [
            f"{source} does not name its bands; its {count} bands are taken in the model's order ({order})."
        ]
    if sensor is not None and sensor.detected_by == NAME:
        raise _without_files(wanted, names, missing, source, model, sensor)
    have = "1 band" if count == 1 else f"{count} bands"
    numbered = f" (numbered as in {sensor.phrase})" if sensor else ""
    identified = _listed(sorted(found, key=list(LABELS).index)) or "none"
    raise PrithviError(
        ErrorCode.BANDS_MISSING,
        f"{source} has {have}, of which {identified} could be told by name{numbered}; "
        f"{model} needs {len(wanted)} ({_listed(wanted)}), and {_listed(missing)} could not be found.",
        "Give the band numbers in the model's order in BANDS (for example 2,3,4,9,12,13) or the product in SENSOR, or "
        "stack what is missing.",
    )


def _given(wanted: Sequence[str], count: int, chosen: Sequence[int], source: str, model: str) -> tuple[int, ...]:
    text = ",".join(str(b) for b in chosen)
    if len(chosen) != len(wanted):
        raise PrithviError(
            ErrorCode.BANDS_MISSING,
            f"BANDS {text} names {len(chosen)} bands; {model} needs {len(wanted)} ({_listed(wanted)}).",
            "Give one band number for each, in this order.",
        )
    outside = [b for b in chosen if not 1 <= b <= count]
    if outside:
        raise PrithviError(
            ErrorCode.BANDS_MISSING,
            f"BANDS {text} names band {outside[0]}; {source} has bands 1 to {count}.",
            "Correct the numbers.",
        )
    return tuple(chosen)


def identify(names: Sequence[str], tags: Mapping[str, str], sensor: Optional[Sensor] = None) -> dict[str, int]:
    """Return 1-based numbers by TerraTorch band name: from descriptions, else from the order of the sensor."""
    lowered = [(n or "").lower().strip() for n in names]
    if sensor is None:
        return _identify(lowered, _numbering(lowered, tags))
    order = _order_instead_of(names, sensor)
    return _identify([b.lower() for b in order] or lowered, _LANDSAT if sensor.landsat else _SENTINEL2)


def order_note(names: Sequence[str], sensor: Optional[Sensor]) -> str:
    """Return a line if the sensor's order is used instead of names, else an empty text."""
    order = _order_instead_of(names, sensor) if sensor else ()
    if sensor is None or not order:
        return ""
    return f"The bands carry no names; their order is {' '.join(b or '-' for b in order)} ({sensor.phrase})."


def _order_instead_of(names: Sequence[str], sensor: Sensor) -> tuple[str, ...]:
    """Return the sensor's order for a file whose descriptions identify no band; empty where they do, or none fits."""
    lowered = [(n or "").lower().strip() for n in names]
    # GDAL and QGIS call the third of unnamed bands "Band 3": a position, not a name.
    positions = all(re.fullmatch(rf"(band[ _]?0*{i})?", n) for i, n in enumerate(lowered, start=1))
    numbers = _LANDSAT if sensor.landsat else _SENTINEL2
    return order_for(sensor, len(names)) if positions or not _identify(lowered, numbers) else ()


def _identify(lowered: Sequence[str], numbers: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, name in enumerate(lowered, start=1):
        band = _by_name(name) or _by_number(name, numbers)
        if band and band not in found:
            found[band] = index
    return found


def _other_sensor(count: int, sensor: Sensor, source: str) -> PrithviError:
    known = " or ".join(str(len(order)) for order in sensor.orders)
    return PrithviError(
        ErrorCode.BANDS_MISSING,
        f"{sensor.title} (SENSOR) has {known} bands, {' '.join(sensor.orders[0])}; {source} has {count}, and their "
        "names tell nothing.",
        "Choose the sensor that the file comes from, or give the band numbers in BANDS.",
    )


def _without_files(
    wanted: Sequence[str], names: Sequence[str], missing: Sequence[str], source: str, model: str, sensor: Sensor
) -> PrithviError:
    """Return the error for a product with one file per band, of which some are missing."""
    numbers = _LANDSAT if sensor.landsat else _SENTINEL2
    files = {_by_number(number.lower(), numbers): number for number in sensor.orders[0]}
    absent = ", ".join(f"{label(band)} ({files[band]})" if band in files else label(band) for band in missing)
    return PrithviError(
        ErrorCode.BANDS_MISSING,
        f"{source} has {' '.join(names)}; {model} needs {len(wanted)} bands ({_listed(wanted)}), and {absent} "
        f"{'is' if len(missing) == 1 else 'are'} missing.",
        "Add the missing files: beside the others, or to the STAC item's assets.",
    )


def _by_name(name: str) -> str:
    """Return the band with this common name, also within a longer text such as "B8A (narrow NIR)"; "" for none."""
    parts = [re.sub(r"[\s_\-]", "", part) for part in re.split(r"[(),:;/|]|\s-\s", name)]
    for word in [re.sub(r"[\s_\-]", "", name), *parts]:
        for band, known in _NAMES.items():
            if word in known:
                return band
    return ""


def _by_number(name: str, numbers: Mapping[str, str]) -> str:
    match = _NUMBER.search(name)
    return numbers.get(match.group(1), "") if match else ""


def _numbering(names: Sequence[str], tags: Mapping[str, str]) -> Mapping[str, str]:
    """Return the meaning of band numbers by the file's sensor, or by Landsat's band names; else Sentinel-2's."""
    text = " ".join(f"{k} {v}" for k, v in tags.items()).lower()
    if "sentinel" in text or "hls.s30" in text or "msi" in text.split():
        return _SENTINEL2
    surface = {n[4:].lstrip("b0") for n in names if n.startswith("sr_b")}
    landsat = "landsat" in text or "hls.l30" in text or "oli" in text.replace("_", " ").split()
    if _OLD_SENSOR.search(text) or ("7" in surface and "6" not in surface):
        return _OLD_LANDSAT
    return _LANDSAT if landsat or surface else _SENTINEL2


def _listed(bands: Sequence[str]) -> str:
    return ", ".join(label(b) for b in bands)
