"""Count pairs of mask and reference values window by window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

_BYTE = 256


class TooManyValues(ValueError):
    """More distinct values than classes can have; ``args[0]`` is the limit."""


@dataclass
class PairCounts:
    """Number of pixels per pair (mask value, reference value)."""

    limit: int = 256
    """Largest number of distinct values on either side."""
    pairs: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, mask: np.ndarray, reference: np.ndarray) -> None:
        """Count two (n,) integer arrays pixel by pixel.

        Raises:
            TooManyValues: more than ``limit`` distinct values on either side.
        """
        if not mask.size:
            return
        if _are_bytes(mask) and _are_bytes(reference):
            counts = np.bincount(mask.astype(np.int64) * _BYTE + reference, minlength=_BYTE * _BYTE)
            for code in np.flatnonzero(counts):
                self._put(int(code) // _BYTE, int(code) % _BYTE, int(counts[code]))
        else:
            rows, row = np.unique(mask, return_inverse=True)
            columns, column = np.unique(reference, return_inverse=True)
            if max(len(rows), len(columns)) > self.limit:
                raise TooManyValues(self.limit)
            counts = np.bincount(row.ravel() * len(columns) + column.ravel(), minlength=len(rows) * len(columns))
            for code in np.flatnonzero(counts):
                self._put(int(rows[code // len(columns)]), int(columns[code % len(columns)]), int(counts[code]))
        for side in (0, 1):
            if len({pair[side] for pair in self.pairs}) > self.limit:
                raise TooManyValues(self.limit)

    @property
    def total(self) -> int:
        """Number of counted pixels."""
        return sum(self.pairs.values())

    def values(self) -> list[int]:
        """Return the values of either side in ascending order."""
        return sorted({value for pair in self.pairs for value in pair})

    def matrix(self, values: Iterable[int]) -> np.ndarray:
        """Return the confusion matrix as (n, n) int64: rows are the mask's ``values``, columns the reference's."""
        index = {value: i for i, value in enumerate(values)}
        counts = np.zeros((len(index), len(index)), np.int64)
        for (mask, reference), count in self.pairs.items():
            counts[index[mask], index[reference]] = count
        return counts

    def _put(self, mask: int, reference: int, count: int) -> None:
        self.pairs[mask, reference] = self.pairs.get((mask, reference), 0) + count


@dataclass
class ClassTally:
    """Pixels and area per value of a whole mask: the strata of an area estimate."""

    limit: int = 256
    pixels: dict[int, int] = field(default_factory=dict)
    area: dict[int, float] = field(default_factory=dict)

    def add(self, values: np.ndarray, areas: np.ndarray) -> None:
        """Count (n,) integer values with the area of each pixel.

        Raises:
            TooManyValues: more than ``limit`` distinct values.
        """
        if not values.size:
            return
        if _are_bytes(values):
            found, index = np.arange(_BYTE), values
        else:
            found, index = np.unique(values, return_inverse=True)
        counts = np.bincount(index.ravel(), minlength=len(found))
        sums = np.bincount(index.ravel(), weights=areas, minlength=len(found))
        found, counts, sums = (a[counts > 0] for a in (found, counts, sums))
        for value, count, area in zip(found.tolist(), counts.tolist(), sums.tolist()):
            self.pixels[value] = self.pixels.get(value, 0) + count
            self.area[value] = self.area.get(value, 0.0) + area
        if len(self.pixels) > self.limit:
            raise TooManyValues(self.limit)


def _are_bytes(values: np.ndarray) -> bool:
    return values.dtype == np.uint8 or bool(values.min() >= 0 and values.max() < _BYTE)
