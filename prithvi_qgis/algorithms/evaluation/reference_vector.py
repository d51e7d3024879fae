"""Vector references: polygons rasterized on the mask's grid, or points, one sample each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import numpy as np
from osgeo import gdal, ogr, osr
from qgis.core import (
    Qgis,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPoint,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

from ...core.errors import ErrorCode, PrithviError
from ...core.masks.class_words import ClassWords, folded, whole_number
from .mask_file import MaskFile, Window, window_bounds
from .reference_raster import bounds_in_mask, check_overlap, crosses_antimeridian, require_crs
from .sampling_design import Stratum, field_indices

_MAX_LISTED = 5  # unknown names that an error lists
_COMMIT_EVERY = 20000
_UNSAVED = 1 << 62
_MOST_CENTRES = 1000  # in the bounding box of a polygon that is checked for holding one


class VectorLabels:
    """A snapshot of a vector layer that another thread can read.

    Args:
        field: the field with class values or names.
    Raises:
        PrithviError: ``parameter_invalid`` for a missing field, ``source_unsupported`` for lines and tables.
    """

    def __init__(self, layer: QgsVectorLayer, field: str):
        self.name = layer.name()
        self.crs = layer.crs()
        self.extent = layer.extent()
        self.features = layer.featureCount()
        kind = layer.geometryType()
        if kind not in (Qgis.GeometryType.Point, Qgis.GeometryType.Polygon):
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"REFERENCE {self.name} has neither polygons nor points.",
                "Choose a layer of labelled areas or sample points.",
            )
        self.points = kind == Qgis.GeometryType.Point
        names = ", ".join(f.name() for f in layer.fields()) or "none"
        if not field:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"FIELD is not given; REFERENCE {self.name} is a vector layer.",
                f"Name the field with the classes: {names}.",
            )
        self._index = layer.fields().lookupField(field)
        if self._index < 0:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID, f"REFERENCE {self.name} has no field {field}.", f"It has: {names}."
            )
        self.field = layer.fields()[self._index].name()
        self.numeric = layer.fields()[self._index].isNumeric()
        """Whether the field has class values; a text field has names."""
        design = field_indices(layer.fields()) if self.points else None
        self._design = design or []
        self.design: dict[int, Stratum] = {}
        """The strata of the design that the points read so far carry; empty without one."""
        self._source = QgsVectorLayerFeatureSource(layer)

    def request(self, mask: MaskFile, transforms: QgsCoordinateTransformContext) -> tuple[QgsFeatureRequest, list[int]]:
        """Return a request for the features over a mask, in its CRS, and a list that collects the failed ids.

        Raises:
            PrithviError: ``source_unsupported`` without a CRS; ``extent_outside``.
        """
        require_crs(self.crs, self.name, mask, same_size=False)
        check_overlap(bounds_in_mask(self.extent, self.crs, mask, transforms), mask, self.name)
        request = QgsFeatureRequest()
        request.setDestinationCrs(mask.crs, transforms)
        # Points beside the mask are counted; across the antimeridian the filter would select the other way round.
        if not self.points and not crosses_antimeridian(mask, self.crs, transforms):
            request.setFilterRect(mask.extent)
        request.setSubsetOfAttributes([self._index, *self._design])
        failed: list[int] = []
        request.setTransformErrorCallback(lambda feature: failed.append(feature.id()))
        return request, failed

    def labelled(self, request: QgsFeatureRequest, reader: LabelReader) -> Iterator[tuple[QgsFeature, int]]:
        """Iterate over the features with a geometry, each with its class.

        Raises:
            PrithviError: ``parameter_invalid`` at the end, if names were unknown.
        """
        for feature in self._source.getFeatures(request):
            stratum = self.stratum(feature)
            if stratum is not None:  # of points without a label, too
                self.design[stratum[0]] = stratum[1]
            value = reader.read(feature.attribute(self._index))
            if value is not None and feature.hasGeometry():
                yield feature, value
        reader.check(self.name, self.field)

    def stratum(self, feature: QgsFeature) -> Optional[tuple[int, Stratum]]:
        """Return the stratum that a point was drawn in; None without a design."""
        cells = [feature.attribute(i) for i in self._design]
        try:
            value, pixels, area, points = cells
            return int(value), Stratum(int(pixels), float(area), int(points))
        except (TypeError, ValueError):  # no design, or an empty cell
            return None

    def words(self) -> frozenset[str]:
        """Return all labels of a text field, folded; none of a numeric one."""
        if self.numeric:
            return frozenset()
        request = QgsFeatureRequest().setSubsetOfAttributes([self._index])
        request.setFlags(Qgis.FeatureRequestFlag.NoGeometry)
        return frozenset(folded(str(f.attribute(self._index))) for f in self._source.getFeatures(request))


class LabelReader:
    """Parses the values of a field as classes: numbers are values, and text is a name or a value written as text.

    Args:
        words: the mask's classes.
        ignored_texts: folded names of features to leave out.
    """

    def __init__(self, words: ClassWords, ignored_texts: frozenset[str]):
        self._words, self._ignored_texts = words, ignored_texts
        self.empty = 0
        """Number of features without a class."""
        self.ignored = 0
        """Number of features left out by name."""
        self._unknown: Counter[str] = Counter()

    def read(self, cell: Any) -> Optional[int]:
        """Return the class in a cell, or None."""
        if cell is None or (isinstance(cell, QVariant) and cell.isNull()):
            self.empty += 1
            return None
        text = str(int(cell)) if isinstance(cell, bool) else str(cell).strip()
        if not text:
            self.empty += 1
            return None
        if folded(text) in self._ignored_texts:
            self.ignored += 1
            return None
        value = self._words.of_label(text) if isinstance(cell, str) else whole_number(text)
        if value is None:
            self._unknown[text] += 1
        return value

    def check(self, layer: str, field: str) -> None:
        """Refuse a field with unknown class names.

        Raises:
            PrithviError: ``parameter_invalid``.
        """
        if self._unknown:
            listed = ", ".join(name for name, _ in self._unknown.most_common(_MAX_LISTED))
            more = f" and {len(self._unknown) - _MAX_LISTED} more" if len(self._unknown) > _MAX_LISTED else ""
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"FIELD {field} of {layer} holds {listed}{more}: no class of the mask's.",
                f"Its classes are {self._words.listing or '(without names)'}; use these or numbers, or add to IGNORE.",
            )


class PolygonReference:
    """Labels each pixel of a mask from polygons.

    A pixel takes the class of the polygon that holds its centre (GDAL's rule without ALL_TOUCHED); where polygons
    overlap, that of the later one. Polygons are kept in a temporary GeoPackage, so that memory stays bounded.

    Args:
        folder: where the temporary file goes.
        outside: class of the pixels outside all polygons; None leaves them without a label.
    """

    def __init__(
        self,
        labels: VectorLabels,
        reader: LabelReader,
        mask: MaskFile,
        transforms: QgsCoordinateTransformContext,
        folder: Path,
        outside: Optional[int],
    ):
        self._mask, self._outside = mask, outside
        self.values: set[int] = set()
        self.count = 0
        request, self.failed = labels.request(mask, transforms)
        self.without_pixel = 0
        """Number of polygons that hold no pixel's centre, and so label nothing."""
        self._file = ogr.GetDriverByName("GPKG").CreateDataSource(str(folder / "reference.gpkg"))
        self._layer = self._file.CreateLayer("reference", osr.SpatialReference(mask.wkt), ogr.wkbUnknown)
        self._layer.CreateField(ogr.FieldDefn("class", ogr.OFTInteger64))
        self._layer.CreateField(ogr.FieldDefn("position", ogr.OFTInteger64))
        self._layer.StartTransaction()
        for feature, value in labels.labelled(request, reader):
            self._add(feature, value)
        self._layer.CommitTransaction()
        self._layer.SyncToDisk()  # builds the spatial index

    def window(self, window: Window) -> np.ndarray:
        """Return (height, width) float64 labels, NaN for pixels without one."""
        target = self._mask.empty_raster(window, gdal.GDT_Float64)
        # The layer's own definition: GDAL would transform between two definitions that differ only in spelling.
        target.SetSpatialRef(self._layer.GetSpatialRef())
        target.GetRasterBand(1).Fill(np.nan if self._outside is None else float(self._outside))
        box = window_bounds(self._mask.transform, window)
        # In the order of the layer; a spatial filter would give that of the spatial index.
        polygons = self._file.ExecuteSQL(
            "SELECT p.* FROM reference p JOIN rtree_reference_geom r ON p.fid = r.id "  # nosec B608: numbers only
            f"WHERE r.maxx >= {box.xMinimum()!r} AND r.minx <= {box.xMaximum()!r} "
            f"AND r.maxy >= {box.yMinimum()!r} AND r.miny <= {box.yMaximum()!r} ORDER BY p.position"
        )
        if polygons is not None:
            gdal.RasterizeLayer(target, [1], polygons, options=["ATTRIBUTE=class"])
            self._file.ReleaseResultSet(polygons)
        return target.GetRasterBand(1).ReadAsArray()

    def _add(self, feature: QgsFeature, value: int) -> None:
        geometry = feature.geometry()
        if QgsWkbTypes.isCurvedType(geometry.wkbType()):
            geometry.convertToStraight()
        made = ogr.Feature(self._layer.GetLayerDefn())
        made.SetGeometry(ogr.CreateGeometryFromWkb(bytes(geometry.asWkb())))
        made.SetField("class", value)
        # Features that are not saved yet have negative numbers, the latest the lowest.
        made.SetField("position", feature.id() if feature.id() >= 0 else _UNSAVED - feature.id())
        self._layer.CreateFeature(made)
        self.without_pixel += not self._holds_a_centre(geometry)
        self.values.add(value)
        self.count += 1
        if self.count % _COMMIT_EVERY == 0:
            self._layer.CommitTransaction()
            self._layer.StartTransaction()

    def _holds_a_centre(self, geometry: QgsGeometry) -> bool:
        """Whether a polygon holds the centre of a pixel of the mask; taken for granted for large ones."""
        to_pixel, to_map = gdal.InvGeoTransform(list(self._mask.transform)), list(self._mask.transform)
        box = geometry.boundingBox()
        corners = [
            gdal.ApplyGeoTransform(to_pixel, x, y)
            for x in (box.xMinimum(), box.xMaximum())
            for y in (box.yMinimum(), box.yMaximum())
        ]
        spans = []
        for ends, size in zip(zip(*corners), (self._mask.width, self._mask.height)):
            first, last = math.ceil(min(ends) - 0.5), math.floor(max(ends) - 0.5)
            spans.append(range(max(first, 0), min(last + 1, size)))
        columns, rows = spans
        if len(columns) * len(rows) > _MOST_CENTRES:
            return True
        engine = QgsGeometry.createGeometryEngine(geometry.constGet())
        engine.prepareGeometry()
        centres = (gdal.ApplyGeoTransform(to_map, c + 0.5, r + 0.5) for r in rows for c in columns)
        return any(engine.contains(QgsPoint(x, y)) for x, y in centres)


class PointReference:
    """Sample points with their classes, each in the pixel of the mask that contains it."""

    def __init__(
        self,
        labels: VectorLabels,
        reader: LabelReader,
        mask: MaskFile,
        transforms: QgsCoordinateTransformContext,
    ):
        request, self.failed = labels.request(mask, transforms)
        positions, values, strata = [], [], []
        for feature, value in labels.labelled(request, reader):
            stratum = labels.stratum(feature)
            for vertex in feature.geometry().vertices():  # a multipoint is several samples
                positions.append((vertex.x(), vertex.y()))
                values.append(value)
                strata.append(None if stratum is None else stratum[0])
        self.design = labels.design
        """The strata of the design that the points carry; empty without one."""
        xy = np.array(positions, np.float64).reshape(-1, 2)
        inverse = gdal.InvGeoTransform(list(mask.transform))
        columns = inverse[0] + inverse[1] * xy[:, 0] + inverse[2] * xy[:, 1]
        rows = inverse[3] + inverse[4] * xy[:, 0] + inverse[5] * xy[:, 1]
        inside = (columns >= 0) & (columns < mask.width) & (rows >= 0) & (rows < mask.height)
        self.outside = int(np.count_nonzero(~inside))
        """Number of points beside the mask."""
        self.columns, self.rows = columns[inside], rows[inside]
        """(n,) float64 positions in pixels of the mask."""
        self.labels = np.array(values, np.int64)[inside]
        """(n,) int64 classes."""
        self.strata = np.array([np.nan if s is None else s for s in strata], np.float64)[inside]
        """(n,) the strata that points were drawn in; NaN without one."""

    def within(self, window: Window) -> np.ndarray:
        """Return the indices of the points in a window."""
        x, y = self.columns - window.left, self.rows - window.top
        return np.flatnonzero((x >= 0) & (x < window.width) & (y >= 0) & (y < window.height))
