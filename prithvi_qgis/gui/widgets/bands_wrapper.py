"""The panel of bands in Processing's form, updated for the scene, model and scaling in the form."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingParameters,
    QgsProject,
)
from qgis.PyQt.QtWidgets import QLabel, QWidget

from ...algorithms.base import tr
from ...algorithms.parameter_names import BANDS, EXTENT, INPUT, MODEL, OFFSET, RESOLUTION, SCALE, SENSOR
from ...algorithms.parameter_values import text_of
from ...algorithms.scenes.scene_preview import Extent, SceneFacts
from ...algorithms.segmentation.validation import read_sensor
from ...core.errors import PrithviError
from .band_panel import BandPanel
from .linked_wrapper import LinkedWrapper
from .model_list import KnownModel, find_model
from .scene_reader import ChosenScene, SceneReader, chosen_scene
from .widget_container import in_container


class BandsWrapper(LinkedWrapper):
    """The value stays text, "2,3,4,9,12,13" or empty, as in scripts and in the history."""

    # These determine the bands and their scaling.
    linked = (INPUT, MODEL, SENSOR, SCALE, OFFSET, EXTENT, RESOLUTION)

    def createWidget(self) -> QWidget:
        self._source: Optional[ChosenScene] = None
        self._model: Optional[KnownModel] = None
        self._facts: Optional[SceneFacts] = None
        self._panel = BandPanel()
        self._panel.changed.connect(self._edited)
        self._reader = SceneReader(self._panel)
        self._reader.facts_read.connect(self._show_facts)
        self._reader.previewed.connect(self._panel.show_preview)
        return in_container(self._panel, self.parameterDefinition().toolTip())

    def createLabel(self) -> QLabel:
        """Return the title of the table; the parameter's own is for a text field."""
        label = QLabel(tr("Bands"))
        label.setToolTip(self.parameterDefinition().toolTip())
        return label

    def setWidgetValue(self, value: object, context: QgsProcessingContext) -> None:
        self._panel.set_text(text_of(BANDS, value))
        self._preview()

    def widgetValue(self) -> str:
        return self._panel.text()

    def _update(self, *_: object) -> None:
        project = self.widgetContext().project() or QgsProject.instance()
        source = chosen_scene(self._value(INPUT), project)
        model = find_model(str(self._value(MODEL) or ""))
        if (source, model) != (self._source, self._model):
            # Numbers chosen for another scene or model mean nothing here.
            self._panel.set_text("")
        if source != self._source:
            self._source, self._facts = source, None
        self._model = model
        self._take_sensor()
        self._panel.show_model_and_scene(model.card, self._facts)
        if model.card is None:  # the problem is shown below the model
            self._reader.discard()
            self._panel.wait(tr("Choose a model that can be used to see its bands."))
        elif source is None:
            self._reader.discard()
            self._panel.wait(tr("Choose a scene to see its bands."))
        elif self._facts is None:
            self._panel.wait(tr("Reading the scene…"))
            self._reader.read(source)
        else:
            self._preview()

    def _show_facts(self, answer: SceneFacts | PrithviError) -> None:
        if isinstance(answer, PrithviError):
            self._panel.show_preview(answer)
            return
        self._facts = answer
        self._take_sensor()
        self._panel.show_model_and_scene(self._model.card if self._model else None, self._facts)
        self._preview()

    def _take_sensor(self) -> None:
        """Apply the chosen preset, which determines how the scene's bands are identified."""
        choice = self._value(SENSOR)
        sensor = read_sensor(choice) if isinstance(choice, int) else ""
        if self._facts is not None and self._facts.sensor != sensor:
            self._facts = dataclasses.replace(self._facts, sensor=sensor)

    def _edited(self) -> None:
        self.widgetValueHasChanged.emit(self)
        self._preview()

    def _preview(self) -> None:
        """Request a preview, which is shown once the scene has been sampled."""
        if self._facts is None or self._model is None or self._model.card is None:
            return
        try:
            numbers = self._panel.numbers()
        except PrithviError as e:
            self._reader.discard()
            self._panel.show_preview(e)
            return
        given = (_number(self._value(SCALE)), _number(self._value(OFFSET)))
        self._panel.wait(tr("Looking at the scene's values…"))
        metres = _number(self._value(RESOLUTION)) or 0.0
        self._reader.preview(self._facts, self._model.card, numbers, given, self._extent(self._facts), metres)

    def _extent(self, facts: SceneFacts) -> Optional[Extent]:
        value, wrapper = self._value(EXTENT), self._wrappers.get(EXTENT)
        if not value or wrapper is None:
            return None
        crs = QgsCoordinateReferenceSystem((self._source.crs if self._source else "") or facts.crs)
        context = QgsProcessingContext()
        context.setProject(self.widgetContext().project() or QgsProject.instance())
        definition = wrapper.parameterDefinition()
        area = QgsProcessingParameters.parameterAsExtent(definition, {definition.name(): value}, context, crs)
        return None if area.isNull() else (area.xMinimum(), area.yMinimum(), area.xMaximum(), area.yMaximum())


def _number(value: Any) -> Optional[float]:
    """Return a finite number, or None; a value that is not a number is refused when the form is run."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
