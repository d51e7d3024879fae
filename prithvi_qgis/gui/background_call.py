"""Run one slow function in a background thread and deliver its result through a signal."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..core.system.timeouts import TIMEOUTS


class BackgroundCall(QObject):
    """Runs functions that do not use Qt, and delivers their results on the main thread.

    The thread holds only a queue: the widget may be closed, and the plugin unloaded, while it waits for a slow engine
    or driver. Its result is then dropped.
    """

    returned = pyqtSignal(object)
    """What the function returned, or the exception that it raised."""

    def __init__(self, parent: QObject):
        super().__init__(parent)
        self._answers: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(TIMEOUTS.ui_poll_ms)
        self._timer.timeout.connect(self._deliver)

    @property
    def under_way(self) -> bool:
        """Whether a result is still to be delivered."""
        return self._timer.isActive()

    def send(self, function: Callable[[], object]) -> bool:
        """Run ``function`` in a thread; return False, and do nothing, while another one is under way."""
        if self.under_way:
            return False
        threading.Thread(
            target=_run, args=(function, self._answers), name="prithvi-background-call", daemon=True
        ).start()
        self._timer.start()
        return True

    def _deliver(self) -> None:
        try:
            answer = self._answers.get_nowait()
        except queue.Empty:
            return
        self._timer.stop()
        self.returned.emit(answer)


def _run(function: Callable[[], object], answers: queue.SimpleQueue[object]) -> None:
    """Run in the thread; an exception becomes the result."""
    try:
        answers.put(function())
    except Exception as e:
        answers.put(e)
