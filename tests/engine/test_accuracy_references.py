"""Scores of an evaluation against scikit-learn and torchmetrics; areas of pixels against PROJ."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn import metrics
from torchmetrics.functional import classification as torch_metrics

from prithvi_qgis.accuracy.counting import PairCounts
from prithvi_qgis.accuracy.scores import scores_of


def masks(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """(mask, reference, classes): noisy copies of each other, with classes that are missing on a side."""
    random = np.random.default_rng(seed)
    classes = int(random.integers(2, 9))
    reference = random.choice(classes, (120, 90), p=random.dirichlet(np.full(classes, 0.5)))
    wrong = random.random(reference.shape) < random.uniform(0.05, 0.6)
    mask = np.where(wrong, random.integers(0, classes, reference.shape), reference)
    if seed % 3 == 0:
        mask[mask == classes - 1] = 0  # a class that only the reference knows
    if seed % 4 == 0:
        reference[reference == 0] = 1  # and one that only the mask knows
    return mask.astype(np.uint8), reference.astype(np.uint8), classes


def close(ours: list[float | None], theirs) -> bool:
    values = [np.nan if value is None else value for value in ours]
    return np.allclose(values, np.asarray(theirs, float), atol=1e-12, equal_nan=True)


@pytest.mark.parametrize("seed", range(12))
def test_scores_equal_those_of_scikit_learn(seed):
    mask, reference, _ = masks(seed)
    counts = PairCounts()
    for rows in np.array_split(np.arange(len(mask)), 5):
        counts.add(mask[rows].ravel(), reference[rows].ravel())
    values = counts.values()
    matrix = counts.matrix(values)
    ours = scores_of(matrix, values)
    true, said = reference.ravel(), mask.ravel()
    assert (metrics.confusion_matrix(true, said, labels=values) == matrix.T).all()
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(true, said, labels=values, zero_division=np.nan)
    assert close([c.precision for c in ours.classes], precision)
    assert close([c.recall for c in ours.classes], recall)
    assert close([c.f1 for c in ours.classes], f1)
    iou = metrics.jaccard_score(true, said, labels=values, average=None, zero_division=0)
    assert close([c.iou for c in ours.classes], iou)
    means = [ours.mean_iou, ours.mean_f1, ours.mean_precision, ours.mean_recall]
    assert close(means, [np.mean(iou), np.nanmean(f1), np.nanmean(precision), np.nanmean(recall)])
    assert ours.accuracy == pytest.approx(metrics.accuracy_score(true, said), abs=1e-12)
    assert ours.kappa == pytest.approx(metrics.cohen_kappa_score(true, said), abs=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_scores_equal_those_of_torchmetrics(seed):
    mask, reference, classes = masks(seed)
    counts = PairCounts()
    counts.add(mask.ravel(), reference.ravel())
    values = counts.values()
    ours = scores_of(counts.matrix(values), values)
    said, true = torch.from_numpy(mask).long().ravel(), torch.from_numpy(reference).long().ravel()

    def each(name: str, **more) -> np.ndarray:
        return getattr(torch_metrics, name)(said, true, num_classes=classes, **more).numpy()

    theirs = each("multiclass_jaccard_index", average="none")[values]
    assert np.allclose([c.iou for c in ours.classes], theirs, atol=1e-6)
    assert np.allclose([c.f1 for c in ours.classes], each("multiclass_f1_score", average="none")[values], atol=1e-6)
    assert ours.mean_iou == pytest.approx(float(each("multiclass_jaccard_index", average="macro")), abs=1e-6)
    assert ours.accuracy == pytest.approx(float(each("multiclass_accuracy", average="micro")), abs=1e-6)
    assert ours.kappa == pytest.approx(float(each("multiclass_cohen_kappa")), abs=1e-5)
