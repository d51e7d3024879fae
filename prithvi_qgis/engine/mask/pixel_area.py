"""Areas of pixels and polygons of a grid on the ground."""

from __future__ import annotations

from functools import lru_cache
from typing import Optional

import numpy as np
import shapely

from ...accuracy.ground import GroundAreas
from ..reading.raster_source import Grid


@lru_cache(maxsize=4)  # every scene needs them several times
def ground_areas(grid: Grid) -> Optional[GroundAreas]:
    """Return the areas of a grid's pixels on the ellipsoid of its CRS; None where no pixel has a place on it."""
    base = grid.base
    if base is None:
        return None
    areas = GroundAreas(
        grid.transform.to_gdal(), grid.width, grid.height, base.lon_lat, base.semi_major_m, base.flattening
    )
    return areas if areas.outside < 1 else None


def polygon_areas(ground: GroundAreas, polygons: np.ndarray) -> np.ndarray:
    """Return (n,) areas in m2 of polygons along edges of pixels: the sum of the areas of their pixels.

    Args:
        ground: of the grid.
        polygons: (n,) shapely polygons in columns and rows of the grid.
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    areas = ground.ring_areas(*shapely.get_coordinates(rings, return_index=True))
    outer = np.diff(owner, prepend=-1) > 0  # the first ring of each polygon; the others are holes
    return np.bincount(owner, np.where(outer, areas, -areas), len(polygons))


def area_warnings(grid: Grid, name: str) -> list[str]:
    """Return a warning where a scene with a CRS lies, in part or as a whole, outside of where the CRS is defined."""
    if not grid.located:
        return []
    ground = ground_areas(grid)
    if ground is None:
        return [
            f"{name} lies outside of where its CRS is defined (its corner is {grid.transform.c:.10g}, "
            f"{grid.transform.f:.10g}): CRS or geotransform is wrong, and areas are counted in pixels only."
        ]
    if ground.outside > 0:
        return [
            f"{ground.outside:.1%} of {name} lies outside of where its CRS is defined; pixels there count with no area."
        ]
    return []
