"""The Processing provider ``prithvi``."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .algorithms import all_algorithms
from .algorithms.base import icon_path, tr


class PrithviProvider(QgsProcessingProvider):
    """Groups the plugin's algorithms under "Prithvi EO" in the Toolbox."""

    def id(self) -> str:
        """The fixed prefix of algorithm ids."""
        return "prithvi"

    def name(self) -> str:
        """Title in the Toolbox."""
        return "Prithvi EO"

    def longName(self) -> str:
        """Title where there is room."""
        return tr("Prithvi EO segmentation (NASA/IBM Prithvi models on this machine)")

    def icon(self) -> QIcon:
        """The plugin's icon."""
        return QIcon(icon_path())

    def svgIconPath(self) -> str:
        """The plugin's icon as a file."""
        return icon_path()

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        """Only GeoTIFF: tiled, compressed, with class names."""
        return ["tif"]

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        """Only GeoPackage."""
        return ["gpkg"]

    def supportsNonFileBasedOutput(self) -> bool:
        """The engine writes files; databases and memory layers are not offered."""
        return False

    def loadAlgorithms(self) -> None:
        """Add each algorithm."""
        for algorithm in all_algorithms():
            self.addAlgorithm(algorithm)
