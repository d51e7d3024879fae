"""Agreement of a mask with its reference per pixel, and its overview at reduced size."""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import Optional

import numpy as np


class Agreement(enum.IntEnum):
    """Agreement of one pixel."""

    NOTHING = 0  # no data in the mask
    NOT_COMPARED = 1
    BACKGROUND = 2  # both are background
    HIT = 3  # both are the same class
    FALSE_ALARM = 4  # the mask has a class, the reference background
    MISS = 5  # the mask has background, the reference a class
    CONFUSED = 6  # two different classes
    UNSURE = 7  # the mask is uncertain


def agreement_of(
    mask: np.ndarray, reference: np.ndarray, background: Optional[int], uncertain: Collection[int] = ()
) -> np.ndarray:
    """Compare two arrays of equal shape pixel by pixel; returns :class:`Agreement` as uint8.

    Args:
        background: the value without a feature of interest; None if every class is of interest.
        uncertain: mask values that are never correct.
    """
    same = mask == reference
    agreement = np.where(same, Agreement.HIT, Agreement.CONFUSED).astype(np.uint8)
    if background is not None:
        nothing = reference == background
        agreement[same & nothing] = Agreement.BACKGROUND
        agreement[~same & nothing] = Agreement.FALSE_ALARM
        agreement[~same & ~nothing & (mask == background)] = Agreement.MISS
    agreement[np.isin(mask, list(uncertain))] = Agreement.UNSURE
    return agreement


class ThinnedMap:
    """An overview of mask and reference by nearest-neighbour sampling, filled window by window."""

    def __init__(self, width: int, height: int, side: int):
        """Start empty.

        Args:
            width, height: of the mask in pixels.
            side: largest width and height of the overview in cells.
        """
        factor = max(1.0, max(width, height) / side)
        size = (max(1, round(height / factor)), max(1, round(width / factor)))
        self.mask, self.reference = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self.state = np.zeros(size, np.uint8)  # NOTHING, NOT_COMPARED, or HIT for a compared pixel
        self._rows = ((np.arange(size[0]) + 0.5) * height / size[0]).astype(np.int64)
        self._columns = ((np.arange(size[1]) + 0.5) * width / size[1]).astype(np.int64)
        self._scale = (size[0] / height, size[1] / width)

    def put(
        self, left: int, top: int, mask: np.ndarray, inside: np.ndarray, reference: np.ndarray, compared: np.ndarray
    ) -> None:
        """Sample a (rows, columns) window at ``left``, ``top``; ``reference`` may contain NaN."""
        rows = _between(self._rows, top, top + mask.shape[0])
        columns = _between(self._columns, left, left + mask.shape[1])
        wanted = np.ix_(self._rows[rows] - top, self._columns[columns] - left)
        self.mask[rows, columns] = mask[wanted]
        self.reference[rows, columns] = np.where(compared[wanted], reference[wanted], 0)
        self.state[rows, columns] = np.where(
            compared[wanted], Agreement.HIT, np.where(inside[wanted], Agreement.NOT_COMPARED, Agreement.NOTHING)
        )

    def agreement(self, background: Optional[int], uncertain: Collection[int] = ()) -> np.ndarray:
        """Return :class:`Agreement` per cell as (rows, columns) uint8."""
        compared = agreement_of(self.mask, self.reference, background, uncertain)
        return np.where(self.state == Agreement.HIT, compared, self.state).astype(np.uint8)

    def cell(self, column: float, row: float) -> tuple[int, int]:
        """Return (row, column) of the cell that shows a position in pixels of the mask."""
        size = self.mask.shape
        return min(int(row * self._scale[0]), size[0] - 1), min(int(column * self._scale[1]), size[1] - 1)


def _between(positions: np.ndarray, first: int, end: int) -> slice:
    return slice(int(np.searchsorted(positions, first)), int(np.searchsorted(positions, end)))
