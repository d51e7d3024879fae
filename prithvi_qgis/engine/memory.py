"""Words for memory that does not suffice."""

from __future__ import annotations

from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from . import gpu


def explain_out_of_memory(card: ModelCard) -> PrithviError:
    """The error for a device that cannot hold a single tile, with who else uses it."""
    free, total, _ = gpu.memory_mb()
    others = gpu.other_processes()
    used = f" Others that use it: {', '.join(others)}." if others else ""
    return PrithviError(
        ErrorCode.OUT_OF_MEMORY,
        f"The GPU's memory does not suffice for a single tile of {card.id}: {free} of {total} MB are free.{used}",
        "Close what else uses the GPU, or run on the CPU with DEVICE=2.",
    )
