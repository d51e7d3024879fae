"""Scenes that are computed: shapes that a model can find, and holes without data."""

from __future__ import annotations

import numpy as np
from rasterio.transform import Affine

NAMES = ("B02", "B03", "B04", "B8A", "B11", "B12")
UTM = Affine(10, 0, 500_000, 0, -10, 4_600_000)


def blobs(height, width, bands=6, seed=0):
    """(bands, height, width) uint16: bright land with dark round lakes, and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    lake = np.sin(y / 23.0) + np.cos(x / 31.0) > 0.8
    land = np.array([900, 1100, 1200, 2900, 2600, 1700, 2000, 2000])[:bands, None, None]
    water = np.array([700, 750, 550, 250, 100, 80, 100, 100])[:bands, None, None]
    values = np.where(lake, water, land) + rng.normal(0, 60, (bands, height, width))
    return values.clip(1, 60000).astype(np.uint16)


def punch(kind, values, hole):
    """(values, options of ``make_scene``) of a scene without data in ``hole``, as files of this kind tell it."""
    if kind in ("value", "value in one band"):
        values[4 if kind == "value in one band" else slice(None), hole] = 0
        return values, {"nodata": 0}
    if kind == "nan":
        values = values.astype(np.float32)
        values[2, hole] = np.nan
        return values, {}
    if kind == "mask":
        return values, {"mask": np.where(hole, 0, 255).astype(np.uint8)}
    return np.concatenate([values, np.where(hole, 0, 65535)[None].astype(np.uint16)]), {"photometric": "minisblack"}
