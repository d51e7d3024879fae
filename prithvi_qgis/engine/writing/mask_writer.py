"""Finished rows become outputs: what is counted, what is written, and the thread that does it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import datetime, timezone
from typing import Optional

import numpy as np

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from ...core.protocol.messages import ClassArea, Message, Segment
from ..failures import disk_error
from ..mask.class_rules import class_rules, smallest_patch_px
from ..mask.polygons import write_polygons
from ..mask.sieve import sieve, sieved_rows
from ..mask.statistics import MaskStatistics, StageTimer, statistics_for
from ..model.backend import InferenceModel
from ..reading import stall_timeout
from ..reading.raster_source import RasterSource
from ..reading.stall_timeout import Cancelled, cancelled_error
from ..tiling.tile_grid import TilePlan
from .atomic_outputs import AtomicOutputs
from .geotiff_sink import BLOCK, PROBABILITY_TEXT, GeoTiffSink
from .provenance import outcome_tag, provenance
from .sidecars import aux_xml, mask_qml, value_aux_xml, value_qml
from .thumbnail import Thumbnail

Tell = Callable[[Message], None]


class MaskWriter:
    """The outputs that were asked for, filled with finished rows.

    Attributes:
        decision: what stands in the mask.
        tally: what was counted; complete once :meth:`finish` returned.
        thumbnail: to be shown what is read of the scene; None where none was asked for.
    """

    def __init__(
        self,
        request: Segment,
        card: ModelCard,
        scene: RasterSource,
        backend: InferenceModel,
        plan: TilePlan,
        stack: ExitStack,
        began: Optional[datetime] = None,
    ):
        """Create the outputs. ``stack``: closed when the run ends, however it does; ``began``: None for now."""
        self._request, self._grid = request, scene.grid
        self.rules = rules = class_rules(request, card)
        self._smallest = smallest_patch_px(request, scene.grid)
        self._staging = stack.enter_context(AtomicOutputs())
        self._polygons = self._staging.stage(request.polygons) if request.polygons else None
        self.thumbnail: Optional[Thumbnail] = Thumbnail(scene, card, rules) if request.thumbnail else None
        self._thumbnail_path = self._staging.stage(request.thumbnail) if request.thumbnail else None
        self._began = began or datetime.now(timezone.utc)
        tags = provenance(request, card, rules, scene, backend, plan)
        self._path = self._staging.stage(request.output)
        kind = rules.dtype, rules.nodata
        self._mask = GeoTiffSink(self._path, request.output, self._grid, 1, tags, *kind)
        self._sinks = [self._mask]
        stack.callback(self._mask.discard)
        if rules.quantity is not None:
            self._mask.describe([rules.quantity.name], rules.quantity.unit)
        elif rules.dtype == "uint8":
            self._mask.colour(rules.classes)
        self._raw: Optional[GeoTiffSink] = None  # the mask before small patches are merged
        if self._smallest > 1:
            self._raw_path = self._staging.temp_path(request.output, ".raw.tif")
            self._raw = GeoTiffSink(self._raw_path, request.output, self._grid, 1, {}, *kind)
            stack.callback(self._raw.discard)
        self._probability: Optional[GeoTiffSink] = None
        if request.probability:
            path = self._staging.stage(request.probability)
            self._probability = GeoTiffSink(path, request.probability, self._grid, len(card.classes), tags)
            self._sinks.append(self._probability)
            stack.callback(self._probability.discard)
            self._probability.describe([f"{c.name} ({PROBABILITY_TEXT})" for c in card.classes])
        self.statistics: MaskStatistics = statistics_for(rules, self._grid)

    def write(self, left: int, top: int, values: np.ndarray, percent: Optional[np.ndarray] = None) -> None:
        """Write the next rows; a new ``left`` begins a column band.

        Args:
            left, top: first scene column and row.
            values: (rows, width) of the decision's type, nodata among them.
            percent: (classes, rows, width) uint8, when probabilities were asked for.
        """
        if self._raw is not None:
            self._raw.rows(left, values[None])
        else:
            self._final_rows(left, top, values)
        if self._probability and percent is not None:
            self._probability.rows(left, percent)

    def _final_rows(self, left: int, top: int, values: np.ndarray) -> None:
        """Count, draw and write rows of the mask as it stays."""
        self.statistics.count(top, values)
        if self.thumbnail is not None:
            self.thumbnail.mask(left, top, values)
        self._mask.rows(left, values[None])

    def tag(self, tags: Mapping[str, str]) -> None:
        """Add to the outputs' metadata."""
        for sink in self._sinks:
            sink.tag(tags)

    def finish(self, cancelled: Cancelled) -> tuple[ClassArea, ...]:
        """Close, check and rename everything into place; until then a cancel leaves nothing."""

        def check() -> None:
            if cancelled():
                raise cancelled_error()

        output = self._request.output
        with StageTimer(self.statistics, "write"):
            if self._raw is not None:
                self._raw.finish()
                self._merge_small_patches(check)
            classes, values = self.statistics.classes(), self.statistics.values()
            self._mask.tag(outcome_tag(self._began, self.statistics, self._grid, classes))
            for sink in self._sinks:
                sink.finish()
            if self._polygons:
                write_polygons(self._path, self._polygons, self._request.polygons, self._grid, self.rules, check)
            try:
                if self.thumbnail and self._thumbnail_path:
                    self.thumbnail.write(self._thumbnail_path, values)
                quantity = self.rules.quantity
                aux = aux_xml(classes) if quantity is None else value_aux_xml(quantity, values, self._grid)
                qml = mask_qml(classes) if quantity is None else value_qml(quantity, values)
                self._staging.sidecar(output, ".aux.xml", aux)
                self._staging.sidecar(output, ".qml", qml)
                self._staging.commit(check)
            except OSError as e:
                raise disk_error(e, output) from e
        return classes

    def _merge_small_patches(self, check: Callable[[], None]) -> None:
        """From the raw mask to the mask; only here are its rows counted."""
        output = self._request.output
        valid, sieved = (self._staging.temp_path(output, suffix) for suffix in (".valid.tif", ".sieved"))
        sieve(self._raw_path, valid, sieved, self._smallest, self.rules, output, check)
        for top, values in sieved_rows(self._raw_path, sieved, self.rules, BLOCK):
            check()
            self._final_rows(0, top, values)


