"""The mask as a layer in the desktop: its name, and one legend entry a class."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import (
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
)
from qgis.PyQt.QtGui import QColor

from ..contract.messages import ClassArea


def layer_name(source: str, model: str) -> str:
    """``source - model``, as it stands in the layer tree."""
    return f"{source} - {model}" if source else model


class MaskStyler(QgsProcessingLayerPostProcessorInterface):
    """Gives the loaded mask exactly its classes. Must be held by a Python reference until QGIS calls it."""

    def __init__(self, classes: Sequence[ClassArea]):
        super().__init__()
        self._classes = tuple(classes)

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Style ``layer`` unless QGIS took the right style from the mask's sidecar already."""
        if not isinstance(layer, QgsRasterLayer) or shown_classes(layer) == self._wanted():
            return
        entries = [QgsPalettedRasterRenderer.Class(c.value, QColor(c.color), c.name) for c in self._classes]
        layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, entries))
        layer.triggerRepaint()

    def _wanted(self) -> list[tuple[int, str]]:
        return [(c.value, c.name) for c in self._classes]


def shown_classes(layer: QgsRasterLayer) -> list[tuple[int, str]]:
    """(value, label) of each legend entry of a paletted layer; empty for another kind of style."""
    renderer = layer.renderer()
    if not isinstance(renderer, QgsPalettedRasterRenderer):
        return []
    return [(int(c.value), c.label) for c in renderer.classes()]
