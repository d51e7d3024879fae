"""Reads the layers of an evaluation, compares them, and writes the results."""

from __future__ import annotations

import contextlib
import datetime
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ... import __version__
from ...core.errors import ErrorCode, PrithviError
from ...core.masks.class_words import ClassWords, folded, split_words
from ..base import Parameters, tr
from ..parameter_names import IGNORE, INPUT, OUTSIDE, REFERENCE
from ..reports.output_files import check_outputs, write_output
from ..reports.picture import GdalExceptions
from ..scenes import layer_copy, scene_layer
from .agreement_map import agreement_png
from .class_table import ClassTable
from .compare import Comparison, IgnoredValues, Reference, compare
from .html_page import evaluation_page
from .mask_file import MaskFile
from .metrics import Metrics, compute_metrics, metrics_json, warnings_of
from .reference_errors import unreadable_reference
from .reference_raster import RasterReference
from .reference_vector import LabelReader, PointReference, PolygonReference, VectorLabels


@dataclass
class ComparedLayer:
    """A mask or a reference, as it was on the main thread."""

    name: str
    crs: QgsCoordinateReferenceSystem
    source: str
    scene: Optional[scene_layer.SceneLayer] = None
    """How a raster is opened."""
    _copy: str = ""

    def settle(self, feedback: QgsProcessingFeedback, context: QgsProcessingContext) -> None:
        """Copy a layer that is not a file, so that GDAL can open it."""
        if self.scene is not None:
            self.scene.settle()
            stated = self.scene.stated
            if not self.scene.path or (stated and (stated.open_options or stated.bands)):
                self._copy, stated = layer_copy.export(self.scene, None, feedback, context)
                self.scene.path = self._copy
                if stated and stated.bands:
                    layer_copy.apply_nodata(self._copy, stated.bands[0])

    @contextlib.contextmanager
    def opened(self, feedback: QgsProcessingFeedback, context: QgsProcessingContext) -> Iterator[str]:
        """Give what GDAL opens; a copy is removed afterwards."""
        try:
            self.settle(feedback, context)
            yield self.path
        finally:
            self.clean()

    @property
    def path(self) -> str:
        """Path that GDAL opens."""
        return self.scene.path if self.scene is not None else self.source

    def files(self) -> list[str]:
        """Return the files that no output may overwrite."""
        return self.scene.all_files() if self.scene is not None else [self.source]

    @property
    def shown(self) -> str:
        """The file, or the name of another source: a database's source contains its password."""
        return self.source if Path(self.source).is_file() else self.name

    def clean(self) -> None:
        """Remove the copy, if there is one."""
        if self._copy:
            Path(self._copy).unlink(missing_ok=True)


@dataclass(frozen=True)
class EvaluationRequest:
    """Inputs of an evaluation."""

    mask: ComparedLayer
    reference: ComparedLayer
    labels: Optional[VectorLabels]
    """Features of a vector reference; None for a raster."""
    ignore: str
    """IGNORE as the user wrote it."""
    outside: str
    """OUTSIDE as the user wrote it."""


