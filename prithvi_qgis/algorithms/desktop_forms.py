"""The desktop's additions to the algorithms' forms, which the interface registers; none under ``qgis_process``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsProcessingAlgorithm, QgsProcessingParameterDefinition

if TYPE_CHECKING:
    from qgis.PyQt.QtWidgets import QDialog, QWidget


@dataclass(frozen=True)
class DesktopForms:
    """Forms and widgets of the desktop."""

    create_form: Callable[[QgsProcessingAlgorithm, Optional[QWidget]], Optional[QDialog]]
    """Returns the form of an algorithm, or None for the one that Processing makes."""
    widget_classes: Mapping[str, str]
    """Dotted name of the widget's class per parameter name. Processing imports it when it shows the parameter."""


_registered: Optional[DesktopForms] = None


def register(forms: Optional[DesktopForms]) -> None:
    """Use ``forms`` for every algorithm that is created from now on; None for Processing's own."""
    global _registered  # noqa: PLW0603  (one desktop per process)
    _registered = forms


def create_form(algorithm: QgsProcessingAlgorithm, parent: Optional[QWidget]) -> Optional[QDialog]:
    """Return the desktop's form of ``algorithm``, or None for the one that Processing makes."""
    return _registered.create_form(algorithm, parent) if _registered else None


def with_widget(parameter: QgsProcessingParameterDefinition) -> QgsProcessingParameterDefinition:
    """Return ``parameter`` with the desktop's widget for its name, if there is one."""
    widget = _registered.widget_classes.get(parameter.name()) if _registered else None
    if widget:
        parameter.setMetadata({"widget_wrapper": {"class": widget}})
    return parameter
