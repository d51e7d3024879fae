"""Measure areas of pixels and polygons on the ground."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Optional

import numpy as np
from pyproj import CRS, Geod

from ..reading.raster_source import Grid

if TYPE_CHECKING:
    from shapely import Polygon


@lru_cache(maxsize=8)
def row_areas(grid: Grid) -> Optional[np.ndarray]:
    """Return :meth:`PixelArea.row_areas`, read-only; cached, since every scene needs it several times."""
    areas = PixelArea(grid).row_areas()
    if areas is not None:
        areas.flags.writeable = False
    return areas


@lru_cache(maxsize=8)
def _measures(crs_wkt: str) -> tuple[Optional[Geod], float]:
    """Return the ellipsoid of a geographic CRS, else None, and the metres per unit of a projected one."""
    crs = CRS.from_wkt(crs_wkt)
    if crs.is_geographic:
        return crs.get_geod(), 1.0
    return None, crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0


class PixelArea:
    """Measures areas in a grid's CRS: on its ellipsoid if it is geographic, else in its plane."""

    def __init__(self, grid: Grid):
        self._grid = grid
        self._geod, self._unit_m = _measures(grid.wkt) if grid.located else (None, 1.0)

    def row_areas(self) -> Optional[np.ndarray]:
        """Return (height,) float64 area in m2 of one pixel per row; None without georeference.

        In a geographic CRS it is the ellipsoidal area of the row's central pixel. On a rotated grid that is an
        approximation, because the pixels of a row have different latitudes.
        """
        grid, t = self._grid, self._grid.transform
        if not grid.located:
            return None
        if self._geod is None:
            return np.full(grid.height, abs(t.determinant) * self._unit_m**2)
        col = grid.width / 2
        areas = np.empty(grid.height)
        for row in range(grid.height):
            corners = [t @ (col + dx, row + dy) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1))]
            areas[row] = abs(self._geod.polygon_area_perimeter([c[0] for c in corners], [c[1] for c in corners])[0])
        return areas

    def polygon_area(self, polygon: Polygon) -> Optional[float]:
        """Return the area in m2 of a polygon in the grid's CRS; None without georeference."""
        if not self._grid.located:
            return None
        if self._geod is None:
            return float(polygon.area) * self._unit_m**2
        return abs(self._geod.geometry_area_perimeter(polygon)[0])
