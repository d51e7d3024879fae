"""Cached tensors on the device that depend on a scene's size only, so that scenes of the same size share them.

Read-only. They are small (a few megabytes for sixteen sizes), and :func:`clear_cache` frees them after a run.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from ..device.streams import to_device
from .tile_grid import Axis, TilePlan, span

MAX_LISTED_TILES = 128  # of a scene whose pixels are listed per tile: a megabyte with tiles of 512
Pair = tuple[torch.Tensor, torch.Tensor]


@lru_cache(maxsize=16)
def tile_weights(plan: TilePlan, device: torch.device) -> torch.Tensor:
    """Return :meth:`~prithvi_qgis.engine.tiling.tile_grid.TilePlan.blend_mask` on the device."""
    return to_device(plan.blend_mask(), device)


@lru_cache(maxsize=32)
def weight_sums(axis: Axis, begin: int, end: int, device: torch.device) -> Pair:
    """Return :meth:`.Axis.weight_sums` of the scene's pixels ``begin`` to ``end``."""
    ramps, counts = axis.weight_sums()
    return to_device(ramps[begin:end], device), to_device(counts[begin:end], device)


@lru_cache(maxsize=16)
def tile_pixels(plan: TilePlan, buffer_rows: int, left: int, device: torch.device) -> Pair:
    """Return (tile rows, crop) rows and (tile columns, crop) columns of a ring buffer that form each tile's input.

    Args:
        plan: tiles of the scene.
        buffer_rows: of the ring buffer, after which rows repeat.
        left: its first scene column.
        device: of the tensors.
    """
    ys, xs = _pixels(plan.rows) % buffer_rows, _pixels(plan.cols) - left
    return torch.from_numpy(ys).to(device), torch.from_numpy(xs).to(device)


@lru_cache(maxsize=16)
def all_tile_pixels(plan: TilePlan, buffer_rows: int, left: int, device: torch.device) -> Pair:
    """Return :func:`tile_pixels` as (tiles, crop) each, row by row, so that a batch is a slice and not a list."""
    ys, xs = tile_pixels(plan, buffer_rows, left, device)
    return ys.repeat_interleave(len(plan.cols), dim=0), xs.repeat(len(plan.rows), 1)


def clear_cache() -> None:
    """Free every cached tensor."""
    for table in (tile_weights, weight_sums, tile_pixels, all_tile_pixels):
        table.cache_clear()


def _pixels(axis: Axis) -> np.ndarray:
    """Return (tiles, crop) int64 pixels of the scene that form each tile's input, reflected beyond the scene's edge."""
    out = np.empty((len(axis), axis.crop), np.int64)
    for index, start in enumerate(axis.read_starts):
        begin, end = span(axis, index)
        out[index] = np.pad(np.arange(begin, end), (begin - start, start + axis.crop - end), mode="reflect")
    return out
