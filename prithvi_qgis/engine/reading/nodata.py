"""Nodata of pixels that were read: declared values, masks, and fill that the file does not declare."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ...core.scenes.fill import (
    BandFill,
    ValidityFigures,
    band_fill,
    distinct_bands,
    is_fill,
    is_usual_fill,
    sample_lines,
    validity_lines,
    without_fill,
    zero_is_fill,
)
from ...core.scenes.validity import stored_range
from .read_windows import ReadWindow

MAX_DEVIATION = 1e4  # standard deviations from the mean; half precision ends at 65504
Range = tuple[float, float]  # of stored values that are nodata, both ends included

# Why a pixel is listed; 0 for all others.
PARTIAL = 1  # nodata in some bands only
FILL = 2  # nodata because of fill that is not declared
SAME = 3  # data, although every band holds the same usual fill value


@dataclass(frozen=True)
class Examined:
    """Which pixels of a window are nodata."""

    empty: np.ndarray
    """(h, w) bool: True where nodata."""
    reasons: Optional[np.ndarray]
    """(h, w) uint8: :data:`PARTIAL`, :data:`FILL`, :data:`SAME` or 0; None where all are 0."""


class PixelValidity:
    """Decides which pixels of a scene are nodata, each by its own values alone.

    Before :meth:`use_scaling` only what is declared counts.
    """

    def __init__(self, nodata: Sequence[Sequence[Range]], dtypes: Sequence[str], bands: Sequence[int], declared: bool):
        """Prepare for the used bands.

        Args:
            nodata: ranges of each band.
            dtypes: NumPy type of each band in the file.
            bands: their 1-based numbers.
            declared: whether the file, or whoever states its metadata, declares nodata in any way.
        """
        self._nodata = [
            [found for one in ranges if (found := stored_range(dtype, *one))] for ranges, dtype in zip(nodata, dtypes)
        ]
        self._bands, self._declared = tuple(bands), declared
        self._fill: Optional[list[Optional[BandFill]]] = None
        self._distinct = distinct_bands(self._bands)
        self._limits: Optional[tuple[int, int]] = None  # of integers; None where values are read as floats
        if len(set(dtypes)) == 1 and np.issubdtype(np.dtype(dtypes[0]), np.integer):
            self._limits = int(np.iinfo(dtypes[0]).min), int(np.iinfo(dtypes[0]).max)
        self._needs_low = self._needs_high = [True] * len(self._bands)
        self.partial_bands: set[int] = set()
        """1-based numbers of the bands in which pixels were nodata that others hold."""
        self.everywhere: set[float] = set()
        """Usual fill that was found in every band of pixels."""
        self.alone: set[float] = set()
        """Fill that was found and cannot be reflectance."""

    def use_scaling(self, scale: Sequence[float], offset: Sequence[float], gain: np.ndarray, bias: np.ndarray) -> None:
        """Examine values from now on by their reflectance.

        Args:
            scale: of each band: reflectance = stored value * scale + offset.
            offset: of each band.
            gain: (bands, 1, 1) factor that normalises stored values.
            bias: (bands, 1, 1) added after the gain.
        """
        rules: list[Optional[BandFill]] = []
        for number, (factor, constant) in enumerate(zip(scale, offset)):
            rule = band_fill(factor, constant, zero_is_fill(constant, self._declared)) if factor else None
            if rule is not None and gain[number, 0, 0]:
                ends = [(limit - bias[number, 0, 0]) / gain[number, 0, 0] for limit in (-MAX_DEVIATION, MAX_DEVIATION)]
                possible = max(rule.possible[0], float(min(ends))), min(rule.possible[1], float(max(ends)))
                known = self._nodata[number]
                values = tuple(v for v in rule.values if not any(first <= v <= last for first, last in known))
                rule = BandFill(rule.plain, possible, values)
                rule = rule if self._limits is None else rule.of_integers(*self._limits)
            rules.append(rule)
        self._fill = rules
        least, most = self._limits or (-math.inf, math.inf)
        self._needs_low = [
            bool(ranges) or rule is None or rule.plain[0] > least for ranges, rule in zip(self._nodata, rules)
        ]
        self._needs_high = [
            bool(ranges) or rule is None or rule.plain[1] < most for ranges, rule in zip(self._nodata, rules)
        ]

    @property
    def advice(self) -> str:
        """What to do where a nodata value hides data; empty where nodata has another reason."""
        if not any(ranges for band, ranges in zip(self._bands, self._nodata) if band in self.partial_bands):
            return ""
        if self._declared:
            return "take the declaration away (gdal_edit.py -unsetnodata) and run again"
        return "declare another nodata value (gdal_edit.py -a_nodata) and run again"

    def examine(
        self, values: np.ndarray, masks: Iterable[np.ndarray] = (), own_masks: Optional[np.ndarray] = None
    ) -> Examined:
        """Return which pixels are nodata.

        Args:
            values: (bands, h, w) stored values.
            masks: (h, w) masks and alpha of all bands, 0 where nodata.
            own_masks: (bands, h, w) mask of each band, 0 where nodata.
        """
        missing, unusable, fill = self._by_band(values, own_masks)
        empty = np.zeros(values.shape[1:], bool)
        for gone in missing:
            if gone is not None:
                empty |= gone
        partial = None
        if empty.any():
            partial = empty & ~np.logical_and.reduce([np.zeros_like(empty) if u is None else u for u in unusable])
        for mask in masks:
            outside = mask == 0
            empty |= outside
            if partial is not None:
                partial &= ~outside
        if fill is not None:
            fill &= ~empty
        same = None
        if self._fill is not None and self._distinct:
            same = self._same(values, empty if fill is None else empty | fill)
        if partial is not None and partial.any():
            self.partial_bands.update(
                b for b, gone in zip(self._bands, missing) if gone is not None and (gone & partial).any()
            )
        reasons = None
        for reason, where in ((SAME if self._declared else FILL, same), (PARTIAL, partial), (FILL, fill)):
            if where is not None and where.any():
                reasons = np.zeros(empty.shape, np.uint8) if reasons is None else reasons
                reasons[where] = reason
                if reason == FILL:
                    empty |= where
        return Examined(empty, reasons)

    def _by_band(
        self, values: np.ndarray, own_masks: Optional[np.ndarray]
    ) -> tuple[list[Optional[np.ndarray]], list[Optional[np.ndarray]], Optional[np.ndarray]]:
        """Return where each band is nodata, where it is that or fill, and where any band is fill; None for nowhere."""
        missing: list[Optional[np.ndarray]] = []
        unusable: list[Optional[np.ndarray]] = []
        fill: Optional[np.ndarray] = None
        for number, band in enumerate(values):
            gone, ends = self._missing(number, band)
            if own_masks is not None:
                gone = _either(gone, own_masks[number] == 0)
            odd = None if self._fill is None else self._alone(self._fill[number], band, ends, gone)
            fill = _either(fill, odd)
            missing.append(gone)
            unusable.append(_either(gone, odd))
        return missing, unusable, fill

    def _missing(self, number: int, band: np.ndarray) -> tuple[Optional[np.ndarray], tuple[float, float]]:
        """Return where a band is declared nodata or no number, and its lowest and highest other values."""
        low = band.min() if self._needs_low[number] else 0
        high = band.max() if self._needs_high[number] else 0
        gone = None
        if not (np.isfinite(low) and np.isfinite(high)):
            finite = np.isfinite(band)
            gone, numbers = ~finite, band[finite]
            low, high = (numbers.min(), numbers.max()) if numbers.size else (0, 0)
        for first, last in self._nodata[number]:
            if first <= high and last >= low:
                gone = _either(gone, band == first if first == last else (band >= first) & (band <= last))
        return gone, (low, high)

    def _alone(
        self, rule: Optional[BandFill], band: np.ndarray, ends: tuple[float, float], gone: Optional[np.ndarray]
    ) -> Optional[np.ndarray]:
        """Return where a value that is not declared cannot be reflectance; None where there is none."""
        low, high = ends
        if rule is None or (low >= rule.plain[0] and high <= rule.plain[1]):
            return None
        unusual = np.zeros(band.shape, bool)
        if low < rule.plain[0]:
            unusual |= band < rule.plain[0]
        if high > rule.plain[1]:
            unusual |= band > rule.plain[1]
        if gone is not None:
            unusual &= ~gone
        if not unusual.any():
            return None
        within = tuple(value for value in rule.values if low <= value <= high)
        odd: np.ndarray = is_fill(BandFill(rule.plain, rule.possible, within), band) & unusual
        if not odd.any():
            return None
        _remember(self.alone, band[odd])
        return odd

    def _same(self, values: np.ndarray, empty: np.ndarray) -> Optional[np.ndarray]:
        """Return where every band holds the same usual fill value, and the pixel is not ``empty``; None for nowhere."""
        first, second, third, *others = self._distinct
        equal = values[first] == values[second]
        equal &= values[first] == values[third]
        if empty.any():
            equal &= ~empty
        if not equal.any():
            return None
        at = np.flatnonzero(equal)
        for number in others:
            if not at.size:
                return None
            at = at[values[number].reshape(-1)[at] == values[first].reshape(-1)[at]]
        held = values[first].reshape(-1)[at]
        usual = is_usual_fill(held)
        if not usual.any():
            return None
        _remember(self.everywhere, held[usual])
        where = np.zeros(empty.size, bool)
        where[at[usual]] = True
        return where.reshape(empty.shape)

    def without_fill(self, sample: np.ndarray) -> np.ndarray:
        """Return a (bands, n) sample without what may be fill, see :func:`~.fill.without_fill`."""
        found: np.ndarray = without_fill(sample, self._bands)
        return found

    def sample_lines(self, name: str, sample: np.ndarray) -> tuple[list[str], list[str]]:
        """Return warnings and notes on a (bands, n) sample of scene ``name``, see :func:`~.fill.sample_lines`."""
        return sample_lines(name, sample, self._bands, self._fill or [], self._declared)


class ValidityCounts:
    """Counts the listed pixels of a scene while threads read it, each pixel once."""

    within: Optional[ReadWindow] = None
    """The part whose pixels are counted, where parts that are read one after the other overlap; None for all."""

    def __init__(self, name: str, validity: PixelValidity):
        """Count for scene ``name``; ``validity`` keeps which values were found."""
        self._name, self._validity = name, validity
        self._counts = dict.fromkeys((PARTIAL, FILL, SAME), 0)
        self._lock = threading.Lock()

    def add(self, window: ReadWindow, reasons: np.ndarray) -> None:
        """Count :attr:`Examined.reasons` of a window."""
        if self.within is not None:
            own = self.within
            rows = slice(max(own.top - window.top, 0), max(own.bottom - window.top, 0))
            cols = slice(max(own.left - window.left, 0), max(own.right - window.left, 0))
            reasons = reasons[rows, cols]
        found = {reason: int(np.count_nonzero(reasons == reason)) for reason in self._counts}
        with self._lock:
            for reason, count in found.items():
                self._counts[reason] += count

    def record(self) -> list[list[float]]:
        """Return what was counted, as JSON takes it."""
        v = self._validity
        return [list(self._counts.values()), sorted(v.partial_bands), sorted(v.everywhere), sorted(v.alone)]

    def merge(self, record: list[list[float]]) -> None:
        """Add what another process has counted in its part of the scene."""
        counts, bands, everywhere, alone = record
        for reason, count in zip(self._counts, counts):
            self._counts[reason] += int(count)
        self._validity.partial_bands.update(map(int, bands))
        self._validity.everywhere.update(everywhere)
        self._validity.alone.update(alone)

    def lines(self, pixels: int) -> tuple[list[str], list[str]]:
        """Return warnings and notes for a mask of ``pixels``."""
        v, counts = self._validity, self._counts
        figures = ValidityFigures(
            pixels,
            counts[PARTIAL],
            sorted(v.partial_bands),
            counts[FILL],
            v.everywhere,
            v.alone,
            counts[SAME],
            v.advice,
        )
        return validity_lines(self._name, figures)


def _either(one: Optional[np.ndarray], other: Optional[np.ndarray]) -> Optional[np.ndarray]:
    """Return ``one | other``; None is False everywhere."""
    if one is None or other is None:
        return one if other is None else other
    return one | other


def _remember(kept: set[float], values: np.ndarray) -> None:
    """Keep a few of the values, for messages."""
    if len(kept) < 4:
        low, high = float(values.min()), float(values.max())
        kept.update(float(f"{v:.6g}") for v in (low, high))
