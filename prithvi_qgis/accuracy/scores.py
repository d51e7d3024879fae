"""Agreement of a mask with its reference, from the confusion matrix.

Definitions as in scikit-learn's ``jaccard_score`` and ``precision_recall_fscore_support`` with
``zero_division=numpy.nan``, and ``cohen_kappa_score`` (Cohen 1960): what has nothing to divide by is None, never 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np


@dataclass(frozen=True)
class ClassScores:
    """One class among the compared pixels.

    Attributes:
        mask, reference, correct: pixels that the mask gives the class, that the reference does, that both do.
        iou, f1: None for a class that occurs on neither side; 0 for one that occurs on one side only.
        precision: user's accuracy, None when the mask never gives the class.
        recall: producer's accuracy, None when the reference never does.
    """

    value: int
    mask: int
    reference: int
    correct: int
    iou: Optional[float]
    f1: Optional[float]
    precision: Optional[float]
    recall: Optional[float]


@dataclass(frozen=True)
class Scores:
    """All classes, the means over those for which each score is defined, overall accuracy and Cohen's kappa.

    ``kappa`` is None when chance alone agrees fully (one class on both sides).
    """

    classes: tuple[ClassScores, ...]
    mean_iou: Optional[float]
    mean_f1: Optional[float]
    mean_precision: Optional[float]
    mean_recall: Optional[float]
    accuracy: Optional[float]
    kappa: Optional[float]


def scores_of(matrix: np.ndarray, values: Sequence[int], unsure: Collection[int] = ()) -> Scores:
    """Scores of a (n, n) confusion matrix, rows the mask's values, columns the reference's.

    Args:
        unsure: mask values that are no class. Their pixels stay in every sum as not correct, so that accuracy and
            recall fall with them; they have no scores of their own and no part in the means.
    """
    counts = np.asarray(matrix, np.int64)
    correct, mask, reference = np.diag(counts).copy(), counts.sum(1), counts.sum(0)
    correct[[v in unsure for v in values]] = 0
    classes = tuple(
        _class(value, int(mask[i]), int(reference[i]), int(correct[i]))
        for i, value in enumerate(values)
        if value not in unsure
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


def _ratio(part: int, whole: int) -> Optional[float]:
    return part / whole if whole else None


def _mean(scores: Sequence[Optional[float]]) -> Optional[float]:
    known = [s for s in scores if s is not None]
    return sum(known) / len(known) if known else None
