"""What a person reads while many scenes are segmented, and after."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from qgis.core import QgsProcessingFeedback

from ...core.folder_runs.folder_run import FolderRun, FolderRunResult
from ...core.folder_runs.overview import OverviewTexts
from ...core.protocol import messages
from ...core.protocol.messages import WorkerState
from ..base import tr
from ..segmentation.reporter import duration_text, stage_name

_SAY_AGAIN_S = 15.0
_WORKERS_AGAIN_S = 60.0


class FolderReporter:
    """Notes the engine's messages in the run, and relays them to a feedback object."""

    def __init__(self, run: FolderRun, feedback: QgsProcessingFeedback, clock: Callable[[], float] = time.monotonic):
        self._run, self._feedback, self._clock = run, feedback, clock
        self._total = len(run.todo)
        self._stage, self._said, self._began = "", 0.0, 0.0
        self._workers_said = clock()

    def __call__(self, message: messages.Message) -> None:
        """Take one message; a scene's record is on the disk before it is told."""
        self._run.take(message)
        if isinstance(message, messages.SceneDone):
            self._done(message)
        elif isinstance(message, messages.SceneFailed):
            text = f"{message.text} {message.hint}".strip()
            self._feedback.pushWarning(tr("{}: failed. {}").format(self._run.name(message.number), text))
        elif isinstance(message, messages.Log):
            warn = message.level == "warning"
            (self._feedback.pushWarning if warn else self._feedback.pushInfo)(message.text)
        elif isinstance(message, messages.Accepted) and message.ahead:
            self._feedback.setProgressText(tr("Waiting for the engine"))
        elif isinstance(message, messages.Progress):
            self._progress(message)

    def take_workers(self, workers: Sequence[WorkerState]) -> None:
        """Take what several workers do; tell it now and then."""
        self._run.take_workers(workers)
        now = self._clock()
        if now - self._workers_said >= _WORKERS_AGAIN_S:
            self._workers_said = now
            for worker in workers:
                self._feedback.pushInfo(worker_line(worker))

    def _done(self, message: messages.SceneDone) -> None:
        result = message.result
        for line in result.warnings:
            self._feedback.pushWarning(line)
        tiles = tr("1 tile") if result.tiles == 1 else tr("{} tiles").format(result.tiles)
        self._feedback.pushInfo(tr("{}: {}").format(self._run.name(message.number), tiles))

    def _progress(self, message: messages.Progress) -> None:
        now = self._clock()
        if message.stage == "segmenting" and message.total:
            self._began = self._began or now
            done = message.done + message.begun
            self._feedback.setProgress(100.0 * done / message.total)
        if message.stage != self._stage or now - self._said > _SAY_AGAIN_S:
            self._stage, self._said = message.stage, now
            self._feedback.setProgressText(self._text(message, now))

    def _text(self, message: messages.Progress, now: float) -> str:
        parts = [stage_name(message.stage)]
        if message.stage == "segmenting" and message.total:
            parts = [tr("Scene {} of {}").format(min(message.done + 1, message.total), message.total)]
            if message.tiles_per_s:
                parts.append(tr("{:.1f} tiles/s").format(message.tiles_per_s))
            done = message.done + message.begun
            if done > 0 and now > self._began:
                left = (now - self._began) / done * (message.total - done)
                parts.append(tr("{} left").format(duration_text(left)))
        return ", ".join(parts)


def worker_line(worker: WorkerState) -> str:
    """One worker, for a log."""
    where = ", ".join(text for text in (worker.host, worker.device) if text)
    states = {
        "starting": tr("starting"),
        "working": tr("working"),
        "ended": tr("has ended"),
        "lost": tr("was lost"),
    }
    parts = [worker.scene or states.get(worker.state, worker.state)]
    if worker.tiles_per_s:
        parts.append(tr("{:.1f} tiles/s").format(worker.tiles_per_s))
    if worker.gpu_total_mb:
        parts.append(tr("GPU memory {} of {} MB").format(worker.gpu_used_mb, worker.gpu_total_mb))
    parts.append(tr("{} scenes ended, {} failed").format(worker.scenes, worker.errors))
    return f"{worker.name}{f' ({where})' if where else ''}: {', '.join(parts)}"


def last_line(outcome: FolderRunResult) -> str:
    """How a run ended."""
    text = tr("{} scenes: {} segmented, {} already done, {} failed").format(
        outcome.scenes, outcome.done, outcome.skipped, outcome.failed
    )
    left = outcome.scenes - outcome.done - outcome.skipped - outcome.failed
    return text + (tr(", {} left").format(left) if left else "") + "."


def words() -> OverviewTexts:
    """Texts of the overview."""
    return OverviewTexts(
        lang=tr("en"),
        title=tr("Masks of {} scenes"),
        counts=tr("{} segmented, {} failed."),
        scene=tr("Scene"),
        seconds=tr("Seconds"),
        failed=tr("Failed"),
        hectares=tr("{:,.2f} ha"),
    )
