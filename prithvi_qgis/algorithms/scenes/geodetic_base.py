"""Where a CRS places its coordinates: longitude and latitude on its own ellipsoid, through QGIS's GDAL.

The engine has the same rules through pyproj.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

import numpy as np
from osgeo import osr

from ..quiet_gdal import quiet_gdal

_NOWHERE = (math.inf, math.inf, 0.0)


@dataclass(frozen=True, eq=False)
class GeodeticBase:
    """The geographic CRS that another CRS is defined on."""

    semi_major_m: float
    """Of the ellipsoid."""
    flattening: float
    """Of the ellipsoid; 0 for a sphere."""
    unit_rad: float
    """Radians per unit of longitude and latitude."""
    transformation: Optional[osr.CoordinateTransformation]
    """From x and y to longitude and latitude; None for a geographic CRS."""

    def lon_lat(self, xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return longitude and latitude in radians of (n,) coordinates; not finite where the CRS has no place."""
        if self.transformation is not None:
            points = np.column_stack([xs, ys]).tolist()
            with quiet_gdal():
                try:
                    found = self.transformation.TransformPoints(points)
                except RuntimeError:  # of one of them, where GDAL's exceptions are on
                    found = [_transformed(self.transformation, *point) for point in points]
            xs, ys = (np.array([point[axis] for point in found], float) for axis in (0, 1))
        return np.asarray(xs, float) * self.unit_rad, np.asarray(ys, float) * self.unit_rad


def geodetic_base(crs: osr.SpatialReference) -> Optional[GeodeticBase]:
    """Return the base of a CRS.

    Returns:
        None for a CRS without a place on a planet: engineering, local and geocentric ones, and projections that PROJ
        does not have.
    """
    if crs.IsLocal() or crs.IsGeocentric():
        return None
    with quiet_gdal():
        try:
            flat, base = crs.Clone(), crs.CloneGeogCS()
            if base is None:
                return None
            flat.StripVertical()
            flat.DemoteTo2D(None)
            semi_major_m, inverse = base.GetSemiMajor(), base.GetInvFlattening()
            if crs.IsDerivedGeographic():  # GDAL does not give its base
                shape = f"+rf={inverse!r}" if inverse else f"+b={semi_major_m!r}"
                base = osr.SpatialReference()
                base.ImportFromProj4(f"+proj=longlat +a={semi_major_m!r} {shape}")
            transformation = None
            if not crs.IsGeographic() or crs.IsDerivedGeographic():
                for system in (flat, base):
                    system.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
                transformation = osr.CreateCoordinateTransformation(flat, base)
                if transformation is None:
                    return None
        except RuntimeError:
            return None
    return GeodeticBase(semi_major_m, 1 / inverse if inverse else 0.0, base.GetAngularUnits(), transformation)


def _transformed(transformation: osr.CoordinateTransformation, x: float, y: float) -> tuple[float, float, float]:
    try:
        found: tuple[float, float, float] = transformation.TransformPoint(x, y)
    except RuntimeError:
        return _NOWHERE
    return found
