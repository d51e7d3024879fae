"""One run over many scenes: which are done, which are left, and the files that record both in the output folder.

The caller, QGIS or the command line, has an engine segment :attr:`FolderRun.todo`, passes each message about a scene to
:meth:`FolderRun.take`, and calls :meth:`FolderRun.finish` at the end.
"""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ... import __version__
from ..errors import PrithviError
from ..masks.mask_values import mask_values
from ..masks.styling import UNCERTAIN_COLOR, UNCERTAIN_NAME
from ..models.model_card import ModelCard, ModelClass
from ..protocol.messages import Message, Progress, SceneDone, SceneFailed, SceneStarted, Segment, WorkerState
from ..scenes.gdal_names import is_remote
from ..system.timeouts import TIMEOUTS, Timeouts
from .file_names import SUMMARY
from .fingerprint import source_files
from .live_status import Live
from .mosaic import Mosaic, write_mosaic
from .overview import HtmlRenderer, OverviewTexts, write_overview
from .plan import output_path, plan_run
from .prometheus import check_metrics
from .raster_tool import RasterTool
from .records import AREA, Records, Row, as_number, done_row, failed_row, unwritable, write_text
from .run_state import RunState, after_message, stopped
from .scene_discovery import SceneSource

_MAX_IN_PROGRESS = 20  # scenes that the summary names


@dataclass(frozen=True)
class FolderRunOptions:
    """What a run makes in addition to masks, and how."""

    probability: bool = False
    """Whether each scene gets a probability raster."""
    polygons: bool = False
    """Whether each scene gets polygons."""
    overwrite: bool = False
    """Whether to segment again what is done."""
    mosaic: int = 0
    """:data:`.mosaic.NONE`, ``VRT`` or ``COG``."""
    metrics: str = ""
    """File to keep in Prometheus' text format, or empty."""


