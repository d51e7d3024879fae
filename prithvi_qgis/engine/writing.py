"""Finished rows become outputs: what is counted, what is written, and the thread that does it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Optional

import numpy as np

from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from ..contract.messages import ClassArea, Message, Segment
from .areas import Ground
from .backend import Loaded
from .outputs import NODATA, PROBABILITY_TEXT, RasterSink
from .polygons import write_polygons
from .provenance import outcome_tag, provenance
from .scene import Grid, Scene
from .sidecars import aux_xml, mask_qml
from .staging import Staging, disk_error
from .thumbnail import draw_thumbnail
from .tiling import TilePlan

Tell = Callable[[Message], None]
Cancelled = Callable[[], bool]
COUNTED_ROWS = 64  # at once, so that counting needs little memory


@dataclass
class Tally:
    """What a run counts: seconds by stage, tiles, pixels of each class in each row."""

    rows: np.ndarray  # (height, classes) int64
    tiles: int = 0
    nodata: int = 0
    timings: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("read", "infer", "write"), 0.0))

    def classes(self, card: ModelCard, grid: Grid) -> tuple[ClassArea, ...]:
        """Pixels and area of each class."""
        per_row = Ground(grid).row_areas()
        pixels = self.rows.sum(axis=0)
        areas = None if per_row is None else per_row @ self.rows
        return tuple(
            ClassArea(
                c.value,
                c.name,
                c.color,
                int(pixels[i]),
                float(areas[i]) if areas is not None and np.isfinite(areas[i]) else None,
            )
            for i, c in enumerate(card.classes)
        )

    @property
    def rate(self) -> float:
        """Tiles a second while the engine worked on this scene; what it shares with others counts by tiles."""
        return self.tiles / max(self.timings["read"] + self.timings["infer"], 1e-9)

    def count(self, top: int, classes: np.ndarray, values: list[int]) -> None:
        """Count (rows, width) uint8 class values from scene row ``top`` on."""
        for begin in range(0, len(classes), COUNTED_ROWS):
            part = classes[begin : begin + COUNTED_ROWS]
            places = part + np.arange(len(part), dtype=np.int32)[:, None] * 256
            counts = np.bincount(places.ravel(), minlength=len(part) * 256).reshape(len(part), 256)
            self.rows[top + begin : top + begin + len(part)] += counts[:, values]
            self.nodata += int(counts[:, NODATA].sum())


class Clock:
    """Adds the time spent in a ``with`` block to one of a tally's stages."""

    def __init__(self, tally: Tally, stage: str):
        self._tally, self._stage = tally, stage

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *exc: object) -> None:
        self._tally.timings[self._stage] += time.perf_counter() - self._start


class MaskWriter:
    """The outputs that were asked for, filled with finished rows."""

    def __init__(
        self, request: Segment, card: ModelCard, scene: Scene, backend: Loaded, plan: TilePlan, stack: ExitStack
    ):
        self._request, self._card, self._grid = request, card, scene.grid
        self._staging = stack.enter_context(Staging())
        self._probability: Optional[RasterSink] = None
        self._polygons = self._staging.stage(request.polygons) if request.polygons else None
        self._thumbnail = self._staging.stage(request.thumbnail) if request.thumbnail else None
        self._scene, self._began = scene, datetime.now(timezone.utc)
        tags = provenance(request, card, scene, backend, plan)
        self._path = self._staging.stage(request.output)
        self._mask = RasterSink(self._path, request.output, self._grid, 1, tags)
        stack.callback(self._mask.abandon)
        self._mask.colour(card)
        if request.probability:
            path = self._staging.stage(request.probability)
            self._probability = RasterSink(path, request.probability, self._grid, len(card.classes), tags)
            stack.callback(self._probability.abandon)
            self._probability.describe([f"{c.name} ({PROBABILITY_TEXT})" for c in card.classes])
        self._values = [c.value for c in card.classes]
        self.tally = Tally(np.zeros((self._grid.height, len(card.classes)), np.int64))

    def write(self, left: int, top: int, classes: np.ndarray, percent: Optional[np.ndarray] = None) -> None:
        """Write the next rows; a new ``left`` begins a column band.

        Args:
            left, top: first scene column and row.
            classes: (rows, width) uint8 class values, nodata among them.
            percent: (classes, rows, width) uint8, when probabilities were asked for.
        """
        self.tally.count(top, classes, self._values)
        self._mask.rows(left, classes[None])
        if self._probability and percent is not None:
            self._probability.rows(left, percent)

    def finish(self, cancelled: Cancelled) -> tuple[ClassArea, ...]:
        """Close, check and rename everything into place; until then a cancel leaves nothing."""

        def check() -> None:
            if cancelled():
                raise cancelled_error()

        with Clock(self.tally, "write"):
            classes = self.tally.classes(self._card, self._grid)
            self._mask.tag(outcome_tag(self._began, self.tally, self._grid, classes))
            for sink in filter(None, (self._mask, self._probability)):
                sink.finish()
            if self._thumbnail:
                draw_thumbnail(self._thumbnail, self._scene, self._path, self._card)
            if self._polygons:
                write_polygons(self._path, self._polygons, self._request.polygons, self._grid, self._card, check)
            try:
                self._staging.sidecar(self._request.output, ".aux.xml", aux_xml(classes))
                self._staging.sidecar(self._request.output, ".qml", mask_qml(classes))
                check()
                self._staging.commit()
            except OSError as e:
                raise disk_error(e, self._request.output) from e
        return classes


class WriterThread:
    """Does what it is given, in order, in a thread of its own; compressing the mask holds nothing up.

    What goes wrong there is raised at the next :meth:`put` or at :meth:`finish`.
    """

    DEPTH = 2  # tasks that may wait: each holds a row of tiles

    def __init__(self) -> None:
        self._tasks: queue.Queue[Optional[Callable[[], None]]] = queue.Queue(self.DEPTH)
        self._failure: Optional[BaseException] = None
        self._thread = threading.Thread(target=self._work, name="write", daemon=True)
        self._thread.start()

    def put(self, task: Callable[[], None]) -> None:
        """Hand over a task; waits while too many are waiting."""
        self._check()
        self._tasks.put(task)

    def finish(self) -> None:
        """Wait until everything is done."""
        self.stop()
        self._check()

    def stop(self) -> None:
        """End the thread after what it was given."""
        if self._thread.is_alive():
            self._tasks.put(None)
            self._thread.join()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            # After a failure the rest is taken and dropped, so that nobody waits for a full queue.
            if self._failure is None:
                try:
                    task()
                except BaseException as e:
                    self._failure = e


def cancelled_error() -> PrithviError:
    """The end of a run that a person stopped."""
    return PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.")
