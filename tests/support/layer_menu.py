"""The menu of layers as a person uses it."""

from __future__ import annotations

from qgis.core import QgsProject, QgsRasterLayer

from support.qgis_window import Desktop, wait_for

NOW = "Segment with Water (demonstration)"


def layer_of(path: str, name: str, provider: str = "gdal") -> QgsRasterLayer:
    layer = QgsRasterLayer(path, name, provider)
    assert layer.isValid(), layer.error().message()
    QgsProject.instance().addMapLayer(layer)
    return layer


def names() -> list[str]:
    return [node.name() for node in QgsProject.instance().layerTreeRoot().findLayers()]


def segment(desktop: Desktop, *layers) -> str:
    """Click "Segment with ..." and wait for the message."""
    desktop.bar.clearWidgets()
    desktop.select(*layers)
    desktop.click(NOW)
    wait_for(desktop.said)
    return desktop.said()[0]
