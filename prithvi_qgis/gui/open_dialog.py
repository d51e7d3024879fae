"""Opens Processing's dialogs for "Prithvi segment" with layers filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qgis.core import QgsApplication, QgsProcessingContext, QgsProject, QgsRasterLayer
from qgis.PyQt.QtWidgets import QDialog

from ..algorithms.parameter_names import INPUT
from ..algorithms.scenes.scene_layer import input_of

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

ALGORITHM = "prithvi:segment"


def show(iface: QgisInterface, layers: Sequence[QgsRasterLayer]) -> QDialog:
    """Open the form for one layer, or the batch form with a row for each of several."""
    dialog = _single(layers[0]) if len(layers) == 1 else _batch(iface, layers)
    dialog.show()
    return dialog


def _single(layer: QgsRasterLayer) -> QDialog:
    import processing

    return processing.createAlgorithmDialog(ALGORITHM, {"INPUT": input_of(layer)})


def _batch(iface: QgisInterface, layers: Sequence[QgsRasterLayer]) -> QDialog:
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    dialog = BatchAlgorithmDialog(algorithm, parent=iface.mainWindow())
    panel = dialog.mainWidget()
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    panel.addRow(len(layers) - 1)  # the panel begins with one row
    column = panel.parameter_to_column[INPUT]
    for row, layer in enumerate(layers):
        panel.wrappers[row][column].setParameterValue(input_of(layer), context)
    return dialog
