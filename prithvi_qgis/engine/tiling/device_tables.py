"""What depends on a scene's size only, kept on the device: scenes of one size, as in a folder of chips, share it.

Tensors are read and never written to. They are small (a few megabytes for scenes of sixteen sizes), and given back with
:func:`clear_cache` when a run is over.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from ..device.streams import to_device
from .tile_grid import Axis, TilePlan, span

MOST_LISTED = 128  # tiles of a scene whose places are listed: a megabyte with tiles of 512
Pair = tuple[torch.Tensor, torch.Tensor]


@lru_cache(maxsize=16)
def tile_weights(plan: TilePlan, device: torch.device) -> torch.Tensor:
    """:meth:`engine.tiling.tile_grid.TilePlan.blend_mask`."""
    return to_device(plan.blend_mask(), device)


@lru_cache(maxsize=32)
def weight_sums(axis: Axis, begin: int, end: int, device: torch.device) -> Pair:
    """:meth:`engine.tiling.tile_grid.Axis.weight_sums` of the scene's pixels ``begin`` to ``end``."""
    ramps, counts = axis.weight_sums()
    return to_device(ramps[begin:end], device), to_device(counts[begin:end], device)


@lru_cache(maxsize=16)
def tile_pixels(plan: TilePlan, buffer_rows: int, left: int, device: torch.device) -> Pair:
    """(tile rows, crop) rows and (tile columns, crop) columns of a strip that make each tile's input.

    Args:
        ring_rows: of the strip, whose rows repeat; left: its first column.
    """
    ys, xs = _pixels(plan.rows) % buffer_rows, _pixels(plan.cols) - left
    return torch.from_numpy(ys).to(device), torch.from_numpy(xs).to(device)


@lru_cache(maxsize=16)
def all_tile_pixels(plan: TilePlan, buffer_rows: int, left: int, device: torch.device) -> Pair:
    """:func:`tile_pixels` as (tiles, crop) each, for every tile, row by row: a batch is a part of them, and no list."""
    ys, xs = tile_pixels(plan, buffer_rows, left, device)
    return ys.repeat_interleave(len(plan.cols), dim=0), xs.repeat(len(plan.rows), 1)


def clear_cache() -> None:
    """Keep nothing."""
    for table in (tile_weights, weight_sums, tile_pixels, all_tile_pixels):
        table.cache_clear()


def _pixels(axis: Axis) -> np.ndarray:
    """(tiles, crop) int64 pixels of the scene that make each tile's input: NumPy's reflection where it sticks out."""
    out = np.empty((len(axis), axis.crop), np.int64)
    for index, start in enumerate(axis.read_starts):
        begin, end = span(axis, index)
        out[index] = np.pad(np.arange(begin, end), (begin - start, start + axis.crop - end), mode="reflect")
    return out
