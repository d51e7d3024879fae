"""All that an evaluation found, as the JSON file holds it and the page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np

from ...accuracy.agreement import Agreement, agreement_of
from ...accuracy.scores import ClassScores, scores_of
from ...accuracy.stratified import Z_95, Estimate, Stratified, estimate
from ..base import tr
from .class_table import ClassTable
from .compare import Comparison
from .mask_file import MaskFile

_MOST = 0.5  # a reference of more than half of the mask is no sample of it
_ENOUGH_SAMPLES = 50  # of a class: Olofsson et al. (2014), section 5.1.2, for the rare ones


@dataclass(frozen=True)
class Judged:
    """Figures of a comparison.

    Attributes:
        values: rows and columns of ``matrix`` (int64 samples) and ``estimates``.
        unsure: those of them that are no class. background: see :func:`agreement_of`.
        design: ``points``, ``patches``, ``most`` (more than half of the mask was compared) or ``all``.
        kinds: samples of each kind of agreement.
    """

    values: tuple[int, ...]
    unsure: frozenset[int]
    background: Optional[int]
    matrix: np.ndarray
    design: str
    coverage: float
    estimates: Stratified
    kinds: dict[Agreement, int]


def judge(found: Comparison, table: ClassTable, ignored: Sequence[int], points: bool) -> Judged:
    """Compute from counts; ``ignored`` are values without a row of their own."""
    pairs, tally = found.pairs, found.tally
    unsure = table.unsure - set(ignored)
    values = tuple(sorted((set(pairs.values()) | set(tally.pixels) | set(table.names)) - set(ignored)))
    values = tuple(v for v in values if v not in unsure or tally.pixels.get(v))
    matrix = pairs.matrix(values)
    coverage = pairs.total / sum(tally.pixels.values())
    design = "points" if points else "all" if coverage == 1 else "most" if coverage > _MOST else "patches"
    mapped = [tally.area.get(v, 0.0) for v in values]
    estimates = estimate(matrix, mapped, values, unsure, census=design in ("all", "most"))
    classes = [v for v in values if v not in unsure]
    background = min(classes) if len(classes) == 2 else None
    met = np.array([(m, r, n) for (m, r), n in pairs.pairs.items()], np.int64)
    kind = agreement_of(met[:, 0], met[:, 1], background, unsure)
    kinds = {k: int(met[kind == k, 2].sum()) for k in Agreement}
    return Judged(values, unsure, background, matrix, design, coverage, estimates, kinds)


def warnings_of(judged: Judged, found: Comparison, table: ClassTable, other: Optional[ClassTable]) -> list[str]:
    """What a reader has to know before quoting a figure."""

    def names(values: Sequence[int]) -> str:
        return ", ".join(table.look(v, other).name for v in values)

    told = []
    references = [v for i, v in enumerate(judged.values) if judged.matrix[:, i].any()]
    if len(references) == 1:
        told.append(
            tr("The reference knows the class {} only, so it cannot tell where the mask says it in vain.").format(
                names(references)
            )
        )
    if judged.design == "patches":
        told.append(
            tr(
                "The reference is made of areas, not of single points: pixels beside each other are alike, so the real "
                "uncertainty is larger than the intervals say. Random points give intervals to rely on."
            )
        )
    if judged.estimates.left_out:
        told.append(
            tr("Fewer than two samples lie in {}: areas and intervals are of the rest of the mask.").format(
                names(judged.estimates.left_out)
            )
        )
    few = [v for v, n in zip(judged.values, judged.matrix.sum(1)) if 2 <= n < _ENOUGH_SAMPLES]
    if judged.design in ("points", "patches") and few:
        told.append(
            tr("Fewer than {} samples lie in {}: their intervals are rough.").format(_ENOUGH_SAMPLES, names(few))
        )
    flawless = [c.value for c in judged.estimates.classes if c.users and c.users.se == 0]
    if flawless:
        told.append(
            tr(
                "All samples in {} agree, so their intervals are 0 wide. That is no certainty: take more samples."
            ).format(names(flawless))
        )
    doubtful = sum(found.tally.pixels.get(v, 0) for v in judged.unsure)
    if doubtful:
        share = 100 * doubtful / sum(found.tally.pixels.values())
        told.append(
            tr(
                "{:.2f} % of the mask is unsure ({}). Unsure pixels count as not correct and lower accuracy and "
                "recall; with IGNORE={} they are left out."
            ).format(share, *[", ".join(map(str, sorted(judged.unsure)))] * 2)
        )
    return told


def design_text(judged: Judged) -> str:
    """What the intervals are worth, in a sentence."""
    if judged.design == "all":
        return tr(
            "The reference covers the whole mask: nothing was sampled, so there is no sampling error, and intervals "
            "would mean nothing. Areas are counted. The reference's own mistakes are not in these figures."
        )
    if judged.design == "most":
        return tr(
            "The reference covers {:.1f} % of the mask. That is no sample, so intervals would mean nothing; what it "
            "does not cover is taken to be like the rest of the same class."
        ).format(100 * judged.coverage)
    return tr(
        "Estimated from the samples in each class of the mask, weighted by its area (stratified estimator, Olofsson et "
        "al. 2014, doi:10.1016/j.rse.2014.02.015), with 95 % confidence intervals. It holds for samples drawn at "
        "random within the classes."
    )


def document(
    judged: Judged, found: Comparison, mask: MaskFile, table: ClassTable, other: Optional[ClassTable]
) -> dict[str, Any]:
    """Everything but where it comes from; no NaN, what is undefined is None."""
    scores = scores_of(judged.matrix, judged.values, judged.unsure)
    looks = {v: table.look(v, other) for v in judged.values}
    return {
        "accuracy": scores.accuracy,
        "kappa": scores.kappa,
        "mean": {
            "iou": scores.mean_iou,
            "f1": scores.mean_f1,
            "precision": scores.mean_precision,
            "recall": scores.mean_recall,
        },
        "classes": [{**_scored(c), "name": looks[c.value].name, "color": looks[c.value].color} for c in scores.classes],
        "confusion": {
            "rows": "mask",
            "columns": "reference",
            "values": list(judged.values),
            "names": [looks[v].name for v in judged.values],
            "counts": judged.matrix.tolist(),
        },
        "unsure": sorted(judged.unsure & set(judged.values)),
        "pixels": {
            "mask": found.pixels,
            "compared": found.pairs.total,
            "mask_nodata": found.nodata,
            "mask_ignored": found.mask_ignored,
            "unlabelled": found.unlabelled,
            "reference_ignored": found.reference_ignored,
            "by_class": {str(v): n for v, n in sorted(found.tally.pixels.items())},
        },
        "agreement": {k.name.lower(): n for k, n in judged.kinds.items() if k >= Agreement.BACKGROUND},
        "areas": _areas(judged, mask, looks),
    }


def _scored(c: ClassScores) -> dict[str, Any]:
    occurs = {(True, True): "both", (True, False): "mask", (False, True): "reference", (False, False): "neither"}
    return {
        "value": c.value,
        "occurs_in": occurs[c.mask > 0, c.reference > 0],
        "mask_samples": c.mask,
        "reference_samples": c.reference,
        "correct_samples": c.correct,
        "iou": c.iou,
        "f1": c.f1,
        "precision": c.precision,
        "recall": c.recall,
    }


def _areas(judged: Judged, mask: MaskFile, looks: dict[int, Any]) -> dict[str, Any]:
    estimates = judged.estimates
    total = estimates.population
    return {
        "method": "stratified estimator, Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015",
        "design": judged.design,
        "coverage": judged.coverage,
        "sampling_error": judged.design in ("points", "patches"),
        "about": design_text(judged),
        "unit": mask.area_unit,
        "z": Z_95,
        "population": total,
        "left_out": list(estimates.left_out),
        "overall_accuracy": _interval(estimates.overall, 1.0),
        "proportions": estimates.proportions.tolist(),
        "classes": [
            {
                "value": c.value,
                "name": looks[c.value].name,
                "mapped": c.mapped,
                "estimated": _interval(c.area, total),
                "users_accuracy": _interval(c.users, 1.0),
                "producers_accuracy": _interval(c.producers, 1.0),
            }
            for c in estimates.classes
        ],
    }


def _interval(found: Optional[Estimate], largest: float) -> Optional[dict[str, Optional[float]]]:
    if found is None:
        return None
    half = found.half_width
    return {
        "value": found.value,
        "standard_error": found.se,
        "half_width_95": half,
        "low_95": None if half is None else max(0.0, found.value - half),
        "high_95": None if half is None else min(largest, found.value + half),
    }
