"""Divide a mask into blocks of rows for several workers. Pure functions of numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .tile_grid import Axis

GOOD_ROWS = 8  # tile rows of a block from which the one or two that are computed twice weigh little
MIN_ROWS = 2


@dataclass(frozen=True)
class RowBlock:
    """Some rows of a mask, and the tile rows that determine them."""

    first: int
    """First tile row to compute: the first whose kept part reaches into the block."""
    begin: int
    """First tile row that finishes rows of the block; those before it contribute sums only."""
    end: int
    """After the last tile row of the block."""
    top: int
    """First row of the mask."""
    bottom: int
    """Row of the mask after the last."""

    @property
    def tile_rows(self) -> range:
        """Tile rows to compute."""
        return range(self.first, self.end)


def whole_block(rows: Axis) -> RowBlock:
    """Return one block with all rows of a mask."""
    return RowBlock(0, 0, len(rows), 0, rows.size)


def row_block(rows: Axis, index: int, count: int) -> RowBlock:
    """Return block ``index`` of ``count``, with about equal numbers of tile rows.

    The sums of its rows have the same terms in the same sequence as without blocks, so the pixels are identical.

    Raises:
        ValueError: the block does not exist.
    """
    if not 0 <= index < count <= len(rows):
        raise ValueError(f"no block {index} of {count} in {len(rows)} tile rows")
    begin, end = (len(rows) * n // count for n in (index, index + 1))
    top = rows.core_starts[begin]
    first = next(row for row in range(begin + 1) if rows.core_starts[row] + rows.core > top)
    return RowBlock(first, begin, end, top, rows.final_until(end - 1))


def blocks_wanted(tile_rows: int, shares: float) -> int:
    """Return into how many blocks to divide a scene that is worth ``shares`` workers' equal shares of a run.

    Two blocks per share where they are large enough: a slow or lost worker then delays only half a share.
    """
    if shares <= 1:
        return 1
    least = math.ceil(shares - 1e-6)  # n for one scene and n workers, despite rounding
    if tile_rows >= 2 * least * GOOD_ROWS:
        return 2 * least
    return max(1, min(least, tile_rows // MIN_ROWS))
