"""Words for memory that does not suffice, and giving back what is not needed."""

from __future__ import annotations

import ctypes
from math import sqrt

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from . import nvml

STRIP_MB = 200  # rows of a scene and sums, in its narrowest column bands
SMALLEST_TILE = 64


def trim_heap() -> None:
    """Have the C library return what is free in its heaps to the system: threads of many scenes leave it in pieces."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # the GNU library's
    if trim is not None:
        trim(0)


def explain_out_of_memory(card: ModelCard, tile_bytes: int) -> PrithviError:
    """The error for a device that cannot hold a single tile: what one takes, what would fit, who else uses it."""
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
    """The tile that would fit; memory grows with a tile's area."""
    if tile_mb <= 0 or free_mb <= STRIP_MB:
        return ""
    side = int(tile * sqrt((free_mb - STRIP_MB) / tile_mb)) // 32 * 32
    return f" A tile of {side} pixels would fit." if SMALLEST_TILE <= side < tile else ""


def other_gpu_processes() -> str:
    """A sentence that names the other processes on the GPU, after a space; empty where there are none."""
    found = nvml.other_processes()
    return f" Others that use it: {', '.join(found)}." if found else ""
