"""How much of a GPU is used: by what is free, by what a tile takes, and with a margin for whoever draws on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from ..device import nvml
from ..device.memory_errors import other_gpu_processes

if TYPE_CHECKING:
    from .backend import Backend, ForwardFn

MOST_TILES = 32  # at once on a GPU: a larger batch makes none faster
CPU_TILES = 2
MANY_CLASSES_BYTES = 128 << 20  # of one tile's logits: on the CPU, where two at once gain little, then one by one
MARGIN_MB = 700  # stays free: a desktop draws on the same card, and CUDA's libraries take workspaces late
MOST_SHARE = 0.9
MOST_SCENE_BYTES = 4 << 30
NEEDED_MB = 1500  # to load the smallest model and one tile


def tiles_at_once(asked: int, card: ModelCard, device: str) -> int:
    """How many tiles a model is given at once: as asked, or, for 0, as many as are useful.

    Args:
        device: ``cuda``, where :func:`measure_capacity` then says how many of them fit, or ``cpu``.
    """
    if asked:
        return asked
    if device == "cuda":
        return MOST_TILES
    return 1 if card.channels * card.tile**2 * 4 > MANY_CLASSES_BYTES else CPU_TILES


def gpu_share(asked: float) -> float:
    """vLLM's ``gpu_memory_utilization``: as asked, or what is free less a margin.

    Raises:
        PrithviError: ``out_of_memory`` when next to nothing is free.
    """
    free, total, _ = nvml.memory_mb()
    if asked or not total:
        return asked or MOST_SHARE
    usable = free - MARGIN_MB
    if usable < NEEDED_MB:
        raise PrithviError(
            ErrorCode.OUT_OF_MEMORY,
            f"The GPU has {free} of {total} MB free; a model needs at least {NEEDED_MB + MARGIN_MB}."
            + other_gpu_processes(),
            "Close what else uses the GPU, or run on the CPU with DEVICE=2.",
        )
    return min(MOST_SHARE, usable / total)


@dataclass(frozen=True)
class BatchCapacity:
    """What fits: tiles at once, bytes of the device's memory for the scene; and what one tile takes."""

    batch: int
    scene_bytes: int
    tile_bytes: int


def measure_capacity(backend: Backend, card: ModelCard, most: int, share: float) -> BatchCapacity:
    """Try the loaded model on one tile and on two, and reckon how many fit beside the scene.

    Args:
        most: tiles at once at most; share: of the GPU's memory that is ours in all.
    """
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
            places = torch.zeros((count, 2), device="cuda") if card.location_coords else None
            dates = torch.zeros((count, card.frames, 2), device="cuda") if card.temporal_coords else None
            try:
                forward(pixels, places, dates).float()
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
    scene = max(64 << 20, min(MOST_SCENE_BYTES, allowed // 4))
    # Activations of the batch before are still held when the next one begins.
    batch = max(1, min(most, int((allowed - scene) // (tile * 1.3)) - 1))
    return BatchCapacity(batch, scene, peaks[1])
