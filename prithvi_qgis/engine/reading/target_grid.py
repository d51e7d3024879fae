"""Measure the ground size of pixels, and derive the grid of another pixel size."""

from __future__ import annotations

import math
from typing import Optional

from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.warp import transform as transform_points

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes import resolution
from ...core.scenes.resolution import Size, edge_middles, size_text
from .raster_source import Grid

MAX_FACTOR = 32.0  # between both pixel sizes: beyond it one mask pixel would need an unreasonable part of the scene
_EXACT = 1e-6


def pixel_size_m(grid: Grid) -> Optional[Size]:
    """Return (width, height) in metres of the pixel in the grid's centre; None without georeference."""
    if not grid.located:
        return None
    t = grid.transform
    xs, ys = zip(*(t @ point for point in edge_middles(grid.width / 2, grid.height / 2)))
    try:
        lon_lat = list(zip(*transform_points(grid.crs, "EPSG:4326", xs, ys)[:2]))
    except RasterioError:
        lon_lat = []
    plane = None
    if grid.crs is not None and not grid.crs.is_geographic:
        unit = grid.crs.linear_units_factor[1]
        plane = math.hypot(t.a, t.d) * unit, math.hypot(t.b, t.e) * unit
    return resolution.pixel_size_m(plane, lon_lat)


def grid_at(grid: Grid, metres: float, name: str) -> Optional[Grid]:
    """Return the grid of the same area with pixels of ``metres``, in the same CRS and orientation.

    Returns:
        None where the pixels have this size already.
    Raises:
        PrithviError: ``parameter_invalid`` without georeference, or for a size that is too far off.
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
    if not min(across, down) >= 1 / MAX_FACTOR or not max(across, down) <= MAX_FACTOR:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"RESOLUTION {metres:g} m is more than {MAX_FACTOR:g} times off the pixels of {name}, which have "
            f"{size_text(size)}.",
            "Give the pixel size in metres that the model was made for.",
        )
    return Grid(
        max(1, math.floor(grid.width / across + 0.5)),  # pixels whose centre lies in the scene
        max(1, math.floor(grid.height / down + 0.5)),
        grid.crs,
        grid.transform @ Affine.scale(across, down),
    )