class WriterThread:
    """Does what it is given, in order, in a thread of its own; compressing the mask holds nothing up.

    What goes wrong there is raised at the next :meth:`put` or at :meth:`finish`.
    """

    DEPTH = 8  # tasks that may wait: each holds a few megabytes

    def __init__(self, target: str, cancelled: Cancelled) -> None:
        """``target``: what is written, for messages."""
        self._target, self._cancelled, self._hangs = target, cancelled, False
        self._tasks: queue.Queue[Optional[Callable[[], None]]] = queue.Queue(self.DEPTH)
        self._failure: Optional[BaseException] = None
        self._thread = threading.Thread(target=self._work, name="write", daemon=True)
        self._thread.start()

    def put(self, task: Callable[[], None]) -> None:
        """Hand over a task; waits while too many are waiting.

        Raises:
            PrithviError: ``cancelled``; ``output_unwritable`` when no task ends for ``stall_timeout.STALL_S``.
        """
        self._check()
        self._offer(task)

    def finish(self) -> None:
        """Wait until everything is done. Same errors as :meth:`put`; a cancel does not wait for what hangs."""
        self._offer(None)
        began = time.monotonic()
        while self._joined(stall_timeout.LOOK_S):
            if self._cancelled():
                raise cancelled_error()
            if time.monotonic() - began > stall_timeout.STALL_S:
                raise self._stalled()
        self._check()

    def stop(self) -> None:
        """End the thread after the task it is at, if that takes no longer than a moment; what waits is dropped."""
        if self._thread.is_alive() and not self._hangs:
            self._failure = self._failure or cancelled_error()
            with suppress(queue.Empty):
                while True:
                    self._tasks.get_nowait()
            self._tasks.put(None)
            self._joined(stall_timeout.LEAVE_S)

    def _joined(self, most_s: float) -> bool:
        """Wait for the thread's end; whether it is still at work."""
        self._thread.join(most_s)
        return self._thread.is_alive()

    def _offer(self, task: Optional[Callable[[], None]]) -> None:
        began = time.monotonic()
        while True:
            try:
                return self._tasks.put(task, timeout=stall_timeout.LOOK_S)
            except queue.Full:
                if self._cancelled():
                    raise cancelled_error() from None
                if time.monotonic() - began > stall_timeout.STALL_S:
                    raise self._stalled() from None

    def _stalled(self) -> PrithviError:
        self._hangs = True
        return PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE,
            f"Nothing could be written to {self._target} for {stall_timeout.STALL_S:.0f} s.",
            "Check the disk or server it is on, or choose another folder.",
        )

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
