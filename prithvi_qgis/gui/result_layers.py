"""Loads the results of a background run into the project, as Processing does."""

from __future__ import annotations

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingUtils, QgsProject

from ..algorithms.base import tr


def load_results(context: QgsProcessingContext, feedback: QgsProcessingFeedback, project: QgsProject) -> list[str]:
    """Add the layers that a finished run registered in its context; on the main thread.

    The algorithm's post-processors set names, styles and positions, so that the results of the layer menu and of the
    Toolbox look alike. Unlike Processing, this keeps the active layer: the user may be working with it.

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
        # Added to the tree separately: a layer that QGIS adds to the tree itself becomes the active one.
        project.addMapLayer(context.temporaryLayerStore().takeMapLayer(layer) or layer, False)
        project.layerTreeRoot().insertLayer(0, layer)
        if details.postProcessor():
            details.postProcessor().postProcessLayer(layer, context, feedback)
    return problems
