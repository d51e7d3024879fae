"""Areas of pixels and polygons on the ground."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Optional

import numpy as np
from pyproj import CRS, Geod

from ..reading.raster_source import Grid


@lru_cache(maxsize=8)
def row_areas(grid: Grid) -> Optional[np.ndarray]:
    """See :meth:`PixelArea.row_areas`; kept, since of one scene several want it, and not to be changed."""
    areas = PixelArea(grid).row_areas()
    if areas is not None:
        areas.flags.writeable = False
    return areas


@lru_cache(maxsize=8)
def _measures(crs_wkt: str) -> tuple[Optional[Geod], float]:
    """The ellipsoid of a CRS in angles, and the metres of one unit of a CRS in the plane; kept, scenes share them."""
    crs = CRS.from_wkt(crs_wkt)
    if crs.is_geographic:
        return crs.get_geod(), 1.0
    return None, crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0


class PixelArea:
    """Measures on a grid's CRS: on its ellipsoid where coordinates are angles, in its plane otherwise."""

    def __init__(self, grid: Grid):
        self._grid = grid
        self._geod, self._unit_m = _measures(grid.crs.to_wkt()) if grid.located else (None, 1.0)

    def row_areas(self) -> Optional[np.ndarray]:
        """(height,) float64 area in m2 of one pixel in each row; None without georeference.

        In a geographic CRS it is the ellipsoidal area of the row's middle pixel; in a rotated one that is an
        approximation, since pixels of one row then lie at different latitudes.
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

    def polygon_area(self, polygon: Any) -> Optional[float]:
        """Area in m2 of a shapely polygon in the grid's CRS; None without georeference."""
        if not self._grid.located:
            return None
        if self._geod is None:
            return float(polygon.area) * self._unit_m**2
        return abs(self._geod.geometry_area_perimeter(polygon)[0])
