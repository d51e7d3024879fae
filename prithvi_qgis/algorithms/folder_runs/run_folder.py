"""Running "Prithvi segment folder" with its parameters read."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback

from ...client.engine import scene_batches
from ...core.errors import PrithviError
from ...core.folder_runs.file_names import PAGE, RECORDS, SUMMARY
from ...core.folder_runs.folder_run import FolderRun, FolderRunResult
from ...core.folder_runs.scene_discovery import SceneSource, find_scenes
from ...core.protocol import messages
from ..base import Results, tr
from ..engine_selection import with_cpu_fallback
from ..parameter_names import OUTPUT
from ..reports.html_renderer import render
from .gdal_tool import GdalTool
from .read_parameters import FolderJob
from .reporter import FolderReporter, last_line, overview_texts
from .workers import segment_by_workers


def run_folder(job: FolderJob, folder: Path, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
    """Segment the scenes into ``folder``, keep the records, and return the algorithm's results.

    Raises:
        PrithviError: anything that prevents the run as a whole.
        QgsProcessingException: scenes failed, and the user does not allow that.
    """
    feedback.setProgressText(tr("Looking for scenes"))
    scenes = find_scenes(job.input, job.pattern, job.recursive, folder, feedback.pushWarning)
    outcome = _segment(job, folder, scenes, feedback)
    feedback.setProgress(100)
    for note in outcome.notes:
        feedback.pushInfo(note)
    load_mosaics(outcome, context)
    if outcome.failed and not job.allow_failures:
        raise QgsProcessingException(
            tr("{} {} tells what is wrong with each.").format(last_line(outcome), folder / RECORDS)
        )
    feedback.pushInfo(last_line(outcome))
    return {
        OUTPUT: str(folder),
        "RESULTS": str(folder / RECORDS),
        "SUMMARY": str(folder / SUMMARY),
        "OVERVIEW": str(folder / PAGE),
        "MOSAICS": [str(path) for path in outcome.mosaics],
        "SCENES": outcome.scenes,
        "DONE": outcome.done,
        "SKIPPED": outcome.skipped,
        "FAILED": outcome.failed,
    }


def _segment(
    job: FolderJob, folder: Path, scenes: list[SceneSource], feedback: QgsProcessingFeedback
) -> FolderRunResult:
    feedback.pushInfo(tr("Model: {} ({})").format(job.card.title, job.card.id))
    run = FolderRun(folder, scenes, job.template, job.card, job.options, GdalTool(), render)
    try:
        feedback.pushInfo(tr("{} scenes, {} of them done already.").format(len(scenes), run.skipped))
        reporter = FolderReporter(run, feedback)
        try:
            run_requests(run.todo, job, reporter, feedback)
        except PrithviError:
            run.finish(complete=False, texts=overview_texts())
            raise
        feedback.setProgressText(tr("Writing"))
        return run.finish(texts=overview_texts())
    finally:
        run.close()


def run_requests(
    todo: list[messages.Segment], job: FolderJob, reporter: FolderReporter, feedback: QgsProcessingFeedback
) -> None:
    """Have every request done by this machine's engine, or by several workers."""
    if not todo:
        return
    if job.workers.are_several(job.variant):
        segment_by_workers(todo, job.workers, job.variant, reporter, feedback)
        return

    ended: set[int] = set()

    def on_message(message: messages.Message) -> None:
        reporter(message)
        if isinstance(message, (messages.SceneDone, messages.SceneFailed)):
            ended.add(message.number)

    def segment(variant: str) -> None:
        scene_batches.segment_many(todo, variant, on_message, feedback.isCanceled, job.template.keep_warm_min, ended)

    with_cpu_fallback(segment, job.variant, job.template.device, feedback)


def load_mosaics(outcome: FolderRunResult, context: QgsProcessingContext) -> None:
    """Load the mosaics, but not the masks: they may be thousands."""
    project = context.project()
    if project is None:
        return
    for path in outcome.mosaics:
        if path.suffix == ".vrt":
            details = QgsProcessingContext.LayerDetails(path.stem, project, "MOSAICS")
            context.addLayerToLoadOnCompletion(str(path), details)
