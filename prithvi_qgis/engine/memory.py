"""Words for memory that does not suffice, and giving back what is not needed."""

from __future__ import annotations

import ctypes

from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from . import gpu

STRIP_MB = 200  # rows of a scene and sums, in its narrowest column bands


def give_back() -> None:
    """Have the C library return what is free in its heaps to the system: threads of many scenes leave it in pieces."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # the GNU library's
    if trim is not None:
        trim(0)


def explain_out_of_memory(card: ModelCard, tile_bytes: int) -> PrithviError:
    """The error for a device that cannot hold a single tile, with what one takes and who else uses the device."""
    free, total, _ = gpu.memory_mb()
    others = gpu.other_processes()
    used = f" Others that use it: {', '.join(others)}." if others else ""
    return PrithviError(
        ErrorCode.OUT_OF_MEMORY,
        f"The GPU's memory does not suffice for {card.id}, even tile by tile: {free} of {total} MB are free, and one "
        f"tile of {card.tile} pixels beside a strip of the scene takes about {(tile_bytes >> 20) + STRIP_MB} MB.{used}",
        "Close what else uses the GPU, or run on the CPU with DEVICE=2.",
    )
