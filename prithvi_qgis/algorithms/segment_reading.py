"""Reading the parameters of "Prithvi segment" into a request for the engine."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsRasterLayer,
)

from .. import settings
from ..contract import catalogue, dates, messages
from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from . import scene_layer, segment_request
from .engine_choice import DEVICES, choose_variant, device_or_setting

_PIPELINES = ("streaming", "stock")
_RESAMPLINGS = ("bilinear", "nearest", "cubic")


@dataclass(frozen=True)
class Prepared:
    """What a run needs besides a feedback: scene, further dates, model, request, the engine's variant, idle minutes."""

    scene: scene_layer.SceneLayer
    frames: tuple[scene_layer.SceneLayer, ...]
    card: ModelCard
    request: messages.Segment
    variant: str
    keep_warm_min: float


def read_parameters(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> Prepared:
    """Read and check; on the main thread. Starts nothing and writes nothing.

    Args:
        algorithm: owns the definitions.
        context: layers and project.
    Raises:
        PrithviError: the first thing that is wrong.
    """
    reader = _Reader(algorithm, parameters, context)
    layer = algorithm.parameterAsRasterLayer(parameters, "INPUT", context)
    if layer is None:
        raise scene_layer.unreadable(reader.text("INPUT"))
    card = segment_request.find_model(reader.text("MODEL"))
    catalogue.require_ready(card)
    further = reader.layers("FRAMES")
    dates.check_frames(card, len(further))
    scene = scene_layer.scene_of(layer, context)
    frames = tuple(scene_layer.scene_of(frame, context) for frame in further)
    dates.refuse_twice([scene.path, *(frame.path for frame in frames)])
    outputs = read_outputs(algorithm, parameters, _scratch(context))
    segment_request.check_outputs(outputs, [file for s in (scene, *frames) for file in s.all_files()])
    given = reader.optional_number("KEEP_WARM")
    keep_warm = settings.keep_warm_min() if given is None else given
    request = messages.Segment(
        source=scene.path,
        model=str(card.folder),
        output=outputs.mask,
        bands=segment_request.read_bands(reader.text("BANDS"), card, scene.bands),
        extent=reader.extent("EXTENT", layer.crs()),
        scale=reader.optional_number("SCALE"),
        offset=reader.optional_number("OFFSET"),
        stride=reader.integer("STRIDE"),
        pipeline=_PIPELINES[reader.choice("PIPELINE")],
        device=device_or_setting(DEVICES[reader.choice("DEVICE")]),
        batch_size=reader.integer("BATCH_SIZE") or settings.batch_size(),
        gpu_memory=reader.number("GPU_MEMORY") or settings.gpu_memory(),
        keep_warm_min=keep_warm,
        probability=outputs.probability,
        polygons=outputs.polygons,
        report=outputs.report,
        source_name=scene.name,
        memory_mb=settings.memory_mb(),
        frames=tuple(frame.path for frame in frames),
        frame_names=tuple(frame.name for frame in frames),
        dates=dates.read_dates(reader.text("DATES"), 1 + len(frames)),
        resolution_m=reader.resolution("RESOLUTION"),
        resampling=_RESAMPLINGS[reader.choice("RESAMPLING")],
    )
    variant = choose_variant(request.device)
    return Prepared(scene, frames, card, request, variant, keep_warm)


def read_outputs(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> segment_request.Outputs:
    """Absolute paths of the outputs: the engine works in a folder of its own.

    Args:
        context: notes the layers that QGIS will load. A temporary output gets another name each time.
    """

    def path(name: str, needed: bool = False) -> str:
        value = parameters.get(name)
        if isinstance(value, QgsProcessingOutputLayerDefinition) and not value.sink.isActive():
            value = None
        if not needed and not value:
            return ""
        as_path = algorithm.parameterAsFileOutput if name == "REPORT" else algorithm.parameterAsOutputLayer
        text = as_path(parameters, name, context)
        return str(Path(text).absolute()) if text else ""

    return segment_request.Outputs(path("OUTPUT", True), path("PROBABILITY"), path("POLYGONS"), path("REPORT"))


def with_outputs(request: messages.Segment, outputs: segment_request.Outputs) -> messages.Segment:
    """The same request, writing ``outputs``."""
    return dataclasses.replace(
        request,
        output=outputs.mask,
        probability=outputs.probability,
        polygons=outputs.polygons,
        report=outputs.report,
    )


def _scratch(context: QgsProcessingContext) -> QgsProcessingContext:
    """A context to look at outputs without noting them as layers to load."""
    scratch = QgsProcessingContext()
    scratch.setProject(context.project())
    scratch.setExpressionContext(context.expressionContext())
    return scratch


class _Reader:
    """Short names for QGIS's parameter access."""

    def __init__(self, algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext):
        self._algorithm = algorithm
        self._parameters = parameters
        self._context = context

    def text(self, name: str) -> str:
        return self._algorithm.parameterAsString(self._parameters, name, self._context)

    def integer(self, name: str) -> int:
        return self._algorithm.parameterAsInt(self._parameters, name, self._context)

    def number(self, name: str) -> float:
        return self._algorithm.parameterAsDouble(self._parameters, name, self._context)

    def choice(self, name: str) -> int:
        return self._algorithm.parameterAsEnum(self._parameters, name, self._context)

    def optional_number(self, name: str) -> Optional[float]:
        """A finite number, or None where none is given. QGIS itself would read "abc" as 0."""
        value = self._parameters.get(name)
        if value is None or value == "":
            return None
        try:
            number = float(value) if isinstance(value, (str, int, float)) else self.number(name)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID, f'"{value}" in {name} is no number.', "Give a number such as 0.0001."
            )
        return number

    def resolution(self, name: str) -> float:
        """Metres, or 0 where none is given."""
        metres = self.optional_number(name)
        if metres is not None and metres <= 0:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"{name} {metres:g} is no pixel size.",
                "Give metres above 0, or leave it empty.",
            )
        return metres or 0.0

    def layers(self, name: str) -> list[QgsRasterLayer]:
        """Raster layers, in order. QGIS itself would pass over what it cannot load."""
        given = self._parameters.get(name)
        if not given:
            return []
        found = []
        for value in given if isinstance(given, (list, tuple)) else [given]:
            if isinstance(
                value, str
            ):  # as a raster only: QGIS would try it as vectors, meshes, ... and complain of each
                layer = QgsProcessingUtils.mapLayerFromString(
                    value, self._context, True, QgsProcessingUtils.LayerHint.Raster
                )
            else:
                layer = next(iter(self._algorithm.parameterAsLayerList({name: [value]}, name, self._context)), None)
            if not isinstance(layer, QgsRasterLayer):
                raise scene_layer.unreadable(str(value), name)
            found.append(layer)
        return found

    def extent(self, name: str, crs: QgsCoordinateReferenceSystem) -> Optional[tuple[float, float, float, float]]:
        """(xmin, ymin, xmax, ymax) in ``crs``, or None where none is given."""
        if not self._parameters.get(name):
            return None
        area = self._algorithm.parameterAsExtent(self._parameters, name, self._context, crs)
        if area.isNull():
            return None
        return (area.xMinimum(), area.yMinimum(), area.xMaximum(), area.yMaximum())
