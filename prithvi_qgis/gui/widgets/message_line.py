"""A line of text with an icon: information, a warning or an error."""

from __future__ import annotations

from enum import Enum

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStyle, QWidget

from ...core.system import paths


class Severity(Enum):
    """The severity of a line, with the file name of its icon."""

    PLAIN = ""
    SUCCESS = "mIconSuccess.svg"
    WARNING = "mIconWarning.svg"
    ERROR = "wrong.svg"

    def icon(self) -> QIcon:
        """Return the icon; a null icon for a plain line."""
        if self is Severity.ERROR:  # QGIS's icon is not red in every theme
            return QIcon(str(paths.resources() / "icons" / self.value))
        return QgsApplication.getThemeIcon(self.value) if self.value else QIcon()


class SeverityIcon(QLabel):
    """An icon with its meaning as a tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.severity = Severity.PLAIN

    def show_severity(self, severity: Severity, meaning: str) -> None:
        """Show the icon of a severity; nothing for a plain line."""
        self.severity = severity
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        self.setPixmap(severity.icon().pixmap(QSize(side, side)))
        self.setToolTip(meaning)


class MessageLine(QWidget):
    """A line of text that shows its severity by icon and text, never by colour alone."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = SeverityIcon()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        self.show_text(Severity.PLAIN, "")

    @property
    def severity(self) -> Severity:
        """The severity of the shown line."""
        return self._icon.severity

    def show_text(self, severity: Severity, text: str) -> None:
        """Show a line; an empty text hides it."""
        self._icon.show_severity(severity, "")
        self._icon.setVisible(severity != Severity.PLAIN)
        self._text.setText(text)
        self.setVisible(bool(text))

    def text(self) -> str:
        """Return the shown text."""
        return self._text.text()
