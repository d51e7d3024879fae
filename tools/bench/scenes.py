"""Made scenes of any size for measurements.

Run with the engine's Python to make them beforehand: python -m tools.bench scenes --work FOLDER --sides 4096 ...
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def make_scene(path: Path, side: int, seed: int = 0) -> Path:
    """Write a side x side x 6 uint16 deflate GeoTIFF in 512 blocks, water and land with noise; keep one that exists."""
    import numpy as np
    import rasterio
    from rasterio.windows import Window

    if path.exists():
        return path
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

    def rows_from(top: int) -> np.ndarray:
        rows = min(512, side - top)
        y, x = np.mgrid[top : top + rows, :side].astype(np.float32)
        lake = np.sin(y / 61) + np.cos(x / 83) + np.sin((x + y) / 29) > 0.7
        noise = np.random.default_rng((seed, top)).standard_normal((6, rows, side), np.float32) * np.float32(80)
        return (np.where(lake, water, land) + noise).clip(1, 60000).astype(np.uint16)

    with rasterio.open(path, "w", **profile) as out, ThreadPoolExecutor(os.cpu_count()) as pool:
        out.descriptions = names
        tops = range(0, side, 512)
        for part in range(0, len(tops), 16):  # in turns, so that little waits in memory
            for top, values in zip(tops[part : part + 16], pool.map(rows_from, tops[part : part + 16])):
                out.write(values, window=Window(0, top, side, values.shape[1]))
    return path


def main() -> None:
    """Make the scenes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sides", type=int, nargs="+", required=True)
    options = parser.parse_args()
    for side in options.sides:
        make_scene(options.work / f"scene{side}.tif", side)
