"""Segments layers in the background: a QgsTask that runs the algorithm once per layer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Optional

from qgis.core import (
    QgsApplication,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsTask,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import pyqtSignal

from ..algorithms.base import Parameters, tr
from ..algorithms.layers.result_layer import LoadedRun
from ..algorithms.parameter_names import INPUT, MODEL, OUTPUT, REPORT
from ..algorithms.run_status import Status
from ..algorithms.scenes.scene_layer import input_of
from .result_layers import load_results


class LayerFeedback(QgsProcessingFeedback):
    """Keeps the errors and warnings of a run."""

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N803  (QGIS's name)
        self.errors.append(error)

    def pushWarning(self, warning: str) -> None:
        self.warnings.append(warning)


class LayerRun:
    """The run of one layer: the algorithm with its parameters, run as Processing's own runner does."""

    def __init__(self, layer: QgsRasterLayer, model: str):
        """Create the run for a value of MODEL; on the main thread."""
        project = QgsProject.instance()
        given = input_of(layer)
        self.name = layer.name() if given == layer.id() else Path(given).name
        self.error = ""
        """Why it failed, or empty."""
        self.loaded: Optional[LoadedRun] = None
        """The run, once its segmentation is in the project."""
        self.feedback = LayerFeedback()
        self._project = project
        self._context = QgsProcessingContext()
        self._context.setProject(project)
        self._parameters: Parameters = {
            INPUT: given,
            MODEL: model,
            OUTPUT: QgsProcessingOutputLayerDefinition(QgsProcessing.TEMPORARY_OUTPUT, project),
            REPORT: QgsProcessing.TEMPORARY_OUTPUT,
        }
        self._algorithm = QgsApplication.processingRegistry().createAlgorithmById("prithvi:segment")
        self._algorithm.on_loaded = self._on_loaded
        self._finished = self._succeeded = self._loaded = False

    def prepare(self) -> bool:
        """Read and validate all inputs on the main thread; return False, with ``error``, if they are refused."""
        if not self._algorithm.prepare(self._parameters, self._context, self.feedback):
            self.error = _last(self.feedback.errors)
            return False
        return True

    def work(self, on_status: Callable[[Status], None]) -> None:
        """Segment on the task's thread; a failure is stored in ``error``, since it must not stop the other layers."""
        self._algorithm.on_status = on_status
        try:
            self._algorithm.runPrepared(self._parameters, self._context, self.feedback)
            self._succeeded = True
        except QgsProcessingException as e:
            self.error = str(e) or _last(self.feedback.errors)
        self._finished = True

    def load(self) -> None:
        """Add the results to the project once, on the main thread; do nothing before :meth:`work` has finished."""
        if self._loaded or not self._finished:
            return
        self._loaded = True
        self._algorithm.postProcess(self._context, self.feedback, self._succeeded)
        if self._succeeded:
            self.error = " ".join(load_results(self._context, self.feedback, self._project))

    def _on_loaded(self, run: LoadedRun) -> None:
        self.loaded = run


class SegmentTask(QgsTask):
    """Segments prepared layers one after another; a failed one does not stop the rest.

    QGIS's task manager shows the description: the layer, the stage, tiles/s and the time left.
    """

    _described = pyqtSignal(str)
    _layer_done = pyqtSignal(int)

    def __init__(self, runs: Sequence[LayerRun], on_finished: Callable[[SegmentTask], None]):
        """``on_finished`` is called on the main thread at the end, unless the task was abandoned."""
        # Silent: the plugin's line in the message bar is more detailed than QGIS's notice, which would cover it.
        flags = QgsTask.Flag.CanCancel | QgsTask.Flag.CancelWithoutPrompt | QgsTask.Flag.Silent
        super().__init__("", flags)
        self.runs = list(runs)
        self._on_finished = on_finished
        self._abandoned = False
        self._over = False
        self._loading = 0
        self._idle = threading.Event()
        self._idle.set()
        self.setDescription(self._line(0, ""))
        # Both come from the task's thread and are answered on the main one.
        self._described.connect(self._describe)
        self._layer_done.connect(self._load)

    def describe_waiting(self, ahead: int) -> None:
        """Show in the task manager how many tasks come first."""
        self.setDescription(self._line(0, Status("waiting", ahead=ahead).brief()))

    def abandon(self) -> None:
        """Cancel, and add nothing to the project: another one is open by now, or QGIS is closing."""
        self._abandoned = True
        self.cancel()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait for the task's thread to finish; return at once for a task that did not start."""
        return self._idle.wait(timeout_s)

    def cancel(self) -> None:
        for run in self.runs:
            run.feedback.cancel()
        super().cancel()

    def run(self) -> bool:
        self._idle.clear()
        try:
            for index, run in enumerate(self.runs):
                if self.isCanceled():
                    return False
                self._report(index, Status("starting"))
                run.work(partial(self._report, index))
                self._layer_done.emit(index)
            return not self.isCanceled()
        finally:
            self._idle.set()

    def finished(self, result: bool) -> None:
        self._over = True
        # QGIS shows this text in its notification about a long task; the last stage would be outdated.
        self.setDescription(self._line(len(self.runs) - 1, ""))
        for index in range(len(self.runs)):
            self._load(index)
        self._notify_finished()

    def _describe(self, text: str) -> None:
        # The last signal of a thread may arrive when QGIS has deleted the task's C++ half already.
        if not sip.isdeleted(self):
            self.setDescription(text)

    def _load(self, index: int) -> None:
        if self._abandoned:
            return
        # Slots that listen to new layers may run the event loop, which may call :meth:`finished` during this method.
        self._loading += 1
        try:
            self.runs[index].load()
        finally:
            self._loading -= 1
        self._notify_finished()

    def _notify_finished(self) -> None:
        if self._over and not self._loading and not self._abandoned:
            self._over = False
            self._on_finished(self)

    def _report(self, index: int, status: Status) -> None:
        self.setProgress(100.0 * (index + status.share) / len(self.runs))
        self._described.emit(self._line(index, status.brief()))

    def _line(self, index: int, what: str) -> str:
        name, count = self.runs[index].name, len(self.runs)
        # The task manager cuts long lines, and shows the percentage itself.
        if count > 1:
            name = tr("{} ({} of {})").format(name, index + 1, count)
        return tr("{}: {}").format(name, what) if what else name


def _last(errors: list[str]) -> str:
    return errors[-1] if errors else tr("It failed without a reason.")
