"""Somebody who sits before a QGIS window: looks for what is visible, and clicks it with the mouse.

Clicks go to Qt's windows as those of a real mouse do, after a look whether anything lies in front of their target.
They are sent from timers, since a click on a menu or a modal dialog returns only when that closes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Optional

from qgis.core import QgsApplication, QgsMapLayer, QgsProject, QgsRasterLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QRect, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDialog, QDockWidget, QMenu, QTreeView, QWidget
from qgis.utils import iface

SCENE = os.environ.get("DESKTOP_SCENE", "")
PICTURES = os.environ.get("DESKTOP_PICTURES", "")
LEVELS = ("info", "warning", "critical", "success", "none")
HOLD_MS = 40  # from pressing a button to releasing it
REST_MS = 150  # after a click; nobody is faster
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class Person:
    """Hands and eyes. What is worth reporting goes to ``seen``; ``said`` holds what QGIS wrote to its log."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.seen: dict[str, Any] = {}
        self.said: list[list[str]] = []
        QgsApplication.messageLog().messageReceived.connect(
            lambda text, tag, level: self.said.append([tag, LEVELS[int(level)], text[:500]])
        )
        self._rests_from = time.monotonic()
        self._window = iface.mainWindow()
        self._window.showNormal()
        self._window.setGeometry(QApplication.primaryScreen().geometry())
        for dock in self._window.findChildren(QDockWidget):
            dock.setVisible(dock.objectName() == "Layers")
        self._window.resizeDocks(
            [d for d in self._window.findChildren(QDockWidget) if d.objectName() == "Layers"],
            [330],
            Qt.Orientation.Horizontal,
        )

    # -- looking: questions that a story yields --------------------------------------------------------------------

    def window_is_ready(self) -> bool:
        """QGIS has started."""
        return self._window.isVisible() and self._window.windowHandle().isExposed()

    def at_rest(self) -> bool:
        """The last click is done."""
        return time.monotonic() > self._rests_from

    def drawn(self) -> bool:
        """The map is drawn."""
        return not iface.mapCanvas().isDrawing()

    def pause(self, seconds: float) -> Callable[[], bool]:
        """For pictures, and where there is nothing to wait for."""
        over: list[bool] = []
        QTimer.singleShot(int(1000 * seconds), lambda: over.append(True))
        return lambda: bool(over)

    def windows(self, kind: type) -> list[QWidget]:
        """The open windows of a kind."""
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

    def menu(self, holding: str) -> Callable[[], Optional[QMenu]]:
        """The open menu with such an entry."""

        def open_menu() -> Optional[QMenu]:
            return next((m for m in self.windows(QMenu) if holding in titles(m)), None)

        return open_menu

    def dialog(self, title: str) -> Callable[[], Optional[QDialog]]:
        """The open dialog with this title; QGIS changes capitals."""

        def open_dialog() -> Optional[QDialog]:
            return next((d for d in self.windows(QDialog) if title.lower() in d.windowTitle().lower()), None)

        return open_dialog

    def widget(self, inside: QWidget, kind: type, text: str) -> Callable[[], Optional[QWidget]]:
        """A visible, enabled widget with this text."""

        def find() -> Optional[QWidget]:
            found = [w for w in inside.findChildren(kind) if w.isVisible() and w.isEnabled()]
            return next((w for w in found if text in w.text().replace("&", "")), None)

        return find

    def message(self, holding: str) -> Callable[[], str]:
        """A line of the message bar that says this."""
        return lambda: next((item.text() for item in iface.messageBar().items() if holding in item.text()), "")

    def layers(self) -> list[str]:
        """Names in the layer tree, from the top."""
        return [node.name() for node in QgsProject.instance().layerTreeRoot().findLayers()]

    def layer(self, name: str) -> Callable[[], Optional[QgsMapLayer]]:
        """The layer of the project with this name."""
        return lambda: next(iter(QgsProject.instance().mapLayersByName(name)), None)

    def legend(self, layer: QgsMapLayer) -> list[str]:
        """What the layer tree shows below a layer."""
        model = iface.layerTreeView().layerTreeModel()
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        return [n.data(Qt.ItemDataRole.DisplayRole) for n in model.layerLegendNodes(node)]

    def tasks(self) -> list[str]:
        """What the task manager tells of our runs."""
        return [t.description() for t in QgsApplication.taskManager().tasks() if type(t).__name__ == "SegmentTask"]

    # -- doing -----------------------------------------------------------------------------------------------------

    def add_scene(self, name: str = "Flood of May", path: str = SCENE) -> QgsRasterLayer:
        """Load a scene and look at it."""
        layer = QgsRasterLayer(path, name)
        assert layer.isValid(), path
        renderer = layer.renderer()
        for band, use in zip((3, 2, 1), (renderer.setRedBand, renderer.setGreenBand, renderer.setBlueBand)):
            use(band)
        layer.setDefaultContrastEnhancement()
        QgsProject.instance().addMapLayer(layer)
        iface.mapCanvas().setExtent(layer.extent())
        iface.mapCanvas().refresh()
        return layer

    def click(self, widget: QWidget, where: Optional[QRect] = None, button: Qt.MouseButton = LEFT, **how: Any) -> None:
        """Click into the middle of a widget, or of a part of it. ``how``: ``modifiers``."""
        point = (where or widget.rect()).center()
        top = widget.window()
        assert widget.isVisible() and widget.isEnabled(), f"{widget} cannot be clicked"
        hit = QApplication.widgetAt(widget.mapToGlobal(point))
        assert hit is widget or widget.isAncestorOf(hit), f"{hit} lies before {widget}"
        modifiers = how.get("modifiers", Qt.KeyboardModifier.NoModifier)
        place = widget.mapTo(top, point)
        self._rests_from = time.monotonic() + (HOLD_MS + REST_MS) / 1000
        QTimer.singleShot(0, partial(_mouse, top, QTest.mouseMove, place))
        QTimer.singleShot(1, partial(_mouse, top, QTest.mousePress, button, modifiers, place))
        QTimer.singleShot(1 + HOLD_MS, partial(_mouse, top, QTest.mouseRelease, button, modifiers, place))

    def place(self, dialog: QDialog, width: int, height: int) -> None:
        """Move a dialog into the middle of the screen, as large as is wanted and possible."""
        screen = QApplication.primaryScreen().geometry()
        width, height = min(width, screen.width()), min(height, screen.height())
        dialog.setGeometry((screen.width() - width) // 2, (screen.height() - height) // 2, width, height)

    def choose(self, menu: QMenu, title: str) -> None:
        """Click an entry of an open menu."""
        action = next(a for a in menu.actions() if _plain(a.text()) == title)
        assert action.isEnabled(), title
        self.click(menu, menu.actionGeometry(action))

    def click_layer(self, layer: QgsMapLayer, button: Qt.MouseButton = LEFT, control: bool = False) -> None:
        """Click a layer's name in the tree."""
        tree = iface.layerTreeView()
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        where = tree.visualRect(tree.node2index(node))
        held = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        where.setRight(where.left() + 60)  # on the name, left of its mark for temporary layers
        self.click(tree.viewport(), where, button, modifiers=held)

    def open_menu_bar(self, title: str) -> None:
        """Click a menu of QGIS's menu bar."""
        bar = self._window.menuBar()
        action = next(a for a in bar.actions() if _plain(a.text()) == title)
        self.click(bar, bar.actionGeometry(action))

    def click_cell(self, tree: QTreeView, row: int, column: int) -> None:
        """Click a cell of a list."""
        self.click(tree.viewport(), tree.visualRect(tree.model().index(row, column)))

    def picture(self, name: str, *widgets: QWidget) -> None:
        """Keep a picture of the screen, or of a widget, where pictures are wanted."""
        if not PICTURES:
            return
        target = f"{PICTURES}/{name}.png"
        grabbed = widgets[0].grab() if widgets else QApplication.primaryScreen().grabWindow(0)
        grabbed.save(target)

    def keep(self, name: str, text: str) -> None:
        """Keep a page where pictures are wanted."""
        if PICTURES:
            Path(PICTURES, name).write_text(text, encoding="utf-8")

    def leave(self) -> None:
        """Close QGIS, without keeping the project."""
        QgsProject.instance().setDirty(False)
        QTimer.singleShot(0, iface.actionExit().trigger)


def titles(menu: QMenu) -> list[str]:
    """The entries of a menu."""
    return [_plain(a.text()) for a in menu.actions() if a.isVisible() and not a.isSeparator()]


def _plain(text: str) -> str:
    return text.replace("&", "").replace("…", "...")


def _mouse(top: QWidget, event: Callable[..., None], *details: Any) -> None:
    """Let a window get an event of the mouse, unless it is gone: some close when a button is pressed."""
    if not sip.isdeleted(top) and top.windowHandle() is not None:
        event(top.windowHandle(), *details)
