"""A mask in blocks of rows, which several workers make: what each of them has to compute. Pure functions of numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .tile_grid import Axis

GOOD_ROWS = 8  # tile rows of a block at which what is computed twice, a tile row or two, weighs little
LEAST_ROWS = 2


@dataclass(frozen=True)
class RowBlock:
    """Some rows of a mask, and the tile rows that decide them.

    Attributes:
        first: tile row at which computing begins: the first whose kept part reaches into the block.
        begin, end: tile rows ``begin <= row < end`` that finish the block's rows; those before give sums only.
        top, bottom: rows of the mask, the first and the one after the last.
    """

    first: int
    begin: int
    end: int
    top: int
    bottom: int

    @property
    def tile_rows(self) -> range:
        """Those that are computed."""
        return range(self.first, self.end)


def whole_block(rows: Axis) -> RowBlock:
    """All of a mask."""
    return RowBlock(0, 0, len(rows), 0, rows.size)


def row_block(rows: Axis, index: int, count: int) -> RowBlock:
    """Block ``index`` of ``count``: equal numbers of tile rows each, about.

    The sums of its rows get the same terms in the same order as in a mask made whole, so each pixel is the same.

    Raises:
        ValueError: there is no such block.
    """
    if not 0 <= index < count <= len(rows):
        raise ValueError(f"no block {index} of {count} in {len(rows)} tile rows")
    begin, end = (len(rows) * n // count for n in (index, index + 1))
    top = rows.core_starts[begin]
    first = next(row for row in range(begin + 1) if rows.core_starts[row] + rows.core > top)
    return RowBlock(first, begin, end, top, rows.final_until(end - 1))


def blocks_wanted(tile_rows: int, shares: float) -> int:
    """How many blocks a scene is cut into that is worth ``shares`` equal shares of the work; 1 leaves it whole.

    Two a share where they are large enough: a worker that is slow, or lost, then holds up half of it only.
    """
    if shares <= 1:
        return 1
    least = math.ceil(shares - 1e-6)  # of one scene and n workers it is n, whatever the division rounds
    if tile_rows >= 2 * least * GOOD_ROWS:
        return 2 * least
    return max(1, min(least, tile_rows // LEAST_ROWS))
