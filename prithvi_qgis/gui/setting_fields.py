"""Form fields that each show, validate and save one setting; an environment variable disables its field."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from .. import settings
from ..algorithms.base import tr
from ..core.errors import PrithviError
from ..core.system import paths
from .widgets.model_chooser import ModelChooser


class Field:
    """A setting and the widget that shows it.

    Args:
        setting: the setting.
        title: label of the field.
        widget: shows the value.
        tip: tooltip.
        get: reads the widget's value.
        put: sets the widget's value.
    """

    def __init__(
        self,
        setting: settings.Setting,
        title: str,
        widget: QWidget,
        tip: str,
        get: Callable[[], Any],
        put: Callable[[Any], None],
    ):
        self.setting, self.title, self.widget = setting, title, widget
        self._get, self._put = get, put
        widget.setObjectName(setting.key)
        widget.setAccessibleName(title)
        if setting.overridden:
            tip += "\n" + tr("The environment variable {} decides.").format(setting.variable)
            widget.setEnabled(False)
        widget.setToolTip(tip)

    def load(self) -> str:
        """Show the effective value; for an invalid one show the default and return the error."""
        try:
            self._put(self.setting.read())
        except PrithviError as e:
            self._put(self.setting.default)
            return e.line
        return ""

    def save(self) -> None:
        """Save the shown value, unless an environment variable overrides it."""
        if not self.setting.overridden:
            self.setting.write(self._get())

    def problem(self) -> str:
        """Return why the shown value cannot be saved, or an empty string."""
        return ""


class FolderField(Field):
    """The data folder, which must be writable."""

    def problem(self) -> str:
        text = "" if self.setting.overridden else self._get()
        if not text:
            return ""
        folder = Path(text)
        if not folder.is_absolute():
            return tr("The data folder {} does not begin at the root. Give the whole path.").format(text)
        existing = next(p for p in (folder, *folder.parents) if p.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            return tr("The data folder {} cannot be written. Choose another one.").format(text)
        return ""


def home_field() -> Field:
    """Return the field for the data folder; empty for the default folder."""
    widget = QgsFileWidget()
    widget.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
    widget.setDialogTitle(tr("Folder of engine, models and log"))
    widget.lineEdit().setPlaceholderText(str(paths.default_home()))
    tip = tr("Engine, models and log. An engine in another folder is not moved; it has to be installed again.")
    return FolderField(
        settings.HOME,
        tr("Data folder:"),
        widget,
        tip,
        lambda: str(Path(widget.filePath().strip()).expanduser()) if widget.filePath().strip() else "",
        widget.setFilePath,
    )


def metrics_field() -> Field:
    """Return the field for the metrics file; empty for none."""
    widget = QgsFileWidget()
    widget.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
    widget.setDialogTitle(tr("File for the figures of folder runs"))
    widget.setFilter("*.prom")
    widget.lineEdit().setPlaceholderText(tr("None"))
    tip = tr("Speed, memory and errors of each worker in Prometheus' text format, for a node exporter to pick up.")
    return Field(
        settings.METRICS,
        tr("Figures of folder runs:"),
        widget,
        tip,
        lambda: widget.filePath().strip(),
        widget.setFilePath,
    )


def model_field() -> Field:
    """Return the field for the default model."""
    widget = ModelChooser(compact=True)
    tip = tr("The model that the form and the layer menu start with.")
    return Field(settings.MODEL, tr("Default model:"), widget, tip, widget.value, widget.set_value)


def choice_field(setting: settings.Setting, title: str, names: dict[str, str], tip: str) -> Field:
    """Return a field with a list of choices.

    Args:
        names: label per value.
    """
    widget = QComboBox()
    for value, name in names.items():
        widget.addItem(name, value)
    return Field(setting, title, widget, tip, widget.currentData, lambda v: widget.setCurrentIndex(widget.findData(v)))


def number_field(
    setting: settings.Setting, title: str, unit: str, tip: str, zero: str = "", step: float = 1, factor: float = 1.0
) -> Field:
    """Return a field for a number.

    Args:
        unit: suffix.
        zero: text that replaces 0.
        step: step of the arrows.
        factor: shown value per unit of the setting.
    """
    whole = isinstance(setting.default, int) or factor != 1.0
    widget: Any = QSpinBox() if whole else QDoubleSpinBox()
    if not whole:
        widget.setDecimals(1)
    kind = int if whole else float
    widget.setRange(kind(setting.low * factor), kind(min(setting.high * factor, 1e6)))
    widget.setSingleStep(kind(step))
    widget.setSuffix(unit)
    if zero:
        widget.setSpecialValueText(zero)

    def get() -> Any:
        value = widget.value() / factor
        return int(value) if isinstance(setting.default, int) else float(value)

    return Field(setting, title, widget, tip, get, lambda v: widget.setValue(kind(round(v * factor, 1))))


def flag_field(setting: settings.Setting, text: str, tip: str) -> Field:
    """Return a check box."""
    widget = QCheckBox(text)
    return Field(setting, "", widget, tip, widget.isChecked, widget.setChecked)
