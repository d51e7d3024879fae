"""Runs of an algorithm in this process, and what they said."""

from __future__ import annotations

from qgis.core import QgsProcessingFeedback


class Listening(QgsProcessingFeedback):
    """Keeps what was said, and cancels when it hears ``cancel_at``."""

    def __init__(self, cancel_at: str = ""):
        super().__init__(False)
        self.said: list[str] = []
        self.percent: list[float] = []
        self._cancel_at = cancel_at
        self.progressChanged.connect(self.percent.append)

    def pushInfo(self, text):
        self.said.append(text)

    def pushWarning(self, text):
        self.said.append(text)

    def reportError(self, text, fatal=False):
        self.said.append(text)

    def setProgressText(self, text):
        self.said.append(text)
        if self._cancel_at and self._cancel_at in text:
            self.cancel()


def run(segment, context, feedback=None, **parameters):
    results, ok = segment.run(parameters, context, feedback or Listening(), {}, False)
    assert ok
    return results
