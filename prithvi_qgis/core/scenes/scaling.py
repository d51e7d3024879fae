"""Choose scale and offset from stored values to reflectance, and check that the result can be reflectance.

The engine uses it for the run, the dialog to show what the engine will do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from ..errors import ErrorCode, PrithviError
from .sensors import Sensor

# Bright clouds reach about 1.6 and specular glint more; surface reflectance products reach -0.16 in shadow.
LOWEST, HIGHEST, DIMMEST = -0.17, 2.0, 0.01
# For numbers of unknown origin. Six bands of land or water are never all brighter than 0.45, and no day is that dark.
DARKEST, DIMMEST_UNKNOWN, DIM, BRIGHTEST_SNOW = 0.45, 0.016, 0.06, 1.25
# Sentinel-2's offset from baseline 04.00. Nothing reflects less than -0.06, and no cirrus band lacks dark pixels.
OFFSET, BELOW_OFFSET, CIRRUS = -0.1, 0.04, 0.095
# Landsat Collection 2 Level 2 (USGS): 0 is stored as 7273, 1 as 43636.
LANDSAT = (2.75e-5, -0.2)
DUBIOUS, BELOW_ZERO = -0.02, -0.05  # few and none of the dark surfaces of Sentinel-2 products lie below
OWN = "the file's own"  # who declares the scaling, for messages
BASELINE_KEYS = ("PROCESSING_BASELINE", "PRODUCT_URI", "PRODUCT_ID", "S2:PROCESSING_BASELINE")
_LEVEL_1 = re.compile(r"(?<![A-Z0-9])L1(?:TP|GT|GS|T)(?![A-Z0-9])")  # Landsat's levels without surface reflectance
_BASELINE = re.compile(r"(?:^|[^0-9])0?([0-9]{1,2})\.([0-9]{2})$|_N([0-9]{2})([0-9]{2})_")


@dataclass(frozen=True)
class Scaling:
    """reflectance = DN * scale + offset."""

    scale: tuple[float, ...]
    """One value per band."""
    offset: tuple[float, ...]
    """One value per band."""
    text: str
    """Both numbers and their origin, for messages."""
    where: str = ""
    """Their origin alone."""


@dataclass(frozen=True)
class Spread:
    """Percentiles of the valid stored values, one per band; empty for a scene of nodata alone."""

    darkest: tuple[float, ...] = ()
    """0.5th percentile."""
    low: tuple[float, ...] = ()
    """2nd percentile: a few broken pixels must not decide."""
    high: tuple[float, ...] = ()
    """98th percentile."""
    middle: tuple[float, ...] = ()
    """Median, which a share of undeclared fill does not move."""
    whole: bool = True
    """Whether all values are whole numbers."""
    cirrus: Optional[float] = None
    """0.5th percentile of Sentinel-2's cirrus band (B10), None where the scene has none."""

    PERCENTILES = (0.5, 2.0, 98.0, 50.0)

    @classmethod
    def of(cls, percentiles: Iterable[Iterable[float]], whole: bool = True, cirrus: Optional[float] = None) -> Spread:
        """Return the spread of (percentiles, bands) values in the order of ``PERCENTILES``."""
        darkest, low, high, middle = (tuple(map(float, values)) for values in percentiles)
        return cls(darkest, low, high, middle, whole, cirrus)

    def scaled(self, scaling: Scaling) -> Spread:
        """Return the low and high percentiles in reflectance."""
        low = [v * s + o for v, s, o in zip(self.low, scaling.scale, scaling.offset)]
        high = [v * s + o for v, s, o in zip(self.high, scaling.scale, scaling.offset)]
        # A negative scale swaps them.
        return Spread((), tuple(map(min, low, high)), tuple(map(max, low, high)))


