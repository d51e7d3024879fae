"""The size of pixels on the ground, and a grid of other pixels."""

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

MOST = 32.0  # times the scene's: beyond it a pixel of the mask would need more of the scene than is sensible
_EXACT = 1e-6


def pixel_size_m(grid: Grid) -> Optional[Size]:
    """(width, height) in metres of a pixel in the grid's middle; None without georeference."""
    if not grid.located:
        return None
    t = grid.transform
    xs, ys = zip(*(t @ place for place in edge_middles(grid.width / 2, grid.height / 2)))
    try:
        places = list(zip(*transform_points(grid.crs, "EPSG:4326", xs, ys)[:2]))
    except RasterioError:
        places = []
    plane = None
    if not grid.crs.is_geographic:
        unit = grid.crs.linear_units_factor[1]
        plane = math.hypot(t.a, t.d) * unit, math.hypot(t.b, t.e) * unit
    return resolution.pixel_size_m(plane, places)


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
        max(1, math.floor(grid.width / across + 0.5)),  # pixels whose middle lies in the scene
        max(1, math.floor(grid.height / down + 0.5)),
        grid.crs,
        grid.transform @ Affine.scale(across, down),
    )
