"""Factories that choose a parameter's widget for each kind of form.

Processing instantiates the class that the parameter's metadata names and uses the result as the wrapper. (The newer
``QgsProcessingParameterWidgetFactoryInterface`` cannot be used: QGIS loses the Python part of the wrappers that a
factory in Python creates.)
"""

from __future__ import annotations

from typing import Any

from processing.gui.wrappers import dialogTypes
from qgis.core import QgsProcessingParameterDefinition
from qgis.gui import QgsGui, QgsProcessingGui

from .bands_wrapper import BandsWrapper
from .dates_wrapper import DatesWrapper
from .model_wrapper import ModelWrapper

_FormType = QgsProcessingGui.WidgetType


class ModelWidget:
    """A list of models; QGIS's own field in the model designer, where values may come from other steps."""

    def __new__(cls, parameter: QgsProcessingParameterDefinition, dialog: Any, row: int = 0, col: int = 0) -> Any:
        form_type = _form_type(dialog)
        return _plain(parameter, dialog) if form_type == _FormType.Modeler else ModelWrapper(parameter, form_type)


class BandsWidget:
    """A table for one scene; QGIS's own text field for many scenes (batch) or none yet (designer)."""

    def __new__(cls, parameter: QgsProcessingParameterDefinition, dialog: Any, row: int = 0, col: int = 0) -> Any:
        form_type = _form_type(dialog)
        return BandsWrapper(parameter, form_type) if form_type == _FormType.Standard else _plain(parameter, dialog)


class DatesWidget:
    """One row per scene; QGIS's own text field for many (batch) or none yet (designer)."""

    def __new__(cls, parameter: QgsProcessingParameterDefinition, dialog: Any, row: int = 0, col: int = 0) -> Any:
        form_type = _form_type(dialog)
        return DatesWrapper(parameter, form_type) if form_type == _FormType.Standard else _plain(parameter, dialog)


def _form_type(dialog: Any) -> QgsProcessingGui.WidgetType:
    return dialogTypes.get(type(dialog).__name__, _FormType.Standard)


def _plain(parameter: QgsProcessingParameterDefinition, dialog: Any) -> Any:
    """Return QGIS's own widget for text."""
    registry, form_type = QgsGui.processingGuiRegistry(), _form_type(dialog)
    if form_type == _FormType.Modeler:
        wrapper = registry.createModelerParameterWidget(dialog.model, dialog.childId, parameter, dialog.context)
    else:
        wrapper = registry.createParameterWidgetWrapper(parameter, form_type)
    wrapper.setDialog(dialog)
    return wrapper