def choose_scaling(
    requested: tuple[Optional[float], Optional[float]],
    declared: tuple[Sequence[float], Sequence[float]],
    default: tuple[float, float],
    bands: int,
    spread: Spread,
    dtype: str,
    tags: Mapping[str, str],
    source: str,
    sensor: Optional[Sensor] = None,
    declared_by: str = OWN,
) -> tuple[Scaling, list[str]]:
    """Choose the scaling, in this order: requested, the file's, the sensor's, the baseline's, the model's.

    Args:
        requested: SCALE and OFFSET from the user, None where not given.
        declared: the file's scale and offset of each used band; (1, 0) means none.
        default: scale and offset of the products that the model was trained on.
        bands: number of used bands.
        spread: of their stored values.
        dtype: of the file.
        tags: the file's metadata.
        source: name for messages.
        sensor: of the source, where known.
        declared_by: where ``declared`` stands, for messages.
    Returns:
        The scaling, and warnings.
    Raises:
        PrithviError: ``scaling_unknown`` when the result cannot be reflectance.
    """
    warnings: list[str] = []
    factor = _reflectance_factor(tags)
    if factor and not (dtype.startswith("float") and _plausible(spread)):
        declared = tuple(1 / factor if s == 1 else s for s in declared[0]), declared[1]
    is_declared = any(s != 1 for s in declared[0]) or any(o != 0 for o in declared[1])
    baseline = "" if is_declared or sensor else _sentinel2_offset(tags)
    if sensor is not None:
        default = (sensor.scale, sensor.offset)
        warnings += _contradictions(sensor, declared if is_declared else None, tags, source)
    known_offset = declared[1][0] if is_declared else -1000 * default[0] if baseline else default[1]
    if requested[0] is not None or requested[1] is not None:
        scale = requested[0] if requested[0] is not None else declared[0][0] if is_declared else default[0]
        offset = requested[1] if requested[1] is not None else known_offset
        given = "SCALE" if requested[1] is None else "OFFSET"
        one = f"{given} as given, the other from the file, its sensor or the model"
        chosen = _same_for_all(bands, scale, offset, "as given" if None not in requested else one)
    elif is_declared:
        scales, offsets = (tuple(map(float, values)) for values in declared)
        chosen = Scaling(scales, offsets, f"{declared_by} {_pairs(declared)}", "its metadata")
        if declared_by != OWN:
            chosen, more = _without_offset_below_zero(chosen, spread, source, declared_by)
            warnings += more
    elif dtype in ("uint8", "int8"):
        raise PrithviError(
            ErrorCode.SCALING_UNKNOWN,
            f"{source} holds 8-bit numbers, which are a picture and not reflectance.",
            "Use the product's original bands, or give SCALE and OFFSET if the numbers are scaled reflectance.",
        )
    elif dtype.startswith("float") and _plausible(spread):
        chosen = _same_for_all(bands, 1.0, 0.0, "none, the numbers are reflectance already")
    elif sensor is not None:
        chosen = _same_for_all(bands, sensor.scale, sensor.offset, sensor.phrase)
    elif baseline:
        chosen = _same_for_all(bands, default[0], known_offset, f"Sentinel-2 processing baseline {baseline}")
    elif default != LANDSAT and _is_landsat(spread) and not _LEVEL_1.search(" ".join(map(str, tags.values()))):
        chosen = _same_for_all(bands, *LANDSAT, "the range of Landsat Collection 2 surface reflectance")
        warnings += _as_landsat(spread, source)
    else:
        chosen = _same_for_all(bands, *default, "the model's")
        _refuse_unlikely(chosen, spread, source)
        warnings += _suspect_scale(chosen, spread, source)
    if requested[1] is None and (sensor is None or sensor.id.startswith("sentinel2")):
        # Against a declared offset, which is one of the product itself, only the cirrus band is proof enough.
        sure = spread.cirrus is not None or not is_declared
        chosen, more = _with_seen_offset(chosen, spread, source) if sure else (chosen, [])
        warnings += more or _suspect_offset(chosen, spread, source)
    _refuse_implausible(chosen, spread, source)
    return chosen, warnings


def _same_for_all(bands: int, scale: float, offset: float, where: str) -> Scaling:
    text = f"reflectance = DN x {scale:g} {'-' if offset < 0 else '+'} {abs(offset):g} ({where})"
    return Scaling((float(scale),) * bands, (float(offset),) * bands, text, where)


def _pairs(declared: tuple[Sequence[float], Sequence[float]]) -> str:
    pairs = sorted({(float(s), float(o)) for s, o in zip(*declared)})
    return ", ".join(f"scale {s:g} offset {o:g}" for s, o in pairs)


def _plausible(reflectance: Spread) -> bool:
    return bool(reflectance.low) and min(reflectance.low) >= LOWEST and DIMMEST <= max(reflectance.high) <= HIGHEST


def _refuse_implausible(scaling: Scaling, spread: Spread, source: str) -> None:
    if not spread.low:
        return  # nodata alone: any scaling is right
    reflectance = spread.scaled(scaling)
    if _plausible(reflectance):
        return
    low, high = min(reflectance.low), max(reflectance.high)
    raise _unknown(
        spread, source, f"which {scaling.text} turns into {low:.3g} to {high:.3g}; reflectance lies between 0 and 1"
    )


