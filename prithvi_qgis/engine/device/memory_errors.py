"""Errors about insufficient GPU memory, and trimming of the host's heap."""

from __future__ import annotations

import ctypes
from math import sqrt

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from . import nvml

STRIP_MB = 200  # rows of a scene and sums, in its narrowest column strips
SMALLEST_TILE = 64


def trim_heap() -> None:
    """Return free memory of the C library's heaps, which the threads of many scenes fragment, to the system."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
    if trim is not None:
        trim(0)


def explain_out_of_memory(card: ModelCard, tile_bytes: int) -> PrithviError:
    """Return the error for a GPU that cannot hold one tile: what it takes, which tile fits, what else uses the GPU.

    Args:
        card: of the model.
        tile_bytes: that the model needs per tile.
    """
    free, total, _ = nvml.memory_mb()
    tile_mb = tile_bytes >> 20
    return PrithviError(
        ErrorCode.OUT_OF_MEMORY,
        f"The GPU's memory does not suffice for {card.id}, even tile by tile: {free} of {total} MB are free, and one "
        f"tile of {card.tile} pixels beside a strip of the scene takes about {tile_mb + STRIP_MB} MB."
        f"{_smaller_tile(card.tile, tile_mb, free)}{other_gpu_processes()}",
        "Close what else uses the GPU, or run on the CPU with DEVICE=2.",
    )


def _smaller_tile(tile: int, tile_mb: int, free_mb: int) -> str:
    """Return a sentence with the tile that would fit; memory grows with a tile's area."""
    if tile_mb <= 0 or free_mb <= STRIP_MB:
        return ""
    side = int(tile * sqrt((free_mb - STRIP_MB) / tile_mb)) // 32 * 32
    return f" A tile of {side} pixels would fit." if SMALLEST_TILE <= side < tile else ""


def other_gpu_processes() -> str:
    """Return a sentence that names the other processes on the GPU, after a space; empty where there are none."""
    found = nvml.other_processes()
    return f" Others that use it: {', '.join(found)}." if found else ""
