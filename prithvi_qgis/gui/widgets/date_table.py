"""The table of dates: per scene the date that was found, and a field for another date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ...algorithms.base import tr
from ...algorithms.scenes.scene_preview import SceneFacts
from ...core.errors import PrithviError
from ...core.scenes.dates import read_dates
from .message_line import MessageLine, Severity


class DateTable(QWidget):
    """Holds the parameter's text: dates separated by commas, empty where the found date is used."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._rows = QFormLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self.line = MessageLine()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._rows)
        layout.addWidget(self.line)
        self.fields: list[QLineEdit] = []
        self._names: list[str] = []
        self._facts: Sequence[Optional[SceneFacts | PrithviError]] = ()
        self._text = ""  # the given value, until the rows exist

    # -- display ---------------------------------------------------------------------------------------------------

    def show_scenes(self, names: Sequence[str]) -> None:
        """Show one row per scene, without found dates so far; keep the dates typed for scenes that remain."""
        typed = {name: field.text() for name, field in zip(self._names, self.fields)}
        text = ",".join(typed.get(name, "") for name in names) if typed else self._text
        self._names = list(names)
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self.fields = []
        for name in names:
            field = QLineEdit()
            field.setClearButtonEnabled(True)
            field.setAccessibleName(tr("Date of {}").format(name))
            field.textChanged.connect(self._edited)
            label = QLabel(name)
            label.setBuddy(field)
            self._rows.addRow(label, field)
            self.fields.append(field)
        self._facts = [None] * len(names)
        self.set_text(text if text.strip(",") else "")

    def show_facts(self, facts: Sequence[SceneFacts | PrithviError]) -> None:
        """Show the found date in each row."""
        self._facts = facts
        for field, found in zip(self.fields, facts):
            date = found.date if isinstance(found, SceneFacts) else None
            field.setPlaceholderText(date.text if date else tr("not found, such as 2023-03-14"))
        self._show_line()

    # -- the value -------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The parameter's value."""
        if not self.fields:
            return self._text
        given = [field.text().strip() for field in self.fields]
        return ",".join(given) if any(given) else ""

    def set_text(self, text: str) -> None:
        """Show a value, such as one from the history."""
        self._text = text
        dates = [p.strip() for p in text.split(",")] if text.strip() else []
        for number, field in enumerate(self.fields):
            field.blockSignals(True)
            field.setText(dates[number] if number < len(dates) else "")
            field.blockSignals(False)
        self._show_line()

    def _edited(self) -> None:
        self._show_line()
        self.changed.emit()

    def _show_line(self) -> None:
        """Show below the rows the first problem, or the order in which the scenes are used."""
        try:
            given = read_dates(self.text(), len(self.fields)) or [""] * len(self.fields)
        except PrithviError as e:
            self.line.show_text(Severity.ERROR, e.line)
            return
        problem = next((f.line for f in self._facts if isinstance(f, PrithviError)), "")
        if problem:
            self.line.show_text(Severity.ERROR, problem)
            return
        if not self.fields or any(found is None for found in self._facts):
            self.line.show_text(Severity.PLAIN, tr("Reading the scenes…") if self.fields else "")
            return
        found = [f.date.day.isoformat() if isinstance(f, SceneFacts) and f.date else "" for f in self._facts]
        days = [g or f for g, f in zip(given, found)]
        if not all(days):
            self.line.show_text(
                Severity.WARNING,
                tr("Without all dates the scenes go to the model in this order; it should be that of time."),
            )
        elif len(set(days)) < len(days):
            self.line.show_text(Severity.WARNING, tr("Two scenes are of the same day."))
        elif days != sorted(days):
            self.line.show_text(Severity.PLAIN, tr("The scenes go to the model in the order of time."))
        else:
            self.line.show_text(Severity.PLAIN, "")
