"""Computes the metrics of a comparison, and the JSON document of the results."""

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

_LARGEST_SAMPLE = 0.5  # a reference of more than half of the mask does not count as a sample
_RECOMMENDED_SAMPLES = 50  # per rare class: Olofsson et al. (2014), section 5.1.2


@dataclass(frozen=True)
class Metrics:
    """Metrics of a comparison."""

    values: tuple[int, ...]
    """(n,) values of mask and reference, in the order of ``matrix`` and ``estimates``."""
    uncertain: frozenset[int]
    """Those of ``values`` that are not a class."""
    background: Optional[int]
    """See :func:`.agreement_of`."""
    matrix: np.ndarray
    """(n, n) int64 samples; rows are the mask's values, columns the reference's."""
    design: str
    """``points``, ``patches``, ``most`` (more than half of the mask was compared) or ``all``."""
    coverage: float
    """Compared share of the mask, 0 to 1."""
    estimates: Stratified
    agreement_counts: dict[Agreement, int]
    """Samples per kind of agreement."""


def compute_metrics(comparison: Comparison, table: ClassTable, ignored: Sequence[int], points: bool) -> Metrics:
    """Compute the metrics from counts.

    Args:
        table: class names of the mask.
        ignored: values without a row and column in the matrix.
        points: whether the reference consists of points.
    """
    pairs, tally = comparison.pairs, comparison.tally
    uncertain = table.uncertain - set(ignored)
    values = tuple(sorted((set(pairs.values()) | set(tally.pixels) | set(table.names)) - set(ignored)))
    values = tuple(v for v in values if v not in uncertain or tally.pixels.get(v))
    matrix = pairs.matrix(values)
    coverage = pairs.total / sum(tally.pixels.values())
    design = "points" if points else "all" if coverage == 1 else "most" if coverage > _LARGEST_SAMPLE else "patches"
    # Points that were drawn in an area of interest, or a design of their own, are weighted by it.
    area = {v: stratum.area for v, stratum in comparison.design.items()} if fits_design(comparison) else tally.area
    mapped = [area.get(v, 0.0) for v in values]
    estimates = estimate(matrix, mapped, values, uncertain, census=design in ("all", "most"))
    classes = [v for v in values if v not in uncertain]
    background = min(classes) if len(classes) == 2 else None
    triples = np.array([(m, r, n) for (m, r), n in pairs.pairs.items()], np.int64)
    kind = agreement_of(triples[:, 0], triples[:, 1], background, uncertain)
    agreement_counts = {k: int(triples[kind == k, 2].sum()) for k in Agreement}
    return Metrics(values, uncertain, background, matrix, design, coverage, estimates, agreement_counts)


def fits_design(comparison: Comparison) -> bool:
    """Whether the points carry a design, and lie in the classes of the mask that they were drawn in."""
    return bool(comparison.design) and not comparison.elsewhere


def _design_warnings(comparison: Comparison) -> list[str]:
    warnings = []
    if comparison.elsewhere:
        warnings.append(
            tr(
                "{:,} points lie in another class of the mask than the one that they were drawn in: this is not the "
                "mask of the sample. The areas of this mask are used in place of the design's."
            ).format(comparison.elsewhere)
        )
    drawn = sum(s.points for s in comparison.design.values())
    used = sum(comparison.in_stratum.values())
    if comparison.design and used != drawn:
        warnings.append(
            tr(
                "{:,} of the {:,} points drawn are compared. The estimates are right only if the others are missing "
                "at random."
            ).format(used, drawn)
        )
    return warnings


def warnings_of(
    metrics: Metrics, comparison: Comparison, table: ClassTable, reference_table: Optional[ClassTable]
) -> list[str]:
    """Return the warnings that qualify the metrics."""

    def names(values: Sequence[int]) -> str:
        return ", ".join(table.style_of(v, reference_table).name for v in values)

    warnings = _design_warnings(comparison)
    references = [v for i, v in enumerate(metrics.values) if metrics.matrix[:, i].any()]
    if len(references) == 1:
        warnings.append(
            tr("The reference knows the class {} only, so it cannot tell where the mask says it in vain.").format(
                names(references)
            )
        )
    if metrics.design == "patches":
        warnings.append(
            tr(
                "The reference is made of areas, not of single points: pixels beside each other are alike, so the real "
                "uncertainty is larger than the intervals say. Random points give intervals to rely on."
            )
        )
    if metrics.estimates.left_out:
        warnings.append(
            tr("Fewer than two samples lie in {}: areas and intervals are of the rest of the mask.").format(
                names(metrics.estimates.left_out)
            )
        )
    few = [v for v, n in zip(metrics.values, metrics.matrix.sum(1)) if 2 <= n < _RECOMMENDED_SAMPLES]
    if metrics.design in ("points", "patches") and few:
        warnings.append(
            tr("Fewer than {} samples lie in {}: their intervals are rough.").format(_RECOMMENDED_SAMPLES, names(few))
        )
    perfect = [c.value for c in metrics.estimates.classes if c.users and c.users.se == 0]
    if perfect:
        warnings.append(
            tr(
                "All samples in {} agree, so their intervals are 0 wide. That is no certainty: take more samples."
            ).format(names(perfect))
        )
    uncertain_pixels = sum(comparison.tally.pixels.get(v, 0) for v in metrics.uncertain)
    if uncertain_pixels:
        share = 100 * uncertain_pixels / sum(comparison.tally.pixels.values())
        warnings.append(
            tr(
                "{:.2f} % of the mask is unsure ({}). Unsure pixels count as not correct and lower accuracy and "
                "recall; with IGNORE={} they are left out."
            ).format(share, *[", ".join(map(str, sorted(metrics.uncertain)))] * 2)
        )
    return warnings


