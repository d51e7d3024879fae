"""``prithvi:segmentfolder``: a folder of scenes to a folder of masks, with a record of each."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputVariant,
)

from .. import settings
from ..core.errors import ErrorCode, PrithviError
from ..core.folder_runs.file_names import PAGE, RECORDS, SUMMARY
from ..core.models import catalogue
from ..core.models.model_card import ModelCard
from ..core.scenes.granules import is_granule
from .base import PrithviAlgorithm, one_line_errors, search_words, tr
from .engine_selection import choose_variant, with_cpu_fallback
from .folder_runs.parameters import folder_parameters
from .folder_runs.workers import Workers, segment_by_workers
from .scenes.scene_layer import SceneLayer
from .segmentation import validation
from .segmentation.read_parameters import Reader, read_request

if TYPE_CHECKING:
    from ..core.folder_runs.folder_run import FolderRunOptions, FolderRunResult
    from ..core.folder_runs.scene_discovery import SceneSource
    from ..core.protocol import messages
    from .folder_runs.reporter import FolderReporter

_ANY_BAND = 65535  # how many bands each scene has is known when it is opened


@dataclass(frozen=True)
class _Prepared:
    """What a run needs: scenes are looked for later, off the main thread."""

    place: str
    pattern: str
    recursive: bool
    card: ModelCard
    template: messages.Segment
    wanted: FolderRunOptions
    allow_failures: bool
    variant: str
    workers: Workers


class SegmentFolder(PrithviAlgorithm):
    """Segments every scene of a folder, a list or a STAC item collection; goes on where an earlier run ended."""

    def __init__(self) -> None:
        super().__init__()
        self._prepared: Optional[_Prepared] = None

    def name(self) -> str:
        """Fixed id."""
        return "segmentfolder"

    def displayName(self) -> str:
        """Title."""
        return tr("Prithvi segment folder")

    def groupId(self) -> str:
        """Beside "Prithvi segment"."""
        return "segmentation"

    def shortDescription(self) -> str:
        """One line."""
        return tr("Segments every scene of a folder, a list or a STAC item collection, and keeps a record of each.")

    def shortHelpString(self) -> str:
        """Help beside the form."""
        return "\n\n".join(
            (
                tr(
                    "Segments many scenes with one model. Small scenes share batches, and the next scene is read while "
                    "the model works on this one."
                ),
                tr(
                    "<b>What you get:</b> for each scene a mask on its own grid; <i>results.csv</i> with a row a scene "
                    "(areas, speed, or what went wrong), <i>summary.json</i>, and <i>overview.html</i> with pictures; "
                    "on demand one mosaic over all masks, which is loaded into the project."
                ),
                tr(
                    "<b>A scene that cannot be read or does not fit</b> is recorded, and the others go on. <b>Run it "
                    "again</b> after a cancel, a crash or new scenes: what is done with the same parameters is kept."
                ),
                tr(
                    "<b>Several GPUs or machines:</b> Engines at once, and Ray cluster. A worker that is lost is "
                    "replaced, and its scenes are done again."
                ),
            )
        )

    def tags(self) -> list[str]:
        """Words to find it by."""
        return search_words(
            tr(
                "prithvi,ai,deep learning,segmentation,semantic,classification,flood,water,burn scar,satellite,batch,"
                "folder,many,bulk,production,stac,mosaic,time series,server,resume,terratorch,vllm"
            )
        )

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        """Declare parameters and results."""
        for parameter in folder_parameters():
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputFile("RESULTS", tr("Records (CSV)")))
        self.addOutput(QgsProcessingOutputFile("SUMMARY", tr("Summary (JSON)")))
        self.addOutput(QgsProcessingOutputFile("OVERVIEW", tr("Overview (HTML)")))
        self.addOutput(QgsProcessingOutputVariant("MOSAICS", tr("Files of the mosaic")))
        self.addOutput(QgsProcessingOutputNumber("SCENES", tr("Scenes")))
        self.addOutput(QgsProcessingOutputNumber("DONE", tr("Scenes segmented by this run")))
        self.addOutput(QgsProcessingOutputNumber("SKIPPED", tr("Scenes that were done already")))
        self.addOutput(QgsProcessingOutputNumber("FAILED", tr("Scenes that failed")))

    def createCustomParametersWidget(self, parent: Any = None) -> Any:
        """The usual form (None); without an engine, one that offers to set it up. Only the desktop asks for it."""
        from ..gui.setup.setup_offer import form_with_offer

        return form_with_offer(self.create(), parent)

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Refuse in one line what can be refused before an engine starts; the form shows it without running."""
        try:
            with one_line_errors():
                self._read(parameters, context)
        except QgsProcessingException as e:
            return False, str(e)
        return super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read the parameters on the main thread."""
        with one_line_errors():
            prepared = self._read(parameters, context)
            if prepared.workers.may_be_several(prepared.variant):
                prepared = dataclasses.replace(prepared, workers=_with_network(prepared.workers))
            self._prepared = prepared
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Have the engine segment the scenes; keep the records."""
        prepared = self._prepared
        if prepared is None:
            raise QgsProcessingException("The algorithm was run without being prepared.")
        from ..core.folder_runs.scene_discovery import find_scenes
        from .folder_runs.reporter import last_line

        with one_line_errors():
            folder = self._output(parameters, context)
            feedback.setProgressText(tr("Looking for scenes"))
            scenes = find_scenes(prepared.place, prepared.pattern, prepared.recursive, folder)
            outcome = self._segment(prepared, folder, scenes, feedback)
        feedback.setProgress(100)
        for note in outcome.notes:
            feedback.pushInfo(note)
        self._load(outcome, context)
        if outcome.failed and not prepared.allow_failures:
            raise QgsProcessingException(
                tr("{} {} tells what is wrong with each.").format(last_line(outcome), folder / RECORDS)
            )
        feedback.pushInfo(last_line(outcome))
        return {
            "OUTPUT": str(folder),
            "RESULTS": str(folder / RECORDS),
            "SUMMARY": str(folder / SUMMARY),
            "OVERVIEW": str(folder / PAGE),
            "MOSAICS": [str(path) for path in outcome.mosaics],
            "SCENES": outcome.scenes,
            "DONE": outcome.done,
            "SKIPPED": outcome.skipped,
            "FAILED": outcome.failed,
        }

    def _read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> _Prepared:
        from ..core.folder_runs.folder_run import FolderRunOptions  # QGIS's start imports this module

        reader = Reader(self, parameters, context)
        card = validation.find_model(reader.text("MODEL"))
        catalogue.require_ready(card)
        _refuse_dates(card)
        place = reader.text("INPUT")
        own = os.path.expanduser(place)
        if "://" not in place and not os.path.exists(own) and not is_granule(own):
            raise PrithviError(
                ErrorCode.SOURCE_UNREADABLE,
                f"INPUT {place} does not exist.",
                "Give a folder, a list of scenes or a STAC item collection.",
            )
        crs = self.parameterAsExtentCrs(parameters, "EXTENT", context)
        extent = reader.extent("EXTENT", crs)
        any_scene = SceneLayer("", "", [], _ANY_BAND)
        template = read_request(reader, card, any_scene, extent, validation.Outputs(""))
        if extent is not None and crs.isValid():
            template = dataclasses.replace(template, extent_crs=crs.authid() or crs.toWkt())
        workers = Workers(self.parameterAsInt(parameters, "WORKERS", context), reader.text("CLUSTER").strip())
        workers.check()
        flag = self.parameterAsBoolean
        return _Prepared(
            place=place,
            pattern=reader.text("PATTERN"),
            recursive=flag(parameters, "RECURSIVE", context),
            card=card,
            template=template,
            wanted=FolderRunOptions(
                probability=flag(parameters, "PROBABILITY", context),
                polygons=flag(parameters, "POLYGONS", context),
                overwrite=flag(parameters, "OVERWRITE", context),
                mosaic=reader.choice("MOSAIC"),
                metrics=settings.metrics(),
            ),
            allow_failures=flag(parameters, "ALLOW_FAILURES", context),
            variant=choose_variant(template.device),
            workers=workers,
        )

    def _output(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Path:
        text = self.parameterAsFileOutput(parameters, "OUTPUT", context)  # understands temporary folders
        if not text:
            raise PrithviError(ErrorCode.OUTPUT_UNWRITABLE, "OUTPUT is empty.", "Give a folder for the masks.")
        return Path(text).absolute()

    def _segment(
        self, prepared: _Prepared, folder: Path, scenes: list[SceneSource], feedback: QgsProcessingFeedback
    ) -> FolderRunResult:
        from ..core.folder_runs.folder_run import FolderRun
        from .folder_runs.gdal_tool import GdalTool
        from .folder_runs.reporter import FolderReporter, words
        from .reports.html_renderer import render

        feedback.pushInfo(tr("Model: {} ({})").format(prepared.card.title, prepared.card.id))
        run = FolderRun(folder, scenes, prepared.template, prepared.card, prepared.wanted, GdalTool(), render)
        try:
            feedback.pushInfo(tr("{} scenes, {} of them done already.").format(len(scenes), run.skipped))
            reporter = FolderReporter(run, feedback)
            try:
                run_requests(run.todo, prepared, reporter, feedback)
            except PrithviError:
                run.finish(complete=False, texts=words())
                raise
            feedback.setProgressText(tr("Writing"))
            return run.finish(texts=words())
        finally:
            run.close()

    @staticmethod
    def _load(outcome: FolderRunResult, context: QgsProcessingContext) -> None:
        """Load the mosaic, and never the masks: they may be thousands."""
        project = context.project()
        if project is None:
            return
        for path in outcome.mosaics:
            if path.suffix == ".vrt":
                details = QgsProcessingContext.LayerDetails(path.stem, project, "MOSAICS")
                context.addLayerToLoadOnCompletion(str(path), details)


def _refuse_dates(card: ModelCard) -> None:
    if card.frames > 1:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"{card.id} looks at {card.frames} dates at once, and here every scene is segmented by itself.",
            "Use prithvi:segment with FRAMES, or a model of one date.",
        )


def _with_network(workers: Workers) -> Workers:
    """With QGIS's proxy and certificates, which belong to the main thread: Ray may have to be installed."""
    from .. import network

    return dataclasses.replace(workers, network=network.network(), authorities=network.own_authorities())


def run_requests(
    todo: list[messages.Segment], prepared: _Prepared, reporter: FolderReporter, feedback: QgsProcessingFeedback
) -> None:
    """Have every request done: by the warm engine of this machine, or by several workers."""
    from ..client.engine import scene_batches
    from ..core.protocol import messages

    if not todo:
        return
    if prepared.workers.are_several(prepared.variant):
        segment_by_workers(todo, prepared.workers, prepared.variant, reporter, feedback)
        return

    ended: set[int] = set()

    def heard(message: messages.Message) -> None:
        reporter(message)
        if isinstance(message, (messages.SceneDone, messages.SceneFailed)):
            ended.add(message.number)

    def segment(variant: str) -> None:
        scene_batches.segment_many(todo, variant, heard, feedback.isCanceled, prepared.template.keep_warm_min, ended)

    with_cpu_fallback(segment, prepared.variant, prepared.template.device, feedback)
