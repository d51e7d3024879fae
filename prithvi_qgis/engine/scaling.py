"""From stored numbers to reflectance: which scale and offset, and whether the outcome can be reflectance at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..contract.errors import ErrorCode, PrithviError

# Bright clouds reach about 1.6 and specular glint more; real surface reflectance products reach -0.16 in shadow.
LOWEST, HIGHEST, DIMMEST = -0.3, 2.0, 0.01
_BASELINE = re.compile(r"(?:^|[^0-9])0?([0-9]{1,2})\.([0-9]{2})$|_N([0-9]{2})([0-9]{2})_")


@dataclass(frozen=True)
class Scaling:
    """reflectance = DN * scale + offset, a value a band; ``text`` says where the numbers come from."""

    scale: tuple[float, ...]
    offset: tuple[float, ...]
    text: str


def choose_scaling(
    asked: tuple[Optional[float], Optional[float]],
    own: tuple[Sequence[float], Sequence[float]],
    default: tuple[float, float],
    samples: np.ndarray,
    dtype: str,
    tags: Mapping[str, str],
    source: str,
) -> tuple[Scaling, list[str]]:
    """Choose the scaling, in this order: asked for, the file's own, the product's known one, the model's.

    Args:
        asked: SCALE and OFFSET from the user, None where not given.
        own: the file's scale and offset of each used band; (1, 0) means that it has none.
        default: scale and offset of the products the model was made for.
        samples: (bands, n) float stored numbers of valid pixels in used bands; may be empty.
        dtype: of the file.
        tags: the file's metadata.
        source: name for messages.
    Returns:
        The scaling, and warnings.
    Raises:
        PrithviError: ``scaling_unknown`` when the outcome cannot be reflectance.
    """
    n = samples.shape[0]
    warnings: list[str] = []
    is_own = any(s != 1 for s in own[0]) or any(o != 0 for o in own[1])
    baseline = "" if is_own else _sentinel2_offset(tags)
    known_offset = own[1][0] if is_own else -1000 * default[0] if baseline else default[1]
    if asked[0] is not None or asked[1] is not None:
        scale = asked[0] if asked[0] is not None else own[0][0] if is_own else default[0]
        offset = asked[1] if asked[1] is not None else known_offset
        one = f"{'SCALE' if asked[1] is None else 'OFFSET'} as given, the other from the file or the model"
        chosen = _flat(n, scale, offset, "as given" if None not in asked else one)
    elif is_own:
        chosen = Scaling(tuple(map(float, own[0])), tuple(map(float, own[1])), f"the file's own {_pairs(own)}")
    elif dtype in ("uint8", "int8"):
        raise PrithviError(
            ErrorCode.SCALING_UNKNOWN,
            f"{source} holds 8-bit numbers, which are a picture and not reflectance.",
            "Use the product's original bands, or give SCALE and OFFSET if the numbers are scaled reflectance.",
        )
    elif samples.size and np.issubdtype(np.dtype(dtype), np.floating) and _plausible(samples):
        chosen = _flat(n, 1.0, 0.0, "none, the numbers are reflectance already")
    elif baseline:
        chosen = _flat(n, default[0], known_offset, f"Sentinel-2 processing baseline {baseline}")
    else:
        chosen = _flat(n, *default, "the model's")
        warnings += _suspect_offset(samples, source)
    _refuse_implausible(chosen, samples, source)
    return chosen, warnings


def _flat(n: int, scale: float, offset: float, where: str) -> Scaling:
    text = f"reflectance = DN x {scale:g} {'-' if offset < 0 else '+'} {abs(offset):g} ({where})"
    return Scaling((float(scale),) * n, (float(offset),) * n, text)


def _pairs(own: tuple[Sequence[float], Sequence[float]]) -> str:
    pairs = sorted({(float(s), float(o)) for s, o in zip(*own)})
    return ", ".join(f"scale {s:g} offset {o:g}" for s, o in pairs)


def _spread(reflectance: np.ndarray) -> tuple[float, float]:
    """Lowest 2nd and highest 98th percentile over the bands: a few broken pixels must not decide."""
    low, high = np.percentile(reflectance, (2, 98), axis=1)
    return float(low.min()), float(high.max())


def _plausible(reflectance: np.ndarray) -> bool:
    low, high = _spread(reflectance)
    return low >= LOWEST and DIMMEST <= high <= HIGHEST


def _refuse_implausible(scaling: Scaling, samples: np.ndarray, source: str) -> None:
    if not samples.size:
        return  # nothing but nodata: any scaling is right
    reflectance = samples * np.array(scaling.scale)[:, None] + np.array(scaling.offset)[:, None]
    if _plausible(reflectance):
        return
    low, high = _spread(reflectance)
    stored_low, stored_high = _spread(samples)
    raise PrithviError(
        ErrorCode.SCALING_UNKNOWN,
        f"{source} holds numbers from {stored_low:g} to {stored_high:g}, which {scaling.text} turns into {low:.3g} to "
        f"{high:.3g}; reflectance lies between 0 and 1.",
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


def _suspect_offset(samples: np.ndarray, source: str) -> list[str]:
    """A line when even the darkest pixels of every band lie just above 1000, as an offset left in would make them."""
    if not samples.size:
        return []
    darkest = float(np.percentile(samples, 0.5, axis=1).min())
    if darkest < 950 or darkest > 1400:
        return []
    return [
        f"The darkest pixels of {source} are about {darkest:.0f} in every band: if this is Sentinel-2 of processing "
        "baseline 04.00 or later whose offset was left in, run again with OFFSET -0.1."
    ]
