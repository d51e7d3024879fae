"""Read, infer, blend, write: one scene through a backend, in pieces of bounded size."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Union

import torch

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from ...core.protocol.messages import ClassArea, Message, Progress, Segment
from ..device.memory_errors import explain_out_of_memory
from ..device.streams import device_for
from ..mask.statistics import MaskStatistics, StageTimer
from ..model.backend import Backend
from ..reading.raster_source import RasterSource
from ..reading.stall_timeout import Cancelled, cancelled_error
from ..tiling.row_blocks import row_block, whole_block
from ..tiling.tile_grid import TilePlan, plan_tiles
from ..writing.mask_blocks import BlockMerger, BlockWriter, Writer
from ..writing.mask_writer import MaskWriter, WriterThread
from .batch_runner import BatchRunner
from .memory_layout import MemoryLayout, plan_layout
from .scene_inference import SceneInference, Tile

Emit = Callable[[Message], None]


def plan_for(scene: RasterSource, card: ModelCard, stride: int) -> TilePlan:
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


def layout_for(scene: RasterSource, card: ModelCard, plan: TilePlan, backend: Backend, memory_mb: int) -> MemoryLayout:
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


class SceneRun:
    """One prepared scene with its outputs, from its first row to its finished mask; or a block of it."""

    def __init__(
        self,
        request: Segment,
        card: ModelCard,
        scene: RasterSource,
        plan: TilePlan,
        layout: MemoryLayout,
        backend: Backend,
        cancelled: Cancelled,
    ):
        """Open the outputs and begin to read. ``cancelled`` is asked while the writer is waited for.

        Raises:
            PrithviError: an output that cannot be written.
        """
        block = row_block(plan.rows, *request.block) if request.block else whole_block(plan.rows)
        self.total, self.done, self._layout = len(block.tile_rows) * len(plan.cols), 0, layout
        self._stack = ExitStack()
        try:
            outputs = request, card, scene, backend, plan
            self._writer: Writer = (
                BlockWriter(*outputs, block, self._stack) if request.block else MaskWriter(*outputs, self._stack)
            )
            self._thread = WriterThread(request.output, cancelled)
            self._stack.callback(self._thread.stop)
            device = device_for(backend.device)
            with device.preparing():  # until the walk has begun
                self.walk = SceneInference(
                    request, card, scene, plan, layout, block, device, self._writer, self._thread
                )
            self._stack.callback(self.walk.close)
            self.walk.begin()
        except BaseException:
            self._stack.close()
            raise
        self._batches = self.walk.batches()

    @property
    def statistics(self) -> MaskStatistics:
        """What was counted so far."""
        return self._writer.statistics

    def take(self, most: int) -> list[Tile]:
        """The next tiles, at most ``most`` to look at, once their rows are read; empty at the end.

        Raises:
            PrithviError: rows that cannot be read.
        """
        self.walk.most = min(most, self._layout.batch)
        with StageTimer(self.statistics, "read"):
            tiles = next(self._batches, [])
        self.done += len(tiles)
        self.statistics.tiles = self.done
        return tiles

    def finish(self, cancelled: Cancelled) -> tuple[ClassArea, ...]:
        """Write what is left, close and rename; any thread may. Call :meth:`close` after it."""
        self.walk.close()  # its memory on the device is for those behind it
        with StageTimer(self.statistics, "write"):
            self._thread.finish()
        return self._writer.finish(cancelled)

    def close(self) -> None:
        """Free everything; what is not finished is removed."""
        self._stack.close()


def begin_scene(
    request: Segment,
    card: ModelCard,
    scene: RasterSource,
    plan: TilePlan,
    layout: MemoryLayout,
    backend: Backend,
    cancelled: Cancelled,
) -> Union[SceneRun, BlockMerger]:
    """What a request asks for: a scene or a block of one, or to put blocks together."""
    if request.join:
        return BlockMerger(request, card, scene, plan, backend)
    return SceneRun(request, card, scene, plan, layout, backend, cancelled)


def stream(
    request: Segment, card: ModelCard, scene: RasterSource, backend: Backend, tell: Emit, cancelled: Cancelled
) -> tuple[MaskStatistics, tuple[ClassArea, ...]]:
    """Segment a prepared scene tile by tile.

    Raises:
        PrithviError: anything that went wrong, with nothing written; ``cancelled`` within one batch.
    """
    plan = plan_for(scene, card, request.stride)
    layout = layout_for(scene, card, plan, backend, request.memory_mb)
    crowd = BatchRunner(backend, device_for(backend.device), tell)
    with closing(begin_scene(request, card, scene, plan, layout, backend, cancelled)) as course:
        began = time.perf_counter()
        while isinstance(course, SceneRun) and (tiles := course.take(layout.batch)):
            if cancelled():
                raise cancelled_error()
            with StageTimer(course.statistics, "infer"):
                for e in crowd.run([(course.walk, tiles)]).values():
                    raise explained(e, card, backend)
            tell(Progress(course.done, course.total, "segmenting", course.done / (time.perf_counter() - began)))
        tell(Progress(course.total, course.total, "writing"))
        return course.statistics, course.finish(cancelled)


def explained(e: Exception, card: ModelCard, backend: Backend) -> Exception:
    """What broke a scene off, as a person reads it where it is known."""
    return explain_out_of_memory(card, backend.tile_bytes) if isinstance(e, torch.OutOfMemoryError) else e
