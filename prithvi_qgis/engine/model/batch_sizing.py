"""Size batches by what is useful, by the GPU's free memory and by what a tile takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from ..device import nvml
from ..device.memory_errors import other_gpu_processes

if TYPE_CHECKING:
    from .backend import Backend, ForwardFn

MAX_GPU_TILES = 32  # per batch: larger ones are not faster
CPU_TILES = 2
MANY_CLASSES_BYTES = 128 << 20  # of one tile's logits, from which the CPU, which gains little from two, takes one
MARGIN_MB = 700  # stays free: a desktop may use the same GPU, and CUDA's libraries allocate workspaces late
MAX_SHARE = 0.9
MAX_SCENE_BYTES = 4 << 30
NEEDED_MB = 1500  # to load the smallest model and one tile


def tiles_at_once(requested: int, card: ModelCard, device: str) -> int:
    """Return the batch size: as requested, or, for 0, the largest useful one.

    Args:
        requested: BATCH_SIZE.
        card: of the model.
        device: ``cuda``, where :func:`fit_batch` then reduces it to what fits, or ``cpu``.
    """
    if requested:
        return requested
    if device == "cuda":
        return MAX_GPU_TILES
    return 1 if card.channels * card.tile**2 * 4 > MANY_CLASSES_BYTES else CPU_TILES


def gpu_share(requested: float, device: str = "cuda") -> float:
    """Return vLLM's ``gpu_memory_utilization``: as requested, or what is free less a margin; 0 on the CPU.

    Raises:
        PrithviError: ``out_of_memory`` when too little is free.
    """
    if device != "cuda":
        return 0.0
    free, total, _ = nvml.memory_mb()
    if requested or not total:
        return requested or MAX_SHARE
    usable = free - MARGIN_MB
    if usable < NEEDED_MB:
        raise PrithviError(
            ErrorCode.OUT_OF_MEMORY,
            f"The GPU has {free} of {total} MB free; a model needs at least {NEEDED_MB + MARGIN_MB}."
            + other_gpu_processes(),
            "Close what else uses the GPU, or run on the CPU with DEVICE=2.",
        )
    return min(MAX_SHARE, usable / total)


def fit_batch(backend: Backend, card: ModelCard, share: float) -> None:
    """Set batch size, ``scene_bytes`` and ``tile_bytes`` of a model on a GPU by trying one tile and two.

    Args:
        backend: with the largest useful batch size; unchanged on the CPU.
        card: of the model.
        share: of the GPU's memory that this process may use.
    """
    if backend.device != "cuda":
        return
    import torch

    peaks: list[int] = []
    frames = (card.frames,) if card.frames > 1 else ()

    def rehearse(numbers: Sequence[int], forward: ForwardFn) -> None:
        for count in (1, 1, 2):  # the first also loads CUDA's libraries
            shape = (len(card.bands), *frames, card.tile, card.tile)
            pixels = torch.zeros((count, *shape), device="cuda")
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
            before = torch.cuda.memory_allocated()
            coords = torch.zeros((count, 2), device="cuda") if card.location_coords else None
            dates = torch.zeros((count, card.frames, 2), device="cuda") if card.temporal_coords else None
            try:
                forward(pixels, coords, dates).float()
                torch.cuda.synchronize()
            except torch.OutOfMemoryError:
                if count == 1:
                    raise
                peaks.append(2 * peaks[1])  # one tile fits, two do not
                return
            peaks.append(torch.cuda.max_memory_allocated() - before)

    backend.run([0], rehearse)
    torch.cuda.empty_cache()
    tile = max(peaks[2] - peaks[1], peaks[1] // 2, 1)
    free, total = torch.cuda.mem_get_info()
    allowed = min(free - (MARGIN_MB << 20), int(share * total) - torch.cuda.memory_reserved())
    backend.scene_bytes = max(64 << 20, min(MAX_SCENE_BYTES, allowed // 4))
    # Activations of one batch are still allocated when the next begins.
    fits = int((allowed - backend.scene_bytes) // (tile * 1.3)) - 1
    backend.batch_size = max(1, min(backend.batch_size, fits))
    backend.tile_bytes = peaks[1]
