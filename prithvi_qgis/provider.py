"""The Processing provider ``prithvi``."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .algorithms.base import icon_path, tr
from .algorithms.benchmark import Benchmark
from .algorithms.download_model import DownloadModel
from .algorithms.engine_status import EngineStatus
from .algorithms.evaluate import Evaluate
from .algorithms.export_bundle import ExportBundle
from .algorithms.import_model import ImportModel
from .algorithms.install_engine import InstallEngine
from .algorithms.sample_points import SamplePoints
from .algorithms.segment import Segment
from .algorithms.segment_folder import SegmentFolder
from .algorithms.stop_engine import StopEngine

# In the Toolbox's order. These modules declare parameters; what does the work is imported when an algorithm runs.
_ALGORITHMS = (
    *(Segment, SegmentFolder, SamplePoints, Evaluate),
    *(ImportModel, DownloadModel, ExportBundle),
    *(InstallEngine, EngineStatus, StopEngine, Benchmark),
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
        for algorithm in _ALGORITHMS:
            self.addAlgorithm(algorithm())
