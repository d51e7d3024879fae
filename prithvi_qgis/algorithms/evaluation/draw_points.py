"""Draws a stratified random sample of a mask's pixels, and writes it as points with their design."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Optional

import numpy as np
from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsFeatureRequest,
    QgsPointXY,
    QgsProcessingFeatureSource,
)

from ...accuracy.counting import ClassTally, TooManyValues
from ...accuracy.sampling import LEAST, Allocation, SpacedPoints, allocate
from ...core.errors import ErrorCode, PrithviError
from .class_table import ClassTable
from .mask_file import MaskFile, Window
from .sampling_design import Stratum

_FEW = 20  # times as many pixels as points: of a smaller class all pixels are candidates
_CANDIDATES = 4  # times as many as points, of a larger class; more with a distance between points
_EQUATOR_M, _FLATTENING = 6378137.0, 1 / 298.257223563  # WGS 84, for distances between points


@dataclass(frozen=True)
class SampleRequest:
    """What to draw."""

    count: int
    allocation: Allocation
    seed: Optional[int]
    """None draws another sample each time."""
    min_distance_m: float
    """Pixels for a mask without georeference; 0 for none."""


@dataclass(frozen=True)
class Sample:
    """Points in the order in which they were drawn."""

    positions: list[tuple[float, float]]
    """x and y in the mask's CRS."""
    strata: list[int]
    """The class of each."""
    design: dict[int, Stratum]
    names: dict[int, str]
    """Of every class that was drawn from or that the mask names."""
    uncertain: frozenset[int]
    seed: int


class AreaOfInterest:
    """Which pixels of a mask have their centre in the polygons of a layer."""

    def __init__(self, source: QgsProcessingFeatureSource, mask: MaskFile, transforms: QgsCoordinateTransformContext):
        self._mask = mask
        driver = ogr.GetDriverByName("Memory") or ogr.GetDriverByName("MEM")  # the latter from GDAL 3.11
        self._file = driver.CreateDataSource("")
        self._layer = self._file.CreateLayer("aoi", osr.SpatialReference(mask.wkt), ogr.wkbUnknown)
        request = QgsFeatureRequest().setDestinationCrs(mask.crs, transforms).setNoAttributes()
        for feature in source.getFeatures(request):
            if feature.hasGeometry():
                made = ogr.Feature(self._layer.GetLayerDefn())
                made.SetGeometry(ogr.CreateGeometryFromWkb(bytes(feature.geometry().asWkb())))
                self._layer.CreateFeature(made)

    def window(self, window: Window) -> np.ndarray:
        """Return (height, width) bool."""
        target = self._mask.empty_raster(window, gdal.GDT_Byte)
        target.SetSpatialRef(self._layer.GetSpatialRef())
        gdal.RasterizeLayer(target, [1], self._layer, burn_values=[1])
        return target.GetRasterBand(1).ReadAsArray() != 0


@dataclass
class _Candidates:
    """Pixels of one class that may become points."""

    targets: np.ndarray
    """(n,) ascending areas from the class's first pixel on, at which pixels are taken; empty to take every pixel."""
    passed: float = 0.0
    """Area of the pixels that were seen."""
    rows: list[np.ndarray] = field(default_factory=list)
    columns: list[np.ndarray] = field(default_factory=list)

    def take(self, rows: np.ndarray, columns: np.ndarray, areas: np.ndarray) -> None:
        """Take those of the class's next pixels, each with its area, that the targets hit."""
        if self.targets.size:
            ends = self.passed + np.cumsum(areas)
            here = self.targets[(self.targets >= self.passed) & (self.targets < ends[-1])]
            hit = np.searchsorted(ends, here, side="right")
            hit = np.unique(hit.clip(max=len(ends) - 1))
            self.passed = float(ends[-1])
            rows, columns = rows[hit], columns[hit]
        self.rows.append(rows)
        self.columns.append(columns)


