"""Stratified random samples: how many points each class of a map gets, and which of its pixels.

Olofsson, Foody, Herold, Stehman, Woodcock and Wulder (2014), Good practices for estimating area and assessing accuracy
of land change, Remote Sensing of Environment 148, 42-57, doi:10.1016/j.rse.2014.02.015, section 5.1: proportional
allocation is best for overall accuracy, equal allocation for user's accuracy, and their advice lies between: a minimum
of 50 to 100 for rare classes, and the rest in proportion to area.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import numpy as np

FLOOR = 50  # points of a rare class
LEAST = 2  # fewer have no variance


class Allocation(enum.Enum):
    """Ways to divide points among classes."""

    PROPORTIONAL = 0
    EQUAL = 1
    OLOFSSON = 2


def allocate(areas: Mapping[int, float], pixels: Mapping[int, int], count: int, how: Allocation) -> dict[int, int]:
    """Return the number of points per class; their sum is ``count``, or the number of pixels where that is less.

    Args:
        areas: area per class, above 0.
        pixels: pixels per class, the most points that it can have.
        count: points in all, at least ``LEAST`` per class.
        how: the way to divide them; each class gets ``LEAST`` at least.
    """
    classes = sorted(areas)
    weights = np.array([1.0 if how is Allocation.EQUAL else areas[v] for v in classes])
    floor = min(FLOOR, count // len(classes)) if how is Allocation.OLOFSSON else LEAST
    most = np.array([pixels[v] for v in classes])
    least = np.minimum(floor, most)
    count = min(count, int(most.sum()))
    exact = _between(weights, float(count), least, most)
    points = np.floor(exact).astype(int)
    by_remainder = np.argsort(points - exact, kind="stable")  # the largest remainder first
    for index in [i for i in by_remainder if points[i] < most[i]][: count - int(points.sum())]:
        points[index] += 1
    return dict(zip(classes, points.tolist()))


def _between(weights: np.ndarray, total: float, least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Return shares of ``total`` in proportion to weights where they lie within both bounds, else the bound."""
    low, high = 0.0, total / weights.min() + most.max()
    for _ in range(200):  # the factor by which weights become shares
        middle = (low + high) / 2
        if np.clip(middle * weights, least, most).sum() < total:
            low = middle
        else:
            high = middle
    return np.clip(high * weights, least, most)


class SpacedPoints:
    """Points that keep a distance from each other, found by a grid whose cells have the distance as their side.

    Args:
        distance: the least distance, in the unit of the coordinates; 0 accepts every point.
    """

    def __init__(self, distance: float):
        self._distance = distance
        self._cells: dict[tuple[int, ...], list[np.ndarray]] = {}

    def accept(self, place: np.ndarray) -> bool:
        """Keep a point at (dimensions,) coordinates unless one that is kept is nearer than the distance."""
        if self._distance <= 0:
            return True
        cell = tuple(np.floor(place / self._distance).astype(int).tolist())
        around = np.array(np.meshgrid(*([-1, 0, 1],) * len(cell))).reshape(len(cell), -1).T
        for step in around:
            for other in self._cells.get(tuple((np.array(cell) + step).tolist()), ()):
                if np.linalg.norm(other - place) < self._distance:
                    return False
        self._cells.setdefault(cell, []).append(place)
        return True
