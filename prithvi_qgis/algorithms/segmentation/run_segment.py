"""Running "Prithvi segment" with its parameters read: the engine's request, the report, the layers."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...client.engine import engine_client
from ...core.errors import PrithviError
from ...core.protocol import messages
from ...core.protocol.stated_metadata import StatedMetadata
from ..base import Results, tr
from ..engine_selection import with_cpu_fallback
from ..layers.result_layer import LayerKind, LoadedRun, OnLoaded, ResultLayer, layer_name
from ..parameter_names import OUTPUT, POLYGONS, PROBABILITY, REPORT
from ..reports.html_report import write_report
from ..run_status import OnStatus
from ..scenes import layer_copy, scene_layer
from .read_parameters import SegmentJob, with_outputs
from .reporter import Reporter, summary
from .validation import Outputs, check_outputs


def run_segment(
    job: SegmentJob,
    outputs: Outputs,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    on_status: Optional[OnStatus],
    on_loaded: OnLoaded,
) -> Results:
    """Segment a scene and return the algorithm's results.

    Args:
        job: what was read on the main thread.
        outputs: paths of the context whose layers QGIS will load.
        on_status: receives how far the run is, on this thread.
        on_loaded: called on the main thread when the segmentation is in the project.
    Raises:
        PrithviError: anything that prevents a complete segmentation.
    """
    started = time.monotonic()
    reporter = Reporter(feedback, job.card, job.variant, on_status)
    layers = (job.scene, *job.frames)
    for layer in layers:
        layer.settle()
        if layer.note:
            feedback.pushInfo(layer.note)
        if layer.warning:
            feedback.pushWarning(layer.warning)
    check_outputs(outputs, [file for layer in layers for file in layer.all_files()])
    request = dataclasses.replace(
        with_outputs(job.request, outputs),
        source=job.scene.path,
        frames=tuple(layer.path for layer in job.frames),
    )
    job = dataclasses.replace(job, request=request)
    result = _segment(job, reporter, context, feedback)
    feedback.setProgress(100)
    for line in summary(result, reporter.connect_s, job.card.quantity):
        feedback.pushInfo(line)
    _register_layers(result, job, context, on_loaded)
    return _results(result, reporter.connect_s, time.monotonic() - started)


def _segment(
    job: SegmentJob, reporter: Reporter, context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> messages.Result:
    request = job.request
    temporary: list[str] = []

    def opened(
        layer: scene_layer.SceneLayer, extent: Optional[scene_layer.Extent]
    ) -> tuple[str, Optional[StatedMetadata]]:
        if layer.path:
            return layer.path, layer.stated
        feedback.pushInfo(tr("Copying the layer {} to a temporary GeoTIFF for the engine.").format(layer.name))
        path, stated = layer_copy.export(layer, extent, feedback, context)
        temporary.append(path)
        return path, stated

    try:
        source, stated = opened(job.scene, request.extent)
        extent = request.extent if job.scene.path else None  # a copy holds no more than it
        frames = [opened(frame, None) for frame in job.frames]
        request = dataclasses.replace(
            request,
            source=source,
            stated=stated,
            extent=extent,
            frames=tuple(path for path, _ in frames),
            frames_stated=scene_layer.all_stated([one for _, one in frames]),
        )
        # The report is drawn here, where GDAL and the scene's copy are, and not in the engine.
        to_engine = dataclasses.replace(request, report="")
        result = segment_in_engine(to_engine, job.variant, reporter, feedback)
        if request.report:
            try:
                described = dataclasses.replace(job.request, source=request.source)
                write_report(request.report, described, result, job.card)
                result = dataclasses.replace(result, report=request.report)
            except (PrithviError, RuntimeError) as e:
                # The mask is complete: an hour of work is not thrown away for its picture.
                feedback.pushWarning(tr("The mask is complete, but the report could not be made: {}").format(e))
        return result
    finally:
        for path in temporary:
            Path(path).unlink(missing_ok=True)


def segment_in_engine(
    request: messages.Segment, variant: str, reporter: Reporter, feedback: QgsProcessingFeedback
) -> messages.Result:
    """Return the engine's result for ``request``; an automatic device falls back to the CPU without a usable GPU."""

    def segment(variant: str) -> messages.Result:
        return engine_client.segment(request, variant, reporter, feedback.isCanceled, request.keep_warm_min)

    return with_cpu_fallback(segment, variant, request.device, feedback)


def _register_layers(
    result: messages.Result, job: SegmentJob, context: QgsProcessingContext, on_loaded: OnLoaded
) -> None:
    """Name the layers that QGIS is going to load, and have them styled and placed once it has."""
    scene, card = job.scene, job.card
    run = LoadedRun(scene.title, card.id, str(card.folder), result.classes, result.report, card.quantity, result.values)
    paths = {
        LayerKind.PROBABILITY: result.probability,
        LayerKind.MASK: result.output,
        LayerKind.POLYGONS: result.polygons,
    }
    for kind, path in paths.items():
        if not path or not context.willLoadLayerOnCompletion(path):
            continue
        details = context.layerToLoadOnCompletionDetails(path)
        details.name = layer_name(scene.title, result.model, kind, result.classes)
        details.forceName = True
        details.setPostProcessor(ResultLayer(kind, run, scene.layer_id, path, result.output, on_loaded))


def _results(result: messages.Result, connect_s: float, seconds: float) -> Results:
    optional = {PROBABILITY: result.probability, POLYGONS: result.polygons, REPORT: result.report}
    return {
        OUTPUT: result.output,
        "DEVICE_NAME": result.device_name,
        "TILES": result.tiles,
        "SECONDS": round(result.seconds, 3),
        "CLASS_AREAS": {c.name: c.area_m2 for c in result.classes},
        "CLASS_PIXELS": {c.name: c.pixels for c in result.classes},
        "VALUES": result.values,
        "TIMINGS": {**result.timings, "connect": connect_s, "algorithm": round(seconds, 3)},
        **{name: path for name, path in optional.items() if path},
    }
