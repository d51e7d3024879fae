"""Loads the results of a background run into the project, as Processing does."""

from __future__ import annotations

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingUtils, QgsProject

from ..algorithms.base import tr


def load_results(context: QgsProcessingContext, feedback: QgsProcessingFeedback, project: QgsProject) -> list[str]:
    """Add the layers that a finished run registered in its context; on the main thread.

    Names, styles and places come from the post-processors that the algorithm set, so that a run from the layer menu
    and one from the Toolbox look alike. Unlike Processing, this keeps the active layer: the user may be busy
    with it.

    Returns:
        one line per layer that could not be loaded.
    """
    problems = []
    for path, details in context.layersToLoadOnCompletion().items():
        layer = QgsProcessingUtils.mapLayerFromString(path, context, True, details.layerTypeHint)
        if layer is None:
            problems.append(tr("The result {} was written, but QGIS cannot open it.").format(path))
            continue
        details.setOutputLayerName(layer)
        # Added by hand: QGIS makes a layer that it adds to the tree itself the active one.
        project.addMapLayer(context.temporaryLayerStore().takeMapLayer(layer) or layer, False)
        project.layerTreeRoot().insertLayer(0, layer)
        if details.postProcessor():
            details.postProcessor().postProcessLayer(layer, context, feedback)
    return problems
