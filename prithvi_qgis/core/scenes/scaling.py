"""Choose scale and offset from stored values to reflectance, and check that the result can be reflectance.

The engine uses it for the run, the dialog to show what the engine will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from ..errors import ErrorCode, PrithviError
from .sensors import Sensor

# Bright clouds reach about 1.6 and specular glint more; surface reflectance products reach -0.16 in shadow.
LOWEST, HIGHEST, DIMMEST = -0.3, 2.0, 0.01
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


@dataclass(frozen=True)
class Spread:
    """Percentiles of the valid stored values, one per band; empty for a scene of nodata alone."""

    darkest: tuple[float, ...] = ()
    """0.5th percentile."""
    low: tuple[float, ...] = ()
    """2nd percentile: a few broken pixels must not decide."""
    high: tuple[float, ...] = ()
    """98th percentile."""

    PERCENTILES = (0.5, 2.0, 98.0)

    @classmethod
    def of(cls, percentiles: Iterable[Iterable[float]]) -> Spread:
        """Return the spread of (percentiles, bands) values in the order of ``PERCENTILES``."""
        return cls(*(tuple(map(float, values)) for values in percentiles))

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
    declared_by: str = "the file's own",
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
        chosen = Scaling(scales, offsets, f"{declared_by} {_pairs(declared)}")
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
    else:
        chosen = _same_for_all(bands, *default, "the model's")
        warnings += _suspect_offset(spread, source)
    _refuse_implausible(chosen, spread, source)
    return chosen, warnings


def _same_for_all(bands: int, scale: float, offset: float, where: str) -> Scaling:
    text = f"reflectance = DN x {scale:g} {'-' if offset < 0 else '+'} {abs(offset):g} ({where})"
    return Scaling((float(scale),) * bands, (float(offset),) * bands, text)


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
    raise PrithviError(
        ErrorCode.SCALING_UNKNOWN,
        f"{source} holds numbers from {min(spread.low):g} to {max(spread.high):g}, which {scaling.text} turns into "
        f"{low:.3g} to {high:.3g}; reflectance lies between 0 and 1.",
        "Give SCALE and OFFSET (reflectance = DN * SCALE + OFFSET), or check that these are reflectance bands.",
    )


def _sentinel2_offset(tags: Mapping[str, str]) -> str:
    """Return the processing baseline if it is 04.00 or later, which added 1000 to every DN (ESA, January 2022)."""
    for key, value in tags.items():
        if key.upper() not in ("PROCESSING_BASELINE", "PRODUCT_URI", "PRODUCT_ID", "S2:PROCESSING_BASELINE"):
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


def _suspect_offset(spread: Spread, source: str) -> list[str]:
    """Return a warning if the darkest pixels of every band are just above 1000, as with an offset left in."""
    if not spread.darkest:
        return []
    darkest = min(spread.darkest)
    if darkest < 950 or darkest > 1400:
        return []
    return [
        f"The darkest pixels of {source} are about {darkest:.0f} in every band: if this is Sentinel-2 of processing "
        "baseline 04.00 or later whose offset was left in, run again with OFFSET -0.1."
    ]
