"""Values that no reflectance has: fill that a file does not declare. Engine and form apply the same rules.

Arrays are NumPy's; only their operators are used, because this module is imported without NumPy.

Fill values of products and tools: HLS v2.0 User Guide (-9999), Landsat Collection 2 and Sentinel-2 (0, and 65535 where
saturated), QGIS, SNAP and GDAL exports (0, -9999, -32768, 65535, the lowest float32), NumPy's wrap of -9999 to uint16
(55537); and the same numbers after a product's scale and offset were applied to them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Optional

# Reflectance beyond PLAIN is examined: there, usual fill values count. Beyond POSSIBLE any value does.
PLAIN = -0.2001, 2.0  # Landsat's 0 is -0.2
POSSIBLE = -0.5, 50.0
HUGE = 1e18  # stored values beyond it are fill in every unit: the lowest float32 and int64, netCDF's 9.97e36
SAME_SHARE = 0.01  # of the sampled pixels with one value in every band, from which it may be fill
MANY_SAME = 64  # pixels with one usual fill value in every band that are worth a warning though they are data
PARTIAL_SHARE = 0.001  # of the pixels, from which nodata in some bands only is worth a warning
MIN_SAME_BANDS = 3  # fewer bands are equal by chance
_ZERO_OFFSET = -0.05  # offset in reflectance from which on no stored 0 is reflectance
_WHOLE = (-1, -99, -999, -9999, -99999, -32767, -32768, 32767, 55537, 65535, -(2**31), 2**31 - 1, 2**32 - 1)
_SCALED = (-0.9999, -3.2768, 3.2767, 6.5535, -0.1, -0.2, 65535 * 2.75e-5 - 0.2)  # 0 and 65535 with usual offsets
FILL_VALUES: tuple[float, ...] = (0.0, *map(float, _WHOLE), *_SCALED)
"""Values that are fill where every band holds them."""


@dataclass(frozen=True)
class BandFill:
    """Stored values of one band that are fill wherever they stand."""

    plain: tuple[float, float]
    """Nothing between is fill."""
    possible: tuple[float, float]
    """Everything beyond is fill."""
    values: tuple[float, ...]
    """Further values that are fill."""

    def of_integers(self, least: int, most: int) -> BandFill:
        """Return the same rule in whole numbers of a type that holds ``least`` to ``most``."""

        def ends(limits: tuple[float, float]) -> tuple[int, int]:
            low, high = (min(max(limit, least), most) for limit in limits)
            return math.ceil(low), math.floor(high)

        values = tuple(int(v) for v in self.values if v.is_integer() and least <= v <= most)
        return BandFill(ends(self.plain), ends(self.possible), values)


UNSCALED = BandFill((-998.0, 32766.0), (-HUGE, HUGE), tuple(v for v in map(float, _WHOLE) if not -999 < v < 32767))
"""Fill in a sample by which the scaling is judged: it is not known yet, and no fill may decide it."""


def band_fill(scale: float, offset: float, zero: bool) -> BandFill:
    """Return the fill of a band with reflectance = stored value * scale + offset.

    Args:
        scale: not 0.
        offset: in reflectance.
        zero: whether a stored 0 is fill, see :func:`zero_is_fill`.
    """
    plain, possible = ([(r - offset) / scale for r in limits] for limits in (PLAIN, POSSIBLE))
    low, high = min(plain), max(plain)
    values = [v for v in FILL_VALUES if v < low or v > high]
    if zero:
        values.append(0.0)
        low, high = (1e-12, high) if scale > 0 else (low, -1e-12)
    return BandFill((low, high), (max(min(possible), -HUGE), min(max(possible), HUGE)), tuple(values))


def zero_is_fill(offset: float, declared: bool) -> bool:
    """Whether a stored 0 cannot be reflectance in any band: the file declares no nodata, and 0 would be far below 0.

    Sentinel-2 from baseline 04.00 (offset -0.1) and Landsat Collection 2 (-0.2) store fill as 0.
    """
    return not declared and offset <= _ZERO_OFFSET


def distinct_bands(bands: Sequence[int]) -> list[int]:
    """Return the indices of different bands; empty where they are too few for one value in all of them to be fill."""
    indices = sorted({band: index for index, band in reversed(list(enumerate(bands)))}.values())
    return indices if len(indices) >= MIN_SAME_BANDS else []


def is_fill(rule: BandFill, band: Any) -> Any:
    """Return a bool array: where the values of a band are fill wherever they stand."""
    odd = (band < rule.possible[0]) | (band > rule.possible[1])
    for value in rule.values:
        odd |= _equals(band, value)
    return odd


def is_usual_fill(values: Any) -> Any:
    """Return a bool array: where values are one of :data:`FILL_VALUES`."""
    found = _equals(values, FILL_VALUES[0])
    for value in FILL_VALUES[1:]:
        found |= _equals(values, value)
    return found


def _equals(values: Any, number: float) -> Any:
    """Return where values are ``number``, which a float may hold rounded."""
    return (
        values == number
        if isinstance(number, int) or number.is_integer()
        else abs(values - number) <= 1e-6 * abs(number)
    )


def without_fill(sample: Any, bands: Sequence[int]) -> Any:
    """Return the sample without the pixels that may hold fill, which must not decide a scaling.

    Args:
        sample: (bands, n) float64 stored values of pixels that are not declared nodata.
        bands: 1-based number of each band.
    """
    fill = _any_fill(sample, [UNSCALED] * len(bands))
    same = _same(sample, distinct_bands(bands))
    if same is not None:
        same &= is_usual_fill(sample[0])
        fill = same if fill is None else fill | same
    return sample if fill is None else sample[:, ~fill]


def sample_lines(
    name: str, sample: Any, bands: Sequence[int], rules: Sequence[Optional[BandFill]], declared: bool
) -> tuple[list[str], list[str]]:
    """Return warnings and notes on fill in a sample.

    Args:
        name: of the scene.
        sample: as in :func:`without_fill`.
        bands: 1-based number of each band.
        rules: of each band.
        declared: whether the file declares nodata in any way.
    """
    count = int(sample.shape[1])
    if not count:
        return [], []
    fill, same = _any_fill(sample, rules), _same(sample, distinct_bands(bands))
    warnings, notes = [], []
    if same is not None:
        usual = same & is_usual_fill(sample[0])
        if not declared:
            fill = usual if fill is None else fill | usual
        rest = same & ~usual if fill is None else same & ~usual & ~fill
        value, most = (Counter(sample[0][rest].tolist()).most_common(1) or [(0.0, 0)])[0]
        if most >= SAME_SHARE * count:
            warnings.append(
                f"About {_percent(most, count)} of the sampled pixels of {name} hold {value:g} in every used band and "
                "count as data. If that is fill, declare it as nodata, for example with gdal_edit.py -a_nodata."
            )
    if fill is not None and fill.any():
        notes.append(
            f"About {_percent(int(fill.sum()), count)} of the sampled pixels of {name} hold fill that the file does "
            "not declare; such pixels are nodata in the mask."
        )
    return warnings, notes


def _any_fill(sample: Any, rules: Sequence[Optional[BandFill]]) -> Any:
    """Return where a band holds fill; None for nowhere."""
    if not sample.shape[1]:
        return None
    fill = None
    for rule, band, low, high in zip(rules, sample, sample.min(axis=1), sample.max(axis=1)):
        if rule is not None and (low < rule.plain[0] or high > rule.plain[1]):
            fill = is_fill(rule, band) if fill is None else fill | is_fill(rule, band)
    return fill


def _same(sample: Any, distinct: Sequence[int]) -> Any:
    """Return where all bands hold one value; None for nowhere, or where bands are too few."""
    if not distinct:
        return None
    same = sample[distinct[0]] == sample[distinct[1]]
    for index in distinct[2:]:
        if not same.any():
            return None
        same &= sample[distinct[0]] == sample[index]
    return same if same.any() else None


@dataclass(frozen=True)
class ValidityFigures:
    """What was counted while a scene was read."""

    pixels: int
    """All pixels of the mask."""
    partial: int
    """Pixels that are nodata in some of the used bands only."""
    partial_bands: Sequence[int]
    """1-based numbers of these bands."""
    fill: int
    """Pixels that are nodata because of fill that is not declared."""
    everywhere: Iterable[float]
    """The fill that every used band of a pixel holds."""
    alone: Iterable[float]
    """The fill that cannot be reflectance in any band."""
    same: int
    """Pixels with a usual fill value in every band that count as data, because the file declares something else."""
    advice: str = ""
    """What to do with the nodata value where it hides data in some bands."""


def validity_lines(name: str, figures: ValidityFigures) -> tuple[list[str], list[str]]:
    """Return warnings and notes on the nodata of scene ``name``; none for a scene with declared nodata alone."""
    warnings: list[str] = []
    notes: list[str] = []
    if figures.fill:
        held = [f"{_several(figures.everywhere)} in every used band"] if figures.everywhere else []
        held += [f"{_several(figures.alone)}, which cannot be reflectance"] if figures.alone else []
        data = " If they are data, declare another value as nodata (gdal_edit.py -a_nodata)."
        warnings.append(
            f"{_pixels(figures.fill, figures.pixels)} of {name} hold fill that the file does not declare "
            f"({'; '.join(held)}) and are nodata in the mask.{data if figures.everywhere else ''}"
        )
    if figures.same:
        (warnings if figures.same >= MANY_SAME else notes).append(
            f"{_pixels(figures.same, figures.pixels)} of {name} hold {_several(figures.everywhere)} in every used band "
            "and count as data, since the file declares its nodata otherwise. If that is fill, declare it as nodata "
            "(gdal_edit.py -a_nodata)."
        )
    if figures.partial:
        line = (
            f"{_pixels(figures.partial, figures.pixels)} of {name} are nodata in some bands only "
            f"(in {_numbers(figures.partial_bands)}) and are nodata in the mask."
        )
        hint = f" If dark water was cut off at the nodata value there, {figures.advice}." if figures.advice else ""
        much = figures.partial >= PARTIAL_SHARE * figures.pixels
        (warnings if much else notes).append(line + hint if much else line)
    return warnings, notes


def _pixels(count: int, of: int) -> str:
    return f"{count:,} pixel{'s' if count != 1 else ''} ({_percent(count, of)})"


def _percent(count: int, of: int) -> str:
    share = count / max(of, 1)
    return f"{share:.1%}" if share >= 0.001 else "less than 0.1%"


def _several(values: Iterable[float]) -> str:
    shown = sorted(values)
    more = " and others" if len(shown) > 3 else ""
    return ", ".join(f"{v:g}" for v in shown[:3]) + more


def _numbers(bands: Sequence[int]) -> str:
    return f"band{'s' if len(bands) > 1 else ''} {', '.join(map(str, sorted(bands)))}"
