"""Everything that the table of one GPU in docs/performance.md rests on, step by step, each in a process of its own.

Run with the engine's Python: python -m tools.bench.series --work FOLDER [--steps scenes growth memory speed ...]
About twelve minutes on one H200; the steps parity and full take four more. What a step prints is passed on as it comes
and kept in FOLDER/series.txt; a step that fails or takes too long is told and the next one begins.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIDES = [1024, 2048, 4096, 5000, 10752, 20000]
MODEL = "prithvi_eo_v2_300_tl"
# Module, arguments, seconds at most.
STEPS = {
    "scenes": ("scenes", ["--work", "{work}", "--sides", *map(str, SIDES)], 240),
    # Seconds and memory over the side, 1k to 20k, and over 2 to 20 classes (13 among them), with fits.
    "growth": (
        "growth",
        ["--work", "{work}", "--sides", *map(str, SIDES), "--classes", "2", "13", "20", "--side", "10752"],
        500,
    ),
    # Highest host memory above the loaded model and one batch; every side in a fresh process.
    "memory": (
        "memory",
        [
            "--work",
            "{work}",
            "--variant",
            "cuda",
            "--backbone",
            MODEL,
            "--warm",
            "0",
            "--sides",
            "5000",
            "10752",
            "20000",
        ],
        240,
    ),
    # The GPU's rate in the middle of a scene beside the bare forward pass.
    "steady": ("steady", ["--work", "{work}"], 120),
    # What the feeding thread does, in a large scene and over small ones, and where it waits for the GPU.
    "where": ("where", ["--work", "{work}"], 150),
    # A run over 200 small scenes: its tiles a second are to be near a large scene's. After "where".
    "many": (
        "many_scenes",
        ["--work", "{work}/many", "--count", "200", "--side", "1024", "--variant", "cuda", "--model", "{work}/model2"],
        120,
    ),
    # Bare forward pass, stock path and tiled inference on the same scene, where the GPU's time goes.
    "speed": ("speed", ["--work", "{work}", "--sides", "4096", "10752", "--compare", "--profile"], 240),
    # Equal pixels with TerraTorch's own tiles, blending and class map, the same coordinates, fp16. After "growth".
    "parity": ("parity", ["{work}/scene4096.tif", "--model", "{work}/model2", "--variant", "cuda"], 120),
    "full": ("full_card", ["--work", "{work}", "--side", "4096"], 150),
}


def main() -> int:
    """Run the steps; the number of those that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument(
        "--steps", nargs="+", choices=tuple(STEPS), default=[s for s in STEPS if s not in ("parity", "full")]
    )
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    failed = 0
    with open(options.work / "series.txt", "a") as kept:

        def tell(line: str) -> None:
            print(line, flush=True)
            print(line, file=kept, flush=True)

        for name in options.steps:
            module, arguments, most_s = STEPS[name]
            command = [sys.executable, "-m", f"tools.bench.{module}"]
            command += [a.replace("{work}", str(options.work.absolute())) for a in arguments]
            began = time.monotonic()
            with open(options.work / f"{name}.log", "w") as log:
                tell(f"== {name}: python -m {' '.join(command[2:])}")
                step = subprocess.Popen(
                    command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
                )
                end = threading.Timer(most_s, os.killpg, (step.pid, signal.SIGKILL))  # with what it has started
                end.start()
                for line in step.stdout or ():
                    tell(line.rstrip())
                code = step.wait()
                end.cancel()
            failed += code != 0
            passed = time.monotonic() - began
            tell(f"== {name}: {'too long' if passed > most_s else code}, {passed:.0f} s")
    return failed


if __name__ == "__main__":
    sys.exit(main())
