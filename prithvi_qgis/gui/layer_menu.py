"""The layer tree's right-click menu: segment the selected rasters, with the form or at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from qgis.core import Qgis, QgsApplication, QgsMapLayer, QgsMessageLog, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from ..algorithms.base import icon_path, tr
from ..algorithms.layers import result_layer
from ..algorithms.layers.result_layer import LoadedRun
from ..algorithms.scenes.scene_layer import input_of
from ..core.system.timeouts import TIMEOUTS
from . import open_dialog
from .recent_models import RecentModels, parameter
from .result_message import ResultMessages
from .segment_task import LayerRun, SegmentTask
from .task_queue import TaskQueue

if TYPE_CHECKING:
    from qgis.gui import QgisInterface


class LayerMenu:
    """The menu entries for raster layers, and their background runs. :meth:`unload` removes and ends all of them."""

    def __init__(self, iface: QgisInterface):
        self._iface = iface
        self._actions: list[QAction] = []
        self._messages = ResultMessages(iface)
        self._recent = RecentModels(self._renew_actions)
        self._queue = TaskQueue(QgsApplication.taskManager())
        QgsProject.instance().aboutToBeCleared.connect(self._queue.abandon)
        QgsApplication.instance().aboutToQuit.connect(self._leave)
        result_layer.listeners.append(self._loaded_from_toolbox)
        self._add_actions()

    def unload(self) -> None:
        """Remove the entries and cancel the runs."""
        self._remove_actions()
        result_layer.listeners.remove(self._loaded_from_toolbox)
        QgsProject.instance().aboutToBeCleared.disconnect(self._queue.abandon)
        QgsApplication.instance().aboutToQuit.disconnect(self._leave)
        self._leave()

    def open_form(self) -> None:
        """Open the algorithm's dialog with the layer as input; for several layers, the batch dialog with all."""
        layers, _ = self._selected()
        if layers and self._engine_ready(self.open_form):
            open_dialog.show(self._iface, layers)

    def segment_now(self, model: str) -> None:
        """Segment all selected raster layers in the background.

        Args:
            model: a value of the algorithm's MODEL.
        """
        layers, others = self._selected()
        if not layers or not self._engine_ready(partial(self.segment_now, model)):
            return
        refused = [tr("{} is no raster layer and was left out.").format(layer.name()) for layer in others]
        self._prepare([layer.id() for layer in layers], model, [], refused)

    # -- the menu ------------------------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        self._add(tr("Prithvi segment..."), self.open_form)
        for card in self._recent.cards():
            action = self._add(tr("Segment with {}").format(card.title), partial(self.segment_now, parameter(card)))
            action.setToolTip(card.description)

    def _add(self, text: str, slot: Callable[[], None]) -> QAction:
        action = QAction(QIcon(icon_path()), text, self._iface.mainWindow())
        action.triggered.connect(lambda _checked=False: slot())
        self._iface.addCustomActionForLayerType(action, "Prithvi", Qgis.LayerType.Raster, True)
        self._actions.append(action)
        return action

    def _remove_actions(self) -> None:
        for action in self._actions:
            self._iface.removeCustomActionForLayerType(action)
            action.deleteLater()
        self._actions.clear()

    def _renew_actions(self) -> None:
        self._remove_actions()
        self._add_actions()

    def _selected(self) -> tuple[list[QgsRasterLayer], list[QgsMapLayer]]:
        """Return the selected raster layers, with one per product of single bands, and the other selected layers."""
        layers = self._iface.layerTreeView().selectedLayers()
        rasters = [layer for layer in layers if isinstance(layer, QgsRasterLayer)]
        scenes: dict[str, QgsRasterLayer] = {}
        for layer in rasters:
            scenes.setdefault(input_of(layer), layer)
        return list(scenes.values()), [layer for layer in layers if layer not in rasters]

    # -- runs ----------------------------------------------------------------------------------------------------

    def _prepare(self, ids: list[str], model: str, runs: list[LayerRun], refused: list[str]) -> None:
        """Prepare one layer per turn of the event loop: twenty at once would block the window."""
        layer = QgsProject.instance().mapLayer(ids[0])
        if layer is not None:
            run = LayerRun(layer, model)
            if run.prepare():
                runs.append(run)
            else:
                refused.append(run.error)
        if len(ids) > 1:
            QTimer.singleShot(0, partial(self._prepare, ids[1:], model, runs, refused))
            return
        self._report([], refused)
        if runs:
            self._queue.add(SegmentTask(runs, self._finished))

    def _finished(self, task: SegmentTask) -> None:
        for run in task.runs:
            if run.loaded is not None:
                self._recent.used(run.loaded.model, run.loaded.model_folder)
        failures = [run.error for run in task.runs if run.error and not run.feedback.isCanceled()]
        self._report([run.loaded for run in task.runs if run.loaded is not None], failures)

    def _loaded_from_toolbox(self, run: LoadedRun) -> None:
        self._recent.used(run.model, run.model_folder)
        self._messages.loaded(run)

    def _report(self, runs: list[LoadedRun], failures: list[str]) -> None:
        for line in failures:
            QgsMessageLog.logMessage(line, "Prithvi", Qgis.MessageLevel.Warning)
        self._messages.finished(runs, failures)

    def _engine_ready(self, then: Callable[[], None]) -> bool:
        """Whether an engine is installed; if not, offer to install it and call ``then`` afterwards."""
        from .setup.setup_offer import ensure_engine

        return ensure_engine(self._iface.mainWindow(), self._iface, then)

    def _leave(self) -> None:
        """Cancel all runs and wait for their threads, so that none works while QGIS shuts down."""
        self._queue.abandon()
        self._queue.wait(TIMEOUTS.plugin_unload_s)
