"""Areas and accuracies with confidence intervals from a stratified random sample.

Olofsson, Foody, Herold, Stehman, Woodcock and Wulder (2014), Good practices for estimating area and assessing accuracy
of land change, Remote Sensing of Environment 148, 42-57, doi:10.1016/j.rse.2014.02.015, equations 1 to 11. The strata
are the classes of the map; within each the sample must be random.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np

Z_95 = 1.96  # as in the paper
SMALLEST_SAMPLE = 2  # per stratum; smaller ones have no variance


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error."""

    value: float
    se: Optional[float]
    """Standard error; None without sampling."""

    @property
    def half_width(self) -> Optional[float]:
        """Half the width of the 95 % confidence interval."""
        return None if self.se is None else Z_95 * self.se


@dataclass(frozen=True)
class ClassEstimate:
    """Estimates of one class."""

    value: int
    mapped: float
    """Area in the mask."""
    area: Optional[Estimate]
    """Estimated area of the class in the reference; None if its own stratum is left out."""
    users: Optional[Estimate]
    """User's accuracy; None if the class is not a sampled stratum."""
    producers: Optional[Estimate]
    """Producer's accuracy; None if the estimated area is 0 or None."""


@dataclass(frozen=True)
class Stratified:
    """Estimates of all classes."""

    classes: tuple[ClassEstimate, ...]
    proportions: np.ndarray
    """(n, n) error matrix in shares of area, rows mask, columns reference; the sum is 1."""
    overall: Optional[Estimate]
    """Overall accuracy by area; None without a sampled stratum."""
    population: float
    """Area of the sampled strata, which all estimates refer to."""
    left_out: tuple[int, ...]
    """Mask values with fewer than two samples, whose area is not estimated."""


def estimate(
    matrix: np.ndarray,
    mapped: Sequence[float],
    values: Sequence[int],
    uncertain: Collection[int] = (),
    census: bool = False,
) -> Stratified:
    """Estimate from a sample's confusion matrix and the map's areas.

    Args:
        matrix: (n, n) samples; rows are the mask's values, columns the reference's.
        mapped: (n,) area per value in the whole mask; 0 for a value that does not occur.
        values: (n,) the values.
        uncertain: mask values that are strata but not classes; never correct.
        census: every pixel of the map was compared, so there are no sampling errors.
    """
    counts, area = np.asarray(matrix, float), np.asarray(mapped, float)
    sizes = counts.sum(1)
    least = 1 if census else SMALLEST_SAMPLE
    sampled = (sizes >= least) & (area > 0)
    left_out = tuple(v for v, a, s in zip(values, area, sampled) if a > 0 and not s)
    population = float(area[sampled].sum())
    if population <= 0:
        known = [(value, float(a)) for value, a in zip(values, area) if value not in uncertain]
        empty = tuple(ClassEstimate(value, a, None, None, None) for value, a in known)
        return Stratified(empty, np.zeros_like(counts), None, 0.0, left_out)
    share = np.where(sampled, area, 0.0) / population  # W_i
    within = np.divide(counts, sizes[:, None], out=np.zeros_like(counts), where=sampled[:, None])  # n_ij / n_i
    # The variance of each stratum's proportions; a stratum without samples contributes nothing.
    spread = np.divide(within * (1 - within), (sizes - 1)[:, None], out=np.zeros_like(within), where=sizes[:, None] > 1)
    right = np.array([v not in uncertain for v in values])
    users, users_variance = np.diag(within) * right, np.diag(spread) * right
    proportions = share[:, None] * within

    def with_error(value: float, variance: float) -> Estimate:
        return Estimate(float(value), None if census else float(np.sqrt(variance)))

    totals = proportions.sum(0)  # equation 9
    area_variance = (share[:, None] ** 2 * spread).sum(0)  # equation 10
    classes = []
    for j, value in enumerate(values):
        if value in uncertain:
            continue
        # Most of a class lies in its own stratum: without samples there, neither is known.
        identified = sampled[j] or area[j] == 0
        producers = None
        if identified and totals[j] > 0:
            accuracy = share[j] * users[j] / totals[j]
            # Equation 7; N_i over N_.j are shares of the map here.
            others = area_variance[j] - share[j] ** 2 * spread[j, j]
            own = share[j] ** 2 * (1 - accuracy) ** 2 * users_variance[j]
            producers = with_error(accuracy, (own + accuracy**2 * others) / totals[j] ** 2)
        classes.append(
            ClassEstimate(
                value,
                float(area[j]),
                with_error(totals[j] * population, area_variance[j] * population**2) if identified else None,
                with_error(users[j], users_variance[j]) if sampled[j] else None,
                producers,
            )
        )
    overall = with_error(share @ users, (share**2 * users_variance).sum())
    return Stratified(tuple(classes), proportions, overall, population, left_out)
