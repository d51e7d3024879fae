"""The Processing provider ``prithvi``."""

from __future__ import annotations

import importlib

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .algorithms.base import icon_path, tr

# In the Toolbox's order. Their modules declare parameters; a module that does the work is imported when it is needed.
_ALGORITHMS = (
    ("segment", "Segment"),
    ("segment_folder", "SegmentFolder"),
    ("evaluate", "Evaluate"),
    ("import_model", "ImportModel"),
    ("download_model", "DownloadModel"),
    ("export_bundle", "ExportBundle"),
    ("install_engine", "InstallEngine"),
    ("engine_status", "EngineStatus"),
    ("stop_engine", "StopEngine"),
    ("benchmark", "Benchmark"),
)


class PrithviProvider(QgsProcessingProvider):
    """Groups the plugin's algorithms under "Prithvi EO" in the Toolbox."""

    def id(self) -> str:
        return "prithvi"

    def name(self) -> str:
        return "Prithvi EO"

    def longName(self) -> str:
        return tr("Prithvi EO segmentation (NASA/IBM Prithvi models on this machine)")

    def icon(self) -> QIcon:
        return QIcon(icon_path())

    def svgIconPath(self) -> str:
        return icon_path()

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        return ["tif"]  # GeoTIFF: tiled, compressed, with class names

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        return ["gpkg"]

    def supportsNonFileBasedOutput(self) -> bool:
        return False  # the engine writes files

    def loadAlgorithms(self) -> None:
        for module, algorithm in _ALGORITHMS:
            self.addAlgorithm(getattr(importlib.import_module(f".algorithms.{module}", __package__), algorithm)())
