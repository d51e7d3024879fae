"""The page Settings > Options > Prithvi."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgsOptionsPageWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QAbstractSpinBox,
    QFormLayout,
    QFrame,
    QGroupBox,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from .. import settings
from ..algorithms.base import tr
from ..core.system.timeouts import TIMEOUTS, Timeouts
from . import setting_fields as fields
from .engine_panel import EnginePanel
from .widgets.message_line import MessageLine, Severity


class OptionsPage(QgsOptionsPageWidget):
    """The settings, below the engine's panel."""

    def __init__(self, parent: Optional[QWidget] = None, timeouts: Timeouts = TIMEOUTS):
        super().__init__(parent)
        self._line = MessageLine()
        self._line.setContentsMargins(9, 9, 9, 0)
        self.panel = EnginePanel(timeouts)
        self.fields: list[fields.Field] = []
        self._labels: list[QLabel] = []
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.addWidget(self.panel)
        for box in (self._runs(), self._resources(), self._files()):
            column.addWidget(box)
        column.addStretch(1)
        self._align()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line)
        layout.addWidget(area)
        problems = [text for text in (f.load() for f in self.fields) if text]
        self._line.show_text(Severity.WARNING, "\n".join(problems))

    def isValid(self) -> bool:
        """Whether all values can be saved; if not, shows the first problem, and QGIS stays on the page."""
        problem = next((text for text in (f.problem() for f in self.fields) if text), "")
        self._line.show_text(Severity.ERROR, problem)
        return not problem

    def apply(self) -> None:
        for field in self.fields:
            field.save()
        settings.apply()
        self.panel.refresh()

    # -- the form ------------------------------------------------------------------------------------------------

    def _box(self, title: str, *members: fields.Field) -> QGroupBox:
        box = QGroupBox(title)
        form = QFormLayout(box)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for member in members:
            label = QLabel(member.title)
            label.setBuddy(member.widget)
            form.addRow(label, member.widget)
            self._labels.append(label)
        self.fields += members
        return box

    def _align(self) -> None:
        """Align the left edges of all fields, and the widths of numbers."""
        numbers = [f.widget for f in self.fields if isinstance(f.widget, QAbstractSpinBox)]
        for widgets in (self._labels, numbers):
            width = max(w.sizeHint().width() for w in widgets)
            for widget in widgets:
                widget.setMinimumWidth(width)

    def _runs(self) -> QGroupBox:
        return self._box(
            tr("Runs"),
            fields.model_field(),
            fields.choice_field(
                settings.VARIANT,
                tr("Processor:"),
                {"auto": tr("Automatic: GPU if its engine is installed"), "cuda": tr("GPU (CUDA)"), "cpu": tr("CPU")},
                tr("For runs whose Device is automatic."),
            ),
            fields.number_field(
                settings.KEEP_WARM_MIN,
                tr("Keep the engine warm:"),
                " " + tr("min without work"),
                tr("Then it ends and frees its memory. The next run starts it again, which takes up to a minute."),
                zero=tr("End after each run"),
            ),
        )

    def _resources(self) -> QGroupBox:
        return self._box(
            tr("Speed and memory"),
            fields.number_field(
                settings.BATCH_SIZE,
                tr("Tiles at once:"),
                " " + tr("tiles"),
                tr("For runs that leave it open. More is faster on a GPU as long as its memory lasts."),
                zero=tr("Automatic"),
            ),
            fields.number_field(
                settings.GPU_MEMORY,
                tr("Share of the GPU's memory:"),
                " %",
                tr("For runs that leave it open. Leave room for QGIS and other programs that draw."),
                zero=tr("Automatic"),
                step=5,
                factor=100,
            ),
            fields.number_field(
                settings.MEMORY_MB,
                tr("Memory for pixels:"),
                " MB",
                tr("Beyond what the model itself takes. Large scenes go through it piece by piece."),
                step=64,
            ),
        )

    def _files(self) -> QGroupBox:
        return self._box(
            tr("Files and network"),
            fields.home_field(),
            fields.flag_field(
                settings.OFFLINE,
                tr("Offline mode: never use the network"),
                tr("Nothing is downloaded; the engine is installed from a folder of wheels only."),
            ),
            fields.flag_field(
                settings.FETCH_PYTHON,
                tr("Fetch a Python for the engine where none fits"),
                tr("uv downloads it into the data folder (35 MB). Never in offline mode."),
            ),
            fields.metrics_field(),
            fields.choice_field(
                settings.LOG_LEVEL,
                tr("The engine logs:"),
                {"warning": tr("Only warnings"), "info": tr("What it does"), "debug": tr("Everything")},
                tr("Takes effect when the engine starts the next time."),
            ),
        )
