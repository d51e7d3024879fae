"""Runs inside QGIS (``qgis --code``): plays the story that the environment names, and writes down what was seen.

A story is a generator. Each ``yield`` hands over a question without arguments; the story goes on with the answer as
soon as it is not empty. Everything happens in QGIS's own event loop, also inside menus and modal dialogs.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication

FOLDER = Path(os.environ["DESKTOP_FOLDER"])
PATIENCE_S = 60.0
POLL_MS = 20

Story = Generator[Callable[[], Any], Any, None]


class Stage:
    """Plays one story to its end."""

    def __init__(self, name: str):
        from support.desktop.person import Person

        self._person = Person(FOLDER)
        self._story: Story = importlib.import_module(f"support.desktop.stories.{name}").story(self._person)
        self._question: Callable[[], Any] = self._person.window_is_ready
        self._asked = time.monotonic()
        self._begun = self._over = False
        # QGIS shows what nobody caught in a dialog; here it ends the story.
        sys.excepthook = lambda kind, error, trace: self._end("".join(traceback.format_exception(kind, error, trace)))
        self._timer = QTimer()
        self._timer.timeout.connect(self._step)
        self._timer.start(POLL_MS)

    def _step(self) -> None:
        if self._over or not self._person.at_rest():
            return
        try:
            answer = self._question()
            if answer:
                self._question = self._story.send(answer if self._begun else None)
                self._begun = True
                self._asked = time.monotonic()
            elif time.monotonic() - self._asked > PATIENCE_S:
                raise TimeoutError(f"it did not happen: {self._question.__qualname__}")
        except StopIteration:
            self._end()
        except Exception:
            self._end(traceback.format_exc())

    def _end(self, trouble: str = "") -> None:
        if self._over:
            return
        self._over = True
        self._timer.stop()
        if trouble:
            QApplication.primaryScreen().grabWindow(0).save(str(FOLDER / "trouble.png"))
        report = {"trouble": trouble, "said": self._person.said, "seen": self._person.seen}
        write(report)
        if trouble:
            os._exit(3)  # whatever is open now, nobody would click it away
        self._person.leave()


def write(report: dict[str, Any]) -> None:
    """For the test that waits outside."""
    (FOLDER / "report.json").write_text(json.dumps(report, indent=1, default=str))


sys.path.insert(0, os.environ["DESKTOP_TESTS"])  # QGIS executes this file's text, without ``__file__``
try:
    stage = Stage(os.environ["DESKTOP_STORY"])
except Exception:
    write({"trouble": traceback.format_exc(), "said": [], "seen": {}})
    os._exit(3)
