"""``prithvi:segment``: one scene to a mask of classes."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingOutputVariant,
)

from ..core.errors import PrithviError
from .base import PrithviAlgorithm, one_line_errors, tr
from .engine_selection import with_cpu_fallback
from .layers.result_layer import Kind, LoadedRun, OnLoaded, ResultLayer, layer_name, tell_listeners
from .scenes import scene_layer
from .segmentation.help import segment_help
from .segmentation.parameters import segment_parameters
from .segmentation.read_parameters import SegmentJob, read_outputs, read_parameters, with_outputs
from .segmentation.reporter import OnStatus, Reporter, summary
from .segmentation.validation import check_outputs

if TYPE_CHECKING:
    from ..core.protocol import messages


class Segment(PrithviAlgorithm):
    """Segments one raster with a Prithvi model in the local engine.

    Attributes:
        on_status: told how far a run is, on the run's thread. For whoever runs an instance of its own.
        on_loaded: told on the main thread when the mask is in the project.
    """

    def __init__(self) -> None:
        super().__init__()
        self._prepared: Optional[SegmentJob] = None
        self.on_status: Optional[OnStatus] = None
        self.on_loaded: OnLoaded = tell_listeners

    def name(self) -> str:
        """Fixed id."""
        return "segment"

    def displayName(self) -> str:
        """Title."""
        return tr("Prithvi segment")

    def groupId(self) -> str:
        """Apart from what only looks after the engine."""
        return "segmentation"

    def shortDescription(self) -> str:
        """One line."""
        return tr("Segments a satellite scene (water, burns, ...) with a Prithvi-EO model on this machine.")

    def shortHelpString(self) -> str:
        """Help beside the form."""
        return segment_help()

    def tags(self) -> list[str]:
        """Words to find it by."""
        return tr(
            "prithvi,ai,deep learning,machine learning,foundation model,segmentation,semantic,classification,flood,"
            "water,burn,burn scar,fire,wildfire,disaster,satellite,remote sensing,sentinel-2,landsat,hls,raster,mask,"
            "terratorch,vllm,nasa,ibm"
        ).split(",")

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        """Declare parameters and results."""
        for parameter in segment_parameters():
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputString("DEVICE_NAME", tr("Processor that ran the model")))
        self.addOutput(QgsProcessingOutputNumber("TILES", tr("Tiles")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds in the engine")))
        self.addOutput(QgsProcessingOutputVariant("CLASS_AREAS", tr("Area of each class in square metres, by name")))
        self.addOutput(QgsProcessingOutputVariant("CLASS_PIXELS", tr("Pixels of each class, by name")))
        self.addOutput(QgsProcessingOutputVariant("VALUES", tr("Mean, spread and limits of a quantity")))
        self.addOutput(QgsProcessingOutputVariant("TIMINGS", tr("Seconds by stage")))

    def createCustomParametersWidget(self, parent: Any = None) -> Any:
        """The usual form (None); without an engine, one that offers to set it up. Only the desktop asks for it."""
        from ..gui.setup.setup_offer import form_with_offer

        return form_with_offer(self.create(), parent)

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Refuse in one line what can be refused before an engine starts; the form shows it without running."""
        try:
            with one_line_errors():
                read_parameters(self, parameters, context)
        except QgsProcessingException as e:
            return False, str(e)
        return super().checkParameterValues(scene_layer.as_checked_by_qgis(parameters), context)

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read the parameters on the main thread; layers must not be touched later."""
        with one_line_errors():
            self._prepared = read_parameters(self, parameters, context)
            for layer in (self._prepared.scene, *self._prepared.frames):
                layer.leave_thread()
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Have the engine segment the scene; relay its progress."""
        prepared = self._prepared
        if prepared is None:
            raise QgsProcessingException("The algorithm was run without being prepared.")
        started = time.monotonic()
        reporter = Reporter(feedback, prepared.card, prepared.variant, self.on_status)
        with one_line_errors():
            # Only here is the context the one whose layers QGIS will load.
            outputs = read_outputs(self, parameters, context)
            layers = (prepared.scene, *prepared.frames)
            for layer in layers:
                layer.settle()
                if layer.note:
                    feedback.pushInfo(layer.note)
            check_outputs(outputs, [file for layer in layers for file in layer.all_files()])
            request = dataclasses.replace(
                with_outputs(prepared.request, outputs),
                source=prepared.scene.path,
                frames=tuple(layer.path for layer in prepared.frames),
            )
            prepared = dataclasses.replace(prepared, request=request)
            result = self._segment(prepared, reporter, context, feedback)
        feedback.setProgress(100)
        for line in summary(result, reporter.connect_s, prepared.card.quantity):
            feedback.pushInfo(line)
        self._register_layers(result, prepared, context)
        return _results(result, reporter, time.monotonic() - started)

    @staticmethod
    def _segment(
        prepared: SegmentJob, reporter: Reporter, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> messages.Result:
        request = prepared.request
        temporary: list[str] = []

        def copy(layer: scene_layer.SceneLayer, extent: Optional[scene_layer.Extent]) -> str:
            feedback.pushInfo(tr("Copying the layer {} to a temporary GeoTIFF for the engine.").format(layer.name))
            temporary.append(scene_layer.export(layer, extent, feedback, context))
            return temporary[-1]

        try:
            if not prepared.scene.path:
                source = copy(prepared.scene, request.extent)
                request = dataclasses.replace(request, source=source, extent=None)
            frames = tuple(frame.path or copy(frame, None) for frame in prepared.frames)
            request = dataclasses.replace(request, frames=frames)
            # The report is drawn here, where GDAL and the scene's copy are, and not in the engine.
            result = _segment_where_possible(prepared, dataclasses.replace(request, report=""), reporter, feedback)
            if request.report:
                from .reports.html_report import write_report

                try:
                    asked = dataclasses.replace(prepared.request, source=request.source)
                    write_report(request.report, asked, result, prepared.card)
                    result = dataclasses.replace(result, report=request.report)
                except (PrithviError, RuntimeError) as e:
                    # The mask is complete: an hour of work is not thrown away for its picture.
                    feedback.pushWarning(tr("The mask is complete, but the report could not be made: {}").format(e))
            return result
        finally:
            for path in temporary:
                Path(path).unlink(missing_ok=True)

    def _register_layers(self, result: messages.Result, prepared: SegmentJob, context: QgsProcessingContext) -> None:
        """Name the layers that QGIS is going to load, and have them styled and placed then."""
        scene, card = prepared.scene, prepared.card
        run = LoadedRun(
            scene.title, card.id, str(card.folder), result.classes, result.report, card.quantity, result.values
        )
        paths = {Kind.PROBABILITY: result.probability, Kind.MASK: result.output, Kind.POLYGONS: result.polygons}
        for kind, path in paths.items():
            if not path or not context.willLoadLayerOnCompletion(path):
                continue
            details = context.layerToLoadOnCompletionDetails(path)
            details.name = layer_name(scene.title, result.model, kind, result.classes)
            details.forceName = True
            details.setPostProcessor(ResultLayer(kind, run, scene.layer_id, path, result.output, self.on_loaded))


def _segment_where_possible(
    prepared: SegmentJob, request: messages.Segment, reporter: Reporter, feedback: QgsProcessingFeedback
) -> messages.Result:
    # QGIS's start imports this module, and few starts come as far as segmenting.
    from ..client.engine import engine_client

    def segment(variant: str) -> messages.Result:
        return engine_client.segment(request, variant, reporter, feedback.isCanceled, prepared.keep_warm_min)

    return with_cpu_fallback(segment, prepared.variant, request.device, feedback)


def _results(result: messages.Result, reporter: Reporter, seconds: float) -> dict[str, Any]:
    values: dict[str, Any] = {
        "OUTPUT": result.output,
        "DEVICE_NAME": result.device_name,
        "TILES": result.tiles,
        "SECONDS": round(result.seconds, 3),
        "CLASS_AREAS": {c.name: c.area_m2 for c in result.classes},
        "CLASS_PIXELS": {c.name: c.pixels for c in result.classes},
        "VALUES": result.values,
        "TIMINGS": {**result.timings, "connect": reporter.connect_s, "algorithm": round(seconds, 3)},
    }
    optional = {"PROBABILITY": result.probability, "POLYGONS": result.polygons, "REPORT": result.report}
    values.update({name: path for name, path in optional.items() if path})
    return values
