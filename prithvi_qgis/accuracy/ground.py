"""Ground area of pixels in geographic coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def geographic_row_areas(
    transform: Sequence[float], first_row: int, rows: int, column: float, semi_major_m: float, inverse_flattening: float
) -> np.ndarray:
    """Return the area in m2 of one pixel per row of a grid in degrees, as (rows,).

    The pixel's parallelogram in degrees times the ellipsoid's scale at its centre: meridian radius of curvature along
    latitude, radius of the parallel along longitude. The error is below 1e-5 for pixels of up to half a degree.

    Args:
        transform: six coefficients in GDAL's order.
        column: where latitudes are taken; matters for rotated grids only.
        inverse_flattening: 0 for a sphere.
    """
    flattening = 1 / inverse_flattening if inverse_flattening else 0.0
    eccentricity2 = flattening * (2 - flattening)
    row = first_row + np.arange(rows) + 0.5
    latitude = np.radians(transform[3] + transform[4] * column + transform[5] * row)
    root = 1 - eccentricity2 * np.sin(latitude) ** 2
    meridian, parallel = semi_major_m * (1 - eccentricity2) / root**1.5, semi_major_m / np.sqrt(root)
    degrees2 = abs(transform[1] * transform[5] - transform[2] * transform[4])
    return degrees2 * np.radians(1) ** 2 * meridian * parallel * np.abs(np.cos(latitude))
