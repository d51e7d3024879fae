"""The installation as a background task: one at a time, whoever asks for it."""

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
    """Installs or checks the engine. To be started by :func:`start`.

    Attributes:
        variant: ``auto``, ``cpu`` or ``cuda``.
        words: what is going on; percent: how far it is.
        outcome: when it went well; error: when it did not.

    Signals:
        told: percent and words.
        ended: all is over, on the main thread.
    """

    told = pyqtSignal(int, str)
    ended = pyqtSignal()

    def __init__(self, variant: str, wheelhouse: Optional[Path]):
        super().__init__(tr("Installing the Prithvi engine"), QgsTask.Flag.CanCancel)
        self.variant = variant
        self.words = tr("Starting…")
        self.percent = 0
        self.outcome: Optional[InstallResult] = None
        self.error: Optional[PrithviError] = None
        self._wheelhouse = wheelhouse
        # QGIS's start imports this module, and few starts come to an installation.
        from ... import network

        # QGIS's settings and certificates are read here, on the main thread.
        self._network = network.network()
        self._authorities = network.own_authorities()

    def run(self) -> bool:
        """Work, in the task's thread."""
        from ... import network
        from ...client.install.engine_installer import install

        try:
            with network.certificates(self._network, self._authorities) as offered:
                self.outcome = install(self.variant, self._wheelhouse, self._report, self.isCanceled, offered)
        except PrithviError as e:
            self.error = e
        except Exception as e:
            # The border of the thread: what nobody foresaw is told too, instead of vanishing with the thread.
            what = f"The installation failed: {type(e).__name__}: {e}."
            self.error = PrithviError(ErrorCode.INTERNAL, what, "Run it again; please report it if that does not help.")
        return self.outcome is not None

    def finished(self, result: bool) -> None:
        """Called by QGIS on the main thread."""
        if not result and self.error is None:  # cancelled before it began
            self.error = PrithviError(ErrorCode.CANCELLED, "The installation was cancelled.")
        if running() is self:
            _forget()
        self.ended.emit()
        for listener in list(listeners):
            listener(self)

    @property
    def cancelled(self) -> bool:
        """Whether it ended because somebody wanted so."""
        return self.error is not None and self.error.code is ErrorCode.CANCELLED

    def _report(self, percent: int, words: str) -> None:
        self.percent, self.words = percent, words
        self.setProgress(percent)
        self.told.emit(percent, words)


# Told on the main thread when an installation has ended, after those who watch it.
listeners: list[Callable[[InstallTask], None]] = []

# QGIS's task manager owns the C++ side alone; without this reference the Python side would go.
_running: Optional[InstallTask] = None


def running() -> Optional[InstallTask]:
    """The installation that is under way in this QGIS."""
    return _running


def start(variant: str, wheelhouse: Optional[Path] = None) -> InstallTask:
    """Start one, or return the one that is under way."""
    global _running  # noqa: PLW0603  (one installation a process)
    if _running is None:
        _running = InstallTask(variant, wheelhouse)
        QgsApplication.taskManager().addTask(_running)
    return _running


def stop(timeout_s: float) -> None:
    """End the one that is under way, for a plugin that is being unloaded."""
    task = running()
    if task is not None:
        task.cancel()
        task.waitForFinished(int(timeout_s * 1000))
        _forget()


def _forget() -> None:
    global _running  # noqa: PLW0603
    _running = None
