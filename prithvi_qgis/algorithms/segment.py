"""``prithvi:segment``: segments one scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingOutputVariant,
)

from .base import Parameters, Results, tr
from .layers.result_layer import OnLoaded, notify_listeners
from .run_status import OnStatus
from .scenes import scene_layer
from .segmentation.base import SegmentationAlgorithm
from .segmentation.help import segment_help
from .segmentation.parameters import segment_parameters

if TYPE_CHECKING:
    from .segmentation.read_parameters import SegmentJob


class Segment(SegmentationAlgorithm):
    """Segments one raster with a Prithvi model in the local engine."""

    def __init__(self) -> None:
        super().__init__()
        self._job: Optional[SegmentJob] = None
        self.on_status: Optional[OnStatus] = None
        """Receives how far a run is, on the run's thread; for code that runs its own instance."""
        self.on_loaded: OnLoaded = notify_listeners
        """Called on the main thread when the segmentation is in the project."""

    def name(self) -> str:
        return "segment"

    def displayName(self) -> str:
        return tr("Prithvi segment")

    def shortDescription(self) -> str:
        return tr("Segments a satellite scene (water, burns, ...) with a Prithvi-EO model on this machine.")

    def shortHelpString(self) -> str:
        return segment_help()

    def tags(self) -> list[str]:
        return tr(
            "prithvi,ai,deep learning,machine learning,foundation model,segmentation,semantic,classification,flood,"
            "water,burn,burn scar,fire,wildfire,disaster,satellite,remote sensing,sentinel-2,landsat,hls,raster,mask,"
            "terratorch,vllm,nasa,ibm"
        ).split(",")

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        for parameter in segment_parameters():
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputString("DEVICE_NAME", tr("Processor that ran the model")))
        self.addOutput(QgsProcessingOutputNumber("TILES", tr("Tiles")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds in the engine")))
        self.addOutput(QgsProcessingOutputVariant("CLASS_AREAS", tr("Area of each class in square metres, by name")))
        self.addOutput(QgsProcessingOutputVariant("CLASS_PIXELS", tr("Pixels of each class, by name")))
        self.addOutput(QgsProcessingOutputVariant("VALUES", tr("Mean, spread and limits of a quantity")))
        self.addOutput(QgsProcessingOutputVariant("TIMINGS", tr("Seconds by stage")))

    def known_to_qgis(self, values: Parameters) -> Parameters:
        return scene_layer.as_checked_by_qgis(values)

    def read_job(self, values: Parameters, context: QgsProcessingContext) -> SegmentJob:
        from .segmentation.read_parameters import read_parameters

        return read_parameters(self, values, context)

    def prepare_run(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        # On the main thread; layers must not be touched later.
        self._job = self.read_job(values, context)
        for layer in (self._job.scene, *self._job.frames):
            layer.leave_thread()

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from .segmentation.read_parameters import read_outputs
        from .segmentation.run_segment import run_segment

        if self._job is None:
            raise QgsProcessingException("The algorithm was run without being prepared.")
        # Only here is the context the one whose layers QGIS will load.
        outputs = read_outputs(self, values, context)
        return run_segment(self._job, outputs, context, feedback, self.on_status, self.on_loaded)
