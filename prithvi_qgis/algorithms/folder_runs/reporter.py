"""What a user reads while many scenes are segmented, and after."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from qgis.core import QgsProcessingFeedback

from ...core.folder_runs.folder_run import FolderRun, FolderRunResult
from ...core.folder_runs.overview import OverviewTexts
from ...core.protocol import messages
from ...core.protocol.messages import WorkerState
from ...core.system.timeouts import TIMEOUTS, Timeouts
from ..base import tr
from ..run_status import duration_text, stage_name
from .status import worker_line


class FolderReporter:
    """Passes the engine's messages to the run, and reports them to a feedback object."""

    def __init__(
        self,
        run: FolderRun,
        feedback: QgsProcessingFeedback,
        clock: Callable[[], float] = time.monotonic,
        timeouts: Timeouts = TIMEOUTS,
    ):
        self._run = run
        self._feedback = feedback
        self._clock = clock
        self._timeouts = timeouts
        self._stage = ""
        self._reported_at = 0.0
        self._started_at = 0.0
        self._workers_reported_at = clock()

    def __call__(self, message: messages.Message) -> None:
        """Handle one message; a scene's record is on the disk before it is reported."""
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
        """Pass on what several workers do; report it now and then."""
        self._run.take_workers(workers)
        now = self._clock()
        if now - self._workers_reported_at >= self._timeouts.repeat_workers_s:
            self._workers_reported_at = now
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
            self._started_at = self._started_at or now
            done = message.done + message.begun
            self._feedback.setProgress(100.0 * done / message.total)
        if message.stage != self._stage or now - self._reported_at > self._timeouts.repeat_stage_s:
            self._stage, self._reported_at = message.stage, now
            self._feedback.setProgressText(self._text(message, now))

    def _text(self, message: messages.Progress, now: float) -> str:
        parts = [stage_name(message.stage)]
        if message.stage == "segmenting" and message.total:
            parts = [tr("Scene {} of {}").format(min(message.done + 1, message.total), message.total)]
            if message.tiles_per_s:
                parts.append(tr("{:.1f} tiles/s").format(message.tiles_per_s))
            done = message.done + message.begun
            if done > 0 and now > self._started_at:
                left = (now - self._started_at) / done * (message.total - done)
                parts.append(tr("{} left").format(duration_text(left)))
        return ", ".join(parts)


def last_line(outcome: FolderRunResult) -> str:
    """Return how a run ended, as one sentence."""
    text = tr("{} scenes: {} segmented, {} already done, {} failed").format(
        outcome.scenes, outcome.done, outcome.skipped, outcome.failed
    )
    left = outcome.scenes - outcome.done - outcome.skipped - outcome.failed
    return text + (tr(", {} left").format(left) if left else "") + "."


def overview_texts() -> OverviewTexts:
    """Return the texts of the overview."""
    return OverviewTexts(
        lang=tr("en"),
        title=tr("Masks of {} scenes"),
        counts=tr("{} segmented, {} failed."),
        scene=tr("Scene"),
        seconds=tr("Seconds"),
        failed=tr("Failed"),
        hectares=tr("{:,.2f} ha"),
    )
