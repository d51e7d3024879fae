"""How much faster two workers are than one, on CPU workers of one thread each; a ratio, not a speed.

Run with the engine's Python: python -m tools.bench.cluster [--scenes 60] [--side 700] [--workers 2]
Prints a table. With as many cores as workers, and nothing else running, the ratio tells what feed and Ray cost.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine

from prithvi_qgis.contract import paths
from prithvi_qgis.contract.cards import find_model
from prithvi_qgis.contract.live import WorkerState
from prithvi_qgis.contract.messages import Message, SceneDone, Segment
from prithvi_qgis.engine import environment
from prithvi_qgis.engine.cluster.driver import Crew, run_crew

BANDS = ("B02", "B03", "B04", "B8A", "B11", "B12")


def write_scene(path: Path, side: int, seed: int) -> None:
    """(6, side, side) uint16 of noise, on a UTM grid."""
    values = np.random.default_rng(seed).integers(300, 3000, (6, side, side), dtype=np.uint16)
    place = {"crs": "EPSG:32630", "transform": Affine(10, 0, 500_000, 0, -10, 4_600_000)}
    with rasterio.open(path, "w", driver="GTiff", dtype="uint16", count=6, height=side, width=side, **place) as out:
        out.write(values)
        out.descriptions = BANDS


def timed(scenes: list[Path], model: str, out: Path, workers: int) -> tuple[float, float, float]:
    """Seconds of the whole run; seconds of it while every worker has its model loaded, and tiles a second of those."""
    out.mkdir()
    requests = [Segment(str(s), model, str(out / f"{s.stem}.tif"), bands=(1, 2, 3, 4, 5, 6)) for s in scenes]
    ends: list[tuple[float, int]] = []  # when a scene ended, and its tiles
    since = 0.0

    def emit(message: Message) -> None:
        if isinstance(message, SceneDone):
            ends.append((time.monotonic(), message.result.tiles))

    def on_workers(states: Sequence[WorkerState]) -> None:
        nonlocal since
        if not since and all(w.scenes for w in states):
            since = ends[-1][0]

    began = time.monotonic()
    run_crew(requests, Crew(workers, "", "cpu", threads=1), emit, on_workers, lambda: False)
    seconds = ends[-1][0] - since
    return time.monotonic() - began, seconds, sum(tiles for when, tiles in ends if when > since) / seconds


def main() -> None:
    """Time both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--side", type=int, default=700, help="pixels")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    environment.prepare("cpu")
    model = str(find_model("demo-water", paths.model_folders()).folder)
    with tempfile.TemporaryDirectory(prefix="prithvi-bench-") as name:
        folder = Path(name)
        scenes = [folder / f"s{n:03d}.tif" for n in range(options.scenes)]
        for n, path in enumerate(scenes):
            write_scene(path, options.side, n)
        print("workers  whole run, s  all at work, s  tiles/s then  ratio")
        first = 0.0
        for workers in (1, options.workers):
            whole, seconds, rate = timed(scenes, model, folder / f"out{workers}", workers)
            first = first or rate
            print(f"{workers:7d}  {whole:12.1f}  {seconds:14.1f}  {rate:12.2f}  {rate / first:5.2f}", flush=True)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