def read_request(
    algorithm: QgsProcessingAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> EvaluationRequest:
    """Read the parameters and both layers; on the main thread.

    Raises:
        PrithviError: ``source_unreadable``, ``source_unsupported`` or ``parameter_invalid``.
    """

    def text(name: str) -> str:
        return algorithm.parameterAsString(parameters, name, context) or ""

    compared = mask_layer(algorithm, parameters, context)
    layer: Optional[QgsMapLayer] = algorithm.parameterAsLayer(parameters, REFERENCE, context)
    labels = None
    if isinstance(layer, QgsVectorLayer) and layer.isValid():
        labels = VectorLabels(layer, text("FIELD").strip())
        reference = ComparedLayer(layer.name(), layer.crs(), layer.source().partition("|")[0])
    elif isinstance(layer, QgsRasterLayer):
        reference = _compared_raster(layer, context)
    else:
        raise unreadable_reference(parameters.get(REFERENCE))
    return EvaluationRequest(compared, reference, labels, text(IGNORE), text(OUTSIDE))


def mask_layer(
    algorithm: QgsProcessingAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> ComparedLayer:
    """Return the mask in INPUT; on the main thread.

    Raises:
        PrithviError: ``source_unreadable`` or ``source_unsupported``.
    """
    mask = algorithm.parameterAsRasterLayer(parameters, INPUT, context)
    if mask is None:
        raise scene_layer.unreadable(algorithm.parameterAsString(parameters, INPUT, context) or "")
    return _compared_raster(mask, context)


def write_evaluation(
    request: EvaluationRequest, output: str, report: str, context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> dict[str, Any]:
    """Compare, write the JSON file ``output`` and the page ``report`` unless it is empty, and return the JSON document.

    Raises:
        PrithviError: also for outputs that cannot be written, before anything is computed.
    """
    layers = (request.mask, request.reference)
    with GdalExceptions():
        try:
            for layer in layers:
                layer.settle(feedback, context)
            check_outputs([p for p in (output, report) if p], [file for layer in layers for file in layer.files()])
            document, metrics, comparison = evaluate(request, context, feedback)
        finally:
            for layer in layers:
                layer.clean()
        write_output(output, json.dumps(document, indent=1, allow_nan=False))
        if report:
            write_output(report, evaluation_page(document, metrics, agreement_png(comparison, metrics)))
    return document


def _compared_raster(layer: QgsRasterLayer, context: QgsProcessingContext) -> ComparedLayer:
    scene = scene_layer.scene_of(layer, context)
    scene.leave_thread()
    return ComparedLayer(scene.name, layer.crs(), layer.source().partition("|")[0], scene)


def evaluate(
    request: EvaluationRequest, context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> tuple[dict[str, Any], Metrics, Comparison]:
    """Compare and compute; return the JSON document, the metrics behind it, and the counts.

    Raises:
        PrithviError: ``parameter_invalid``, ``source_unsupported``, ``extent_outside``, ``cancelled``.
    """
    mask = MaskFile(request.mask.path, request.mask.name, request.mask.crs)
    table = ClassTable(mask.band)
    words = ClassWords(table.names)
    ignored, ignored_texts = _ignored(request.ignore, words, request.labels)
    outside = _outside(request, words)
    reader = LabelReader(words, ignored_texts)
    ignored_values = IgnoredValues(ignored, tuple({*ignored, *table.uncertain}))
    with tempfile.TemporaryDirectory(prefix="prithvi-evaluate-") as folder:
        reference = _open_reference(request, mask, reader, context, Path(folder), outside)
        comparison = compare(
            mask, reference, ignored_values, lambda share: feedback.setProgress(100 * share), feedback.isCanceled
        )
        use = _reference_use(reference, reader, outside)
        left_out = {
            "points_outside": getattr(reference, "outside", 0),
            "polygons_without_pixel": getattr(reference, "without_pixel", 0),
        }
        del reference
    if not comparison.pairs.total:
        raise PrithviError(
            ErrorCode.EXTENT_OUTSIDE,
            f"No pixel has both a class in INPUT {request.mask.name} and one in REFERENCE {request.reference.name} "
            f"({comparison.nodata:,} without data, {comparison.unlabelled:,} without a label, "
            f"{comparison.mask_ignored + comparison.reference_ignored:,} ignored).",
            "Choose a reference of the same place, or check nodata values and IGNORE.",
        )
    points = request.labels is not None and request.labels.points
    reference_table = use.table
    metrics = compute_metrics(comparison, table, ignored, points)
    kind = "raster" if request.labels is None else "points" if points else "polygons"
    document = {
        "made": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "version": __version__,
        "mask": {
            "name": request.mask.name,
            "path": request.mask.shown,
            "crs": request.mask.crs.authid(),
            "width": mask.width,
            "height": mask.height,
            "provenance": mask.provenance(),
        },
        "reference": {
            "name": request.reference.name,
            "path": request.reference.shown,
            "crs": request.reference.crs.authid(),
            "kind": kind,
            "field": request.labels.field if request.labels else None,
            "how": use.text,
        },
        "ignore": sorted(ignored),
        "outside": outside,
        "warnings": [*use.warnings, *warnings_of(metrics, comparison, table, reference_table)],
        **metrics_json(metrics, comparison, mask, table, reference_table),
    }
    document["pixels"].update(left_out)
    return document, metrics, comparison


@dataclass(frozen=True)
class _ReferenceUse:
    text: str
    """How the reference was brought to the mask's grid."""
    warnings: list[str]
    table: Optional[ClassTable] = None
    """Class names of a raster reference."""


def _open_reference(
    request: EvaluationRequest,
    mask: MaskFile,
    reader: LabelReader,
    context: QgsProcessingContext,
    folder: Path,
    outside: Optional[int],
) -> Reference:
    transforms = context.transformContext()
    if request.labels is None:
        layer = request.reference
        return RasterReference(layer.path, layer.name, layer.crs, mask, transforms, folder)
    if request.labels.points:
        return PointReference(request.labels, reader, mask, transforms)
    return PolygonReference(request.labels, reader, mask, transforms, folder, outside)


def _reference_use(reference: Reference, reader: LabelReader, outside: Optional[int]) -> _ReferenceUse:
    """Return how the reference was used, with its warnings."""
    if isinstance(reference, RasterReference):
        values = ", ".join(map(str, sorted(reference.fill)))
        text = tr("REFERENCE holds {}, which no class has and which is not declared as nodata: taken as no label.")
        return _ReferenceUse(reference.alignment, [text.format(values)] if values else [], reference.table)
    warnings = []
    if reader.empty:
        warnings.append(tr("{:,} features without a class were left out.").format(reader.empty))
    if reference.failed:
        warnings.append(
            tr("{:,} features could not be brought to the mask's CRS and were left out.").format(len(reference.failed))
        )
    if isinstance(reference, PointReference):
        if reference.outside:
            warnings.append(tr("{:,} points lie beside the mask and were left out.").format(reference.outside))
        return _ReferenceUse(tr("{:,} points, each one sample").format(len(reference.labels)), warnings)
    if reference.without_pixel:
        warnings.append(
            tr(
                "{:,} of {:,} polygons hold no pixel's centre, so they count for nothing. Use their middle points as "
                "REFERENCE."
            ).format(reference.without_pixel, reference.count)
        )
    rest = tr("pixels in none are left out") if outside is None else tr("pixels in none are class {}").format(outside)
    text = tr("{:,} polygons, a pixel belongs to the one that holds its centre; {}").format(reference.count, rest)
    return _ReferenceUse(text, warnings)


def _ignored(text: str, words: ClassWords, labels: Optional[VectorLabels]) -> tuple[tuple[int, ...], frozenset[str]]:
    """Return the values and the folded names in IGNORE; only text fields have names that are not a class."""
    in_field: Optional[frozenset[str]] = None

    def find(word: str) -> Union[int, str, None]:
        nonlocal in_field
        value = words.of_parameter(word)
        if value is not None or labels is None:
            return value
        if in_field is None:
            in_field = labels.words()
        return folded(word) if folded(word) in in_field else None

    found = []
    for word, meaning in split_words(text, find):
        if meaning is None:
            raise _no_class(word, IGNORE, words, f" and no label in FIELD {labels.field}" if labels else "")
        found.append(meaning)
    values = dict.fromkeys(v for v in found if isinstance(v, int))
    return tuple(values), frozenset(v for v in found if isinstance(v, str))


def _no_class(word: str, parameter: str, words: ClassWords, further: str = "") -> PrithviError:
    return PrithviError(
        ErrorCode.PARAMETER_INVALID,
        f"{parameter} {word} is no class{further}.",
        f"Give a class value, or a name of the mask's: {words.listing or '(it has no names)'}.",
    )


def _outside(request: EvaluationRequest, words: ClassWords) -> Optional[int]:
    text = request.outside.strip()
    if not text:
        return None
    if request.labels is None or request.labels.points:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"OUTSIDE {text} is for polygons; REFERENCE {request.reference.name} has none.",
            "Leave OUTSIDE empty.",
        )
    value = words.of_parameter(text)
    if value is None:
        raise _no_class(text, OUTSIDE, words)
    return value
