"""The widget to choose a model: a list of titles, a button for a folder, and a line on the chosen model."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ...algorithms.base import tr
from .message_line import MessageLine, Severity
from .model_list import KnownModel, describe, find_model, how_to_get, known_models


class ModelChooser(QWidget):
    """Holds a model's id, or a folder."""

    changed = pyqtSignal()

    def __init__(self, compact: bool = False) -> None:
        """Create the widget; ``compact`` omits the line below, for a cell of a table."""
        super().__init__()
        self._list = QComboBox()
        # A long title must not make the form wider than the screen.
        self._list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._list.setMinimumContentsLength(16)
        self._list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._list.setAccessibleName(tr("Model"))
        self._button = QPushButton(tr("Folder…"))
        self._button.setAutoDefault(False)
        self._button.setToolTip(tr("Choose a folder that holds a model.json and the model's weights."))
        self._line = MessageLine()
        self._compact = compact
        row = QHBoxLayout()
        row.addWidget(self._list, 1)
        row.addWidget(self._button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self._line)
        self.setFocusProxy(self._list)
        for model in known_models():
            self._add(model)
        self._list.currentIndexChanged.connect(self._chosen)
        self._button.clicked.connect(self._pick_folder)
        self._describe()

    def value(self) -> str:
        """Return the id or folder; empty without any model."""
        model = self._current()
        return model.value if model else ""

    def set_value(self, value: str) -> None:
        """Choose a model. An unknown one is added to the list with its error."""
        index = next((i for i in range(self._list.count()) if self._list.itemData(i).value == value), -1)
        if index < 0:
            self._add(find_model(value))
            index = self._list.count() - 1
        self._list.setCurrentIndex(index)

    def line(self) -> MessageLine:
        """Return the line below the list."""
        return self._line

    def _add(self, model: KnownModel) -> None:
        icon = Severity.PLAIN.icon() if model.card else Severity.ERROR.icon()
        self._list.addItem(icon, model.title or tr("(none)"), model)
        self._list.setItemData(self._list.count() - 1, model.problem or model.value, Qt.ItemDataRole.ToolTipRole)

    def _current(self) -> KnownModel | None:
        return self._list.currentData()

    def _chosen(self) -> None:
        self._describe()
        self.changed.emit()

    def _describe(self) -> None:
        model = self._current()
        card = model.card if model else None
        if model is None:
            severity, text = Severity.ERROR, tr("There is no model yet. Choose the folder of one.")
        elif card is None:
            severity, text = Severity.ERROR, model.problem
        elif model.to_download:
            severity, text = Severity.WARNING, f"{how_to_get(card)} {describe(card)}"
        else:
            severity, text = Severity.PLAIN, describe(card)
        self._line.show_text(severity, "" if self._compact else text)
        self._list.setToolTip(card.description if card and not self._compact else text)

    def _pick_folder(self) -> None:
        model = self._current()
        start = str(model.card.folder.parent) if model and model.card else ""
        folder = QFileDialog.getExistingDirectory(self, tr("Folder of a model"), start)
        if folder:
            self.set_value(folder)
