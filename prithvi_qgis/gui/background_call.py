"""Asking something slow without holding up the window: one function at a time, in a thread, its answer by a signal."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

_POLL_MS = 50


class BackgroundCall(QObject):
    """Runs functions that touch nothing of Qt, and hands over what they return, on the main thread.

    The thread knows only a queue: a widget may be closed, and the plugin unloaded, while it still waits for a slow
    engine or driver. What it then brings back is never looked at.

    Signals:
        returned: what the function returned, or the exception that it raised.
    """

    returned = pyqtSignal(object)

    def __init__(self, parent: QObject):
        super().__init__(parent)
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def under_way(self) -> bool:
        """Whether an answer is being waited for."""
        return self._timer.isActive()

    def send(self, function: Callable[[], Any]) -> bool:
        """Run ``function`` in a thread; False, and nothing done, while another one is under way."""
        if self.under_way:
            return False
        threading.Thread(target=_run, args=(function, self._answers), name="prithvi-errand", daemon=True).start()
        self._timer.start()
        return True

    def _look(self) -> None:
        try:
            answer = self._answers.get_nowait()
        except queue.Empty:
            return
        self._timer.stop()
        self.returned.emit(answer)


def _run(function: Callable[[], Any], answers: queue.SimpleQueue[Any]) -> None:
    """In the thread; the border at which any failure becomes an answer."""
    try:
        answers.put(function())
    except Exception as e:
        answers.put(e)
