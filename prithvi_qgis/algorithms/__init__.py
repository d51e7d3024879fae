"""The plugin's Processing algorithms, one class per module; the folders hold what several of them use.

In: parameter values from the Toolbox, from ``qgis_process`` or from scripts. Out: files, layers and a message. May
import ``client``, ``core``, ``accuracy``, QGIS and GDAL; never ``gui``, since ``qgis_process`` has none.
"""

from __future__ import annotations

from qgis.core import QgsProcessingAlgorithm


def all_algorithms() -> list[QgsProcessingAlgorithm]:
    """A fresh instance of each algorithm, in the Toolbox's order."""
    from .benchmark import Benchmark
    from .download_model import DownloadModel
    from .engine_status import EngineStatus
    from .evaluate import Evaluate
    from .export_bundle import ExportBundle
    from .import_model import ImportModel
    from .install_engine import InstallEngine
    from .segment import Segment
    from .segment_folder import SegmentFolder
    from .stop_engine import StopEngine

    work = [Segment(), SegmentFolder(), Evaluate()]
    models = [ImportModel(), DownloadModel(), ExportBundle()]
    return [*work, *models, InstallEngine(), EngineStatus(), StopEngine(), Benchmark()]
