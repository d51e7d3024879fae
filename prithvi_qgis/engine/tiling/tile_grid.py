"""Positions of tiles on a scene, and the weights of their predictions. Pure functions of numbers.

The rules are TerraTorch's (``terratorch/tasks/tiled_inference.py``), so that masks equal TerraTorch's. What TerraTorch
leaves undefined (one side shorter than a tile, the other longer) is defined here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

import numpy as np

BLEND_FLOOR = 1e-6  # TerraTorch's: every covered pixel has a weight above 0


@dataclass(frozen=True, eq=False)
class Axis:
    """Tiles along one axis."""

    size: int
    """Pixels of the scene."""
    crop: int
    """Pixels of a tile's input."""
    read_starts: tuple[int, ...]
    """Scene pixel where each tile's input begins; outside the scene pixels are reflected."""
    core_starts: tuple[int, ...]
    """Scene pixel where each tile's kept part begins."""
    core: int
    """Pixels of the kept part."""
    trim: int
    """Pixels of the tile's output before the kept part."""
    ramp: np.ndarray
    """(core,) float32 weights of the kept part."""

    def __len__(self) -> int:
        return len(self.read_starts)

    def final_until(self, index: int) -> int:
        """Return the scene pixel before which no tile after ``index`` contributes."""
        return self.size if index + 1 == len(self) else self.core_starts[index + 1]

    def weight_sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (size,) float64 sums of ramps, and counts of tiles, at each pixel.

        A tile's 2-D weight is ``ramp_y * ramp_x + BLEND_FLOOR``, so the sum over all tiles at a pixel is
        ``ramps_y * ramps_x + BLEND_FLOOR * counts_y * counts_x``: no 2-D sum is stored.
        """
        ramps, counts = np.zeros(self.size), np.zeros(self.size)
        for start in self.core_starts:
            ramps[start : start + self.core] += self.ramp
            counts[start : start + self.core] += 1
        return ramps, counts


def span(axis: Axis, index: int) -> tuple[int, int]:
    """Return the first scene pixel of tile ``index``'s input, and the one after the last."""
    start = axis.read_starts[index]
    return max(start, 0), min(start + axis.crop, axis.size)


@dataclass(frozen=True, eq=False)
class TilePlan:
    """Tiles of a scene: a grid of ``rows`` x ``cols``."""

    rows: Axis
    """From top to bottom."""
    cols: Axis
    """From left to right."""

    @property
    def count(self) -> int:
        """Number of tiles."""
        return len(self.rows) * len(self.cols)

    def contiguous_slice(self, tiles: Sequence[tuple[int, int]]) -> Optional[slice]:
        """Return the slice of these (row, column) tiles in row-major numbering; None if they are not contiguous."""
        first, last = (row * len(self.cols) + col for row, col in (tiles[0], tiles[-1]))
        return slice(first, last + 1) if last + 1 - first == len(tiles) else None

    def blend_mask(self) -> np.ndarray:
        """Return (rows.core, cols.core) float32 weights of a tile's kept pixels."""
        return self.rows.ramp[:, None] * self.cols.ramp[None, :] + np.float32(BLEND_FLOOR)


@lru_cache(maxsize=64)
def plan_tiles(height: int, width: int, crop: int, stride: int, margin: int) -> TilePlan:
    """Cover a scene with tiles; the same arguments return the same object, so that caches can use it as key.

    Args:
        height: of the scene, in pixels, at least 1.
        width: likewise.
        crop: side of a tile's input.
        stride: step between tiles, 1 to ``crop``; ``crop`` means no overlap and no margin.
        margin: pixels trimmed from each side of a prediction (TerraTorch's ``delta``); at most half the overlap.
    Raises:
        ValueError: a number out of range.
    """
    if min(height, width) < 1 or not 1 <= stride <= crop or margin < 0:
        raise ValueError(f"cannot tile {height} x {width} with crop {crop}, stride {stride}, margin {margin}")
    margin = min(margin, (crop - stride) // 2)
    if height <= crop and width <= crop:
        return TilePlan(_single(height, crop), _single(width, crop))
    return TilePlan(_axis(height, crop, stride, margin), _axis(width, crop, stride, margin))


def _single(size: int, crop: int) -> Axis:
    """Return one tile from the first pixel, reflected up to ``crop``, without margin and blending."""
    return Axis(size, crop, (0,), (0,), size, 0, np.ones(size, np.float32))


def _axis(size: int, crop: int, stride: int, margin: int) -> Axis:
    core = crop - 2 * margin
    if size < core:
        return _single(size, crop)
    padded = size + 2 * margin
    starts: list[int] = []
    covered = 0
    for start in (*range(0, padded - crop - 1, stride), padded - crop):
        if start > covered:
            # TerraTorch's range skips a tile where the last two would be one pixel apart; without overlap that leaves
            # a pixel without prediction, and TerraTorch fails.
            starts.append(covered)
        starts.append(start)
        covered = start + core
    return Axis(
        size=size,
        crop=crop,
        read_starts=tuple(s - margin for s in starts),
        core_starts=tuple(starts),
        core=core,
        trim=margin,
        ramp=_ramp(crop, stride, margin),
    )


def _ramp(crop: int, stride: int, margin: int) -> np.ndarray:
    """Return the (crop - 2 * margin,) float32 cosine ramp of TerraTorch's ``get_blend_mask`` along one axis."""
    overlap = min(crop // 2, crop - stride) - margin
    ramp = np.ones(crop - 2 * margin, np.float32)
    if overlap:
        steps = np.arange(1, min(overlap, len(ramp)) + 1, dtype=np.float32)
        fall = np.cos(np.float32(math.pi) * steps / np.float32(overlap + 1)) / 2 + np.float32(0.5)
        ramp[: len(fall)] = fall[::-1]
        ramp[-len(fall) :] = fall
    return ramp


@dataclass(frozen=True)
class ColumnStrip:
    """Neighbouring tile columns that are processed together, so that memory does not grow with a scene's width."""

    first: int
    """First tile column."""
    last: int
    """Tile column after the last."""
    begin: int
    """First scene column of its sums: ``final`` of the previous strip."""
    final: int
    """Scene column before which its sums are complete; a multiple of the output's block."""
    end: int
    """Scene column after its last sum; ``final`` to ``end`` is the seam that the next strip completes."""


def plan_column_strips(cols: Axis, max_columns: int, block: int) -> list[ColumnStrip]:
    """Divide the tile columns into strips whose sums are about ``max_columns`` scene columns wide.

    Every strip advances by at least one block of the output, even beyond ``max_columns``.
    """
    strips: list[ColumnStrip] = []
    first = begin = 0
    while first < len(cols):
        last = first + 1
        while last < len(cols):
            advances = _block_floor(cols, last, block) > begin
            fits = cols.core_starts[last] + cols.core - begin <= max_columns
            if advances and not fits:
                break
            last += 1
        final = _block_floor(cols, last, block)
        end = cols.core_starts[last - 1] + cols.core
        strips.append(ColumnStrip(first, last, begin, final, end))
        first, begin = last, final
    return strips


def _block_floor(cols: Axis, last: int, block: int) -> int:
    """Return the scene column before which sums of the tiles before ``last`` are complete, rounded down to a block."""
    return cols.size if last == len(cols) else cols.core_starts[last] // block * block
