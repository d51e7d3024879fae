"""Where a CRS places its coordinates: longitude and latitude on its own ellipsoid, without a change of datum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

import numpy as np
import pyproj
from pyproj.exceptions import ProjError
from rasterio.crs import CRS
from rasterio.errors import CRSError

_SAME_BODY = 0.01  # relative difference of semi-major axes: ellipsoids of the Earth differ by far less


def wkt_of(crs: CRS) -> str:
    """Return a CRS as well-known text 2, which loses nothing; version 1 has no 3D, derived and many projected CRSs."""
    try:
        return str(crs.to_wkt(version="WKT2_2019"))
    except CRSError:
        return str(crs.to_wkt())


@dataclass(frozen=True, eq=False)
class GeodeticBase:
    """The geographic CRS that another CRS is defined on."""

    semi_major_m: float
    """Of the ellipsoid."""
    flattening: float
    """Of the ellipsoid; 0 for a sphere."""
    unit_rad: float
    """Radians per unit of longitude and latitude."""
    transformer: Optional[pyproj.Transformer]
    """From x and y to longitude and latitude; None for a geographic CRS."""

    @property
    def geographic(self) -> bool:
        """Whether the CRS's own coordinates are longitude and latitude."""
        return self.transformer is None

    def lon_lat(self, xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return longitude and latitude in radians of (n,) coordinates; not finite where the CRS has no place."""
        if self.transformer is not None:
            xs, ys = self.transformer.transform(xs, ys)
        return np.asarray(xs, float) * self.unit_rad, np.asarray(ys, float) * self.unit_rad

    def same_body(self, other: GeodeticBase) -> bool:
        """Whether both place points on the same planet or moon."""
        return abs(self.semi_major_m / other.semi_major_m - 1) < _SAME_BODY


@lru_cache(maxsize=64)
def geodetic_base(wkt: str) -> Optional[GeodeticBase]:
    """Return the base of a CRS in well-known text.

    Returns:
        None for a CRS without a place on a planet: engineering, local and geocentric CRSs, and projections that PROJ
        does not have.
    """
    try:
        crs: Optional[pyproj.CRS] = pyproj.CRS.from_wkt(wkt)
        while crs is not None and (crs.is_bound or crs.is_compound):
            crs = crs.source_crs if crs.is_bound else next(iter(crs.sub_crs_list), None)
        if crs is None or crs.is_geocentric or not (crs.is_geographic or crs.is_projected or crs.is_derived):
            return None
        crs = crs.to_2d()
        base = crs
        while base is not None and (base.is_derived or not base.is_geographic):
            base = base.source_crs
        geod = crs.get_geod()
        if base is None or geod is None or geod.a <= 0:
            return None
        transformer = None if base is crs else pyproj.Transformer.from_crs(crs, base, always_xy=True)
        return GeodeticBase(geod.a, geod.f, base.axis_info[0].unit_conversion_factor, transformer)
    except ProjError:  # CRSError is one
        return None
