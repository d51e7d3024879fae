"""The size of pixels on the ground: as it is, as a model wants it, as asked for."""

from __future__ import annotations

import math
from typing import Optional

from pyproj import CRS, Geod, Transformer
from rasterio.transform import Affine

from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from .source import Grid, Source

FAR = 2.0  # times the model's pixel size, from which on shapes are not those that it was trained on
MOST = 32.0  # times the scene's: beyond it a pixel of the mask would need more of the scene than is sensible
_SAME = 0.02  # the plane of a CRS and the ground differ by less, except in Mercator's and the like
_EXACT = 1e-6


def pixel_size_m(grid: Grid) -> Optional[tuple[float, float]]:
    """(width, height) in metres of a pixel in the grid's middle; None without georeference.

    In the plane of a projected CRS, unless the plane is stretched there, as Web Mercator's is; on the ellipsoid else.
    """
    if not grid.located:
        return None
    crs = CRS.from_wkt(grid.crs.to_wkt())
    t = grid.transform
    ground = _on_the_ground(crs, grid)
    if crs.is_geographic or not crs.axis_info:
        return ground
    unit = crs.axis_info[0].unit_conversion_factor
    plane = math.hypot(t.a, t.d) * unit, math.hypot(t.b, t.e) * unit
    if ground is None or all(abs(p / g - 1) < _SAME for p, g in zip(plane, ground)):
        return plane
    return ground


def _on_the_ground(crs: CRS, grid: Grid) -> Optional[tuple[float, float]]:
    row, col = grid.height / 2, grid.width / 2
    points = [grid.transform @ p for p in ((col - 0.5, row), (col + 0.5, row), (col, row - 0.5), (col, row + 0.5))]
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform([p[0] for p in points], [p[1] for p in points])
    if not all(map(math.isfinite, (*lon, *lat))):
        return None
    geod = Geod(ellps="WGS84")
    return tuple(geod.inv(lon[i], lat[i], lon[i + 1], lat[i + 1])[2] for i in (0, 2))


def grid_at(grid: Grid, metres: float, name: str) -> Optional[Grid]:
    """The same area in pixels of another size, in the same CRS and orientation; None where they have it already.

    Raises:
        PrithviError: ``parameter_invalid`` for a size that cannot be had.
    """
    size = pixel_size_m(grid)
    if size is None:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"RESOLUTION {metres:g} m was given, but {name} has no georeference that says how large its pixels are.",
            "Leave RESOLUTION empty, or give the scene its georeference.",
        )
    across, down = (metres / s for s in size)
    if max(abs(across - 1), abs(down - 1)) < _EXACT:
        return None
    if not min(across, down) >= 1 / MOST or not max(across, down) <= MOST:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"RESOLUTION {metres:g} m is more than {MOST:g} times off the pixels of {name}, which have "
            f"{size_text(size)}.",
            "Give the pixel size in metres that the model was made for.",
        )
    return Grid(
        max(1, math.ceil(grid.width / across - 1e-3)),
        max(1, math.ceil(grid.height / down - 1e-3)),
        grid.crs,
        grid.transform @ Affine.scale(across, down),
    )


def far_off(scene: Source, card: ModelCard) -> list[str]:
    """A line when pixels are more than twice as large or small as those that the model was made for."""
    size = pixel_size_m(scene.full)
    if size is None or not card.resolution_m:
        return []
    ratio = math.sqrt(size[0] * size[1]) / card.resolution_m
    if 1 / FAR - 1e-3 <= ratio <= FAR + 1e-3:
        return []
    return [
        f"{scene.name} {'is read at' if scene.resampled else 'has'} pixels of {size_text(size)}, more than twice as "
        f"{'large' if ratio > 1 else 'small'} as the {card.resolution_m:g} m that {card.id} was made for: set "
        f"RESOLUTION to {card.resolution_m:g} to have it resampled."
    ]


def size_text(size: tuple[float, float]) -> str:
    """``10 m``, or ``10 x 20 m`` where the sides differ."""
    wide, high = (f"{v:.4g}" for v in size)
    return f"{wide} m" if wide == high or abs(size[0] / size[1] - 1) < _SAME else f"{wide} x {high} m"