def design_text(metrics: Metrics) -> str:
    """Return how far the intervals can be trusted, in a few sentences."""
    if metrics.design == "all":
        return tr(
            "The reference covers the whole mask: nothing was sampled, so there is no sampling error, and intervals "
            "would mean nothing. Areas are counted. The reference's own mistakes are not in these figures."
        )
    if metrics.design == "most":
        return tr(
            "The reference covers {:.1f} % of the mask. That is no sample, so intervals would mean nothing; what it "
            "does not cover is taken to be like the rest of the same class."
        ).format(100 * metrics.coverage)
    return tr(
        "Estimated from the samples in each class of the mask, weighted by its area (stratified estimator, Olofsson et "
        "al. 2014, doi:10.1016/j.rse.2014.02.015), with 95 % confidence intervals. It holds for samples drawn at "
        "random within the classes."
    )


def metrics_json(
    metrics: Metrics, comparison: Comparison, mask: MaskFile, table: ClassTable, reference_table: Optional[ClassTable]
) -> dict[str, Any]:
    """Return the JSON document without its inputs; undefined values are None, never NaN."""
    scores = scores_of(metrics.matrix, metrics.values, metrics.uncertain)
    styles = {v: table.style_of(v, reference_table) for v in metrics.values}
    return {
        "accuracy": scores.accuracy,
        "kappa": scores.kappa,
        "mean": {
            "iou": scores.mean_iou,
            "f1": scores.mean_f1,
            "precision": scores.mean_precision,
            "recall": scores.mean_recall,
        },
        "classes": [
            {**_scored(c), "name": styles[c.value].name, "color": styles[c.value].color} for c in scores.classes
        ],
        "confusion": {
            "rows": "mask",
            "columns": "reference",
            "values": list(metrics.values),
            "names": [styles[v].name for v in metrics.values],
            "counts": metrics.matrix.tolist(),
        },
        "unsure": sorted(metrics.uncertain & set(metrics.values)),
        "pixels": {
            "mask": comparison.pixels,
            "compared": comparison.pairs.total,
            "mask_nodata": comparison.nodata,
            "mask_ignored": comparison.mask_ignored,
            "unlabelled": comparison.unlabelled,
            "reference_ignored": comparison.reference_ignored,
            "by_class": {str(v): n for v, n in sorted(comparison.tally.pixels.items())},
        },
        "agreement": {k.name.lower(): n for k, n in metrics.agreement_counts.items() if k >= Agreement.BACKGROUND},
        "areas": _areas(metrics, mask, styles),
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


def _areas(metrics: Metrics, mask: MaskFile, styles: dict[int, Any]) -> dict[str, Any]:
    estimates = metrics.estimates
    total = estimates.population
    return {
        "method": "stratified estimator, Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015",
        "design": metrics.design,
        "coverage": metrics.coverage,
        "sampling_error": metrics.design in ("points", "patches"),
        "about": design_text(metrics),
        "unit": mask.area_unit,
        "z": Z_95,
        "population": total,
        "left_out": list(estimates.left_out),
        "overall_accuracy": _interval(estimates.overall, 1.0),
        "proportions": estimates.proportions.tolist(),
        "classes": [
            {
                "value": c.value,
                "name": styles[c.value].name,
                "mapped": c.mapped,
                "estimated": _interval(c.area, total),
                "users_accuracy": _interval(c.users, 1.0),
                "producers_accuracy": _interval(c.producers, 1.0),
            }
            for c in estimates.classes
        ],
    }


def _interval(estimated: Optional[Estimate], largest: float) -> Optional[dict[str, Optional[float]]]:
    if estimated is None:
        return None
    half = estimated.half_width
    return {
        "value": estimated.value,
        "standard_error": estimated.se,
        "half_width_95": half,
        "low_95": None if half is None else max(0.0, estimated.value - half),
        "high_95": None if half is None else min(largest, estimated.value + half),
    }
