"""Choose the bands of a source for a model: by BANDS, by name or wavelength, or by the order of its sensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

from ..errors import ErrorCode, PrithviError
from .band_evidence import BandEvidence, judge_names
from .sensors import NAME, Sensor, find_sensor
from .wavelengths import band_at

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
    "SWIR_1": "SWIR 1",
    "SWIR_2": "SWIR 2",
}


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
    evidence = judge_names(names, tags, sensor)
    found = evidence.found
    _refuse_doubt(wanted, names, evidence, source)
    if sensor is not None and not sensor.detected_by and not found:
        raise _other_sensor(count, sensor, source)
    missing = [b for b in wanted if b not in found]
    warnings = _nearest(wanted, evidence, source)
    if missing == ["NIR_NARROW"] and "NIR_BROAD" in found:
        warnings.append(f"{source} has no narrow NIR band; its broad NIR band ({found['NIR_BROAD']}) is used instead.")
        return tuple(found.get(b, found["NIR_BROAD"]) for b in wanted), warnings
    if not missing:
        return tuple(found[b] for b in wanted), warnings
    if not found and count == len(wanted) and not evidence.unread:
        order = ", ".join(label(b) for b in wanted)
        return tuple(range(1, count + 1)), [
            f"{_unnamed(names, source)}; its {count} bands are taken in the model's order ({order})."
        ]
    if sensor is not None and sensor.detected_by == NAME:
        raise _without_files(wanted, names, missing, source, model, sensor)
    have = "1 band" if count == 1 else f"{count} bands"
    numbered = f" (numbered as in {sensor.phrase})" if sensor else ""
    if found or not any(names):
        identified = _listed(sorted(found, key=list(LABELS).index)) or "none"
        what = f"{source} has {have}, of which {identified} could be told by name{numbered}"
    else:
        what = f"{source} has {have}, whose names ({_shortened(names)}) do not identify them"
    raise PrithviError(
        ErrorCode.BANDS_MISSING,
        f"{what}; {model} needs {len(wanted)} ({_listed(wanted)}), and {_listed(missing)} could not be found.",
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
    return judge_names(names, tags, sensor).found


def order_note(names: Sequence[str], sensor: Optional[Sensor]) -> str:
    """Return a line if the sensor's order is used instead of names, else an empty text."""
    order = judge_names(names, {}, sensor).order
    if sensor is None or not order:
        return ""
    why = f"names ({_shortened(names)}) that do not identify them" if any(names) else "no names"
    return f"The bands carry {why}; their order is {' '.join(b or '-' for b in order)} ({sensor.phrase})."


def cirrus_band(
    names: Sequence[str],
    tags: Mapping[str, str],
    sensor: Optional[Sensor],
    wanted: Sequence[str],
    chosen: Sequence[int],
) -> int:
    """Return the number of Sentinel-2's cirrus band (B10) in a stack of Level 1C; 0 where none is known.

    Its darkest pixels show whether the offset of processing baseline 04.00 is left in: it sees no ground.
    """
    order = find_sensor("sentinel2-l1c", {})
    if chosen and order is not None and (sensor is None or sensor.id.startswith(order.id)):
        known = judge_names([""] * len(names), {}, order)
        if [known.found.get(band) for band in wanted] == list(chosen):
            return known.cirrus
    return judge_names(names, tags, sensor).cirrus


def _refuse_doubt(wanted: Sequence[str], names: Sequence[str], evidence: BandEvidence, source: str) -> None:
    """Refuse bands whose name and wavelength exclude each other, and names that several bands bear."""
    for number, (band, nm) in evidence.conflicts.items():
        if band in wanted or band_at(nm) in wanted:
            seen = band_at(nm)
            raise PrithviError(
                ErrorCode.BANDS_MISSING,
                f"Band {number} of {source} is {label(band)} by its name ({names[number - 1]}), but its wavelength is "
                f"{nm:g} nm{f' ({label(seen)})' if seen else ''}.",
                "Correct the one that is wrong, or give the band numbers in the model's order in BANDS.",
            )
    for band, numbers in evidence.alike.items():
        if band in wanted:
            several = ", ".join(f"{n} ({names[n - 1]})" for n in numbers[:4]) + (", ..." if len(numbers) > 4 else "")
            raise PrithviError(
                ErrorCode.BANDS_MISSING,
                f"{source} has {len(numbers)} bands for {label(band)}: {several}.",
                "Give the band numbers in the model's order in BANDS; of several dates in one file, those of one date.",
            )


def _nearest(wanted: Sequence[str], evidence: BandEvidence, source: str) -> list[str]:
    """Return a warning where wavelengths fit several bands, as in hyperspectral scenes."""
    bands = [band for band in wanted if band in evidence.nearest]
    if not bands:
        return []
    used = ", ".join(f"{label(band)} {evidence.found[band]}" for band in bands)
    return [f"{source} has several bands per band of the model; those nearest in wavelength are used ({used})."]


def _unnamed(names: Sequence[str], source: str) -> str:
    if not any(names):
        return f"{source} does not name its bands"
    return f"The band names of {source} ({_shortened(names)}) do not identify them"


def _shortened(names: Sequence[str]) -> str:
    """Return the first and the last of many names."""
    shown = [name for name in dict.fromkeys(names) if name]
    return ", ".join(shown) if len(shown) <= 3 else f"{shown[0]}, {shown[1]} ... {shown[-1]}"


def _other_sensor(count: int, sensor: Sensor, source: str) -> PrithviError:
    known = " or ".join(str(len(order)) for order in sensor.orders)
    return PrithviError(
        ErrorCode.BANDS_MISSING,
        f"{sensor.title} (SENSOR) has {known} bands, {' '.join(sensor.orders[0])}; {source} has {count}, "
        "which their names do not identify.",
        "Choose the sensor that the file comes from, or give the band numbers in BANDS.",
    )


def _without_files(
    wanted: Sequence[str], names: Sequence[str], missing: Sequence[str], source: str, model: str, sensor: Sensor
) -> PrithviError:
    """Return the error for a product with one file per band, of which some are missing."""
    order = sensor.orders[0]
    files = {band: order[number - 1] for band, number in judge_names(order, {}, sensor).found.items()}
    absent = ", ".join(f"{label(band)} ({files[band]})" if band in files else label(band) for band in missing)
    return PrithviError(
        ErrorCode.BANDS_MISSING,
        f"{source} has {' '.join(names)}; {model} needs {len(wanted)} bands ({_listed(wanted)}), and {absent} "
        f"{'is' if len(missing) == 1 else 'are'} missing.",
        "Add the missing files: beside the others, or to the STAC item's assets.",
    )


def _listed(bands: Sequence[str]) -> str:
    return ", ".join(label(b) for b in bands)
