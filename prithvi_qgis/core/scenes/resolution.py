"""The size of pixels on the ground against the one that a model was made for. Both sides decide by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

from ..models.model_card import ModelCard

Size = tuple[float, float]  # width and height of a pixel in metres

FAR = 2.0  # times the model's pixel size, from which on shapes are not those that it was trained on
_SAME = 0.02  # the plane of a CRS and the ground differ by less, except in Mercator's and the like
_AXIS_M, _FLATTENING = 6378137.0, 1 / 298.257223563  # WGS 84


def pixel_size_m(plane: Optional[Size], places: Sequence[tuple[float, float]]) -> Optional[Size]:
    """The size of a pixel: in the plane of a projected CRS, unless the plane is stretched there; on the ellipsoid else.

    Args:
        plane: metres in the CRS's plane; None where its coordinates are angles.
        places: longitude and latitude of the middles of a pixel's left, right, upper and lower edge, or empty where
            they are not known.
    """
    if len(places) != 4 or not all(math.isfinite(v) for place in places for v in place):
        return plane
    ground = _distance_m(*places[:2]), _distance_m(*places[2:])
    if plane and all(g > 0 and abs(p / g - 1) < _SAME for p, g in zip(plane, ground)):
        return plane
    return ground if min(ground) > 0 else plane


def edge_middles(col: float, row: float) -> list[tuple[float, float]]:
    """(column, row) of the middles of a pixel's edges, as :func:`pixel_size_m` wants them; from the pixel's centre."""
    return [(col - 0.5, row), (col + 0.5, row), (col, row - 0.5), (col, row + 0.5)]


def far_off(name: str, size: Optional[Size], card: ModelCard, resampled: bool = False) -> list[str]:
    """A line when pixels are more than twice as large or small as those that the model was made for."""
    if size is None or not card.resolution_m:
        return []
    ratio = math.sqrt(size[0] * size[1]) / card.resolution_m
    if 1 / FAR - 1e-3 <= ratio <= FAR + 1e-3:
        return []
    return [
        f"{name} {'is read at' if resampled else 'has'} pixels of {size_text(size)}, more than twice as "
        f"{'large' if ratio > 1 else 'small'} as the {card.resolution_m:g} m that {card.id} was made for: set "
        f"RESOLUTION to {card.resolution_m:g} to have it resampled."
    ]


def size_text(size: Size) -> str:
    """``10 m``, or ``10 x 20 m`` where the sides differ."""
    wide, high = (f"{v:.4g}" for v in size)
    return f"{wide} m" if abs(size[0] / size[1] - 1) < _SAME else f"{wide} x {high} m"


def _distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two places (longitude, latitude) that lie a few pixels apart."""
    middle = math.radians((one[1] + other[1]) / 2)
    e2 = _FLATTENING * (2 - _FLATTENING)
    bent = 1 - e2 * math.sin(middle) ** 2
    east = (other[0] - one[0] + 540) % 360 - 180
    across = math.radians(east) * math.cos(middle) * _AXIS_M / math.sqrt(bent)
    along = math.radians(other[1] - one[1]) * _AXIS_M * (1 - e2) / bent**1.5
    return math.hypot(across, along)
