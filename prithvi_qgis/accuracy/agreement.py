"""Where a mask and its reference agree, as kinds that a map can show, thinned to the map's size while it is walked."""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import Optional

import numpy as np


class Kind(enum.IntEnum):
    """What became of a pixel."""

    NOTHING = 0  # no data in the mask
    NOT_COMPARED = 1
    BACKGROUND = 2  # both say background
    HIT = 3  # both say the same class
    FALSE_ALARM = 4  # the mask says a class where the reference says background
    MISS = 5  # the mask says background where the reference says a class
    CONFUSED = 6  # two different classes
    UNSURE = 7  # the mask does not say


def kinds_of(
    mask: np.ndarray, reference: np.ndarray, background: Optional[int], unsure: Collection[int] = ()
) -> np.ndarray:
    """Kinds, uint8, of two arrays of compared values, pixel against pixel.

    Args:
        background: the value for "nothing here"; None where every class is one of interest.
        unsure: mask values that are never right.
    """
    same = mask == reference
    kinds = np.where(same, Kind.HIT, Kind.CONFUSED).astype(np.uint8)
    if background is not None:
        nothing = reference == background
        kinds[same & nothing] = Kind.BACKGROUND
        kinds[~same & nothing] = Kind.FALSE_ALARM
        kinds[~same & ~nothing & (mask == background)] = Kind.MISS
    kinds[np.isin(mask, list(unsure))] = Kind.UNSURE
    return kinds


class ThinnedMap:
    """A picture at most ``side`` pixels wide and high: each of its cells is the mask's pixel at the cell's middle.

    Attributes:
        mask, reference: values, int64. state: NOTHING, NOT_COMPARED, or HIT for a pixel that was compared.
    """

    def __init__(self, width: int, height: int, side: int):
        factor = max(1.0, max(width, height) / side)
        size = (max(1, round(height / factor)), max(1, round(width / factor)))
        self.mask, self.reference = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self.state = np.zeros(size, np.uint8)
        self._rows = ((np.arange(size[0]) + 0.5) * height / size[0]).astype(np.int64)
        self._columns = ((np.arange(size[1]) + 0.5) * width / size[1]).astype(np.int64)
        self._scale = (size[0] / height, size[1] / width)

    def put(
        self, left: int, top: int, mask: np.ndarray, inside: np.ndarray, reference: np.ndarray, compared: np.ndarray
    ) -> None:
        """Take what the picture shows of a (rows, columns) window at ``left``, ``top``; ``reference`` may be NaN."""
        rows = _between(self._rows, top, top + mask.shape[0])
        columns = _between(self._columns, left, left + mask.shape[1])
        wanted = np.ix_(self._rows[rows] - top, self._columns[columns] - left)
        self.mask[rows, columns] = mask[wanted]
        self.reference[rows, columns] = np.where(compared[wanted], reference[wanted], 0)
        self.state[rows, columns] = np.where(
            compared[wanted], Kind.HIT, np.where(inside[wanted], Kind.NOT_COMPARED, Kind.NOTHING)
        )

    def kinds(self, background: Optional[int], unsure: Collection[int] = ()) -> np.ndarray:
        """(rows, columns) uint8 of :class:`Kind`."""
        compared = self.state == Kind.HIT
        return np.where(compared, kinds_of(self.mask, self.reference, background, unsure), self.state).astype(np.uint8)

    def place(self, column: float, row: float) -> tuple[int, int]:
        """(row, column) in the picture of a place in the mask's pixels."""
        size = self.mask.shape
        return min(int(row * self._scale[0]), size[0] - 1), min(int(column * self._scale[1]), size[1] - 1)


def _between(places: np.ndarray, first: int, end: int) -> slice:
    return slice(int(np.searchsorted(places, first)), int(np.searchsorted(places, end)))
