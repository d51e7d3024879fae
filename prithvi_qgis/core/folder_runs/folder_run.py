"""One run over many scenes: what is to do, what is done already, and what is kept of it in the output folder.

Whoever drives it (QGIS, the command line, a cluster) hands :attr:`FolderRun.todo` to an engine and every message about
a scene to :meth:`FolderRun.take`, then calls :meth:`FolderRun.finish`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from ... import __version__
from ..errors import ErrorCode
from ..masks.mask_values import mask_values
from ..masks.styling import UNCERTAIN_COLOR, UNCERTAIN_NAME
from ..models.model_card import ModelCard, ModelClass
from ..protocol.messages import Message, Progress, SceneDone, SceneFailed, SceneStarted, Segment, WorkerState
from . import overview
from .file_names import PARTS, SUMMARY
from .fingerprint import FINGERPRINT_TAG, OUTCOME_TAG, fingerprint
from .live_status import Live
from .mosaic import Mosaic, write_mosaic
from .prometheus import check_metrics
from .raster_tool import RasterTool
from .records import AREA, Records, Row, as_number, done_row, failed_row, success_row, unwritable, write_text
from .run_state import RunState
from .scene_discovery import SceneSource

_SUMMARY_EVERY_S = 5.0


@dataclass(frozen=True)
class FolderRunOptions:
    """What a run makes beside masks, and how.

    Attributes:
        probability, polygons: of each scene; overwrite: also what is done already.
        mosaic: :data:`core.folder_runs.mosaic.NONE`, ``VRT`` or ``COG``.
        metrics: file to keep in Prometheus' text format, or empty.
    """

    probability: bool = False
    polygons: bool = False
    overwrite: bool = False
    mosaic: int = 0
    metrics: str = ""


@dataclass(frozen=True)
class FolderRunResult:
    """A run that has ended: counts, and files for all scenes together."""

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
    """See the module. Close it when done; the output folder is locked meanwhile.

    Attributes:
        scenes: all of them; todo: a request for each that has to be segmented; order: its place in ``scenes``.
    """

    def __init__(
        self,
        folder: Path,
        scenes: Sequence[SceneSource],
        template: Segment,
        card: ModelCard,
        wanted: FolderRunOptions,
        rasters: RasterTool,
    ):
        """Look what is done, and begin the records.

        Args:
            folder: of the outputs; made if need be.
            template: the request without what differs between scenes.
        Raises:
            PrithviError: ``output_unwritable``, or ``engine_busy`` while another run writes there.
        """
        self.folder, self.scenes = folder, list(scenes)
        self._template, self._card, self._wanted, self._rasters = template, card, wanted, rasters
        self._classes = _classes(template, card)
        self._started: dict[int, str] = {}
        self._began, self._told, self._done, self._failed, self._tiles = time.time(), 0.0, 0, 0, 0
        self._rate = 0.0
        check_metrics(wanted.metrics)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise unwritable(folder, e) from e
        self._records = Records(folder, [c.name for c in self._classes])
        self._workers: tuple[WorkerState, ...] = (WorkerState("engine"),)
        self._crew = False
        try:
            self._live = Live(wanted.metrics)
            self.todo, self.order, kept = self._plan()
            self._records.begin(kept)
            self._write_summary(False)
        except BaseException:
            self._records.close()
            raise

    @property
    def skipped(self) -> int:
        """Scenes that are done already."""
        return len(self.scenes) - len(self.todo)

    def take(self, message: Message) -> None:
        """Note a message about scene ``number`` of :attr:`todo`; a record is on the disk when this returns."""
        if isinstance(message, SceneStarted):
            self._started[message.number] = _now()
        elif isinstance(message, SceneDone):
            self._done += 1
            self._tiles += message.result.tiles
            self._started.pop(message.number, None)
            self._records.add(done_row(self._scene(message.number).key, message))
        elif isinstance(message, SceneFailed):
            self._failed += 1
            started = self._started.pop(message.number, "") or _now()
            self._records.add(failed_row(self._scene(message.number).key, message, started, self._card.id))
        elif isinstance(message, Progress):
            self._rate = message.tiles_per_s
        self._show(message)
        if time.time() - self._told > _SUMMARY_EVERY_S:
            self._write_summary(False)

    def take_workers(self, workers: Sequence[WorkerState]) -> None:
        """Note what several workers do; without it there is one, the engine."""
        self._crew, self._workers = True, tuple(workers)
        self._live.show(self._state())

    def finish(self, complete: bool = True, words: Optional[overview.OverviewTexts] = None) -> FolderRunResult:
        """Write summary, overview and mosaic. ``complete``: not cancelled."""
        rows = self._rows()
        mosaic = Mosaic()
        if complete and self._wanted.mosaic:
            masks = [Path(r["output"]) for r in rows if r["success"] == "true"]
            mosaic = write_mosaic(self.folder, masks, self._classes, self._rasters, self._wanted.mosaic)
        self._write_summary(complete, rows)
        pictures = {s.key: self._target(s, "thumbnail") for s in self.scenes}
        overview.write_overview(
            self.folder, rows, pictures, self._card.title, self._classes, words or overview.OverviewTexts()
        )
        counts = (len(self.scenes), self._done, self.skipped, self._failed)
        return FolderRunResult(*counts, mosaic.files, mosaic.notes)

    def close(self) -> None:
        """Let the folder go; what is left to see of the run says that nobody works any more."""
        self._workers = tuple(w if w.state == "lost" else w.after() for w in self._workers)
        self._live.show(self._state(), now=True)
        self._live.close()
        self._records.close()

    def name(self, number: int) -> str:
        """What a person calls scene ``number`` of :attr:`todo`."""
        return self._scene(number).name

    def key(self, number: int) -> str:
        """What stands for scene ``number`` of :attr:`todo` in the records."""
        return self._scene(number).key

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, message: Message) -> None:
        """Keep the figures of the one engine, and show how the run stands."""
        if not self._crew:
            one = self._workers[0]
            if isinstance(message, SceneStarted):
                one = dataclasses.replace(one, state="working", scene=self.name(message.number))
            elif isinstance(message, SceneDone):
                one = dataclasses.replace(one, scenes=one.scenes + 1, device=message.result.device_name)
            elif isinstance(message, SceneFailed):
                one = dataclasses.replace(one, scenes=one.scenes + 1, errors=one.errors + 1)
            elif isinstance(message, Progress):
                one = dataclasses.replace(
                    one,
                    tiles_per_s=message.tiles_per_s,
                    gpu_used_mb=message.gpu_used_mb,
                    gpu_total_mb=message.gpu_total_mb,
                )
            self._workers = (one,)
        self._live.show(self._state())

    def _state(self) -> RunState:
        counts = {"total": len(self.scenes), "done": self._done, "failed": self._failed, "skipped": self.skipped}
        return RunState(os.getpid(), self._began, str(self.folder), **counts, workers=self._workers)

    # -- planning ------------------------------------------------------------------------------------------------

    def _plan(self) -> tuple[list[Segment], list[int], list[Row]]:
        """Requests, their places in ``scenes``, and the rows that still hold."""
        before = {row["input"]: row for row in self._records.rows()}
        todo: list[Segment] = []
        order: list[int] = []
        self._remove_parts()

        def took_the_engine_down(place: int) -> bool:
            return before.get(self.scenes[place].key, {}).get("error_code") == ErrorCode.ENGINE_DIED.value

        here = {s.key for s in self.scenes}
        kept = [row for key, row in before.items() if key not in here and Path(row.get("output", "")).is_file()]
        # Those last: enough of them in a row end a run, which must not keep the others from being done.
        for place in sorted(range(len(self.scenes)), key=took_the_engine_down):
            scene = self.scenes[place]
            request = self._request(scene)
            row = None if self._wanted.overwrite else self._row_of_done(scene, request, before.get(scene.key))
            if row is not None:
                kept.append(row)
                continue
            todo.append(request)
            order.append(place)
            for target in (request.output, request.thumbnail):
                try:
                    Path(target).parent.mkdir(parents=True, exist_ok=True)
                except OSError as e:
                    raise unwritable(Path(target).parent, e) from e
        return todo, order, kept

    def _remove_parts(self) -> None:
        """Parts of masks that a run which was killed has left; they may be of other parameters, so none is used."""
        for folder in {self._target(scene, "mask").parent for scene in self.scenes}:
            for part in folder.glob(PARTS):
                with contextlib.suppress(OSError):
                    part.unlink()

    def _request(self, scene: SceneSource) -> Segment:
        wanted = self._wanted
        return dataclasses.replace(
            self._template,
            source=scene.source,
            source_name=scene.name,
            taken=scene.taken,
            output=str(self._target(scene, "mask")),
            probability=str(self._target(scene, "probability")) if wanted.probability else "",
            polygons=str(self._target(scene, "polygons")) if wanted.polygons else "",
            thumbnail=str(self._target(scene, "thumbnail")),
        )

    def _target(self, scene: SceneSource, kind: str) -> Path:
        if kind == "thumbnail":
            return self.folder / overview.PICTURES / f"{scene.stem}.png"
        return self.folder / f"{scene.stem}_{kind}{'.gpkg' if kind == 'polygons' else '.tif'}"

    def _row_of_done(self, scene: SceneSource, request: Segment, row: Optional[Row]) -> Optional[Row]:
        """The record of a scene whose outputs stand as this run would make them; None for one to segment."""
        mask = Path(request.output)
        if not mask.is_file() or not all(Path(p).is_file() for p in (request.probability, request.polygons) if p):
            return None
        tags = self._rasters.tags(mask)
        if tags.get(FINGERPRINT_TAG) != fingerprint(request, self._card):
            return None
        if row is not None and row["success"] == "true" and row["output"] == request.output:
            return row
        # Killed between the mask and its record: the mask knows what the record would say.
        try:
            told = json.loads(tags[OUTCOME_TAG])
            areas = told.pop("areas_m2")
            told.pop("values", None)
            device = tags.get("PRITHVI_DEVICE", "").partition(" ")[0]
            facts = {"output": request.output, "model": self._card.id, "device": device}
            return success_row(scene.key, facts, areas, **told)
        except (KeyError, ValueError, TypeError):
            return None

    # -- records -------------------------------------------------------------------------------------------------

    def _scene(self, number: int) -> SceneSource:
        return self.scenes[self.order[number]]

    def _rows(self) -> list[Row]:
        """Records of this run's scenes, in the scenes' order."""
        rows = {row["input"]: row for row in self._records.rows()}
        return [rows[s.key] for s in self.scenes if s.key in rows]

    def _write_summary(self, complete: bool, rows: Optional[Sequence[Row]] = None) -> None:
        self._told = time.time()
        body: dict[str, Any] = {
            "version": __version__,
            "complete": complete,
            "started": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(self._began)),
            "updated": _now(),
            "seconds": round(time.time() - self._began, 1),
            "scenes": len(self.scenes),
            "done": self._done,
            "skipped": self.skipped,
            "failed": self._failed,
            "left": len(self.todo) - self._done - self._failed,
            "under_way": [self.name(number) for number in sorted(self._started)][:20],
            "tiles": self._tiles,
            "tiles_per_s": self._rate,
            "model": self._card.id,
            "parameters": {
                k: v for k, v in dataclasses.asdict(self._template).items() if k not in ("source", "output")
            },
        }
        if rows is not None:
            good = [r for r in rows if r["success"] == "true"]
            body["area_m2"] = {
                c.name: round(sum(as_number(r.get(AREA + c.name)) for r in good), 2) for c in self._classes
            }
            body["valid_pixels"] = sum(int(as_number(r["valid_pixels"])) for r in good)
            body["errors"] = dict(Counter(r["error_code"] for r in rows if r["success"] != "true"))
        write_text(self.folder / SUMMARY, json.dumps(body, indent=1))


def _classes(template: Segment, card: ModelCard) -> tuple[ModelClass, ...]:
    """Those that may stand in the masks: the model's, and unsure where a class has to be believed."""
    if not template.min_probability:
        return card.classes
    return (*card.classes, ModelClass(mask_values(len(card.classes)).uncertain, UNCERTAIN_NAME, UNCERTAIN_COLOR))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
