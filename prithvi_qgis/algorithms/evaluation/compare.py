"""Compares a mask with its reference window by window, and counts pairs of values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Union

import numpy as np

from ...accuracy.agreement import ThinnedMap
from ...accuracy.counting import ClassTally, PairCounts, TooManyValues
from ...core.errors import ErrorCode, PrithviError
from .mask_file import MaskFile, Window
from .reference_raster import RasterReference
from .reference_vector import PointReference, PolygonReference
from .sampling_design import Stratum

Reference = Union[RasterReference, PolygonReference, PointReference]
PICTURE_SIDE_PX = 900


@dataclass
class Comparison:
    """Counts of a comparison, in pixels; with a point reference all but ``pixels`` and ``tally`` count points."""

    thinned: ThinnedMap
    """The overview for the agreement map."""
    pixels: int
    """Size of the mask."""
    pairs: PairCounts = field(default_factory=PairCounts)
    """Samples per (mask value, reference value)."""
    tally: ClassTally = field(default_factory=ClassTally)
    """Pixels and areas of the whole mask, without ignored values."""
    nodata: int = 0
    """Samples without data in the mask."""
    mask_ignored: int = 0
    """Samples with an ignored value in the mask."""
    unlabelled: int = 0
    """Samples with data, but without a label."""
    reference_ignored: int = 0
    """Samples with an ignored label."""
    points: list[tuple[float, float, int, int]] = field(default_factory=list)
    """(column, row, mask value, label) of each compared point."""
    design: dict[int, Stratum] = field(default_factory=dict)
    """The strata that the points were drawn in, where they carry their design."""
    in_stratum: dict[int, int] = field(default_factory=dict)
    """Compared points per stratum of the design."""
    elsewhere: int = 0
    """Compared points whose pixel has another value than their stratum, or that have no stratum."""


@dataclass(frozen=True)
class IgnoredValues:
    """Values that are left out of the comparison."""

    mask: tuple[int, ...]
    """Values in the mask."""
    reference: tuple[int, ...]
    """Values in the reference."""


def compare(
    mask: MaskFile,
    reference: Reference,
    ignored: IgnoredValues,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> Comparison:
    """Compare window by window, in memory that does not grow with the mask.

    Args:
        progress: called with the finished share, 0 to 1.
    Raises:
        PrithviError: ``source_unsupported`` for values that are not classes; ``source_unreadable``; ``cancelled``.
    """
    comparison = Comparison(ThinnedMap(mask.width, mask.height, PICTURE_SIDE_PX), mask.width * mask.height)
    comparison.design = reference.design if isinstance(reference, PointReference) else {}
    done = top = 0
    for window in mask.windows():
        if window.top != top:  # else GDAL caches blocks up to 5 % of the machine's memory
            mask.dataset.FlushCache()
            if isinstance(reference, RasterReference):
                reference.dataset.FlushCache()
            top = window.top
        if cancelled():
            raise PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.")
        values, valid = mask.read(window)
        inside = valid & ~_among(values, ignored.mask)
        areas = mask.pixel_areas(window)
        role, name = "INPUT", mask.name
        try:
            comparison.tally.add(values[inside], areas[inside])
            role, name = "REFERENCE", getattr(reference, "name", "")
            if isinstance(reference, PointReference):
                _compare_points(comparison, window, reference, values, valid, inside, ignored)
            else:
                _compare_pixels(comparison, window, reference.window(window), values, valid, inside, ignored)
        except TooManyValues as e:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"{role} {name} holds more than {e} different values; it looks like a measurement, not classes.",
                "Choose a raster with one value a class.",
            ) from e
        done += window.width * window.height
        progress(done / comparison.pixels)
    return comparison


def _compare_pixels(
    comparison: Comparison,
    window: Window,
    labels: np.ndarray,
    values: np.ndarray,
    valid: np.ndarray,
    inside: np.ndarray,
    ignored: IgnoredValues,
) -> None:
    labelled = inside & np.isfinite(labels)
    compared = labelled & ~_among(labels, ignored.reference)
    comparison.pairs.add(values[compared], labels[compared].astype(np.int64))
    comparison.nodata += int(valid.size - np.count_nonzero(valid))
    comparison.mask_ignored += int(np.count_nonzero(valid) - np.count_nonzero(inside))
    comparison.unlabelled += int(np.count_nonzero(inside) - np.count_nonzero(labelled))
    comparison.reference_ignored += int(np.count_nonzero(labelled) - np.count_nonzero(compared))
    comparison.thinned.put(window.left, window.top, values, inside, labels, compared)


def _compare_points(
    comparison: Comparison,
    window: Window,
    reference: PointReference,
    values: np.ndarray,
    valid: np.ndarray,
    inside: np.ndarray,
    ignored: IgnoredValues,
) -> None:
    chosen = reference.within(window)
    rows = reference.rows[chosen].astype(np.int64) - window.top
    columns = reference.columns[chosen].astype(np.int64) - window.left
    labels = reference.labels[chosen]
    has_data, counts = valid[rows, columns], inside[rows, columns]
    compared = counts & ~_among(labels, ignored.reference)
    at = values[rows, columns]
    comparison.pairs.add(at[compared], labels[compared])
    comparison.nodata += int(np.count_nonzero(~has_data))
    comparison.mask_ignored += int(np.count_nonzero(has_data & ~counts))
    comparison.reference_ignored += int(np.count_nonzero(counts & ~compared))
    kept = chosen[compared]
    if reference.design:
        strata = reference.strata[kept]
        comparison.elsewhere += int(np.count_nonzero(strata != at[compared]))
        for value, number in zip(*(part.tolist() for part in np.unique(strata[~np.isnan(strata)], return_counts=True))):
            comparison.in_stratum[int(value)] = comparison.in_stratum.get(int(value), 0) + number
    columns_of_kept = (reference.columns[kept], reference.rows[kept], at[compared], labels[compared])
    comparison.points += zip(*(values.tolist() for values in columns_of_kept))
    nothing = np.zeros_like(inside)
    comparison.thinned.put(window.left, window.top, values, inside, nothing, nothing)


def _among(values: np.ndarray, chosen: tuple[int, ...]) -> np.ndarray:
    hit = np.zeros(values.shape, bool)
    for value in chosen:
        hit |= values == value
    return hit
