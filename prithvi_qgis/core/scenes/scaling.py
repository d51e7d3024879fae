"""From stored numbers to reflectance: which scale and offset, and whether the outcome can be reflectance at all.

Both sides decide by it: the engine for the run, the form to show what the engine will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from ..errors import ErrorCode, PrithviError
from .sensors import Sensor

# Bright clouds reach about 1.6 and specular glint more; real surface reflectance products reach -0.16 in shadow.
LOWEST, HIGHEST, DIMMEST = -0.3, 2.0, 0.01
_BASELINE = re.compile(r"(?:^|[^0-9])0?([0-9]{1,2})\.([0-9]{2})$|_N([0-9]{2})([0-9]{2})_")


@dataclass(frozen=True)
class Scaling:
    """reflectance = DN * scale + offset, a value a band; ``text`` says where the numbers come from."""

    scale: tuple[float, ...]
    offset: tuple[float, ...]
    text: str


@dataclass(frozen=True)
class Spread:
    """Percentiles of the valid stored numbers, a value a band; empty for a scene of nodata alone.

    Attributes:
        darkest: 0.5th; low: 2nd; high: 98th. A few broken pixels must not decide.
    """

    darkest: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    PERCENTILES = (0.5, 2.0, 98.0)

    @classmethod
    def of(cls, percentiles: Iterable[Iterable[float]]) -> Spread:
        """Make one from (percentiles, bands) values in the order of :data:`PERCENTILES`."""
        return cls(*(tuple(map(float, values)) for values in percentiles))

    def scaled(self, scaling: Scaling) -> Spread:
        """The same percentiles in reflectance."""
        low = [v * s + o for v, s, o in zip(self.low, scaling.scale, scaling.offset)]
        high = [v * s + o for v, s, o in zip(self.high, scaling.scale, scaling.offset)]
        # A negative scale turns the order round.
        return Spread((), tuple(map(min, low, high)), tuple(map(max, low, high)))


def choose_scaling(
    asked: tuple[Optional[float], Optional[float]],
    own: tuple[Sequence[float], Sequence[float]],
    default: tuple[float, float],
    bands: int,
    spread: Spread,
    dtype: str,
    tags: Mapping[str, str],
    source: str,
    sensor: Optional[Sensor] = None,
) -> tuple[Scaling, list[str]]:
    """Choose the scaling, in this order: asked for, the file's own, the sensor's, the baseline's, the model's.

    Args:
        asked: SCALE and OFFSET from the user, None where not given.
        own: the file's scale and offset of each used band; (1, 0) means that it has none.
        default: scale and offset of the products the model was made for.
        bands: how many are used; spread: of their stored numbers.
        dtype: of the file.
        tags: the file's metadata.
        source: name for messages.
        sensor: the product that it is, where known.
    Returns:
        The scaling, and warnings.
    Raises:
        PrithviError: ``scaling_unknown`` when the outcome cannot be reflectance.
    """
    warnings: list[str] = []
    is_own = any(s != 1 for s in own[0]) or any(o != 0 for o in own[1])
    baseline = "" if is_own or sensor else _sentinel2_offset(tags)
    if sensor is not None:
        default = (sensor.scale, sensor.offset)
        warnings += _contradictions(sensor, own if is_own else None, tags, source)
    known_offset = own[1][0] if is_own else -1000 * default[0] if baseline else default[1]
    if asked[0] is not None or asked[1] is not None:
        scale = asked[0] if asked[0] is not None else own[0][0] if is_own else default[0]
        offset = asked[1] if asked[1] is not None else known_offset
        one = f"{'SCALE' if asked[1] is None else 'OFFSET'} as given, the other from the file, its sensor or the model"
        chosen = _flat(bands, scale, offset, "as given" if None not in asked else one)
    elif is_own:
        chosen = Scaling(tuple(map(float, own[0])), tuple(map(float, own[1])), f"the file's own {_pairs(own)}")
    elif dtype in ("uint8", "int8"):
        raise PrithviError(
            ErrorCode.SCALING_UNKNOWN,
            f"{source} holds 8-bit numbers, which are a picture and not reflectance.",
            "Use the product's original bands, or give SCALE and OFFSET if the numbers are scaled reflectance.",
        )
    elif dtype.startswith("float") and _plausible(spread):
        chosen = _flat(bands, 1.0, 0.0, "none, the numbers are reflectance already")
    elif sensor is not None:
        chosen = _flat(bands, sensor.scale, sensor.offset, sensor.phrase)
    elif baseline:
        chosen = _flat(bands, default[0], known_offset, f"Sentinel-2 processing baseline {baseline}")
    else:
        chosen = _flat(bands, *default, "the model's")
        warnings += _suspect_offset(spread, source)
    _refuse_implausible(chosen, spread, source)
    return chosen, warnings


def _flat(n: int, scale: float, offset: float, where: str) -> Scaling:
    text = f"reflectance = DN x {scale:g} {'-' if offset < 0 else '+'} {abs(offset):g} ({where})"
    return Scaling((float(scale),) * n, (float(offset),) * n, text)


def _pairs(own: tuple[Sequence[float], Sequence[float]]) -> str:
    pairs = sorted({(float(s), float(o)) for s, o in zip(*own)})
    return ", ".join(f"scale {s:g} offset {o:g}" for s, o in pairs)


def _plausible(reflectance: Spread) -> bool:
    return bool(reflectance.low) and min(reflectance.low) >= LOWEST and DIMMEST <= max(reflectance.high) <= HIGHEST


def _refuse_implausible(scaling: Scaling, spread: Spread, source: str) -> None:
    if not spread.low:
        return  # nothing but nodata: any scaling is right
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
    """The processing baseline when it is 04.00 or later, which added 1000 to every DN (ESA, January 2022)."""
    for key, value in tags.items():
        if key.upper() not in ("PROCESSING_BASELINE", "PRODUCT_URI", "PRODUCT_ID", "S2:PROCESSING_BASELINE"):
            continue
        match = _BASELINE.search(str(value).strip())
        if match:
            major, minor = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
            return f"{int(major):02d}.{minor}" if int(major) >= 4 else ""
    return ""


def _contradictions(
    sensor: Sensor, own: Optional[tuple[Sequence[float], Sequence[float]]], tags: Mapping[str, str], source: str
) -> list[str]:
    """A line where the file says of its numbers what the user's SENSOR does not."""
    if sensor.told_by:
        return []
    if own is not None:
        flat = all(abs(s - sensor.scale) < 1e-9 for s in own[0]) and all(abs(o - sensor.offset) < 1e-6 for o in own[1])
        line = f"{source} has its own {_pairs(own)}, which is used in place of SENSOR {sensor.title}."
        return [] if flat else [line]
    baseline = _sentinel2_offset(tags)
    if baseline and sensor.id.startswith("sentinel2") and not sensor.offset:
        return [f"{source} says processing baseline {baseline}, but SENSOR {sensor.title} is used as chosen."]
    return []


def _suspect_offset(spread: Spread, source: str) -> list[str]:
    """A line when even the darkest pixels of every band lie just above 1000, as an offset left in would make them."""
    if not spread.darkest:
        return []
    darkest = min(spread.darkest)
    if darkest < 950 or darkest > 1400:
        return []
    return [
        f"The darkest pixels of {source} are about {darkest:.0f} in every band: if this is Sentinel-2 of processing "
        "baseline 04.00 or later whose offset was left in, run again with OFFSET -0.1."
    ]
