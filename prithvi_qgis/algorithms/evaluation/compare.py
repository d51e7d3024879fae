"""Walk a mask beside its reference, and count."""

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

Reference = Union[RasterReference, PolygonReference, PointReference]
PICTURE_SIDE_PX = 900


@dataclass
class Comparison:
    """What a walk counted.

    Attributes:
        pairs: samples by (mask value, reference value). tally: the whole mask, without what is ignored.
        pixels: of the mask. nodata: those without data. mask_ignored: those whose value is ignored.
        unlabelled: with data and without a label; reference_ignored: whose label is ignored.
            For points all but ``pixels`` count points, and ``outside`` is how many lie beside the mask.
        thinned: for the picture. dots: (column, row, mask value, label) of compared points.
    """

    thinned: ThinnedMap
    pixels: int
    pairs: PairCounts = field(default_factory=PairCounts)
    tally: ClassTally = field(default_factory=ClassTally)
    nodata: int = 0
    mask_ignored: int = 0
    unlabelled: int = 0
    reference_ignored: int = 0
    dots: list[tuple[float, float, int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Rules:
    """Values that do not count: ``mask`` in the mask, ``reference`` in the reference."""

    mask: tuple[int, ...]
    reference: tuple[int, ...]


def compare(
    mask: MaskFile, reference: Reference, rules: Rules, progress: Callable[[float], None], cancelled: Callable[[], bool]
) -> Comparison:
    """Compare window by window; memory does not grow with the mask.

    Args:
        progress: is told the share that is done, 0 to 1.
    Raises:
        PrithviError: ``source_unsupported`` for values that are no classes, ``source_unreadable``, ``cancelled``.
    """
    found = Comparison(ThinnedMap(mask.width, mask.height, PICTURE_SIDE_PX), mask.width * mask.height)
    done = top = 0
    for window in mask.windows():
        if window.top != top:  # blocks that were read stay in GDAL's cache, up to 5 % of the machine's memory
            mask.dataset.FlushCache()
            if isinstance(reference, RasterReference):
                reference.dataset.FlushCache()
            top = window.top
        if cancelled():
            raise PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.")
        values, valid = mask.read(window)
        inside = valid & ~_among(values, rules.mask)
        areas = np.broadcast_to(mask.row_areas(window)[:, None], values.shape)
        role, name = "INPUT", mask.name
        try:
            found.tally.add(values[inside], areas[inside])
            role, name = "REFERENCE", getattr(reference, "name", "")
            if isinstance(reference, PointReference):
                _compare_points(found, window, reference, values, valid, inside, rules)
            else:
                _compare_pixels(found, window, reference.window(window), values, valid, inside, rules)
        except TooManyValues as e:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"{role} {name} holds more than {e} different values; it looks like a measurement, not classes.",
                "Choose a raster with one value a class.",
            ) from e
        done += window.width * window.height
        progress(done / found.pixels)
    return found


def _compare_pixels(
    found: Comparison,
    window: Window,
    labels: np.ndarray,
    values: np.ndarray,
    valid: np.ndarray,
    inside: np.ndarray,
    rules: Rules,
) -> None:
    labelled = inside & np.isfinite(labels)
    compared = labelled & ~_among(labels, rules.reference)
    found.pairs.add(values[compared], labels[compared].astype(np.int64))
    found.nodata += int(valid.size - np.count_nonzero(valid))
    found.mask_ignored += int(np.count_nonzero(valid) - np.count_nonzero(inside))
    found.unlabelled += int(np.count_nonzero(inside) - np.count_nonzero(labelled))
    found.reference_ignored += int(np.count_nonzero(labelled) - np.count_nonzero(compared))
    found.thinned.put(window.left, window.top, values, inside, labels, compared)


def _compare_points(
    found: Comparison,
    window: Window,
    reference: PointReference,
    values: np.ndarray,
    valid: np.ndarray,
    inside: np.ndarray,
    rules: Rules,
) -> None:
    chosen = reference.within(window)
    rows = reference.rows[chosen].astype(np.int64) - window.top
    columns = reference.columns[chosen].astype(np.int64) - window.left
    labels = reference.labels[chosen]
    has_data, counts = valid[rows, columns], inside[rows, columns]
    compared = counts & ~_among(labels, rules.reference)
    at = values[rows, columns]
    found.pairs.add(at[compared], labels[compared])
    found.nodata += int(np.count_nonzero(~has_data))
    found.mask_ignored += int(np.count_nonzero(has_data & ~counts))
    found.reference_ignored += int(np.count_nonzero(counts & ~compared))
    kept = chosen[compared]
    places = (reference.columns[kept], reference.rows[kept], at[compared], labels[compared])
    found.dots += zip(*(values.tolist() for values in places))
    nothing = np.zeros_like(inside)
    found.thinned.put(window.left, window.top, values, inside, nothing, nothing)


def _among(values: np.ndarray, chosen: tuple[int, ...]) -> np.ndarray:
    hit = np.zeros(values.shape, bool)
    for value in chosen:
        hit |= values == value
    return hit
