"""A line of text with an icon: information, a warning or an error."""

from __future__ import annotations

from enum import Enum

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStyle, QWidget

from ...core.system import paths


class Mood(Enum):
    """The kind of a line, with its icon."""

    PLAIN = ""
    GOOD = "mIconSuccess.svg"
    WARNING = "mIconWarning.svg"
    WRONG = "wrong.svg"

    def icon(self) -> QIcon:
        """Empty for a plain line."""
        if self is Mood.WRONG:  # QGIS's icon is not red in every theme
            return QIcon(str(paths.resources() / "icons" / self.value))
        return QgsApplication.getThemeIcon(self.value) if self.value else QIcon()


class MoodMark(QLabel):
    """An icon, with its meaning as a tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.mood = Mood.PLAIN

    def show_mood(self, mood: Mood, meaning: str) -> None:
        """Show a mood; nothing for a plain one."""
        self.mood = mood
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        self.setPixmap(mood.icon().pixmap(QSize(side, side)))
        self.setToolTip(meaning)


class MessageLine(QWidget):
    """Shows the mood by icon and words, never by colour alone, for every theme and every user."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = MoodMark()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        self.say(Mood.PLAIN, "")

    @property
    def mood(self) -> Mood:
        """Of the line that is shown."""
        return self._icon.mood

    def say(self, mood: Mood, text: str) -> None:
        """Show a line; an empty text hides it."""
        self._icon.show_mood(mood, "")
        self._icon.setVisible(mood != Mood.PLAIN)
        self._text.setText(text)
        self.setVisible(bool(text))

    def text(self) -> str:
        """What is shown."""
        return self._text.text()