def _refuse_unlikely(scaling: Scaling, spread: Spread, source: str) -> None:
    """Refuse numbers of unknown origin that the model's scaling turns into numbers that reflectance hardly takes."""
    if not spread.low or scaling.scale[0] != 1e-4:  # the limits are those of reflectance x 10000
        return
    top, bright = max(spread.high), sum(v >= 100 for v in spread.high)
    low, high = min(spread.low) * 1e-4, top * 1e-4
    if min(spread.middle, default=0) >= 6500 and low == 0:
        raise _unknown(spread, source, "like Landsat Collection 2 surface reflectance whose nodata, 0, is not declared")
    if low < LOWEST or high > HIGHEST:
        return  # refused as implausible
    if 160 < top <= 255 and 2 * bright >= len(spread.high):
        raise _unknown(spread, source, "like a picture of 8 bits")
    if 0 < high <= DIMMEST_UNKNOWN:
        raise _unknown(spread, source, f"which {scaling.text} turns into {high:.3g} at most; percent needs SCALE 0.01")
    if not spread.whole and top < 1000:
        raise _unknown(spread, source, "with fractions: not reflectance, but perhaps radiance, temperature or percent")
    if high < DIM and bright == len(spread.high):
        line = f"which {scaling.text} turns into {high:.3g} at most; reflectance x 1000 needs SCALE 0.001"
        raise _unknown(spread, source, line)
    if low >= DARKEST and (high > BRIGHTEST_SNOW or len(spread.low) > 4):  # in visible light alone, snow reflects it
        line = f"which {scaling.text} turns into {low:.3g} and more in every band, and no ground reflects that much"
        raise _unknown(spread, source, line)


def _unknown(spread: Spread, source: str, why: str) -> PrithviError:
    return PrithviError(
        ErrorCode.SCALING_UNKNOWN,
        f"{source} holds numbers from {min(spread.low):g} to {max(spread.high):g}, {why}.",
        "Give SENSOR, or SCALE and OFFSET (reflectance = DN * SCALE + OFFSET), or check that these are reflectance "
        "bands.",
    )


def _is_landsat(spread: Spread) -> bool:
    """Whether numbers lie where Landsat Collection 2 stores surface reflectance, and no other known product does.

    Dark pixels lie at 7273 and more, where reflectance x 10000 would be cloud in every band; bright ones beyond what
    snow is in that product. Temperature x 100 has no dark pixels.
    """
    if not spread.low:
        return False
    return 6500 <= min(spread.low) <= 16500 and BRIGHTEST_SNOW < max(spread.high) * 1e-4 <= 6.5535


def _as_landsat(spread: Spread, source: str) -> list[str]:
    return [
        f"{source} does not state how its numbers are scaled; they lie between {min(spread.low):.0f} and "
        f"{max(spread.high):.0f}, where Landsat Collection 2 Level 2 stores surface reflectance, and are taken as such "
        "(DN x 0.0000275 - 0.2). Give SENSOR, or SCALE and OFFSET, if they are of another product."
    ]


def _with_seen_offset(scaling: Scaling, spread: Spread, source: str) -> tuple[Scaling, list[str]]:
    """Return the scaling with Sentinel-2's offset as the pixels show it, and a warning where it was not that.

    The cirrus band receives no light from the ground: without the offset its darkest pixels are near 0. With the offset
    no pixel lies far below it.
    """
    scale, offset = scaling.scale[0], scaling.offset[0]
    uniform = len(set(scaling.scale)) == len(set(scaling.offset)) == 1
    if not spread.low or not uniform or len(set(spread.darkest)) == 1:  # one value in every band is fill, not ground
        return scaling, []
    darkest = min(spread.low) if spread.cirrus is None else min(spread.cirrus, *spread.low)
    with_offset = f"{source} carries the offset of Sentinel-2's processing baseline 04.00"
    if offset == 0 and spread.cirrus is not None and spread.cirrus * scale >= CIRRUS:
        chosen = _same_for_all(len(scaling.scale), scale, OFFSET, "the offset seen in its cirrus band")
        return chosen, [
            f"{with_offset}: its cirrus band (B10) never falls below {spread.cirrus:g}, and is near 0 without it. "
            "OFFSET -0.1 is used; give OFFSET 0 to keep the numbers as they are."
        ]
    if math.isclose(offset, OFFSET) and darkest * scale < BELOW_OFFSET:
        chosen = _same_for_all(len(scaling.scale), scale, 0.0, "no offset, as its dark pixels show")
        return chosen, [
            f"{source} does not carry the offset -0.1 of {scaling.where}: its darkest numbers, about {darkest:g}, "
            f"would be reflectance {darkest * scale + offset:.3f}. OFFSET 0 is used; give OFFSET -0.1 to take it off."
        ]
    return scaling, []


