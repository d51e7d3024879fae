"""Segment many scenes with one model, their tiles in common batches.

While a batch is computed, threads open the scenes to come, read ahead in those that are under way, and finish those
that have had all their batches. An error is reported for its scene, and ends only that scene.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, wait
from functools import partial
from pathlib import Path
from typing import Any, Optional, Union

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.messages import (
    OPENED_AHEAD,
    ClassArea,
    ManyDone,
    Progress,
    SceneDone,
    SceneFailed,
    SceneStarted,
    Segment,
)
from ...core.system.heartbeat import Heartbeat
from ...core.system.timeouts import TIMEOUTS, Timeouts
from ..device import nvml
from ..device.memory_errors import trim_heap
from ..failures import failure
from ..inference.batch_runner import BatchRunner
from ..inference.memory_layout import MemoryLayout
from ..inference.segment_scene import model_lines, open_scene, output_folders, result_of, run_segment
from ..inference.streaming import SceneRun, begin_scene, layout_for
from ..model.backend import Backend
from ..model.model_folder import with_checksum
from ..model.model_loader import Loader
from ..prepared_scene import Emit, PreparedScene
from ..reading.read_windows import reader_count
from ..reading.remote_files import forget_remote_files
from ..writing.atomic_outputs import clean_leftovers
from ..writing.mask_blocks import BlockMerger
from .scene_slots import SceneSlot
from .stage_queue import StageQueue

MOST_ACTIVE = 64
MOST_FINISHING = 16  # they wait for the device more than they work
STARTING = 2  # threads that open outputs: one takes nearly as long over a scene as a GPU
BATCHES_AHEAD = 3  # scenes are taken in until their tiles make so many batches
TRIMMED_EVERY = 16  # scenes

# Model, device, batch size, share of the GPU's memory, pipeline.
ModelKey = tuple[str, str, int, float, str]


def segment_many(
    requests: Iterable[Optional[Segment]],
    loader: Loader,
    emit: Emit,
    heartbeat: Optional[Heartbeat] = None,
    total: int = 0,
    timeouts: Timeouts = TIMEOUTS,
) -> ManyDone:
    """Segment scenes; each is reported as :class:`SceneDone` or :class:`SceneFailed`, in the caller's thread.

    Masks are those of :func:`~prithvi_qgis.engine.inference.segment_scene.run_segment`.

    Args:
        requests: any number, taken a few at a time; None where there is none right now, but may be later.
        loader: loads the model.
        emit: gets SceneStarted, SceneDone, SceneFailed, Progress and Log.
        heartbeat: of the run.
        total: their number, for Progress; 0 where unknown.
        timeouts: limits of waiting.
    Raises:
        PrithviError: what concerns all of them: a model that does not load, or ``cancelled``. Scenes that were
            reported before are complete; of the others nothing is left.
    """
    forget_remote_files()
    run = _ManyRun(requests, loader, emit, heartbeat or Heartbeat(), total, timeouts)
    try:
        return run.follow()
    finally:
        run.close()


class _ManyRun:
    """The state of :func:`segment_many`: a scene goes through the four stages from top to bottom."""

    def __init__(
        self,
        requests: Iterable[Optional[Segment]],
        loader: Loader,
        emit: Emit,
        heartbeat: Heartbeat,
        total: int,
        timeouts: Timeouts,
    ):
        self._requests, self._taken, self._exhausted = iter(requests), 0, False
        self._loader, self._emit, self._heartbeat = loader, emit, heartbeat
        self._total, self._timeouts = total, timeouts
        self._opening: StageQueue[PreparedScene] = StageQueue(
            "open", reader_count(), timeouts.scene_open_s, lambda prepared: prepared.scene.close()
        )
        self._starting: StageQueue[Union[SceneRun, BlockMerger]] = StageQueue(
            "begin", STARTING, timeouts.scene_open_s, lambda run: run.close()
        )
        self._active: dict[SceneSlot, SceneRun] = {}
        self._finishing: StageQueue[tuple[ClassArea, ...]] = StageQueue(
            "finish", MOST_FINISHING, timeouts.scene_finish_s
        )
        self._cleaned: set[Path] = set()
        self._runner: Optional[BatchRunner] = None
        self._key: Optional[ModelKey] = None
        self._backend: Optional[Backend] = None
        self._load_s = 0.0
        self._done = self._failed = self._tiles = 0
        self._began = 0.0
        self._gpu_used_mb = self._gpu_total_mb = 0
        self._gpu_sampled = 0.0

    def follow(self) -> ManyDone:
        """Run the main loop until every scene has finished or failed."""
        self._report_progress()  # before a scene is opened: that alone may take the process down
        poll_s = self._timeouts.poll_s
        while True:
            self._heartbeat.check_cancelled()
            self._open_ahead()
            self._start_scenes()
            self._take_started()
            self._report_finished()
            self._give_up_hung()
            queues: tuple[StageQueue[Any], ...] = (self._finishing, self._starting, self._opening)
            firsts = [queue.first.future for queue in queues if queue.first]
            if self._active:
                self._one_batch()
            elif firsts:
                wait([f for f in firsts if not f.done()] or firsts, poll_s, FIRST_COMPLETED)
            elif self._exhausted:
                return ManyDone(self._done, self._failed)
            else:
                time.sleep(poll_s)
            self._report_progress()

    def close(self) -> None:
        """Release what is under way; scenes that are being finished are waited for, but for one that hangs."""
        for slot in self._active:
            slot.close()
        for slot in self._starting:
            slot.prepared.scene.close()
        self._starting.drop(self._timeouts.many_exit_s)
        self._opening.drop(self._timeouts.many_exit_s)
        self._finishing.complete(self._timeouts.scene_open_s)
        try:
            self._report_finished(ending=True)
        except PrithviError:
            pass  # the reason is on its way already

    # -- taking in -----------------------------------------------------------------------------------------------

    def _open_ahead(self) -> None:
        while len(self._opening) < OPENED_AHEAD and not self._exhausted:
            try:
                request = next(self._requests)
            except StopIteration:
                self._exhausted = True
                return
            if request is None:
                return
            slot = SceneSlot(self._taken, request, self._heartbeat.part())
            self._taken += 1
            self._opening.put(slot, partial(open_scene, request, slot.heartbeat, self._timeouts))

    def _start_scenes(self) -> None:
        """Start the next scenes: as many as give the model enough to do and as memory holds."""
        while (first := self._opening.first) and first.future.done() and len(self._finishing) < MOST_FINISHING:
            slot, request = first.slot, first.slot.request
            key = (request.model, request.device, request.batch_size, request.gpu_memory, request.pipeline)
            if (self._active or self._starting) and (key != self._key or request.pipeline == "stock"):
                return  # another model: when these have had their batches
            e = first.future.exception()
            if e is not None:
                self._report_failed(slot, e)
            else:
                slot.prepared = first.future.result()
                if not self._start(slot, key):
                    return
            self._opening.remove(first)
            self._open_ahead()

    def _start(self, slot: SceneSlot, key: ModelKey) -> bool:
        """Start a scene, or fail it; return False while its buffers do not fit in memory."""
        request, prepared = slot.request, slot.prepared
        for folder in output_folders(request) - self._cleaned:
            clean_leftovers(folder)
            self._cleaned.add(folder)
        if request.pipeline == "stock":
            self._run_stock(slot)
            return True
        backend = self._load(prepared, key)
        try:
            layout = layout_for(prepared, backend)
        except Exception as e:
            prepared.scene.close()
            self._report_failed(slot, e)
            return True
        if (self._active or self._starting) and not self._has_room(layout, backend, request):
            return False
        self._emit(SceneStarted(slot.number))
        prepared.card, prepared.backend = with_checksum(prepared.card), backend
        slot.size_bytes = layout.size_bytes
        # In a thread: it waits for the device, which would keep the next batch from it.
        self._starting.put(slot, partial(begin_scene, prepared, layout))
        return True

    def _load(self, prepared: PreparedScene, key: ModelKey) -> Backend:
        if self._backend is None or key != self._key:
            self._emit(Progress(done=self._done + self._failed, total=self._total, stage="loading"))
            self._backend, self._load_s = self._loader.load(prepared.request, with_checksum(prepared.card))
            self._runner = BatchRunner(self._backend, self._emit)
            self._key = key
            for line in model_lines(self._backend, prepared.card.id):
                self._emit(line)
            self._began = self._began or time.perf_counter()
        return self._backend

    def _has_room(self, layout: MemoryLayout, backend: Backend, request: Segment) -> bool:
        """Whether one more scene is useful, and fits in memory next to those under way."""
        batch = backend.batch_size
        count = len(self._active) + len(self._starting)
        waiting = sum(run.total - run.done for run in self._active.values())
        waiting += sum(slot.tiles for slot in self._starting)
        if count >= 2 and waiting >= BATCHES_AHEAD * batch:
            return False
        # On the host two of the largest scenes are in the budget: see streaming.layout_for.
        allowed = backend.scene_bytes or request.memory_mb * 2**20 // 4
        held = sum(slot.size_bytes for slot in itertools.chain(self._active, self._starting, self._finishing))
        return count < min(MOST_ACTIVE, 2 * batch + 2) and held + layout.size_bytes <= allowed

    def _take_started(self) -> None:
        """Take in the scenes whose outputs are open."""
        while (first := self._starting.first) and first.future.done():
            self._starting.remove(first)
            slot = first.slot
            try:
                slot.run = run = first.future.result()
            except Exception as e:
                slot.prepared.scene.close()
                self._report_failed(slot, e)
                continue
            if isinstance(run, SceneRun):
                self._active[slot] = run
            else:
                self._finishing.put(slot, slot.finish)

    def _run_stock(self, slot: SceneSlot) -> None:
        """Run a scene through vLLM's own path, which takes one at a time."""
        slot.prepared.scene.close()
        self._emit(SceneStarted(slot.number))
        self._key = None  # the loader may put another in the model's place
        try:
            result = run_segment(slot.request, self._loader, lambda m: None, slot.heartbeat, self._timeouts)
        except Exception as e:
            if self._heartbeat.cancelled:
                raise
            self._report_failed(slot, e)
            return
        self._done += 1
        self._emit(SceneDone(slot.number, result, slot.prepared.started_text))

    # -- batches -------------------------------------------------------------------------------------------------

    def _one_batch(self) -> None:
        """Run one batch from the active scenes, the oldest first."""
        if self._runner is None or self._backend is None:
            raise AssertionError("a scene is active without a model")
        shares, room = [], self._backend.batch_size
        for slot, run in list(self._active.items()):
            if room <= 0:
                break
            try:
                tiles = run.take(room)
            except Exception as e:
                self._fail(slot, e)
                continue
            room -= sum(tile.wanted for tile in tiles)
            shares.append((slot, run, tiles))
        if not shares:
            return
        began = time.perf_counter()
        failed = self._runner.run([(run.inference, tiles) for _, run, tiles in shares])
        self._heartbeat.touch()
        passed = time.perf_counter() - began
        count = sum(len(tiles) for *_, tiles in shares)
        self._tiles += count
        for slot, run, tiles in shares:
            run.statistics.timings["infer"] += passed * len(tiles) / max(count, 1)
            problem = failed.get(run.inference)
            if problem is not None:
                self._fail(slot, problem)
            elif run.done == run.total:
                del self._active[slot]
                self._finishing.put(slot, slot.finish)

    def _fail(self, slot: SceneSlot, e: Exception) -> None:
        del self._active[slot]
        slot.close()
        self._report_failed(slot, e)

    # -- reporting -----------------------------------------------------------------------------------------------

    def _give_up_hung(self) -> None:
        """Fail the scenes that make no progress any more: their server or disk hangs."""
        open_s, finish_s = self._timeouts.scene_open_s, self._timeouts.scene_finish_s
        for slot in self._opening.give_up_hung():
            name = slot.request.source_name or Path(slot.request.source).name
            self._report_hung(slot, ErrorCode.SOURCE_UNREADABLE, f"{name} could not be opened", open_s)
        for slot in self._starting.give_up_hung():
            slot.prepared.scene.close()
            text = f"{slot.request.output} could not be created"
            self._report_hung(slot, ErrorCode.OUTPUT_UNWRITABLE, text, open_s)
        for slot in self._finishing.give_up_hung():
            text = f"{slot.request.output} could not be finished"
            self._report_hung(slot, ErrorCode.OUTPUT_UNWRITABLE, text, finish_s)

    def _report_hung(self, slot: SceneSlot, code: ErrorCode, text: str, seconds: float) -> None:
        hint = "Check the disk or server it is on, then run again."
        self._report_failed(slot, PrithviError(code, f"{text} in {seconds / 60:.2g} minutes.", hint))

    def _report_finished(self, ending: bool = False) -> None:
        for task in self._finishing.done():
            self._finishing.remove(task)
            slot = task.slot
            try:
                classes = task.future.result()
                statistics = slot.run.statistics
                timings = {"load": self._load_s, **statistics.timings}
                timings["segment"] = statistics.timings["read"] + statistics.timings["infer"]
                self._load_s = 0.0
                result = result_of(slot.prepared, statistics, classes, timings)
            except Exception as e:
                if not self._heartbeat.cancelled:
                    self._report_failed(slot, e)
                continue
            self._done += 1
            if self._done % TRIMMED_EVERY == 0 and not ending:
                self._finishing.aside(trim_heap)
            self._emit(SceneDone(slot.number, result, slot.prepared.started_text))

    def _report_failed(self, slot: SceneSlot, e: BaseException) -> None:
        problem = failure(e, slot.request)
        if self._heartbeat.cancelled and problem.code == ErrorCode.CANCELLED.value:
            return  # the scene is sound, and the run ends
        self._failed += 1
        self._emit(SceneFailed(slot.number, problem.code, problem.text, problem.hint))

    def _report_progress(self) -> None:
        now = time.monotonic()
        on_gpu = self._backend is not None and self._backend.device == "cuda"
        if on_gpu and now - self._gpu_sampled > self._timeouts.gpu_sample_s:
            free, total, _ = nvml.memory_mb()
            self._gpu_sampled, self._gpu_used_mb, self._gpu_total_mb = now, total - free, total
        rate = self._tiles / max(time.perf_counter() - self._began, 1e-9) if self._tiles else 0.0
        begun = sum(run.done / max(run.total, 1) for run in self._active.values()) + len(self._finishing)
        ended = self._done + self._failed
        self._emit(
            Progress(
                done=ended,
                total=self._total,
                stage="segmenting" if self._began or ended else "opening",
                tiles_per_s=round(rate, 2),
                begun=round(begun, 3),
                tiles=self._tiles,
                gpu_used_mb=self._gpu_used_mb,
                gpu_total_mb=self._gpu_total_mb,
            )
        )
