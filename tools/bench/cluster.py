"""Speed-up of several workers over one.

Run with the engine's Python: python -m tools.bench cluster [--scenes 60] [--side 700] [--workers 2]
On GPUs: python -m tools.bench cluster --variant cuda --scenes 400 --side 1024 --work FOLDER
Prints a table. CPU workers have one thread each: with as many cores as workers, and nothing else running, the ratio
shows what coordinator and Ray cost. On GPUs the model has 300 M parameters and random weights.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from prithvi_qgis.core.models.model_card import find_model
from prithvi_qgis.core.protocol.messages import Message, SceneDone, Segment, WorkerState
from prithvi_qgis.core.system import paths
from prithvi_qgis.engine.cluster.driver import ClusterOptions, run_workers
from prithvi_qgis.engine.device import runtime_env

from .random_model import make_random_model
from .scenes import make_scene
from .setting import BACKBONE, CHANNELS

DIFFERENT = 10  # scenes that are made; the run repeats them


def timed(scenes: list[Path], model: str, out: Path, workers: int, variant: str) -> tuple[float, float, float]:
    """Return seconds of the run, seconds since every worker has ended a scene, and tiles/s of the latter."""
    out.mkdir(parents=True)
    requests = [Segment(str(s), model, str(out / f"m{n}.tif")) for n, s in enumerate(scenes)]
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
    threads = 1 if variant == "cpu" else 0
    run_workers(requests, ClusterOptions(workers, "", variant, threads=threads), emit, on_workers, lambda: False)
    seconds = ends[-1][0] - since
    return time.monotonic() - began, seconds, sum(tiles for when, tiles in ends if when > since) / seconds


def main() -> None:
    """Time one worker, then several."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--side", type=int, default=700, help="pixels")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--variant", default="cpu")
    parser.add_argument("--work", type=Path, help="a folder that keeps scenes, model and masks")
    options = parser.parse_args()
    runtime_env.prepare(options.variant)
    with tempfile.TemporaryDirectory(prefix="prithvi-bench-") as name:
        folder = options.work or Path(name)
        if options.variant == "cpu":
            model = find_model("demo-water", paths.model_folders()).folder
        else:
            model = make_random_model(folder / "model2", BACKBONE, CHANNELS)
        count = min(options.scenes, DIFFERENT)
        made = [make_scene(folder / f"s{options.side}-{n}.tif", options.side + n, n) for n in range(count)]
        scenes = [made[n % count] for n in range(options.scenes)]
        print("workers  whole run, s  all at work, s  tiles/s then  ratio")
        first = 0.0
        for workers in (1, options.workers):
            out = folder / f"out{options.side}-{workers}"
            whole, seconds, rate = timed(scenes, str(model), out, workers, options.variant)
            first = first or rate
            print(f"{workers:7d}  {whole:12.1f}  {seconds:14.1f}  {rate:12.2f}  {rate / first:5.2f}", flush=True)
