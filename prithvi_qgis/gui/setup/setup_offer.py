"""Offers to set up the engine if it is not installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Optional

from qgis.core import Qgis, QgsProcessingAlgorithm
from qgis.gui import QgsMessageBar
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QDialog, QPushButton, QWidget

from ... import settings
from ...algorithms.base import tr
from ...client.runtime.readiness import VARIANTS, installed_variant, read_record, readiness
from ...core.errors import PrithviError
from ...core.system.timeouts import TIMEOUTS
from . import install_task

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from .setup_dialog import SetupDialog

Then = Optional[Callable[[], None]]

_dialog: Optional[SetupDialog] = None
_then: Then = None


def engine_ready() -> bool:
    """Whether the engine that the settings request is installed; only reads files, so it is fast."""
    try:
        wanted = settings.variant()
    except PrithviError:
        wanted = "auto"  # the run itself reports the invalid setting
    return bool(installed_variant()) if wanted == "auto" else readiness(wanted).ready


def ensure_engine(parent: Optional[QWidget], iface: QgisInterface, then: Then = None) -> bool:
    """Make sure that an engine is installed before a step that needs it.

    Args:
        parent: window for the dialog.
        iface: QGIS's interface.
        then: called once the engine has been installed; not if this returns True, nor if the user closed the dialog
            before the end.
    Returns:
        whether an engine is installed; if not, the setup dialog is open now.
    """
    if engine_ready():
        return True
    show_setup(parent, then)
    return False


def show_setup(parent: Optional[QWidget], then: Then = None) -> SetupDialog:
    """Open the setup dialog, or bring the open one to the front; it shows a running installation."""
    global _dialog, _then  # noqa: PLW0603  (one dialog for all callers)
    from .setup_dialog import SetupDialog

    _then = then
    # A modal window blocks all dialogs but its own children.
    dialog = _open_dialog()
    if dialog is None or dialog.parent() is not parent:
        close_setup()
        dialog = _dialog = SetupDialog(parent)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
    return dialog


def close_setup() -> None:
    """Close the dialog if it is open; an installation continues."""
    global _dialog
    dialog, _dialog = _open_dialog(), None
    if dialog is not None:
        dialog.close()


def _open_dialog() -> Optional[SetupDialog]:
    """Return the open dialog, or None; closing deletes it."""
    return None if _dialog is None or sip.isdeleted(_dialog) or not _dialog.isVisible() else _dialog


class FirstRun:
    """Offers the set-up once in the message bar if no engine is installed, and reports finished installations."""

    def __init__(self, iface: QgisInterface):
        self._iface = iface
        self._offer: Optional[SetupOffer] = None
        install_task.listeners.append(self._installation_ended)
        if not settings.HINT_SHOWN.read() and not engine_ready():
            settings.HINT_SHOWN.write(True)
            self._offer = SetupOffer(iface.messageBar(), iface.mainWindow())

    def unload(self) -> None:
        """Remove the offer, close the dialog, and cancel an installation."""
        global _then  # noqa: PLW0603
        install_task.listeners.remove(self._installation_ended)
        if self._offer is not None:
            self._offer.remove()
        close_setup()
        install_task.stop(TIMEOUTS.install_unload_s)
        _then = None

    def _installation_ended(self, task: install_task.InstallTask) -> None:
        """Resume the interrupted step; notify a user who has closed the dialog."""
        global _then
        watched = _open_dialog() is not None
        if task.outcome is None:
            if not watched and not task.cancelled and task.error is not None:
                self._iface.messageBar().pushMessage("Prithvi", task.error.line, Qgis.MessageLevel.Critical, 0)
            return
        then, _then = _then, None
        if not watched:
            self._iface.messageBar().pushMessage("Prithvi", tr("The engine is ready."), Qgis.MessageLevel.Success, 0)
        elif then is not None:
            close_setup()
            then()


class SetupOffer:
    """A line with a "Set up" button in a message bar; it disappears when an engine has been installed."""

    def __init__(self, bar: QgsMessageBar, parent: QWidget):
        outdated = any(read_record(v) for v in VARIANTS)
        text = (
            tr("The engine was installed for another version of the plugin.")
            if outdated
            else tr("The engine that runs the models is not installed yet.")
        )
        button = QPushButton(tr("Set up…"))
        button.clicked.connect(lambda: show_setup(parent))
        self._bar = bar
        self._item = bar.createMessage("Prithvi", text)
        self._item.layout().addWidget(button)
        self._item.destroyed.connect(self._forget)
        bar.pushWidget(self._item, Qgis.MessageLevel.Info)
        install_task.listeners.append(self._installation_ended)

    def remove(self) -> None:
        """Remove the line, unless the user has closed it."""
        if not sip.isdeleted(self._item):
            self._bar.popWidget(self._item)
        self._forget()

    def _forget(self) -> None:
        if self._installation_ended in install_task.listeners:
            install_task.listeners.remove(self._installation_ended)

    def _installation_ended(self, task: install_task.InstallTask) -> None:
        if task.outcome is not None:
            self.remove()


def form_with_offer(algorithm: QgsProcessingAlgorithm, parent: Optional[QWidget]) -> Optional[QDialog]:
    """Return Processing's form with an offer to set up the engine; None if an engine is installed."""
    if engine_ready():
        return None
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    dialog = AlgorithmDialog(algorithm, parent=parent)
    SetupOffer(dialog.messageBar(), dialog)
    return dialog
