"""Segment scene after scene with one model, their tiles in common batches.

While a batch is computed, threads open the scenes to come, read ahead in those that are under way, and finish those
that are through. What goes wrong with a scene is told and ends only that scene.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, wait
from functools import partial
from pathlib import Path
from typing import Any, Optional, Union

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.messages import (
    OPENED_AHEAD,
    ClassArea,
    ManyDone,
    Message,
    Progress,
    SceneDone,
    SceneFailed,
    SceneStarted,
    Segment,
)
from ..device import nvml
from ..device.memory_errors import trim_heap
from ..device.streams import device_for
from ..failures import failure
from ..inference.batch_runner import BatchRunner
from ..inference.memory_layout import MemoryLayout
from ..inference.segment_scene import PreparedScene, model_lines, open_scene, output_folders, result_of, run_segment
from ..inference.streaming import SceneRun, begin_scene, explained, layout_for
from ..model.model_folder import with_checksum
from ..model.model_loader import Loader
from ..reading.read_windows import reader_count
from ..reading.stall_timeout import cancelled_error
from ..writing.atomic_outputs import clean_leftovers
from ..writing.mask_blocks import BlockMerger
from .scene_slots import ActiveScene, FinishingScene, OpeningScene, finish, release, tiles_of
from .stage_queue import StageQueue

MOST_UNDER_WAY = 64
MOST_FINISHING = 16
BEGINNING = 2  # threads that open outputs: one takes nearly as long over a scene as a GPU
BATCHES_AHEAD = 3  # scenes are taken in until their tiles make so many batches
TRIMMED_EVERY = 16  # scenes
GPU_EVERY_S = 2.0
HUNG_S = 600.0  # longer than GDAL tries a server again, and sooner than :mod:`engine.server.watchdog`
UNFINISHED_S = 1800.0  # without a sign of life: a large mask may take long to reach a slow disk
LEAVE_S = 5.0
_POLL_S = 0.2

Emit = Callable[[Message], None]


def segment_many(
    requests: Iterable[Optional[Segment]], loader: Loader, emit: Emit, cancelled: Callable[[], bool], total: int = 0
) -> ManyDone:
    """Segment scenes; each is told as :class:`SceneDone` or :class:`SceneFailed`, in the caller's thread.

    Masks are those of :func:`engine.inference.segment_scene.run_segment`.

    Args:
        requests: any number, taken a few at a time; None where there is none right now, but may be later.
        emit: gets SceneStarted, SceneDone, SceneFailed, Progress and Log.
        total: how many there are, for Progress; 0 where unknown.
    Raises:
        PrithviError: what concerns all of them: a model that does not load, or ``cancelled``. Scenes that were told
            before are complete; of the others nothing is left.
    """
    run = _Run(requests, loader, emit, cancelled, total)
    try:
        return run.follow()
    finally:
        run.close()


class _Run:
    """See :func:`segment_many`."""

    def __init__(
        self,
        requests: Iterable[Optional[Segment]],
        loader: Loader,
        emit: Emit,
        cancelled: Callable[[], bool],
        total: int,
    ):
        self._requests, self._taken, self._exhausted = iter(requests), 0, False
        self._loader, self._emit, self._cancelled, self._total = loader, emit, cancelled, total
        self._coming: StageQueue[tuple[int, Segment], PreparedScene] = StageQueue(
            "open", reader_count(), HUNG_S, cancelled, lambda opened: opened.scene.close()
        )
        self._beginning: StageQueue[OpeningScene, Union[SceneRun, BlockMerger]] = StageQueue(
            "begin", BEGINNING, HUNG_S, cancelled, lambda course: course.close()
        )
        self._guests: list[ActiveScene] = []
        self._sizes: dict[int, int] = {}  # bytes by number, of all that is not finished
        # These wait for the device more than they work.
        self._finishing: StageQueue[FinishingScene, tuple[ClassArea, ...]] = StageQueue(
            "finish", MOST_FINISHING, UNFINISHED_S, cancelled
        )
        self._cleaned: set[Any] = set()
        self._crowd: Optional[BatchRunner] = None
        self._key: Any = None
        self._backend: Any = None
        self._load_s = 0.0
        self._done = self._failed = self._tiles = 0
        self._began = 0.0
        self._gpu_mb, self._gpu_asked = (0, 0), 0.0

    def follow(self) -> ManyDone:
        """All of it."""
        self._tell_progress()  # before a scene is opened: that alone may take the process down
        while True:
            if self._cancelled():
                raise cancelled_error()
            self._open_ahead()
            self._take_in()
            self._let_join()
            self._tell_finished()
            self._give_up_hung()
            lines: tuple[StageQueue[Any, Any], ...] = (self._finishing, self._beginning, self._coming)
            firsts = [line.first.future for line in lines if line.first]
            if self._guests:
                self._one_batch()
            elif firsts:
                wait([f for f in firsts if not f.done()] or firsts, _POLL_S, FIRST_COMPLETED)
            elif self._exhausted:
                return ManyDone(self._done, self._failed)
            else:
                time.sleep(_POLL_S)
            self._tell_progress()

    def close(self) -> None:
        """Let go of what is under way; scenes that are being finished are waited for, but for one that hangs."""
        for guest in self._guests:
            release(guest)
        for begun in self._beginning:
            begun.opened.scene.close()
        self._beginning.drop(LEAVE_S)
        self._coming.drop(LEAVE_S)
        self._finishing.complete(HUNG_S)
        try:
            self._tell_finished(ending=True)
        except PrithviError:
            pass  # the reason is on its way already

    # -- taking in -----------------------------------------------------------------------------------------------

    def _open_ahead(self) -> None:
        while len(self._coming) < OPENED_AHEAD and not self._exhausted:
            try:
                request = next(self._requests)
            except StopIteration:
                self._exhausted = True
                return
            if request is None:
                return
            number, self._taken = self._taken, self._taken + 1
            self._coming.put((number, request), partial(open_scene, request))

    def _take_in(self) -> None:
        """Begin the next scenes: as many as give the model enough to do and as memory holds."""
        while (first := self._coming.first) and first.future.done() and len(self._finishing) < MOST_FINISHING:
            (number, request), future = first.scene, first.future
            key = (request.model, request.device, request.batch_size, request.gpu_memory, request.pipeline)
            if (self._guests or self._beginning) and (key != self._key or request.pipeline == "stock"):
                return  # another model: when these are through
            e = future.exception()
            if e is not None:
                self._tell_failed(number, request, e)
            elif not self._begin(number, key, future.result()):
                return
            self._coming.remove(first)
            self._open_ahead()

    def _give_up_hung(self) -> None:
        """Fail the scenes of which nothing is heard any more: their server or disk hangs."""
        for number, request in self._coming.give_up_hung():
            name = request.source_name or Path(request.source).name
            self._tell_hung(number, request, ErrorCode.SOURCE_UNREADABLE, f"{name} could not be opened", HUNG_S)
        for begun in self._beginning.give_up_hung():
            begun.opened.scene.close()
            self._sizes.pop(begun.number)
            request = begun.opened.request
            text = f"{request.output} could not be created"
            self._tell_hung(begun.number, request, ErrorCode.OUTPUT_UNWRITABLE, text, HUNG_S)
        for ending in self._finishing.give_up_hung():
            self._sizes.pop(ending.number)
            request = ending.opened.request
            text = f"{request.output} could not be finished"
            self._tell_hung(ending.number, request, ErrorCode.OUTPUT_UNWRITABLE, text, UNFINISHED_S)

    def _tell_hung(self, number: int, request: Segment, code: ErrorCode, text: str, seconds: float) -> None:
        hint = "Check the disk or server it is on, then run again."
        self._tell_failed(number, request, PrithviError(code, f"{text} in {seconds / 60:.2g} minutes.", hint))

    def _begin(self, number: int, key: Any, opened: PreparedScene) -> bool:
        """Begin with a scene, or fail it; False while there is no room for it."""
        request = opened.request
        for folder in output_folders(request) - self._cleaned:
            clean_leftovers(folder)
            self._cleaned.add(folder)
        if request.pipeline == "stock":
            self._stock(number, opened)
            return True
        if key != self._key:
            self._emit(Progress(self._done + self._failed, self._total, "loading"))
            self._backend, self._load_s = self._loader.load(request, with_checksum(opened.card))
            self._crowd = BatchRunner(self._backend, device_for(self._backend.device), self._emit)
            self._key = key
            for line in model_lines(self._backend, opened.card):
                self._emit(line)
            self._began = self._began or time.perf_counter()
        backend = self._backend
        try:
            layout = layout_for(opened.scene, opened.card, opened.plan, backend, request.memory_mb)
        except Exception as e:
            opened.scene.close()
            self._tell_failed(number, request, e)
            return True
        if (self._guests or self._beginning) and not self._has_room(layout, backend, request):
            return False
        self._emit(SceneStarted(number))
        # In a thread: it waits for the device, which would keep the next batch from it.
        begin = partial(begin_scene, request, with_checksum(opened.card), opened.scene, opened.plan, layout, backend)
        self._beginning.put(OpeningScene(number, opened, backend), begin)
        self._sizes[number] = layout.size_bytes
        return True

    def _let_join(self) -> None:
        """Take in the scenes whose outputs are open."""
        while (first := self._beginning.first) and first.future.done():
            self._beginning.remove(first)
            begun = first.scene
            try:
                course = first.future.result()
            except Exception as e:
                begun.opened.scene.close()
                self._sizes.pop(begun.number)
                self._tell_failed(begun.number, begun.opened.request, e)
                continue
            if isinstance(course, BlockMerger):
                begun.opened.since(course.began)
                self._end(FinishingScene(begun.number, begun.opened, course, begun.backend))
            else:
                self._guests.append(ActiveScene(begun.number, begun.opened, course, begun.backend))

    def _end(self, scene: FinishingScene) -> None:
        """Have what is left to do for a scene done by a thread."""
        self._finishing.put(scene, partial(finish, scene))

    def _has_room(self, layout: MemoryLayout, backend: Any, request: Segment) -> bool:
        """Whether one more scene is useful, and fits beside those under way."""
        batch = backend.batch_size
        count = len(self._guests) + len(self._beginning)
        waiting = sum(g.course.total - g.course.done for g in self._guests)
        waiting += sum(tiles_of(b.opened) for b in self._beginning)
        if count >= 2 and waiting >= BATCHES_AHEAD * batch:
            return False
        # On the host two of the largest scenes are in the budget: see pipeline.layout_for.
        allowed = backend.scene_bytes or request.memory_mb * 2**20 // 4
        held = sum(self._sizes.values())
        return count < min(MOST_UNDER_WAY, 2 * batch + 2) and held + layout.size_bytes <= allowed

    def _stock(self, number: int, opened: PreparedScene) -> None:
        """vLLM's own path takes a scene at a time."""
        opened.scene.close()
        self._emit(SceneStarted(number))
        self._key = None  # the loader may put another in the model's place
        try:
            result = run_segment(opened.request, self._loader, lambda m: None, self._cancelled)
        except Exception as e:
            if self._cancelled():
                raise
            self._tell_failed(number, opened.request, e)
            return
        self._done += 1
        self._emit(SceneDone(number, result, opened.started))

    # -- batches -------------------------------------------------------------------------------------------------

    def _one_batch(self) -> None:
        """One batch from the scenes under way, the oldest first."""
        shares, room = [], self._guests[0].backend.batch_size
        for guest in list(self._guests):
            if room <= 0:
                break
            try:
                tiles = guest.course.take(room)
            except Exception as e:
                self._fail(guest, e)
                continue
            room -= sum(tile.wanted for tile in tiles)
            shares.append((guest, tiles))
        if not shares or self._crowd is None:
            return
        began = time.perf_counter()
        failed = self._crowd.run([(guest.course.walk, tiles) for guest, tiles in shares])
        passed = time.perf_counter() - began
        count = sum(len(tiles) for _, tiles in shares)
        self._tiles += count
        for guest, tiles in shares:
            guest.course.statistics.timings["infer"] += passed * len(tiles) / max(count, 1)
            problem = failed.get(guest.course.walk)
            if problem is not None:
                self._fail(guest, explained(problem, guest.opened.card, guest.backend))
            elif guest.course.done == guest.course.total:
                self._guests.remove(guest)
                self._end(guest)

    def _fail(self, guest: ActiveScene, e: Exception) -> None:
        self._guests.remove(guest)
        release(guest)
        self._sizes.pop(guest.number)
        self._tell_failed(guest.number, guest.opened.request, e)

    # -- telling -------------------------------------------------------------------------------------------------

    def _tell_finished(self, ending: bool = False) -> None:
        for work in self._finishing.done():
            self._finishing.remove(work)
            guest = work.scene
            self._sizes.pop(guest.number)
            try:
                classes = work.future.result()
                statistics = guest.course.statistics
                timings = {"load": self._load_s, **statistics.timings}
                timings["segment"] = statistics.timings["read"] + statistics.timings["infer"]
                self._load_s = 0.0
                result = result_of(guest.opened, guest.backend, statistics, classes, timings)
            except Exception as e:
                if self._cancelled():
                    continue
                self._tell_failed(guest.number, guest.opened.request, e)
                continue
            self._done += 1
            if self._done % TRIMMED_EVERY == 0 and not ending:
                self._finishing.aside(trim_heap)
            self._emit(SceneDone(guest.number, result, guest.opened.started))

    def _tell_failed(self, number: int, request: Segment, e: BaseException) -> None:
        problem = failure(e, request)
        if self._cancelled() and problem.code == ErrorCode.CANCELLED.value:
            return  # the scene is sound, and the run ends
        self._failed += 1
        self._emit(SceneFailed(number, problem.code, problem.text, problem.hint))

    def _tell_progress(self) -> None:
        under_way = sum(g.course.done / max(g.course.total, 1) for g in self._guests) + len(self._finishing)
        rate = self._tiles / max(time.perf_counter() - self._began, 1e-9) if self._tiles else 0.0
        ended = self._done + self._failed
        stage = "segmenting" if self._began or ended else "opening"
        now = time.monotonic()
        if getattr(self._backend, "device", "") == "cuda" and now - self._gpu_asked > GPU_EVERY_S:
            free, total, _ = nvml.memory_mb()
            self._gpu_asked, self._gpu_mb = now, (total - free, total)
        rates = round(rate, 2), round(under_way, 3)
        self._emit(Progress(ended, self._total, stage, *rates, self._tiles, *self._gpu_mb))
