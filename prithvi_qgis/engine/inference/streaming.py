"""Read, infer, blend, write: one scene through a backend, in memory of bounded size."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from typing import Union

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.messages import ClassArea, Progress
from ..device.streams import device_for
from ..mask.statistics import MaskStatistics, StageTimer
from ..model.backend import Backend
from ..prepared_scene import Emit, PreparedScene
from ..tiling.row_blocks import row_block, whole_block
from ..writing.mask_blocks import BlockMerger, BlockWriter, Writer
from ..writing.mask_writer import MaskWriter
from ..writing.writer_thread import WriterThread
from .batch_runner import BatchRunner
from .memory_layout import MemoryLayout, plan_layout
from .scene_inference import SceneInference, Tile


def layout_for(prepared: PreparedScene, backend: Backend) -> MemoryLayout:
    """Return how much of the scene is kept: by the GPU's spare memory, or by the budget for the host's.

    Raises:
        PrithviError: ``out_of_memory`` for a model whose sums alone exceed the budget.
    """
    scene, card, plan, memory_mb = prepared.scene, prepared.card, prepared.plan, prepared.request.memory_mb
    if backend.scene_bytes:
        return plan_layout(scene, card, plan, backend.batch_size, backend.scene_bytes, backend.scene_bytes)
    # An eighth of the budget: reading and writing take as much again, and wider strips make nothing faster.
    budget = memory_mb * 2**20
    layout = plan_layout(scene, card, plan, backend.batch_size, budget // 8, budget // 2)
    sums = card.channels * 4 * plan.rows.core * max(s.end - s.begin for s in layout.strips)
    if sums > budget:  # a strip is never narrower than one step of tiles
        raise PrithviError(
            ErrorCode.OUT_OF_MEMORY,
            f"{card.id} has {len(card.classes)} classes and tiles of {card.tile} pixels: their sums alone take "
            f"{sums >> 20} MB, and the engine may use {memory_mb} for pixels.",
            "Raise the memory for pixels in Settings > Options > Prithvi (PRITHVI_QGIS_MEMORY_MB).",
        )
    return layout


class SceneRun:
    """One scene with its outputs, or a block of it, from its first row to its finished mask."""

    def __init__(self, prepared: PreparedScene, layout: MemoryLayout):
        """Open the outputs and begin to read.

        Args:
            prepared: with its backend.
            layout: from :func:`layout_for`.
        Raises:
            PrithviError: an output that cannot be written.
        """
        request, rows = prepared.request, prepared.plan.rows
        block = row_block(rows, *request.block) if request.block else whole_block(rows)
        self.prepared = prepared
        self.total, self.done = len(block.tile_rows) * len(prepared.plan.cols), 0
        self._most = layout.batch
        self._stack = ExitStack()
        try:
            self._writer: Writer = (
                BlockWriter(prepared, block, self._stack) if request.block else MaskWriter(prepared, self._stack)
            )
            self._thread = WriterThread(request.output, prepared.heartbeat, prepared.timeouts)
            self._stack.callback(self._thread.stop)
            with device_for(prepared.backend.device).preparing():
                self.inference = SceneInference(prepared, layout, block, self._writer, self._thread)
            self._stack.callback(self.inference.close)
            self.inference.begin()
        except BaseException:
            self._stack.close()
            raise
        self._batches = self.inference.batches()

    @property
    def statistics(self) -> MaskStatistics:
        """What was counted so far."""
        return self._writer.statistics

    def take(self, most: int) -> list[Tile]:
        """Return the next tiles, at most ``most`` for the model, once their rows are read; empty at the end.

        Raises:
            PrithviError: rows that cannot be read.
        """
        self.inference.most = min(most, self._most)
        with StageTimer(self.statistics, "read"):
            tiles = next(self._batches, [])
        self.done += len(tiles)
        self.statistics.tiles = self.done
        return tiles

    def finish(self) -> tuple[ClassArea, ...]:
        """Write what is left, close and rename; any thread may. Call :meth:`close` after it."""
        self.inference.close()  # its memory on the device is for the scenes behind it
        with StageTimer(self.statistics, "write"):
            self._thread.finish()
        self.prepared.scene.refuse_changed()
        return self._writer.finish()

    def close(self) -> None:
        """Free everything; what is not finished is removed."""
        self._stack.close()


def begin_scene(prepared: PreparedScene, layout: MemoryLayout) -> Union[SceneRun, BlockMerger]:
    """Begin with a scene or a block of one, or with merging blocks, as requested."""
    return BlockMerger(prepared) if prepared.request.join else SceneRun(prepared, layout)


def stream(prepared: PreparedScene, backend: Backend, emit: Emit) -> tuple[MaskStatistics, tuple[ClassArea, ...]]:
    """Segment a scene tile by tile.

    Raises:
        PrithviError: anything that went wrong, with nothing written; ``cancelled`` within one batch.
    """
    prepared.backend = backend
    layout = layout_for(prepared, backend)
    runner = BatchRunner(backend, emit)
    with closing(begin_scene(prepared, layout)) as run:
        began = time.perf_counter()
        while isinstance(run, SceneRun) and (tiles := run.take(layout.batch)):
            prepared.heartbeat.check_cancelled()
            with StageTimer(run.statistics, "infer"):
                for e in runner.run([(run.inference, tiles)]).values():
                    raise e
            prepared.heartbeat.touch()
            rate = run.done / (time.perf_counter() - began)
            emit(Progress(done=run.done, total=run.total, stage="segmenting", tiles_per_s=rate))
        emit(Progress(done=run.total, total=run.total, stage="writing"))
        return run.statistics, run.finish()
