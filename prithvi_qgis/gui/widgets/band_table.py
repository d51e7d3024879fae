"""The table that assigns the scene's bands to the model's bands, with the engine's rules as the default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QWheelEvent
from qgis.PyQt.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QWidget

from ...algorithms.base import tr
from ...algorithms.scenes.band_names import band_name, wavelength
from ...algorithms.scenes.scene_preview import SceneFacts
from .message_line import Severity, SeverityIcon

Choice = tuple[Optional[int], ...]


class BandTable(QWidget):
    """One row per band of the model: a list of the scene's bands, and an icon for an unusual choice."""

    changed = pyqtSignal()
    """Emitted when the user changes a choice."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted: tuple[str, ...] = ()
        self._lists: list[_BandList] = []
        self._marks: list[SeverityIcon] = []
        self._identified: dict[int, str] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(2, 1)

    def show_model(self, wanted: Sequence[str]) -> None:
        """Create one row per band of the model."""
        if tuple(wanted) == self._wanted:
            return
        self._wanted = tuple(wanted)
        self._lists, self._marks = [], []
        while self._grid.count():
            old = self._grid.takeAt(0).widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for column, title in enumerate((tr("Needed"), tr("Wavelength"), tr("Scene's band"))):
            header = QLabel(title)
            font = header.font()
            font.setBold(True)
            header.setFont(font)
            self._grid.addWidget(header, 0, column)
        for row, band in enumerate(self._wanted, 1):
            name, choice, mark = QLabel(_capital(band_name(band))), _BandList(), SeverityIcon()
            name.setBuddy(choice)
            choice.setAccessibleName(tr("Band of the scene for {}").format(band_name(band)))
            choice.currentIndexChanged.connect(self._edited)
            for column, widget in enumerate((name, QLabel(wavelength(band)), choice, mark)):
                self._grid.addWidget(widget, row, column)
            self._lists.append(choice)
            self._marks.append(mark)

    def show_scene(self, facts: Optional[SceneFacts]) -> None:
        """Offer the scene's bands; None before a scene is chosen."""
        found = facts.identified() if facts else {}
        self._identified = {number: band for band, number in found.items()}
        titles = (
            [_title(n, text, self._identified.get(n, "")) for n, text in enumerate(facts.bands, 1)] if facts else []
        )
        for choice in self._lists:
            choice.offer(titles)
            choice.setEnabled(bool(titles))
        self._mark()

    def choice(self) -> Choice:
        """Return the 1-based band number per band of the model; None without a choice."""
        return tuple(c.number() for c in self._lists)

    def set_choice(self, choice: Sequence[Optional[int]]) -> None:
        """Show a choice."""
        for shown, number in zip(self._lists, choice):
            shown.set_number(number)
        self._mark()

    def severities(self) -> list[Severity]:
        """Return the severity of each row's icon."""
        return [mark.severity for mark in self._marks]

    def doubts(self) -> list[str]:
        """Return one line per choice that is unusual, but may be intended."""
        lines = []
        choice = self.choice()
        for twice in sorted({n for n in choice if n is not None and choice.count(n) > 1}):
            users = ", ".join(band_name(b) for b, n in zip(self._wanted, choice) if n == twice)
            lines.append(tr("Band {number} is used more than once: {bands}.").format(number=twice, bands=users))
        for band, number in zip(self._wanted, choice):
            called = self._identified.get(number or 0, band)
            if called != band and choice.count(number) == 1:
                line = tr("Band {number} says that it is {found}, and is used for {wanted}.")
                lines.append(line.format(number=number, found=band_name(called), wanted=band_name(band)))
        return lines

    def lists(self) -> list[QComboBox]:
        """Return the list of each row."""
        return list(self._lists)

    def _edited(self) -> None:
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        choice = self.choice()
        for band, number, shown, mark in zip(self._wanted, choice, self._lists, self._marks):
            called = self._identified.get(number or 0, "")
            if not shown.isEnabled():
                mark.show_severity(Severity.PLAIN, "")
            elif number is None:
                mark.show_severity(Severity.ERROR, tr("Missing"))
            elif choice.count(number) > 1:
                mark.show_severity(Severity.WARNING, tr("Used more than once"))
            elif not called:
                mark.show_severity(Severity.PLAIN, tr("Does not say which band it is"))
            elif called != band:
                mark.show_severity(Severity.WARNING, tr("Says that it is {}").format(band_name(called)))
            else:
                mark.show_severity(Severity.SUCCESS, tr("Fits"))
            shown.setAccessibleDescription(mark.toolTip())


class _BandList(QComboBox):
    """A list of the scene's bands that begins with an entry for none."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # The form scrolls under the mouse; turning the wheel must not change a band.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def offer(self, titles: Sequence[str]) -> None:
        """Fill the list, with no band chosen; emits no signal."""
        self.blockSignals(True)
        self.clear()
        self.addItem(tr("missing: choose…") if titles else "", None)
        for number, title in enumerate(titles, 1):
            self.addItem(title, number)
        self.blockSignals(False)

    def number(self) -> Optional[int]:
        """Return the chosen band's number, or None."""
        return self.currentData()

    def set_number(self, number: Optional[int]) -> None:
        """Choose a band; emits no signal."""
        self.blockSignals(True)
        self.setCurrentIndex(number if number is not None and number < self.count() else 0)
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the form unless the list has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _title(number: int, text: str, called: str) -> str:
    """``4: B04 (red)``, with the band's meaning unless its description contains it."""
    title = f"{number}: {text}" if text else tr("Band {}").format(number)
    meaning = band_name(called) if called else ""
    return f"{title} ({meaning})" if meaning and meaning.lower() not in text.lower() else title
