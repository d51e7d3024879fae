"""The list of models in Processing's form."""

from __future__ import annotations

from qgis.core import QgsProcessingContext
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsProcessingGui
from qgis.PyQt.QtWidgets import QWidget

from ...algorithms.parameter_names import MODEL
from ...algorithms.parameter_values import text_of
from .model_chooser import ModelChooser
from .widget_container import in_container


class ModelWrapper(QgsAbstractProcessingParameterWidgetWrapper):
    """The value stays text, the model's id or folder, as in scripts and in the history."""

    def createWidget(self) -> QWidget:
        self._chooser = ModelChooser(compact=self.type() == QgsProcessingGui.WidgetType.Batch)
        default = self.parameterDefinition().defaultValue()
        if default:
            self._chooser.set_value(str(default))
        self._chooser.changed.connect(lambda: self.widgetValueHasChanged.emit(self))
        return in_container(self._chooser, self.parameterDefinition().toolTip())

    def setWidgetValue(self, value: object, context: QgsProcessingContext) -> None:
        self._chooser.set_value(text_of(MODEL, value))

    def widgetValue(self) -> str:
        return self._chooser.value()
