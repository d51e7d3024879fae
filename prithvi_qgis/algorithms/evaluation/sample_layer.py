"""How a layer of sample points looks and offers its labels, in a project and beside its file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import (
    QgsEditorWidgetSetup,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)

from .sampling_design import AREA, LABEL, NAME, PIXELS, POINTS, STRATUM

if TYPE_CHECKING:
    from .draw_points import Sample

# QGIS does not keep a reference to a post-processor, and its algorithm may be deleted before the call.
_waiting: dict[str, _SampleLayer] = {}


def describe(output: str, sample: Sample, context: QgsProcessingContext) -> None:
    """Write the style file of the points at ``output``, and have their layer styled where QGIS loads it."""
    classes = {name: value for value, name in sorted(sample.names.items()) if value not in sample.uncertain}
    layer = QgsVectorLayer(output, "points", "ogr")
    if layer.isValid():
        _style(layer, classes)
        layer.saveNamedStyle(str(Path(output.partition("|")[0]).with_suffix(".qml")))
    if context.willLoadLayerOnCompletion(output):
        context.layerToLoadOnCompletionDetails(output).setPostProcessor(_SampleLayer(output, classes))


class _SampleLayer(QgsProcessingLayerPostProcessorInterface):
    def __init__(self, output: str, classes: dict[str, int]):
        super().__init__()
        self._output, self._classes = output, classes
        _waiting[output] = self

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        _waiting.pop(self._output, None)
        if isinstance(layer, QgsVectorLayer):
            _style(layer, self._classes)


def _style(layer: QgsVectorLayer, classes: dict[str, int]) -> None:
    """Offer the classes as labels; all points look alike, since a colour by class would lead the interpreter."""
    values = {"map": [{name: value} for name, value in classes.items()]}
    layer.setEditorWidgetSetup(layer.fields().indexOf(LABEL), QgsEditorWidgetSetup("ValueMap", values))
    for name in (STRATUM, NAME, PIXELS, AREA, POINTS):
        layer.setEditorWidgetSetup(layer.fields().indexOf(name), QgsEditorWidgetSetup("Hidden", {}))
    symbol = {"name": "circle", "size": "2.4", "color": "#00000000", "outline_color": "#e69f00", "outline_width": "0.6"}
    layer.setRenderer(QgsSingleSymbolRenderer(QgsMarkerSymbol.createSimple(symbol)))
