"""Measure the ground size of pixels, and derive the grid of another pixel size."""

from __future__ import annotations

import math
from typing import Optional

import numpy as np
from rasterio.transform import Affine

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes import resolution
from ...core.scenes.resolution import Size, edge_middles, size_text
from ..gdal_errors import GDAL_ERRORS
from .raster_source import Grid

MAX_FACTOR = 32.0  # between both pixel sizes: beyond it one mask pixel would need an unreasonable part of the scene
_EXACT = 1e-6


def pixel_size_m(grid: Grid) -> Optional[Size]:
    """Return (width, height) in metres of the pixel in the grid's centre; None where that is not known."""
    t, base = grid.transform, grid.base
    if base is None:
        return _plane_size_m(grid)
    xs, ys = zip(*(t @ point for point in edge_middles(grid.width / 2, grid.height / 2)))
    lon, lat = (np.degrees(v) for v in base.lon_lat(np.array(xs), np.array(ys)))
    plane = None if base.geographic else _plane_size_m(grid)
    ellipsoid = base.semi_major_m, base.flattening
    return resolution.pixel_size_m(plane, list(zip(lon.tolist(), lat.tolist())), ellipsoid)


def _plane_size_m(grid: Grid) -> Optional[Size]:
    """Return the size of a pixel in the units of the CRS; None where these are no lengths."""
    if grid.crs is None or not grid.georeferenced or grid.crs.is_geographic:
        return None
    try:
        name, unit = grid.crs.units_factor
    except GDAL_ERRORS:
        return None
    if name.lower() in ("", "unknown") or not unit > 0:
        return None
    t = grid.transform
    return math.hypot(t.a, t.d) * unit, math.hypot(t.b, t.e) * unit


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
