"""The table of bands with lines below it: how the bands were chosen, the scaling, warnings and errors."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ...algorithms.base import tr
from ...algorithms.scenes.band_names import band_name
from ...algorithms.scenes.scene_preview import SceneFacts, ScenePreview, automatic_bands
from ...algorithms.segmentation.validation import read_bands
from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from .band_table import BandTable, Choice
from .message_line import MessageLine, Severity


class BandPanel(QWidget):
    """Holds the parameter's text: "2,3,4,9,12,13", or empty for the automatic choice, which fits any scene."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.table = BandTable()
        self.state = MessageLine()
        self.scaling = MessageLine()
        self.notes: list[MessageLine] = []
        self._again = QPushButton(tr("Find automatically"))
        self._again.setAutoDefault(False)
        self._again.setToolTip(tr("Take the bands by their descriptions again."))
        self._again.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout()
        row.addWidget(self.state, 1)
        row.addWidget(self._again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        layout.addLayout(row)
        layout.addWidget(self.scaling)
        self.setFocusProxy(self._again)
        self._card: Optional[ModelCard] = None
        self._facts: Optional[SceneFacts] = None
        self._automatic: Choice = ()
        self._text = ""  # the given value, used while the table cannot show it
        self._problem = ""
        self.table.changed.connect(self._edited)
        self._again.clicked.connect(lambda: self._take("", by_hand=True))
        self.table.hide()
        self._show_state()

    # -- display ---------------------------------------------------------------------------------------------------

    def show_model_and_scene(self, card: Optional[ModelCard], facts: Optional[SceneFacts]) -> None:
        """Fill the table for a model and a scene; either may be None."""
        if (card, facts) == (self._card, self._facts):
            return
        text = self.text()
        self._card, self._facts = card, facts
        self.table.show_model(card.bands if card else ())
        self.table.setVisible(card is not None)
        self.table.show_scene(facts)
        self._automatic = automatic_bands(facts, card) if card and facts else ()
        self._take(text)

    def wait(self, text: str) -> None:
        """Show a text in place of the preview."""
        self._show_state()
        self.scaling.show_text(Severity.PLAIN, text)
        self._note([])

    def show_preview(self, answer: ScenePreview | PrithviError) -> None:
        """Show scaling and warnings, or why the engine would refuse the scene."""
        self._show_state()
        if isinstance(answer, PrithviError):
            line = answer.line
            if answer.code is ErrorCode.BANDS_MISSING and not self.text():
                # The engine's hint is for scripts; the form has lists to choose from.
                line = answer.text + " " + tr("Choose them in the lists, or stack the missing bands into the scene.")
            self.scaling.show_text(Severity.ERROR, line)
            self._note([])
            return
        scaling = tr("Scaling: {}.").format(answer.scaling or tr("chosen once the layer is copied"))
        self.scaling.show_text(Severity.PLAIN, " ".join([scaling, *answer.notes]))
        self._note(list(answer.warnings))

    # -- the value -------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The parameter's value."""
        if self._facts is None or self._card is None or self._problem:
            return self._text
        choice = self.table.choice()
        return "" if choice == self._automatic else ",".join("" if n is None else str(n) for n in choice)

    def set_text(self, text: str) -> None:
        """Show a value, such as one from the history."""
        self._take(text)

    def numbers(self) -> tuple[int, ...]:
        """Return the bands for the engine, empty for the automatic choice.

        Raises:
            PrithviError: the choice is not complete.
        """
        text = self.text()
        if not text or self._card is None or self._facts is None:
            return ()
        gaps = [band_name(b) for b, n in zip(self._card.bands, self.table.choice()) if n is None]
        if gaps and not self._problem:
            raise PrithviError(ErrorCode.BANDS_MISSING, tr("Choose a band for: {}.").format(", ".join(gaps)))
        return read_bands(text, self._card, len(self._facts.bands))

    def _take(self, text: str, by_hand: bool = False) -> None:
        self._text, self._problem = text, ""
        if self._card and self._facts:
            try:
                choice = _partly(text, self._card, self._facts) or read_bands(text, self._card, len(self._facts.bands))
                self.table.set_choice(choice or self._automatic)
            except PrithviError as e:
                self._problem = e.line
                self.table.set_choice([None] * len(self._card.bands))
        self._show_state()
        if by_hand:
            self.changed.emit()

    def _edited(self) -> None:
        self._problem = ""
        self._show_state()
        self.changed.emit()

    # -- lines -----------------------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        known = self._card is not None and self._facts is not None
        by_hand = known and bool(self.text())
        self._again.setVisible(by_hand)
        if not known or self._problem or (not by_hand and None in self._automatic):  # the problem is shown below
            self.state.show_text(Severity.PLAIN, "")
        elif by_hand:
            self.state.show_text(Severity.PLAIN, tr("Chosen by hand."))
        elif self._facts is not None and self._facts.ordered_by:
            self.state.show_text(Severity.PLAIN, tr("In the order of {}.").format(self._facts.ordered_by))
        elif self._facts is not None and self._facts.identified():
            self.state.show_text(Severity.PLAIN, tr("Found automatically."))
        else:
            self.state.show_text(Severity.PLAIN, tr("Taken in the model's order."))

    def _note(self, warnings: list[str]) -> None:
        lines = [*self.table.doubts(), *warnings]
        while len(self.notes) < len(lines):
            self.notes.append(MessageLine())
            self.layout().addWidget(self.notes[-1])
        for index, line in enumerate(self.notes):
            line.show_text(Severity.WARNING, lines[index] if index < len(lines) else "")


def _partly(text: str, card: ModelCard, facts: SceneFacts) -> tuple[Optional[int], ...]:
    """Parse a choice with gaps such as "2,3,,9,12,13", as the table writes it; return () for any other text."""
    entries = [p.strip() for p in text.split(",")]
    fits = len(entries) == len(card.bands) and "" in entries and any(entries)
    if not fits or not all(p == "" or (p.isdigit() and 1 <= int(p) <= len(facts.bands)) for p in entries):
        return ()
    return tuple(int(p) if p else None for p in entries)
