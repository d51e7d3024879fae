"""The installation as a background task, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsApplication, QgsTask
from qgis.PyQt.QtCore import pyqtSignal

from ...algorithms.base import tr
from ...core.errors import ErrorCode, PrithviError

if TYPE_CHECKING:
    from ...client.install.engine_installer import InstallResult


class InstallTask(QgsTask):
    """Installs or checks the engine. :func:`start` starts it."""

    progressed = pyqtSignal(int, str)
    """Percent and text."""
    ended = pyqtSignal()
    """The installation is over; on the main thread."""

    def __init__(self, variant: str, wheelhouse: Optional[Path]):
        super().__init__(tr("Installing the Prithvi engine"), QgsTask.Flag.CanCancel)
        self.variant = variant
        """``auto``, ``cpu`` or ``cuda``."""
        self.text = tr("Starting…")
        self.percent = 0
        self.outcome: Optional[InstallResult] = None
        """Set after success."""
        self.error: Optional[PrithviError] = None
        """Set after a failure or a cancellation."""
        self._wheelhouse = wheelhouse
        # QGIS's start imports this module, and few sessions install anything.
        from ... import network

        # QGIS's settings and certificates are read here, on the main thread.
        self._network = network.network()
        self._authorities = network.own_authorities()

    def run(self) -> bool:
        from ... import network
        from ...client.install.engine_installer import install

        try:
            with network.certificates(self._network, self._authorities) as offered:
                self.outcome = install(self.variant, self._wheelhouse, self._report, self.isCanceled, offered)
        except PrithviError as e:
            self.error = e
        except Exception as e:
            # Without this an unexpected error would vanish with the thread.
            what = f"The installation failed: {type(e).__name__}: {e}."
            self.error = PrithviError(ErrorCode.INTERNAL, what, "Run it again; please report it if that does not help.")
        return self.outcome is not None

    def finished(self, result: bool) -> None:
        if not result and self.error is None:  # cancelled before it began
            self.error = PrithviError(ErrorCode.CANCELLED, "The installation was cancelled.")
        if running() is self:
            _forget()
        self.ended.emit()
        for listener in list(listeners):
            listener(self)

    @property
    def cancelled(self) -> bool:
        """Whether the user cancelled it."""
        return self.error is not None and self.error.code is ErrorCode.CANCELLED

    def _report(self, percent: int, text: str) -> None:
        self.percent, self.text = percent, text
        self.setProgress(percent)
        self.progressed.emit(percent, text)


# Called on the main thread when an installation has ended, after the signal.
listeners: list[Callable[[InstallTask], None]] = []

# QGIS's task manager owns only the C++ object; this reference keeps the Python object alive.
_running: Optional[InstallTask] = None


def running() -> Optional[InstallTask]:
    """Return the running installation, or None."""
    return _running


def start(variant: str, wheelhouse: Optional[Path] = None) -> InstallTask:
    """Start an installation, or return the running one."""
    global _running  # noqa: PLW0603  (one installation per process)
    if _running is None:
        _running = InstallTask(variant, wheelhouse)
        QgsApplication.taskManager().addTask(_running)
    return _running


def stop(timeout_s: float) -> None:
    """Cancel the running installation and wait for its end, before the plugin is unloaded."""
    task = running()
    if task is not None:
        task.cancel()
        task.waitForFinished(int(timeout_s * 1000))
        _forget()


def _forget() -> None:
    global _running  # noqa: PLW0603
    _running = None
