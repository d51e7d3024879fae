"""An evaluation from its layers to its figures, off the main thread."""

from __future__ import annotations

import datetime
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingContext, QgsProcessingFeedback

from ... import __version__
from ...core.errors import ErrorCode, PrithviError
from ..base import tr
from ..scenes import scene_layer
from .class_table import ClassTable, ClassWords
from .compare import Comparison, Reference, Rules, compare
from .mask_file import MaskFile
from .metrics import Judged, document, judge, warnings_of
from .reference_raster import RasterReference
from .reference_vector import LabelReader, PointReference, PolygonReference, VectorLabels


@dataclass
class Source:
    """A layer by its name, CRS and source; ``scene`` is how a raster is opened."""

    name: str
    crs: QgsCoordinateReferenceSystem
    source: str
    scene: Optional[scene_layer.SceneLayer] = None
    _copy: str = ""

    def settle(self, feedback: QgsProcessingFeedback, context: QgsProcessingContext) -> None:
        """Make sure that GDAL can open it: copy a layer that is no file."""
        if self.scene is not None:
            self.scene.settle()
            if not self.scene.path:
                self._copy = self.scene.path = scene_layer.export(self.scene, None, feedback, context)

    @property
    def path(self) -> str:
        """What GDAL opens, of a raster."""
        return self.scene.path if self.scene is not None else self.source

    def files(self) -> list[str]:
        """What no output may overwrite."""
        return self.scene.all_files() if self.scene is not None else [self.source]

    @property
    def shown(self) -> str:
        """The file; only the name of what is none, since a database's source holds its password."""
        return self.source if Path(self.source).is_file() else self.name

    def clean(self) -> None:
        """Remove the copy, if there is one."""
        if self._copy:
            Path(self._copy).unlink(missing_ok=True)


@dataclass(frozen=True)
class Evaluation:
    """What is asked for; ``labels`` of a vector reference, ``ignore`` and ``outside`` as people wrote them."""

    mask: Source
    reference: Source
    labels: Optional[VectorLabels]
    ignore: str
    outside: str


def evaluate(
    asked: Evaluation, context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> tuple[dict[str, Any], Judged, Comparison]:
    """Compare and compute; (the JSON document, the figures behind it, what was counted).

    Raises:
        PrithviError: ``parameter_invalid``, ``source_unsupported``, ``extent_outside``, ``cancelled``.
    """
    mask = MaskFile(asked.mask.path, asked.mask.name, asked.mask.crs)
    table = ClassTable(mask.band)
    words = ClassWords(table.names)
    ignored, ignored_texts = _ignored(asked.ignore, words, asked.labels is not None)
    outside = _outside(asked, words)
    reader = LabelReader(words, ignored_texts)
    rules = Rules(ignored, tuple({*ignored, *table.unsure}))
    with tempfile.TemporaryDirectory(prefix="prithvi-evaluate-") as folder:
        reference = _open_reference(asked, mask, reader, context, Path(folder), outside)
        found = compare(mask, reference, rules, lambda share: feedback.setProgress(100 * share), feedback.isCanceled)
        how = _how(reference, reader, outside)
        del reference
    if not found.pairs.total:
        raise PrithviError(
            ErrorCode.EXTENT_OUTSIDE,
            f"No pixel has both a class in INPUT {asked.mask.name} and one in REFERENCE {asked.reference.name} "
            f"({found.nodata:,} without data, {found.unlabelled:,} without a label, "
            f"{found.mask_ignored + found.reference_ignored:,} ignored).",
            "Choose a reference of the same place, or check nodata values and IGNORE.",
        )
    points = asked.labels is not None and asked.labels.points
    other = how.table
    judged = judge(found, table, ignored, points)
    kind = "raster" if asked.labels is None else "points" if points else "polygons"
    figures = {
        "made": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "version": __version__,
        "mask": {
            "name": asked.mask.name,
            "path": asked.mask.shown,
            "crs": asked.mask.crs.authid(),
            "width": mask.width,
            "height": mask.height,
            "provenance": mask.provenance(),
        },
        "reference": {
            "name": asked.reference.name,
            "path": asked.reference.shown,
            "crs": asked.reference.crs.authid(),
            "kind": kind,
            "field": asked.labels.field if asked.labels else None,
            "how": how.text,
        },
        "ignore": sorted(ignored),
        "outside": outside,
        "warnings": [*how.warnings, *warnings_of(judged, found, table, other)],
        **document(judged, found, mask, table, other),
    }
    return figures, judged, found


@dataclass(frozen=True)
class _How:
    text: str
    warnings: list[str]
    table: Optional[ClassTable] = None


def _open_reference(
    asked: Evaluation,
    mask: MaskFile,
    reader: LabelReader,
    context: QgsProcessingContext,
    folder: Path,
    outside: Optional[int],
) -> Reference:
    transforms = context.transformContext()
    if asked.labels is None:
        return RasterReference(asked.reference.path, asked.reference.name, asked.reference.crs, mask, transforms)
    if asked.labels.points:
        return PointReference(asked.labels, reader, mask, transforms)
    return PolygonReference(asked.labels, reader, mask, transforms, folder, outside)


def _how(reference: Reference, reader: LabelReader, outside: Optional[int]) -> _How:
    """What was done with the reference, for people."""
    if isinstance(reference, RasterReference):
        return _How(reference.how, [], reference.table)
    warnings = []
    if reader.empty:
        warnings.append(tr("{:,} features without a class were left out.").format(reader.empty))
    if reference.failed:
        warnings.append(
            tr("{:,} features could not be brought to the mask's CRS and were left out.").format(len(reference.failed))
        )
    if isinstance(reference, PointReference):
        return _How(tr("{:,} points, each one sample").format(len(reference.labels)), warnings)
    rest = tr("pixels in none are left out") if outside is None else tr("pixels in none are class {}").format(outside)
    text = tr("{:,} polygons, a pixel belongs to the one that holds its centre; {}").format(reference.count, rest)
    return _How(text, warnings)


def _ignored(text: str, words: ClassWords, by_name: bool) -> tuple[tuple[int, ...], frozenset[str]]:
    """(values, names in lower case) of IGNORE; names that are no class are for fields with text only."""
    values, names = [], set()
    for part in filter(None, (p.strip() for p in text.split(","))):
        value = words.value(part)
        if value is not None:
            values.append(value)
        elif by_name:
            names.add(part.casefold())
        else:
            words.need(part, "IGNORE")
    return tuple(dict.fromkeys(values)), frozenset(names)


def _outside(asked: Evaluation, words: ClassWords) -> Optional[int]:
    text = asked.outside.strip()
    if not text:
        return None
    if asked.labels is None or asked.labels.points:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"OUTSIDE {text} is for polygons; REFERENCE {asked.reference.name} has none.",
            "Leave OUTSIDE empty.",
        )
    return words.need(text, "OUTSIDE")
