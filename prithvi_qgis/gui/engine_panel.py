"""The panel with the engine's state, and buttons to start, stop, repair and report it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, QTimer, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QHideEvent, QShowEvent
from qgis.PyQt.QtWidgets import QFormLayout, QGridLayout, QGroupBox, QLabel, QMessageBox, QPushButton, QVBoxLayout

from .. import settings
from ..algorithms.base import tr
from ..algorithms.engine_selection import choose_variant
from ..client.engine import engine_client
from ..client.engine.status import EngineState, engine_status
from ..core.errors import PrithviError
from ..core.system import paths
from ..core.system.timeouts import TIMEOUTS, Timeouts
from . import status_text
from .background_call import BackgroundCall
from .diagnostics import diagnostics
from .setup.setup_offer import show_setup
from .widgets.message_line import MessageLine, Severity

_GPU_POLLS = 5  # the driver answers more slowly than the engine, and its numbers hardly change


class EnginePanel(QGroupBox):
    """Shows the engine's state, which it polls in the background while it is visible."""

    def __init__(self, timeouts: Timeouts = TIMEOUTS) -> None:
        super().__init__(tr("Engine"))
        self._state: Optional[EngineState] = None
        self._polls = 0
        self._headline = MessageLine()
        self._headline.show_text(Severity.PLAIN, tr("Looking…"))
        self._rows = {name: _row() for name in ("installed", "runs_on", "gpu", "memory", "runs")}
        self._action_line = MessageLine()
        self._build()
        self._status_call = BackgroundCall(self)
        self._status_call.returned.connect(self._show)
        self._action_call = BackgroundCall(self)
        self._action_call.returned.connect(self._action_returned)
        self._on_returned: Callable[[Any], None] = lambda answer: None
        self._timer = QTimer(self)
        self._timer.setInterval(timeouts.status_poll_ms)
        self._timer.timeout.connect(self.refresh)
        self._enable()

    def _build(self) -> None:
        form = QFormLayout()
        form.addRow(tr("State:"), self._headline)
        titles = {
            "installed": tr("Installed:"),
            "runs_on": tr("Runs on:"),
            "gpu": tr("Graphics card:"),
            "memory": tr("Memory:"),
            "runs": tr("Folder runs:"),
        }
        for name, label in self._rows.items():
            form.addRow(titles[name], label)
        self._start = _button(tr("Start"), tr("Start it now, so that the next run need not wait."), self._start_engine)
        self._stop = _button(tr("Stop"), tr("End it and free its memory."), self._stop_engine)
        self._log = _button(tr("Open log"), tr("What the engine wrote, in a text editor."), self._open_log)
        self._setup = _button(tr("Install / repair…"), tr("Install the engine, or check it and mend it."), self._set_up)
        self._copy = _button(
            tr("Copy diagnostics"),
            tr("Versions, machine, settings and the end of the log, without names, to paste into a report."),
            self._copy_diagnostics,
        )
        buttons = QGridLayout()
        for column, button in enumerate((self._start, self._stop, self._log)):
            buttons.addWidget(button, 0, column)
        buttons.addWidget(self._setup, 1, 0)
        buttons.addWidget(self._copy, 1, 1, 1, 2, Qt.AlignmentFlag.AlignLeft)
        buttons.setColumnStretch(3, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(self._action_line)

    # -- polling -------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._polls = 0
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def refresh(self) -> None:
        """Request the state, unless a request is under way."""
        known = None
        if self._state is not None and self._polls % _GPU_POLLS:
            known = (self._state.gpus, self._state.no_gpu)
        if self._status_call.send(partial(engine_status, known)):
            self._polls += 1

    def _show(self, answer: object) -> None:
        if not isinstance(answer, EngineState):
            self._headline.show_text(Severity.ERROR, str(answer))
            return
        self._state = answer
        if not self._action_call.under_way:
            self._headline.show_text(*status_text.headline(answer))
        self._rows["installed"].setText(status_text.installed(answer))
        self._rows["runs_on"].setText(status_text.runs_on(answer))
        self._rows["gpu"].setText(status_text.graphics_card(answer))
        self._rows["memory"].setText(status_text.memory(answer))
        self._rows["runs"].setText(status_text.runs(answer))
        self._enable()

    def _enable(self) -> None:
        state, idle = self._state, not self._action_call.under_way
        runs = state is not None and (state.report is not None or bool(state.trouble))
        self._start.setEnabled(idle and state is not None and not runs and bool(state.installed))
        self._stop.setEnabled(idle and runs)
        self._log.setEnabled(paths.log_file().is_file())
        self._copy.setEnabled(idle)

    # -- actions -------------------------------------------------------------------------------------------------

    def _run_action(
        self, function: Callable[[], Any], line: MessageLine, text: str, then: Callable[[Any], None]
    ) -> None:
        """Run a function in the background while ``line`` shows ``text``; pass its result to ``then``."""
        if self._action_call.send(function):
            self._on_returned = then
            self._action_line.show_text(Severity.PLAIN, "")
            line.show_text(Severity.PLAIN, text)
            self._enable()

    def _action_returned(self, answer: object) -> None:
        if isinstance(answer, Exception):
            self._action_line.show_text(
                Severity.ERROR, answer.line if isinstance(answer, PrithviError) else str(answer)
            )
        else:
            self._action_line.show_text(Severity.PLAIN, "")
            self._on_returned(answer)
        self._enable()
        self.refresh()

    def _start_engine(self) -> None:
        try:
            variant, minutes = choose_variant(settings.variant()), settings.keep_warm_min()
        except PrithviError as e:
            self._action_line.show_text(Severity.ERROR, e.line)
            return
        start = partial(engine_client.start, variant, minutes, lambda message: None, lambda: False)
        self._run_action(start, self._headline, tr("Starting the engine…"), lambda _action_line: None)

    def _stop_engine(self) -> None:
        report = self._state.report if self._state else None
        if report is not None and report.state in ("busy", "loading"):
            question = tr("The engine is segmenting a scene, which would fail. Stop it all the same?")
            yes = QMessageBox.StandardButton.Yes
            if QMessageBox.question(self, tr("Stop the engine"), question) != yes:
                return
        self._run_action(engine_client.stop, self._headline, tr("Stopping the engine…"), lambda _action_line: None)

    def _open_log(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.log_file())))

    def _set_up(self) -> None:
        show_setup(self.window())

    def _copy_diagnostics(self) -> None:
        self._run_action(diagnostics, self._action_line, tr("Gathering…"), self._copied)

    def _copied(self, text: str) -> None:
        QgsApplication.clipboard().setText(text)
        self._action_line.show_text(
            Severity.SUCCESS, tr("Copied, without names and with shortened folders. Look it over before you send it.")
        )


def _row() -> QLabel:
    label = QLabel("–")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _button(text: str, tip: str, slot: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: slot())
    return button
