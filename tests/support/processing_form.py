"""The real Processing form, opened and read as a person would."""

from __future__ import annotations

import time
from pathlib import Path

from processing.gui.AlgorithmDialog import AlgorithmDialog
from qgis.core import QgsApplication, QgsProject, QgsRasterLayer
from qgis.PyQt.QtTest import QTest

from support import rasters

SENTINEL2 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")


def add_scene(path, pixels=None, names=()) -> str:
    """Write a scene if there are pixels, and add it to the project; its layer's id."""
    if pixels is not None:
        rasters.write(path, pixels, names=names)
    layer = QgsRasterLayer(str(path), Path(str(path)).stem)
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer.id()


def open_form(parameters: dict, kind=AlgorithmDialog):
    """The form of "Prithvi segment", shown."""
    dialog = kind(QgsApplication.processingRegistry().createAlgorithmById("prithvi:segment"))
    dialog.setParameters(parameters)
    dialog.show()
    return dialog


def bands_of(dialog):
    """The panel of bands."""
    from prithvi_qgis.gui.widgets.band_panel import BandPanel

    return dialog.findChild(BandPanel)


def chooser_of(dialog):
    """The list of models."""
    from prithvi_qgis.gui.widgets.model_chooser import ModelChooser

    return dialog.findChild(ModelChooser)


def settle(dialog):
    """The panel of bands, once the scene has been looked at."""
    panel = bands_of(dialog)
    waiting = ("Reading the scene…", "Looking at the scene's values…")
    wait_for(lambda: panel.scaling.text() and panel.scaling.text() not in waiting)
    return panel


def value_of(dialog, name: str):
    """A parameter as the form would run it."""
    return dialog.mainWidget().createProcessingParameters()[name]


def wait_for(condition, seconds: float = 15.0) -> None:
    """Keep the window alive until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        QTest.qWait(20)
