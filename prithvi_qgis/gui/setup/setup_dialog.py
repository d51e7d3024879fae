"""The dialog that sets up the engine: size, folder, GPU or CPU, and the installation itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ... import network, settings
from ...algorithms.base import icon_path, tr
from ...client.install.fetch_python import FETCHED_MB, FETCHED_VERSION
from ...client.install.find_python import missing_python
from ...client.install.setup_plan import SetupPlan, setup_plan
from ...client.runtime import hardware
from ...client.runtime.readiness import readiness
from ...core.system import paths
from ..background_call import BackgroundCall
from ..widgets.message_line import MessageLine, Severity
from . import install_task
from .variant_choice import VARIANTS, VariantChoice, size


class SetupDialog(QDialog):
    """The dialog. An installation continues in the task manager when the dialog is closed."""

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setWindowTitle(tr("Set up the Prithvi engine"))
        self.setWindowIcon(QIcon(icon_path()))
        self.setMinimumWidth(580)
        # Each opening examines the machine again. An installation belongs to its task, not to the dialog.
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._machine: Optional[hardware.Machine] = None
        self._task: Optional[install_task.InstallTask] = None
        self._plans: dict[str, SetupPlan] = {}
        self._missing_python = ""
        self._intro = QLabel()
        self._intro.setWordWrap(True)
        self._choice = VariantChoice()
        self._choice.changed.connect(self._show_state)
        self._line = MessageLine()
        self._bar = QProgressBar()
        self._bar.setAccessibleName(tr("Progress of the installation"))
        self._build()
        self._survey = BackgroundCall(self)
        self._survey.returned.connect(self._surveyed)
        self._survey.send(hardware.survey)
        self._search = BackgroundCall(self)
        self._search.returned.connect(self._searched)
        self._search.send(missing_python)
        self._show_plans()
        task = install_task.running()
        if task is not None:
            self._watch(task)
        self._show_state()

    # -- the form ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        where = QGroupBox(tr("Run the models on"))
        QVBoxLayout(where).addWidget(self._choice)
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self._install = buttons.addButton(tr("Install"), role.ActionRole)
        self._cancel = buttons.addButton(tr("Cancel installation"), role.ActionRole)
        self._close = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self._install.setDefault(True)
        self._install.clicked.connect(self._start)
        self._cancel.clicked.connect(self._cancel_task)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        for widget in (self._intro, where, self._location(), self._fetching(), self._wheels(), self._bar, self._line):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self._inputs = [where, self._change, self._fetch, self._wheel_box]

    def _location(self) -> QWidget:
        self._folder = QLabel()
        self._folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._folder.setWordWrap(True)
        self._network = QLabel()
        self._network.setWordWrap(True)
        self._change = QPushButton(tr("Change…"))
        self._change.setAutoDefault(False)
        self._change.clicked.connect(self._change_folder)
        if settings.HOME.overridden:
            self._change.setEnabled(False)
            self._change.setToolTip(tr("The environment variable {} decides.").format(settings.HOME.variable))
        row = QHBoxLayout()
        row.addWidget(self._folder, 1)
        row.addWidget(self._change, 0, Qt.AlignmentFlag.AlignTop)
        box = QWidget()
        form = QFormLayout(box)
        form.setContentsMargins(0, 4, 0, 4)
        form.addRow(tr("Folder:"), row)
        form.addRow(tr("Network:"), self._network)
        return box

    def _fetching(self) -> QWidget:
        """The consent to fetch a Python, shown where none fits."""
        text = tr("Have uv fetch Python {} for the engine ({})")
        self._fetch = QCheckBox(text.format(FETCHED_VERSION, size(FETCHED_MB)))
        self._fetch.setChecked(settings.problem(settings.FETCH_PYTHON) is None and settings.fetch_python())
        if settings.FETCH_PYTHON.overridden:
            self._fetch.setToolTip(tr("The environment variable {} decides.").format(settings.FETCH_PYTHON.variable))
        self._fetch.toggled.connect(self._agree)
        return self._fetch

    def _wheels(self) -> QWidget:
        self._wheel_box = QgsCollapsibleGroupBox(tr("Install without a network"))
        explained = QLabel(
            tr(
                "On a machine without a network everything comes from a folder of wheels that was filled on another "
                "one; docs/air-gapped.md tells how."
            )
        )
        explained.setWordWrap(True)
        self._wheelhouse = QgsFileWidget()
        self._wheelhouse.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self._wheelhouse.setDialogTitle(tr("Folder of wheels"))
        self._wheelhouse.lineEdit().setPlaceholderText(tr("Folder of wheels"))
        self._wheelhouse.fileChanged.connect(lambda _path: self._show_state())
        layout = QVBoxLayout(self._wheel_box)
        layout.addWidget(explained)
        layout.addWidget(self._wheelhouse)
        self._wheel_box.setSaveCollapsedState(False)
        self._wheel_box.setCollapsed(not _offline())
        return self._wheel_box

    # -- display -------------------------------------------------------------------------------------------------

    def _show_plans(self) -> None:
        self._plans = {v: setup_plan(v) for v in VARIANTS}
        plan = self._plans["cpu"]
        versions = ", ".join(f"{name} {version}" for name, version in plan.versions.items())
        self._intro.setText(
            tr(
                "Prithvi models run in an engine of their own ({}), which is installed once. It has a folder to itself "
                "and leaves QGIS's own Python alone."
            ).format(versions)
        )
        self._choice.show_plans(self._plans)
        self._folder.setText(tr("{} ({} free)").format(plan.folder.parent, size(plan.free_mb)))

    def _surveyed(self, answer: object) -> None:
        if isinstance(answer, hardware.Machine):
            self._machine = answer
            wanted = "auto" if settings.problem(settings.VARIANT) else settings.variant()
            self._choice.show_machine(answer, self._task.variant if self._task else wanted)
        else:
            self._line.show_text(Severity.ERROR, str(answer))
        self._show_state()
        self._fit(shrink=True)  # Qt first overestimates the height of lines that wrap

    def _searched(self, answer: object) -> None:
        self._missing_python = str(answer)
        self._show_state()

    def _show_state(self) -> None:
        """Enable the possible actions, and show why the others are not."""
        busy = self._task is not None
        wheelhouse = self._wheelhouse.filePath().strip()
        self._network.setText(_network_text(bool(wheelhouse)))
        decided = {self._change: settings.HOME.overridden, self._fetch: settings.FETCH_PYTHON.overridden}
        for widget in self._inputs:
            widget.setEnabled(not busy and not decided.get(widget, False))
        named = bool(os.environ.get("PRITHVI_QGIS_PYTHON"))  # never replaced by another one
        self._fetch.setVisible(bool(self._missing_python) and not (named or wheelhouse or _offline()))
        self._bar.setVisible(busy)
        self._cancel.setVisible(busy)
        self._install.setVisible(not busy)
        self._close.setText(tr("Continue in the background") if busy else tr("Close"))
        variant = self._choice.value()
        present = bool(variant) and readiness(variant).ready
        self._install.setText(tr("Check and repair") if present else tr("Install"))
        if not busy:
            severity, text = self._assess(variant, present, wheelhouse)
            self._install.setEnabled(severity is not Severity.ERROR and bool(variant))
            self._line.show_text(severity, text)
        self._fit()

    def _fit(self, shrink: bool = False) -> None:
        """Resize the dialog for all lines; Qt does not for lines that wrap."""
        self.layout().invalidate()  # else it uses the previous lines
        height = self.layout().heightForWidth(self.width())
        if shrink or height > self.height():
            self.resize(self.width(), height)

    def _assess(self, variant: str, present: bool, wheelhouse: str) -> tuple[Severity, str]:
        """Return what prevents the installation, or else a note about it."""
        problem = settings.problem(settings.VARIANT, settings.OFFLINE, settings.FETCH_PYTHON)
        if problem is not None:
            return Severity.ERROR, problem.line
        if self._machine is None or not variant:
            return (Severity.ERROR, self._machine.nothing) if self._machine else (Severity.PLAIN, "")
        if present:
            return Severity.SUCCESS, tr("The {} engine is installed. Checking it takes a minute.").format(
                variant.upper()
            )
        plan = self._plans[variant]
        if not plan.fits:
            text = tr("There is too little room: {} are needed and {} are free. Choose a folder on another disk.")
            return Severity.ERROR, text.format(size(plan.installed_mb), size(plan.free_mb))
        if _offline() and not wheelhouse:
            return Severity.ERROR, tr("Offline mode is on. Choose a folder of wheels, or turn it off in the options.")
        if self._missing_python and not wheelhouse and (self._fetch.isHidden() or not self._fetch.isChecked()):
            return Severity.ERROR, self._missing_python
        return Severity.PLAIN, tr(
            "You can go on working meanwhile, and cancel at any time: what was downloaded is kept, and the next try "
            "goes on from there."
        )

    # -- actions -------------------------------------------------------------------------------------------------

    def _change_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder of engine, models and log"), str(paths.home()))
        if folder:
            settings.HOME.write("" if Path(folder) == paths.default_home() else folder)
            settings.apply()
            self._show_plans()
            self._show_state()

    def _agree(self, agreed: bool) -> None:
        settings.FETCH_PYTHON.write(agreed)
        self._show_state()

    def _start(self) -> None:
        variant = self._choice.value()
        if settings.variant() not in ("auto", variant) and not settings.VARIANT.overridden:
            settings.VARIANT.write("auto")  # a user who installs the other one wants to use it
        wheelhouse = self._wheelhouse.filePath().strip()
        self._watch(install_task.start(variant, Path(wheelhouse).expanduser() if wheelhouse else None))
        self._show_state()

    def _watch(self, task: install_task.InstallTask) -> None:
        self._task = task
        task.progressed.connect(self._show_progress)
        task.ended.connect(self._ended)
        self._show_progress(task.percent, task.text)

    def _show_progress(self, percent: int, text: str) -> None:
        self._bar.setValue(percent)
        self._line.show_text(Severity.PLAIN, text)

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._line.show_text(Severity.PLAIN, tr("Cancelling…"))
            self._task.cancel()

    def _ended(self) -> None:
        task, self._task = self._task, None
        self._show_plans()
        self._show_state()
        if task is None:
            return
        if task.cancelled:
            self._line.show_text(
                Severity.PLAIN, tr("Cancelled. What was downloaded is kept; the next try goes on from there.")
            )
        elif task.error is not None:
            self._line.show_text(Severity.ERROR, task.error.line)
        elif task.outcome is not None:
            self._line.show_text(Severity.SUCCESS, tr("The engine is ready."))
        QTimer.singleShot(0, self._fit)  # once Qt has laid out the new line


def _offline() -> bool:
    """Whether offline mode is on; an invalid setting is reported elsewhere."""
    return settings.problem(settings.OFFLINE) is None and settings.offline()


def _network_text(from_wheels: bool) -> str:
    """Return how the installation will use the network."""
    if from_wheels:
        return tr("not used")
    if _offline():
        return tr("offline mode is on")
    proxy = network.proxy_variables().get("HTTPS_PROXY", "").rpartition("@")[2].rpartition("//")[2]
    used = tr("QGIS's proxy {}").format(proxy) if proxy else tr("used directly, as QGIS does")
    added = len(network.own_authorities())
    return used + (tr(", with {} certificate authorities of your own").format(added) if added else "")
