"""Agreement of a mask with its reference, from the confusion matrix.

Definitions as in scikit-learn's ``jaccard_score`` and ``precision_recall_fscore_support`` with
``zero_division=numpy.nan``, and ``cohen_kappa_score`` (Cohen 1960): a division by zero gives None, never 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np


@dataclass(frozen=True)
class ClassScores:
    """Scores of one class among the compared pixels."""

    value: int
    mask: int
    """Pixels with this class in the mask."""
    reference: int
    """Pixels with this class in the reference."""
    correct: int
    """Pixels with this class in both."""
    iou: Optional[float]
    """None for a class that occurs on neither side; 0 for one that occurs on one side only."""
    f1: Optional[float]
    """None and 0 as for ``iou``."""
    precision: Optional[float]
    """User's accuracy; None if the class never occurs in the mask."""
    recall: Optional[float]
    """Producer's accuracy; None if the class never occurs in the reference."""


@dataclass(frozen=True)
class Scores:
    """Scores of all classes and their means; each mean is over the classes for which the score is defined."""

    classes: tuple[ClassScores, ...]
    mean_iou: Optional[float]
    mean_f1: Optional[float]
    mean_precision: Optional[float]
    mean_recall: Optional[float]
    accuracy: Optional[float]
    """Overall accuracy."""
    kappa: Optional[float]
    """Cohen's kappa; None if chance alone agrees fully (one class on both sides)."""


def scores_of(matrix: np.ndarray, values: Sequence[int], uncertain: Collection[int] = ()) -> Scores:
    """Return the scores of a confusion matrix.

    Args:
        matrix: (n, n) pixels; rows are the mask's values, columns the reference's.
        values: (n,) the values.
        uncertain: mask values that are not a class. Their pixels count as not correct, so that accuracy and recall
            fall with them; they have no scores and do not count in the means.
    """
    counts = np.asarray(matrix, np.int64)
    correct, mask, reference = np.diag(counts).copy(), counts.sum(1), counts.sum(0)
    correct[[v in uncertain for v in values]] = 0
    classes = tuple(
        _class(value, int(mask[i]), int(reference[i]), int(correct[i]))
        for i, value in enumerate(values)
        if value not in uncertain
    )
    total = int(counts.sum())
    accuracy = _ratio(int(correct.sum()), total)
    return Scores(
        classes,
        _mean([c.iou for c in classes]),
        _mean([c.f1 for c in classes]),
        _mean([c.precision for c in classes]),
        _mean([c.recall for c in classes]),
        accuracy,
        _kappa(accuracy, mask / max(total, 1), reference / max(total, 1)),
    )


def _class(value: int, mask: int, reference: int, correct: int) -> ClassScores:
    return ClassScores(
        value,
        mask,
        reference,
        correct,
        _ratio(correct, mask + reference - correct),
        _ratio(2 * correct, mask + reference),
        _ratio(correct, mask),
        _ratio(correct, reference),
    )


def _kappa(accuracy: Optional[float], mask: np.ndarray, reference: np.ndarray) -> Optional[float]:
    chance = float(mask @ reference)
    return None if accuracy is None or chance >= 1 else (accuracy - chance) / (1 - chance)


def _ratio(numerator: int, denominator: int) -> Optional[float]:
    return numerator / denominator if denominator else None


def _mean(scores: Sequence[Optional[float]]) -> Optional[float]:
    known = [s for s in scores if s is not None]
    return sum(known) / len(known) if known else None