def _reflectance_factor(tags: Mapping[str, str]) -> float:
    """Return ``reflectance scale factor`` of an ENVI header, by which reflectance was multiplied; 0 without one."""
    text = next((str(value) for key, value in tags.items() if key.lower() == "reflectance_scale_factor"), "")
    return float(text) if re.fullmatch(r"\s*\d+(\.\d*)?\s*", text) else 0.0


def _sentinel2_offset(tags: Mapping[str, str]) -> str:
    """Return the processing baseline if it is 04.00 or later, which added 1000 to every DN (ESA, January 2022)."""
    for key, value in tags.items():
        if key.upper() not in BASELINE_KEYS:
            continue
        match = _BASELINE.search(str(value).strip())
        if match:
            major, minor = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
            return f"{int(major):02d}.{minor}" if int(major) >= 4 else ""
    return ""


def _contradictions(
    sensor: Sensor, declared: Optional[tuple[Sequence[float], Sequence[float]]], tags: Mapping[str, str], source: str
) -> list[str]:
    """Return a warning where the file's metadata contradict the user's SENSOR."""
    if sensor.detected_by:
        return []
    if declared is not None:
        scales, offsets = declared
        same = all(abs(s - sensor.scale) < 1e-9 for s in scales) and all(abs(o - sensor.offset) < 1e-6 for o in offsets)
        line = f"{source} has its own {_pairs(declared)}, which is used in place of SENSOR {sensor.title}."
        return [] if same else [line]
    baseline = _sentinel2_offset(tags)
    if baseline and sensor.id.startswith("sentinel2") and not sensor.offset:
        return [f"{source} says processing baseline {baseline}, but SENSOR {sensor.title} is used as chosen."]
    return []


def _without_offset_below_zero(
    scaling: Scaling, spread: Spread, source: str, declared_by: str
) -> tuple[Scaling, list[str]]:
    """Return the scaling without Sentinel-2's offset where the pixels show that it was taken out already.

    Some items of Earth Search declare an offset that their files lack (Element84/earth-search, issues 66 and 71).
    """
    dark = min(spread.scaled(scaling).low, default=0.0)
    if dark >= DUBIOUS or not all(math.isclose(v, -1000 * s) for s, v in zip(scaling.scale, scaling.offset)):
        return scaling, []
    if dark >= BELOW_ZERO:
        return scaling, [
            f"Dark pixels of {source} become {dark:.2g} with the offset of {declared_by} scaling: if it was taken out "
            "of the stored values already, run again with OFFSET 0."
        ]
    chosen = Scaling(scaling.scale, (0.0,) * len(scaling.offset), f"{scaling.text}, without the offset")
    return chosen, [
        f"{source} does not carry the offset that {declared_by} scaling takes off: with it, dark pixels would be "
        f"{dark:.2g}. OFFSET 0 is used; give OFFSET {scaling.offset[0]:g} to take it off."
    ]


def _suspect_scale(scaling: Scaling, spread: Spread, source: str) -> list[str]:
    """Return a warning if the brightest pixels are as dark as deep water: the numbers may be scaled by 1000."""
    high = max(spread.high, default=1.0) * scaling.scale[0]
    if high >= DIM:
        return []
    return [
        f"The brightest pixels of {source} reflect {high:.2g}, as deep water does, if reflectance is DN x "
        f"{scaling.scale[0]:g}, as assumed: give SCALE if the numbers are scaled in another way."
    ]


def _suspect_offset(scaling: Scaling, spread: Spread, source: str) -> list[str]:
    """Return a warning if the darkest pixels of every band are just above an offset that products carry."""
    if not spread.darkest:
        return []
    darkest = min(spread.darkest)
    if scaling.offset[0] == 0 and 0.095 <= darkest * scaling.scale[0] <= 0.14:
        return [
            f"The darkest pixels of {source} are about {darkest:.4g} in every band: if this is Sentinel-2 of "
            "processing baseline 04.00 or later whose offset was left in, run again with OFFSET -0.1. It is "
            "not taken off."
        ]
    reflectance = darkest * scaling.scale[0]
    if scaling.offset[0] == 0 and scaling.scale[0] in (1, LANDSAT[0]) and 0.19 <= reflectance <= 0.25:
        return [
            f"The darkest pixels of {source} are about {darkest:.4g} in every band: if this is Landsat Collection 2 "
            "whose offset was left in, run again with OFFSET -0.2. It is not taken off."
        ]
    return []
