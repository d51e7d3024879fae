"""Compare the ground size of pixels with a model's training resolution. Both sides use it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

from ..models.model_card import ModelCard

Size = tuple[float, float]  # width and height of a pixel in metres

MAX_RATIO = 2.0  # to the model's pixel size, beyond which shapes differ from those of its training
_TOLERANCE = 0.02  # a projected CRS and the ground differ by less, except for Mercator and similar projections
WGS_84 = 6378137.0, 1 / 298.257223563


def pixel_size_m(
    plane: Optional[Size], edges: Sequence[tuple[float, float]], ellipsoid: tuple[float, float] = WGS_84
) -> Optional[Size]:
    """Return the size of a pixel in the plane of a projected CRS, or on the ellipsoid where that plane is distorted.

    Args:
        plane: metres in the CRS's plane; None for a geographic CRS.
        edges: longitude and latitude of the midpoints of a pixel's left, right, upper and lower edge; empty where
            unknown.
        ellipsoid: semi-major axis in metres, and flattening.
    """
    if len(edges) != 4 or not all(math.isfinite(v) for point in edges for v in point):
        return plane
    left, right, upper, lower = edges
    ground = _distance_m(left, right, *ellipsoid), _distance_m(upper, lower, *ellipsoid)
    if plane and all(g > 0 and abs(p / g - 1) < _TOLERANCE for p, g in zip(plane, ground)):
        return plane
    return ground if min(ground) > 0 else plane


def edge_middles(col: float, row: float) -> list[tuple[float, float]]:
    """Return (column, row) of the midpoints of a pixel's edges, for :func:`pixel_size_m`, from the pixel's centre."""
    return [(col - 0.5, row), (col + 0.5, row), (col, row - 0.5), (col, row + 0.5)]


def far_off(name: str, size: Optional[Size], card: ModelCard, resampled: bool = False) -> list[str]:
    """Return a warning if pixels are more than twice as large or small as those of the model's training."""
    if size is None or not card.resolution_m:
        return []
    ratio = math.sqrt(size[0] * size[1]) / card.resolution_m
    if 1 / MAX_RATIO - 1e-3 <= ratio <= MAX_RATIO + 1e-3:
        return []
    return [
        f"{name} {'is read at' if resampled else 'has'} pixels of {size_text(size)}, more than twice as "
        f"{'large' if ratio > 1 else 'small'} as the {card.resolution_m:g} m that {card.id} was made for: set "
        f"RESOLUTION to {card.resolution_m:g} to have it resampled."
    ]


def size_text(size: Size) -> str:
    """Return ``10 m``, or ``10 x 20 m`` where the sides differ."""
    wide, high = (f"{v:.4g}" for v in size)
    return f"{wide} m" if abs(size[0] / size[1] - 1) < _TOLERANCE else f"{wide} x {high} m"


def _distance_m(one: tuple[float, float], other: tuple[float, float], axis_m: float, flattening: float) -> float:
    """Return the distance of two points (longitude, latitude) a few pixels apart, by the radii of curvature."""
    latitude = math.radians((one[1] + other[1]) / 2)
    e2 = flattening * (2 - flattening)
    w2 = 1 - e2 * math.sin(latitude) ** 2
    east_deg = (other[0] - one[0] + 540) % 360 - 180
    east_m = math.radians(east_deg) * math.cos(latitude) * axis_m / math.sqrt(w2)
    north_m = math.radians(other[1] - one[1]) * axis_m * (1 - e2) / w2**1.5
    return math.hypot(east_m, north_m)