@dataclass(frozen=True)
class FolderRunResult:
    """Counts of a run that has ended, and the files for all scenes together."""

    scenes: int
    done: int
    skipped: int
    failed: int
    mosaics: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The last line of a run."""
        parts = [f"{self.done} segmented", f"{self.skipped} already done", f"{self.failed} failed"]
        left = self.scenes - self.done - self.skipped - self.failed
        return f"{self.scenes} scenes: {', '.join(parts)}" + (f", {left} left" if left else "")


class FolderRun:
    """A run that holds the lock of its output folder until :meth:`close`.

    Attributes:
        folder: of the outputs.
        scenes: all of them.
        todo: one request per scene that must be segmented.
        order: number of each request's scene in ``scenes``.
    """

    def __init__(
        self,
        folder: Path,
        scenes: Sequence[SceneSource],
        template: Segment,
        card: ModelCard,
        options: FolderRunOptions,
        rasters: RasterTool,
        render: HtmlRenderer,
        timeouts: Timeouts = TIMEOUTS,
    ):
        """Find what is done, and start the records.

        Args:
            folder: of the outputs; created if need be.
            scenes: all of them.
            template: the request without the fields of a scene.
            card: of the model.
            options: what to make in addition to masks.
            rasters: raster operations of this process.
            render: fills the template of the overview.
            timeouts: for the intervals of the state file and the summary.
        Raises:
            PrithviError: ``output_unwritable``, or ``engine_busy`` while another run writes there.
        """
        self.folder, self.scenes = folder, list(scenes)
        self._template, self._card, self._options = template, card, options
        self._rasters, self._render, self._timeouts = rasters, render, timeouts
        self._classes = _mask_classes(template, card)
        self._began, self._summary_written = time.time(), 0.0
        self._done = self._failed = self._tiles = 0
        self._tiles_per_s = 0.0
        self._started: dict[int, str] = {}
        self._workers: tuple[WorkerState, ...] = (WorkerState("engine"),)
        self._one_engine = True
        check_metrics(options.metrics)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise unwritable(folder, e) from e
        self._records = Records(folder, [c.name for c in self._classes])
        try:
            self._live = Live(options.metrics, timeouts)
            further = [kind for kind in ("probability", "polygons") if getattr(options, kind)]
            records = self._records.rows()
            plan = plan_run(folder, self.scenes, template, card, records, rasters, further, options.overwrite)
            self.todo, self.order = plan.todo, plan.order
            self._records.begin(plan.kept)
            self._write_summary(complete=False)
        except BaseException:
            self._records.close()
            raise

    @property
    def skipped(self) -> int:
        """Number of scenes that an earlier run has done."""
        return len(self.scenes) - len(self.todo)

    def take(self, message: Message) -> None:
        """Record a message about scene ``number`` of :attr:`todo`; its row is on the disk when this returns."""
        if isinstance(message, SceneStarted):
            self._started[message.number] = _utc_time(time.time())
        elif isinstance(message, SceneDone):
            self._done += 1
            self._tiles += message.result.tiles
            self._started.pop(message.number, None)
            self._records.add(done_row(self.key(message.number), message))
        elif isinstance(message, SceneFailed):
            self._failed += 1
            started = self._started.pop(message.number, "") or _utc_time(time.time())
            self._records.add(failed_row(self.key(message.number), message, started, self._card.id))
        elif isinstance(message, Progress):
            self._tiles_per_s = message.tiles_per_s
        if self._one_engine:
            scene = self.name(message.number) if isinstance(message, SceneStarted) else ""
            self._workers = (after_message(self._workers[0], message, scene),)
        self._live.show(self._state())
        if time.time() - self._summary_written > self._timeouts.summary_s:
            self._write_summary(complete=False)

    def take_workers(self, workers: Sequence[WorkerState]) -> None:
        """Record the state of several workers; without this call there is one, the engine."""
        self._one_engine, self._workers = False, tuple(workers)
        self._live.show(self._state())

    def finish(self, complete: bool = True, texts: Optional[OverviewTexts] = None) -> FolderRunResult:
        """Write summary, overview and mosaic; ``complete``: the run was not cancelled."""
        records = {row["input"]: row for row in self._records.rows()}
        rows = [records[scene.key] for scene in self.scenes if scene.key in records]
        mosaic = Mosaic()
        if complete and self._options.mosaic:
            masks = [Path(row["output"]) for row in rows if row["success"] == "true"]
            mosaic = write_mosaic(self.folder, masks, self._classes, self._rasters, self._options.mosaic)
        self._write_summary(complete, rows)
        pictures = {scene.key: output_path(self.folder, scene, "thumbnail") for scene in self.scenes}
        texts = texts or OverviewTexts()
        notes = (*mosaic.notes, *self._unchecked_notes())
        try:
            write_overview(self.folder, rows, pictures, self._card.title, self._classes, texts, self._render)
        except PrithviError as e:  # masks and records are there; a page must not hide them or what ended the run
            notes = (*notes, e.line)
        counts = len(self.scenes), self._done, self.skipped, self._failed
        return FolderRunResult(*counts, mosaic.files, notes)

    def _unchecked_notes(self) -> list[str]:
        """Return a line about masks that were kept although their scenes may have changed on a server."""
        kept = set(range(len(self.scenes))) - set(self.order)
        remote = sum(any(map(is_remote, source_files(self.scenes[number].source))) for number in kept)
        line = f"Masks of scenes on servers were kept ({remote}): whether the scenes have changed was not checked. "
        return [f"{line}OVERWRITE segments them again."] if remote else []

    def close(self) -> None:
        """Release the folder; the metrics that stay report that no worker is active."""
        self._workers = tuple(w if w.state == "lost" else stopped(w) for w in self._workers)
        self._live.show(self._state(), now=True)
        self._live.close()
        self._records.close()

    def name(self, number: int) -> str:
        """Return the display name of scene ``number`` of :attr:`todo`."""
        return self.scenes[self.order[number]].name

    def key(self, number: int) -> str:
        """Return the identifier of scene ``number`` of :attr:`todo` in the records."""
        return self.scenes[self.order[number]].key

    def _state(self) -> RunState:
        counts = len(self.scenes), self._done, self._failed, self.skipped
        return RunState(os.getpid(), self._began, str(self.folder), *counts, workers=self._workers)

    def _write_summary(self, complete: bool, rows: Optional[Sequence[Row]] = None) -> None:
        """Write ``summary.json``; areas, valid pixels and errors only at the end, when ``rows`` has all records."""
        self._summary_written = now = time.time()
        body: dict[str, object] = {
            "version": __version__,
            "complete": complete,
            "started": _utc_time(self._began),
            "updated": _utc_time(now),
            "seconds": round(now - self._began, 1),
            "scenes": len(self.scenes),
            "done": self._done,
            "skipped": self.skipped,
            "failed": self._failed,
            "left": len(self.todo) - self._done - self._failed,
            "under_way": [self.name(number) for number in sorted(self._started)][:_MAX_IN_PROGRESS],
            "tiles": self._tiles,
            "tiles_per_s": self._tiles_per_s,
            "model": self._card.id,
            "parameters": {
                k: v for k, v in dataclasses.asdict(self._template).items() if k not in ("source", "output")
            },
        }
        if rows is not None:
            good = [row for row in rows if row["success"] == "true"]
            body["area_m2"] = {
                c.name: round(sum(as_number(row.get(AREA + c.name)) for row in good), 2) for c in self._classes
            }
            body["valid_pixels"] = sum(int(as_number(row["valid_pixels"])) for row in good)
            body["errors"] = dict(Counter(row["error_code"] for row in rows if row["success"] != "true"))
        write_text(self.folder / SUMMARY, json.dumps(body, indent=1))


def _mask_classes(template: Segment, card: ModelCard) -> tuple[ModelClass, ...]:
    """Return the classes that the masks may have: the model's, and unsure with a confidence threshold."""
    if not template.min_probability:
        return card.classes
    return (*card.classes, ModelClass(mask_values(len(card.classes)).uncertain, UNCERTAIN_NAME, UNCERTAIN_COLOR))


def _utc_time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))