def draw_points(
    mask: MaskFile,
    aoi: Optional[AreaOfInterest],
    request: SampleRequest,
    transforms: QgsCoordinateTransformContext,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> Sample:
    """Draw pixels of every class at random, in proportion to their area and without replacement.

    Raises:
        PrithviError: ``parameter_invalid`` for too few points; ``extent_outside`` where no pixel has a class;
            ``source_unsupported``, ``source_unreadable``, ``cancelled``.
    """
    tally = ClassTally()
    try:
        for share, values, inside, areas, _ in _windows(mask, aoi, cancelled):
            tally.add(values[inside], areas[inside])
            progress(share / 2)
    except TooManyValues as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNSUPPORTED,
            f"INPUT {mask.name} holds more than {e} different values; it looks like a measurement, not classes.",
            "Choose a mask.",
        ) from e
    if not tally.pixels:
        raise PrithviError(
            ErrorCode.EXTENT_OUTSIDE,
            f"No pixel of INPUT {mask.name} has a class{' within AOI' if aoi else ''}.",
            "Choose another mask, or an area that overlaps it.",
        )
    if request.count < LEAST * len(tally.pixels):
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"COUNT {request.count} is too few for {len(tally.pixels)} classes.",
            f"Give {LEAST * len(tally.pixels)} or more; 50 points for each class are usual.",
        )
    seed = secrets.randbits(31) if request.seed is None else request.seed
    generator = np.random.default_rng(seed)
    wanted = allocate(tally.area, tally.pixels, request.count, request.allocation)
    candidates = {v: _candidates(n, tally, v, request, generator) for v, n in sorted(wanted.items())}
    for share, values, inside, areas, window in _windows(mask, aoi, cancelled):
        for value, pool in candidates.items():
            rows, columns = np.nonzero(inside & (values == value))
            if rows.size:
                pool.take(rows + window.top, columns + window.left, areas[rows, columns])
        progress(0.5 + share / 2)
    chosen = _choose(mask, candidates, wanted, _Ground(mask, request.min_distance_m, transforms), generator)
    table = ClassTable(mask.band)
    design = {v: Stratum(tally.pixels[v], tally.area[v], len(chosen[v])) for v in wanted}
    points = [(place, value) for value, places in chosen.items() for place in places]
    order = generator.permutation(len(points))  # the order tells nothing about the class
    return Sample(
        [points[i][0] for i in order],
        [points[i][1] for i in order],
        design,
        {v: table.style_of(v).name for v in {*wanted, *table.names}},
        table.uncertain,
        seed,
    )


def _windows(
    mask: MaskFile, aoi: Optional[AreaOfInterest], cancelled: Callable[[], bool]
) -> Iterator[tuple[float, np.ndarray, np.ndarray, np.ndarray, Window]]:
    """Yield (finished share, values, whether they count, pixel areas, window)."""
    done = 0
    for window in mask.windows():
        if cancelled():
            raise PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.")
        if window.left == 0:
            mask.dataset.FlushCache()
        values, inside = mask.read(window)
        if aoi is not None:
            inside = inside & aoi.window(window)
        areas = mask.pixel_areas(window)
        done += window.width * window.height
        yield done / (mask.width * mask.height), values, inside, areas, window


def _candidates(
    points: int, tally: ClassTally, value: int, request: SampleRequest, generator: np.random.Generator
) -> _Candidates:
    if tally.pixels[value] <= _FEW * points:
        return _Candidates(np.empty(0))
    number = points * _CANDIDATES * (5 if request.min_distance_m > 0 else 1) + 100
    return _Candidates(np.sort(generator.random(number)) * tally.area[value])


def _choose(
    mask: MaskFile,
    candidates: Mapping[int, _Candidates],
    wanted: Mapping[int, int],
    ground: _Ground,
    generator: np.random.Generator,
) -> dict[int, list[tuple[float, float]]]:
    """Return x and y of the points per class, small samples first, since a distance leaves the later ones less room."""
    chosen: dict[int, list[tuple[float, float]]] = {}
    for value in sorted(wanted, key=lambda v: (wanted[v], v)):
        pool = candidates[value]
        places: list[tuple[float, float]] = []
        rows, columns = (np.concatenate(parts) for parts in (pool.rows, pool.columns))
        for i in generator.permutation(len(rows)):
            if len(places) == wanted[value]:
                break
            x, y = gdal.ApplyGeoTransform(list(mask.transform), columns[i] + 0.5, rows[i] + 0.5)
            if ground.accepts(x, y):
                places.append((x, y))
        chosen[value] = places
    return chosen


class _Ground:
    """Distances between points on the ground: chords in geocentric coordinates, or pixels without georeference."""

    def __init__(self, mask: MaskFile, distance: float, transforms: QgsCoordinateTransformContext):
        self._distance, self._spaced = distance, SpacedPoints(distance)
        degrees = QgsCoordinateReferenceSystem("EPSG:4326")
        located = mask.area_unit == "m2"
        self._to_degrees = QgsCoordinateTransform(mask.crs, degrees, transforms) if located else None

    def accepts(self, x: float, y: float) -> bool:
        """Keep a point of the mask's CRS unless one that is kept is too near."""
        if self._distance <= 0:
            return True
        if self._to_degrees is None:
            return self._spaced.accept(np.array([x, y]))
        place = self._to_degrees.transform(QgsPointXY(x, y))
        lon, lat = np.radians((place.x(), place.y()))
        eccentricity2 = _FLATTENING * (2 - _FLATTENING)
        normal = _EQUATOR_M / np.sqrt(1 - eccentricity2 * np.sin(lat) ** 2)
        flat = normal * np.cos(lat)
        return self._spaced.accept(
            np.array([flat * np.cos(lon), flat * np.sin(lon), normal * (1 - eccentricity2) * np.sin(lat)])
        )
