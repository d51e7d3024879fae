"""A mask as polygons: one feature for each connected patch of a class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.features
import shapely

from ..failures import disk_error
from ..reading.raster_source import Grid
from .class_rules import ClassRules
from .pixel_area import PixelArea

CHUNK = 10_000  # features held in memory at once
LAYER = "classes"


def write_polygons(
    mask: Path, path: Path, target: str, grid: Grid, rules: ClassRules, check: Callable[[], None] = lambda: None
) -> int:
    """Write a GeoPackage with fields ``class``, ``name``, ``area_m2``.

    Args:
        decision: names the values of the mask, those that are no nodata.
        mask: finished mask; path: unfinished GeoPackage; target: what it will be called.
        check: called now and then; what it raises ends the writing.
    Returns:
        Number of polygons.
    """
    import pyogrio

    path.unlink(missing_ok=True)
    ground = PixelArea(grid)
    names = {c.value: c.name for c in rules.classes}
    crs = grid.crs.to_wkt() if grid.located else None  # pixel coordinates have no CRS
    count = 0
    try:
        for shapes, values in _chunks(_patches(mask, grid, int(rules.nodata), check)):
            areas = [ground.polygon_area(s) for s in shapes]
            pyogrio.raw.write(
                path,
                geometry=np.array([shapely.to_wkb(s) for s in shapes], object),
                field_data=[
                    np.array(values, np.int32),
                    np.array([names[v] for v in values], object),
                    np.array([np.nan if a is None else round(a, 2) for a in areas], np.float64),
                ],
                fields=["class", "name", "area_m2"],
                layer=LAYER,
                driver="GPKG",
                geometry_type="Polygon",
                crs=crs,
                append=count > 0,
            )
            count += len(shapes)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, OSError) as e:
        raise disk_error(OSError(str(e)), target) from e
    return count


def _patches(mask: Path, grid: Grid, nodata: int, check: Callable[[], None]) -> Iterator[tuple[Any, int]]:
    """Polygon and class of each patch, in row-by-row reading of the file."""
    with rasterio.open(mask) as src:
        band = rasterio.band(src, 1)
        for number, (shape, value) in enumerate(
            rasterio.features.shapes(band, connectivity=4, transform=grid.transform)
        ):
            if number % 1000 == 0:
                check()
            if int(value) != nodata:
                yield shapely.geometry.shape(shape), int(value)


def _chunks(items: Iterator[tuple[Any, int]]) -> Iterator[tuple[list[Any], list[int]]]:
    """Lists of at most CHUNK; always at least one, so that a mask without a class still makes a valid file."""
    shapes: list[Any] = []
    values: list[int] = []
    first = True
    for shape, value in items:
        shapes.append(shape)
        values.append(value)
        if len(shapes) == CHUNK:
            yield shapes, values
            shapes, values, first = [], [], False
    if shapes or first:
        yield shapes, values
