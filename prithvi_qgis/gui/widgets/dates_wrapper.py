"""The table of dates in Processing's form, updated for the scene and the further dates in the form."""

from __future__ import annotations

from qgis.core import QgsProcessingContext, QgsProject
from qgis.PyQt.QtWidgets import QLabel, QWidget

from ...algorithms.base import tr
from ...algorithms.parameter_names import DATES, FRAMES, INPUT, MODEL
from ...algorithms.parameter_values import text_of
from .date_table import DateTable
from .linked_wrapper import LinkedWrapper
from .model_list import find_model
from .scene_reader import ChosenScene, SceneReader, chosen_scene
from .widget_container import in_container


class DatesWrapper(LinkedWrapper):
    """The value stays text, "2023-03-14,,2023-07-01" or empty."""

    linked = (INPUT, FRAMES, MODEL)  # these determine the scenes, and whether their dates matter

    def createWidget(self) -> QWidget:
        self._sources: list[ChosenScene] = []
        self._table = DateTable()
        self._table.changed.connect(lambda: self.widgetValueHasChanged.emit(self))
        self._reader = SceneReader(self._table)
        self._reader.all_read.connect(self._table.show_facts)
        return in_container(self._table, self.parameterDefinition().toolTip())

    def createLabel(self) -> QLabel:
        """Return the title of the table; the parameter's own is for a text field."""
        label = QLabel(tr("Dates"))
        label.setToolTip(self.parameterDefinition().toolTip())
        return label

    def setWidgetValue(self, value: object, context: QgsProcessingContext) -> None:
        self._table.set_text(text_of(DATES, value))

    def widgetValue(self) -> str:
        return self._table.text()

    def _update(self, *_: object) -> None:
        project = self.widgetContext().project() or QgsProject.instance()
        further = self._value(FRAMES) or []
        values = [self._value(INPUT), *(further if isinstance(further, (list, tuple)) else [further])]
        sources = [source for source in (chosen_scene(value, project) for value in values) if source is not None]
        card = find_model(str(self._value(MODEL) or "")).card
        matters = len(sources) > 1 or (card is not None and card.temporal_coords)
        sources = sources if matters else []
        if sources == self._sources:
            return
        self._sources = sources
        self._table.show_scenes([source.name for source in sources])
        if sources:
            self._reader.read_all(sources)
        else:
            self._reader.discard()
