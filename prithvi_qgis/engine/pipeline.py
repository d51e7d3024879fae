"""Read, infer, blend, write: one scene through a backend, in pieces of bounded size."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing

import torch

from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from ..contract.messages import ClassArea, Message, Progress, Segment
from .backend import Backend
from .budget import Layout, plan_layout
from .device import device_for
from .memory import explain_out_of_memory
from .source import Source
from .tiling import TilePlan, plan_tiles
from .walk import Walk
from .writing import Cancelled, Clock, MaskWriter, Tally, WriterThread, cancelled_error

Emit = Callable[[Message], None]


def plan_for(scene: Source, card: ModelCard, stride: int) -> TilePlan:
    """Tiles of a scene with a model's sizes; ``stride`` 0 takes the model's.

    Raises:
        PrithviError: ``parameter_invalid`` for a stride outside 1 to the model's tile.
    """
    if stride < 0 or stride > card.tile:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"STRIDE {stride} is not between 1 and the tile of {card.id}, {card.tile} pixels.",
            f"Leave it at 0 for {card.stride}.",
        )
    grid = scene.grid
    return plan_tiles(grid.height, grid.width, card.tile, stride or card.stride, card.margin)


def layout_for(scene: Source, card: ModelCard, plan: TilePlan, backend: Backend, memory_mb: int) -> Layout:
    """How much of the scene is kept: by the GPU's spare memory, or by the budget for the host's."""
    if backend.scene_bytes:
        return plan_layout(scene, card, plan, backend.batch_size, backend.scene_bytes, backend.scene_bytes)
    # An eighth of the budget: reading and writing take as much again, and wider bands make nothing faster.
    budget = memory_mb * 2**20
    layout = plan_layout(scene, card, plan, backend.batch_size, budget // 8, budget // 2)
    sums = card.channels * 4 * plan.rows.core * max(b.end - b.begin for b in layout.bands)
    if sums > budget:  # a band is never narrower than one step of tiles
        raise PrithviError(
            ErrorCode.OUT_OF_MEMORY,
            f"{card.id} has {len(card.classes)} classes and tiles of {card.tile} pixels: their sums alone take "
            f"{sums >> 20} MB, and the engine may use {memory_mb} for pixels.",
            "Raise the memory for pixels in Settings > Options > Prithvi (PRITHVI_QGIS_MEMORY_MB).",
        )
    return layout


def stream(
    request: Segment, card: ModelCard, scene: Source, backend: Backend, tell: Emit, cancelled: Cancelled
) -> tuple[Tally, tuple[ClassArea, ...]]:
    """Segment a prepared scene tile by tile.

    Raises:
        PrithviError: anything that went wrong, with nothing written; ``cancelled`` within one batch.
    """
    plan = plan_for(scene, card, request.stride)
    layout = layout_for(scene, card, plan, backend, request.memory_mb)
    with ExitStack() as stack:
        writer = MaskWriter(request, card, scene, backend, plan, stack)
        thread = WriterThread(request.output, cancelled)
        stack.callback(thread.stop)
        device = device_for(backend.device)
        walk = stack.enter_context(closing(Walk(request, card, scene, plan, layout, device, writer, thread, tell)))
        try:
            _follow(walk, backend, plan.count, writer.tally, tell, cancelled)
        except torch.OutOfMemoryError as e:
            raise explain_out_of_memory(card, backend.tile_bytes) from e
        tell(Progress(plan.count, plan.count, "writing"))
        with Clock(writer.tally, "write"):
            thread.finish()
        return writer.tally, writer.finish(cancelled)


def _follow(walk: Walk, backend: Backend, total: int, tally: Tally, tell: Emit, cancelled: Cancelled) -> None:
    """All batches, one after the other."""
    began, done = time.perf_counter(), 0
    batches = walk.batches()
    while True:
        with Clock(tally, "read"):
            batch = next(batches, None)
        if batch is None:
            return
        if cancelled():
            raise cancelled_error()
        with Clock(tally, "infer"):
            numbers = walk.numbers(batch)
            if numbers:
                backend.run(numbers, walk.step)
            walk.complete()
        done += len(batch)
        tally.tiles = done
        tell(Progress(done, total, "segmenting", done / (time.perf_counter() - began)))
