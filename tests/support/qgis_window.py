"""The parts of a QGIS window that the plugin touches, real ones, without the window around them."""

from __future__ import annotations

import time
from collections.abc import Callable

from qgis.core import QgsApplication, QgsLayerTreeModel, QgsProject
from qgis.gui import QgsLayerTreeView, QgsMessageBar, QgsMessageBarItem
from qgis.PyQt.QtCore import QCoreApplication, QEvent
from qgis.PyQt.QtWidgets import QMainWindow, QPushButton


class Desktop:
    """Stands for ``iface``: notes custom actions, and has a real layer tree and message bar."""

    def __init__(self):
        self.window = QMainWindow()
        self.tree = QgsLayerTreeView(self.window)
        self.tree.setModel(QgsLayerTreeModel(QgsProject.instance().layerTreeRoot(), self.window))
        self.bar = QgsMessageBar(self.window)
        self.actions = []  # (action, submenu, layer type, for all layers)

    def mainWindow(self):
        return self.window

    def layerTreeView(self):
        return self.tree

    def messageBar(self):
        return self.bar

    def addCustomActionForLayerType(self, action, menu, layer_type, all_layers):
        self.actions.append((action, menu, layer_type, all_layers))

    def removeCustomActionForLayerType(self, action):
        before = len(self.actions)
        self.actions = [a for a in self.actions if a[0] is not action]
        return len(self.actions) < before

    # -- for tests -------------------------------------------------------------------------------------------------

    def select(self, *layers) -> None:
        self.tree.setCurrentLayer(layers[0])
        selection = self.tree.selectionModel()
        for layer in layers:
            node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
            selection.select(self.tree.node2index(node), selection.SelectionFlag.Select)

    def titles(self) -> list[str]:
        return [action.text() for action, *_ in self.actions]

    def click(self, title: str) -> None:
        next(action for action, *_ in self.actions if action.text() == title).trigger()

    def said(self) -> list[str]:
        return [item.text() for item in self.bar.items()]

    def buttons(self) -> list[QPushButton]:
        found = []
        for item in self.bar.items():
            assert isinstance(item, QgsMessageBarItem)
            found += item.findChildren(QPushButton)
        return found


def wait_for(condition: Callable[[], object], timeout_s: float = 120) -> None:
    """Run the event loop until something is so."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        QCoreApplication.processEvents()
        time.sleep(0.005)


def settle() -> None:
    """Let the task manager delete what ended."""
    wait_for(lambda: QgsApplication.taskManager().countActiveTasks() == 0, 30)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
