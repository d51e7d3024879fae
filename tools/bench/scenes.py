"""Made scenes of any size for measurements."""

from __future__ import annotations

from pathlib import Path


def make_scene(path: Path, side: int, seed: int = 0) -> Path:
    """Write a side x side x 6 uint16 deflate GeoTIFF in 512 blocks: water and land with noise; kept if there."""
    import numpy as np
    import rasterio
    from rasterio.windows import Window

    if path.exists():
        return path
    rng = np.random.default_rng(seed)
    land = np.array([900, 1100, 1200, 2900, 2600, 1700], np.float32)[:, None, None]
    water = np.array([700, 750, 550, 250, 100, 80], np.float32)[:, None, None]
    names = ("B02", "B03", "B04", "B8A", "B11", "B12")
    profile = {
        "driver": "GTiff",
        "width": side,
        "height": side,
        "count": 6,
        "dtype": "uint16",
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "compress": "deflate",
        "zlevel": 1,
        "nodata": 0,
        "crs": "EPSG:32630",
        "transform": rasterio.Affine(10, 0, 500_000, 0, -10, 4_600_000),
        "num_threads": "all_cpus",
        "bigtiff": "if_safer",
    }
    with rasterio.open(path, "w", **profile) as out:
        out.descriptions = names
        for top in range(0, side, 512):
            rows = min(512, side - top)
            y, x = np.mgrid[top : top + rows, :side].astype(np.float32)
            lake = np.sin(y / 61) + np.cos(x / 83) + np.sin((x + y) / 29) > 0.7
            values = np.where(lake, water, land) + rng.normal(0, 80, (6, rows, side)).astype(np.float32)
            out.write(values.clip(1, 60000).astype(np.uint16), window=Window(0, top, side, rows))
    return path
