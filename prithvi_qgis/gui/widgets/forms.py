"""Which widget a parameter gets in each kind of form.

Processing makes an object of the class that the parameter's metadata names and takes what comes as the wrapper. (A
``QgsProcessingParameterWidgetFactoryInterface`` would be the newer way, but QGIS loses the Python part of the wrappers
that one written in Python makes.)
"""

from __future__ import annotations

from typing import Any

from processing.gui.wrappers import dialogTypes
from qgis.core import QgsProcessingParameterDefinition
from qgis.gui import QgsGui, QgsProcessingGui

from .bands_wrapper import BandsWrapper
from .dates_wrapper import DatesWrapper
from .model_wrapper import ModelWrapper

_Kind = QgsProcessingGui.WidgetType


class ModelWidget:
    """A list of models; in the model designer QGIS's own, where values may also come from elsewhere in the model."""

    def __new__(cls, parameter: QgsProcessingParameterDefinition, dialog: Any, row: int = 0, col: int = 0) -> Any:
        kind = _kind(dialog)
        return _plain(parameter, dialog) if kind == _Kind.Modeler else ModelWrapper(parameter, kind)


class BandsWidget:
    """A table where one scene is at hand; QGIS's own text field for many scenes (batch) or none yet (designer)."""

    def __new__(cls, parameter: QgsProcessingParameterDefinition, dialog: Any, row: int = 0, col: int = 0) -> Any:
        kind = _kind(dialog)
        return BandsWrapper(parameter, kind) if kind == _Kind.Standard else _plain(parameter, dialog)


class DatesWidget:
    """A row a scene where the scenes are at hand; QGIS's own text field for many (batch) or none yet (designer)."""

    def __new__(cls, parameter: QgsProcessingParameterDefinition, dialog: Any, row: int = 0, col: int = 0) -> Any:
        kind = _kind(dialog)
        return DatesWrapper(parameter, kind) if kind == _Kind.Standard else _plain(parameter, dialog)


def _kind(dialog: Any) -> QgsProcessingGui.WidgetType:
    return dialogTypes.get(type(dialog).__name__, _Kind.Standard)


def _plain(parameter: QgsProcessingParameterDefinition, dialog: Any) -> Any:
    """What QGIS shows for a text."""
    registry, kind = QgsGui.processingGuiRegistry(), _kind(dialog)
    if kind == _Kind.Modeler:
        wrapper = registry.createModelerParameterWidget(dialog.model, dialog.childId, parameter, dialog.context)
    else:
        wrapper = registry.createParameterWidgetWrapper(parameter, kind)
    wrapper.setDialog(dialog)
    return wrapper
