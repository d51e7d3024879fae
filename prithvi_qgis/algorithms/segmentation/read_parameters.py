"""Reading the parameters of "Prithvi segment" into a request for the engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
)

from ... import settings
from ...core.errors import ErrorCode, PrithviError
from ...core.masks import mask_options
from ...core.models import catalogue
from ...core.models.model_card import ModelCard
from ...core.protocol import messages
from ...core.scenes import dates
from .. import parameter_names as ids
from ..base import Parameters, tr
from ..engine_selection import choose_variant, device_or_setting
from ..scenes import scene_layer
from . import validation


@dataclass(frozen=True)
class SegmentJob:
    """What a run needs, read on the main thread."""

    scene: scene_layer.SceneLayer
    frames: tuple[scene_layer.SceneLayer, ...]
    card: ModelCard
    request: messages.Segment
    variant: str


def read_parameters(
    algorithm: QgsProcessingAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> SegmentJob:
    """Read and check; on the main thread. Starts nothing and writes nothing.

    Args:
        algorithm: has the definitions.
        context: layers and project.
    Raises:
        PrithviError: the first value that is wrong.
    """
    reader = Reader(algorithm, parameters, context)
    layer = reader.layer(ids.INPUT)
    if layer is None:
        scene = scene_layer.scene_of_path(reader.text(ids.INPUT), context.project())
    card = validation.find_model(reader.text(ids.MODEL))
    catalogue.require_ready(card)
    further = reader.layers(ids.FRAMES)
    dates.check_frames(card, len(further))
    if layer is not None:
        scene = scene_layer.scene_of(layer, context)
    by_path, of_layer = scene_layer.scene_of_path, scene_layer.scene_of
    frames = tuple(by_path(one) if isinstance(one, str) else of_layer(one, context) for one in further)
    dates.refuse_twice([scene.identity, *(frame.identity for frame in frames)])
    outputs = read_outputs(algorithm, parameters, _separate_context(context))
    validation.check_outputs(outputs, [file for s in (scene, *frames) for file in s.all_files()])
    extent = reader.extent(ids.EXTENT, scene.crs)
    scene.warning = " ".join(filter(None, [scene.warning, reader.order_warning(ids.EXTENT, scene, extent)]))
    request = read_request(reader, card, scene, extent, outputs, frames)
    return SegmentJob(scene, frames, card, request, choose_variant(request.device))


def read_request(
    reader: Reader,
    card: ModelCard,
    scene: scene_layer.SceneLayer,
    extent: Optional[tuple[float, float, float, float]],
    outputs: validation.Outputs,
    frames: Sequence[scene_layer.SceneLayer] = (),
) -> messages.Segment:
    """Return the request for one scene, or the template for many.

    Raises:
        PrithviError: the first value that is wrong.
    """
    given = reader.optional_number(ids.KEEP_WARM)
    keep_warm = settings.keep_warm_min() if given is None else given
    request = messages.Segment(
        source=scene.path,
        model=str(card.folder),
        output=outputs.mask,
        bands=validation.read_bands(reader.text(ids.BANDS), card, scene.bands),
        extent=extent,
        scale=reader.optional_number(ids.SCALE),
        offset=reader.optional_number(ids.OFFSET),
        stride=reader.integer(ids.STRIDE),
        pipeline=ids.PIPELINES[reader.choice(ids.PIPELINE)],
        device=device_or_setting(ids.DEVICES[reader.choice(ids.DEVICE)]),
        batch_size=reader.integer(ids.BATCH_SIZE) or settings.batch_size(),
        gpu_memory=reader.number("GPU_MEMORY") or settings.gpu_memory(),
        keep_warm_min=keep_warm,
        probability=outputs.probability,
        polygons=outputs.polygons,
        report=outputs.report,
        source_name=scene.name,
        memory_mb=settings.memory_mb(),
        sensor=validation.read_sensor(reader.choice(ids.SENSOR)),
        min_probability=mask_options.read_min_probability(reader.text(ids.MIN_PROBABILITY), card),
        min_area=reader.text(ids.MIN_AREA).strip(),
        ignore_classes=mask_options.read_ignore_classes(reader.text(ids.IGNORE_CLASSES), card),
        frames=tuple(frame.path for frame in frames),
        frame_names=tuple(frame.name for frame in frames),
        dates=dates.read_dates(reader.text(ids.DATES), 1 + len(frames)),
        resolution_m=reader.resolution(ids.RESOLUTION),
        resampling=ids.RESAMPLINGS[reader.choice(ids.RESAMPLING)],
        stated=scene.stated,
        frames_stated=scene_layer.all_stated([frame.stated for frame in frames]),
    )
    mask_options.check_mask_options(request, card)
    return request


def read_outputs(
    algorithm: QgsProcessingAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> validation.Outputs:
    """Return absolute paths of the outputs, since the engine works in another folder.

    Args:
        context: registers the layers that QGIS will load. A temporary output gets another name each time.
    """

    def path(name: str, needed: bool = False) -> str:
        value = parameters.get(name)
        if isinstance(value, QgsProcessingOutputLayerDefinition) and not value.sink.isActive():
            value = None
        if not needed and not value:
            return ""
        as_path = algorithm.parameterAsFileOutput if name == ids.REPORT else algorithm.parameterAsOutputLayer
        text = as_path(parameters, name, context)
        return str(Path(text).absolute()) if text else ""

    return validation.Outputs(path(ids.OUTPUT, True), path(ids.PROBABILITY), path(ids.POLYGONS), path(ids.REPORT))


def with_outputs(request: messages.Segment, outputs: validation.Outputs) -> messages.Segment:
    """Return the request with other outputs."""
    return dataclasses.replace(
        request,
        output=outputs.mask,
        probability=outputs.probability,
        polygons=outputs.polygons,
        report=outputs.report,
    )


def _separate_context(context: QgsProcessingContext) -> QgsProcessingContext:
    """Return a context for reading outputs without registering them as layers to load."""
    separate = QgsProcessingContext()
    separate.setProject(context.project())
    separate.setExpressionContext(context.expressionContext())
    return separate


class Reader:
    """Short names for access to values that passed through ``parameter_values``."""

    def __init__(self, algorithm: QgsProcessingAlgorithm, values: Parameters, context: QgsProcessingContext):
        self._algorithm = algorithm
        self._values = values
        self._context = context

    def text(self, name: str) -> str:
        """Return a text parameter; empty by default."""
        return self._algorithm.parameterAsString(self._values, name, self._context)

    def integer(self, name: str) -> int:
        """Return an integer parameter."""
        return self._algorithm.parameterAsInt(self._values, name, self._context)

    def number(self, name: str) -> float:
        """Return a floating-point parameter."""
        return self._algorithm.parameterAsDouble(self._values, name, self._context)

    def flag(self, name: str) -> bool:
        """Return a boolean parameter."""
        return self._algorithm.parameterAsBoolean(self._values, name, self._context)

    def choice(self, name: str) -> int:
        """Return the index of a choice, from 0."""
        return self._algorithm.parameterAsEnum(self._values, name, self._context)

    def optional_number(self, name: str) -> Optional[float]:
        """A number, or None where none is given."""
        value = self._values.get(name)
        return None if value is None else float(value)

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

    def layers(self, name: str) -> list[Union[QgsRasterLayer, str]]:
        """Raster layers, and paths of products, in order. QGIS itself would skip what it cannot load."""
        found: list[Union[QgsRasterLayer, str]] = []
        for value in self._values.get(name) or []:
            if scene_layer.is_product_path(value):
                found.append(str(value))
                continue
            layer = value
            if isinstance(value, str):
                # As a raster only: QGIS would try it as vectors, meshes, ... and complain of each.
                layer = QgsProcessingUtils.mapLayerFromString(
                    value, self._context, True, QgsProcessingUtils.LayerHint.Raster
                )
            if not isinstance(layer, QgsRasterLayer):
                raise scene_layer.unreadable(str(value), name)
            found.append(layer)
        return found

    def layer(self, name: str) -> Optional[QgsRasterLayer]:
        """None for a product's path, which QGIS would try to load with much noise."""
        if scene_layer.is_product_path(self._values.get(name)):
            return None
        return self._algorithm.parameterAsRasterLayer(self._values, name, self._context)

    def extent(self, name: str, crs: QgsCoordinateReferenceSystem) -> Optional[scene_layer.Extent]:
        """(xmin, ymin, xmax, ymax) in ``crs``, or None where none is given.

        Raises:
            PrithviError: ``parameter_invalid`` for a layer that does not exist, or an extent outside of what its CRS
                or ``crs`` can hold: QGIS itself would then keep the numbers of the other CRS.
        """
        if name not in self._values:
            return None
        given = self._values[name]
        own = self._algorithm.parameterAsExtentCrs(self._values, name, self._context)
        area = self._algorithm.parameterAsExtent(self._values, name, self._context)
        if area.isNull():
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"{name} {given} is neither four numbers nor a layer.",
                "Give xmin,xmax,ymin,ymax, or leave it empty.",
            )
        if isinstance(given, QgsReferencedRectangle) or not isinstance(given, QgsRectangle):
            try:
                transform = QgsCoordinateTransform(own, crs, self._context.transformContext())
                around = transform.transformBoundingBox(area)
                area = self._algorithm.parameterAsExtent(self._values, name, self._context, crs)
            except QgsCsException:
                around = QgsRectangle()
            if around.isNull() or not around.isFinite():
                raise PrithviError(
                    ErrorCode.EXTENT_OUTSIDE,
                    f"{name} {area.asWktCoordinates()} of {own.userFriendlyIdentifier()} cannot be transformed to "
                    f"{crs.userFriendlyIdentifier()}.",
                    "Give it in the scene's own CRS.",
                )
        return (area.xMinimum(), area.yMinimum(), area.xMaximum(), area.yMaximum())

    def order_warning(self, name: str, scene: scene_layer.SceneLayer, extent: Optional[scene_layer.Extent]) -> str:
        """Return a warning for four numbers that lie in the scene as xmin, ymin, xmax, ymax only, else empty."""
        given = self._values.get(name)
        if extent is None or scene.bounds is None or not isinstance(given, QgsRectangle):
            return ""
        if given.xMinimum() > given.yMinimum() or given.xMaximum() > given.yMaximum():
            return ""
        other = QgsRectangle(given.xMinimum(), given.xMaximum(), given.yMinimum(), given.yMaximum())
        if isinstance(given, QgsReferencedRectangle):
            transform = QgsCoordinateTransform(given.crs(), scene.crs, self._context.transformContext())
            try:
                other = transform.transformBoundingBox(other)
            except QgsCsException:
                return ""
        if not scene.bounds.contains(other) or scene.bounds.contains(QgsRectangle(*extent)):
            return ""
        return tr("{} was read as xmin,xmax,ymin,ymax; as xmin,ymin,xmax,ymax it would lie within the scene.").format(
            name
        )
