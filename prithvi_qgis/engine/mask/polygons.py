"""Write a mask as polygons: one feature per connected patch of a class."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import rasterio
import rasterio.features
import shapely
import shapely.geometry
from rasterio.crs import CRS
from rasterio.errors import CRSError

from ..failures import disk_error
from ..reading.raster_source import Grid
from .class_rules import ClassRules
from .pixel_area import ground_areas, polygon_areas

MAX_FEATURES = 10_000  # in memory at once
LAYER = "classes"
_OWN_SRS = 100000  # where GDAL numbers CRSs that no authority has


def write_polygons(
    mask: Path, path: Path, target: str, grid: Grid, rules: ClassRules, check: Callable[[], None] = lambda: None
) -> int:
    """Write a GeoPackage with fields ``class``, ``name``, ``area_m2``.

    Args:
        mask: a finished mask.
        path: of the GeoPackage to write.
        target: its final name, for messages.
        grid: of the mask.
        rules: name the classes of the mask.
        check: called every thousand patches; an error that it raises ends the writing.
    Returns:
        Number of polygons.
    Raises:
        PrithviError: ``disk_full`` or ``output_unwritable``.
    """
    import pyogrio  # loads a second GDAL, which few runs need

    path.unlink(missing_ok=True)
    ground, to_pixel = ground_areas(grid), ~grid.transform
    names = {c.value: c.name for c in rules.classes}
    crs = grid.wkt or None  # pixel coordinates have no CRS
    count = 0
    try:
        for patches, values in _chunks(_patches(mask, grid, int(rules.nodata), check)):
            shapes = np.array(patches, object)
            areas = np.full(len(shapes), np.nan)
            if ground is not None:
                pixels = shapely.transform(shapes, lambda x, y: np.rint(to_pixel @ (x, y)), interleaved=False)
                areas = polygon_areas(ground, pixels)
            pyogrio.raw.write(
                path,
                geometry=shapely.to_wkb(shapes),
                field_data=[
                    np.array(values, np.int32),
                    np.array([names[v] for v in values], object),
                    np.round(areas, 2),
                ],
                fields=["class", "name", "area_m2"],
                layer=LAYER,
                driver="GPKG",
                geometry_type="Polygon",
                crs=crs,
                append=count > 0,
            )
            count += len(shapes)
        _correct_crs(path, grid)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, sqlite3.Error, CRSError, OSError) as e:
        raise disk_error(OSError(str(e)), target) from e
    return count


def _correct_crs(path: Path, grid: Grid) -> None:
    """Give the GeoPackage the grid's CRS where GDAL has put a similar one of EPSG, of other units or prime meridian.

    GDAL looks for an EPSG code for each CRS without one, and takes UTM in kilometres for UTM in metres.
    """
    if grid.crs is None or not grid.georeferenced:
        return
    with closing(sqlite3.connect(path)) as database, database:
        authority, code = database.execute(
            "SELECT organization, organization_coordsys_id FROM gpkg_geometry_columns JOIN gpkg_spatial_ref_sys "
            "USING (srs_id)"
        ).fetchone()
        if authority == "NONE" or CRS.from_user_input(f"{authority}:{code}") == grid.crs:
            return
        # Such a CRS has a WKT 1, so that GDAL has not added the table's column for WKT 2.
        database.execute(
            "INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition) "
            "VALUES (?, ?, 'NONE', ?, ?)",
            ["of the scene", _OWN_SRS, _OWN_SRS, grid.crs.to_wkt(version="WKT1_GDAL")],
        )
        database.execute("UPDATE gpkg_contents SET srs_id = ?", [_OWN_SRS])
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = ?", [_OWN_SRS])


def _patches(mask: Path, grid: Grid, nodata: int, check: Callable[[], None]) -> Iterator[tuple[shapely.Polygon, int]]:
    """Yield polygon and class of each patch, reading the file row by row."""
    with rasterio.open(mask) as src:
        band = rasterio.band(src, 1)
        for number, (shape, value) in enumerate(
            rasterio.features.shapes(band, connectivity=4, transform=grid.transform)
        ):
            if number % 1000 == 0:
                check()
            if int(value) != nodata:
                yield shapely.geometry.shape(shape), int(value)


def _chunks(patches: Iterator[tuple[shapely.Polygon, int]]) -> Iterator[tuple[list[shapely.Polygon], list[int]]]:
    """Yield polygons and classes of up to MAX_FEATURES patches; once without any, so that the file is valid."""
    first = True
    while (chunk := list(itertools.islice(patches, MAX_FEATURES))) or first:
        yield [shape for shape, _ in chunk], [value for _, value in chunk]
        first = False
