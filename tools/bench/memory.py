"""Peak memory of the engine on small and large scenes, above the loaded model and one batch.

Run with the engine's Python: python -m tools.bench memory --work FOLDER [--sides 2048 8192] [--warm 3] [--classes 300]
Measures each side in a fresh process, then all sides in a process that has segmented the first one --warm times.
On the CPU the model is demo-water; with --classes it has random weights and a minimum probability per class.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys

from .random_model import make_random_model
from .scenes import make_scene
from .setting import DEMO_MODEL, ROOT, Bench, arguments, reset_peak, resident_mb


def main() -> int:
    """Print a table."""
    parser = arguments(__doc__, "cpu")
    parser.add_argument("--sides", type=int, nargs="+", default=[2048, 8192])
    parser.add_argument("--warm", type=int, default=3, help="runs of the first side before the warm ones; 0: none")
    parser.add_argument("--classes", type=int, default=0, help="a small model with random weights and so many classes")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # a fresh process of this program
    options = parser.parse_args()
    if options.here:
        measure(options)
        return 0
    options.work.mkdir(parents=True, exist_ok=True)
    if options.classes:
        options.model = options.work / f"tiny{options.classes}"
        make_random_model(options.model, "prithvi_eo_v2_tiny_tl", 32, options.classes)
    elif options.variant == "cpu":
        options.model = options.model or DEMO_MODEL
    first, last = options.sides[0], options.sides[-1]
    for side in options.sides:  # not in the measured processes: making one leaves a larger heap behind
        make_scene(options.work / f"scene{side}.tif", side)
    above = {side: in_fresh_process(options, [side])[0] for side in options.sides}
    print(f"{last} to {first}, above the loaded model and one batch, fresh: {above[last] / max(above[first], 1):.2f}")
    if options.warm:
        *_, low, high = in_fresh_process(options, [*[first] * options.warm, first, last])
        print(f"{last} to {first}, above the loaded model and one batch, warm: {high / max(low, 1):.2f}", flush=True)
    return 0


def in_fresh_process(options: argparse.Namespace, sides: list[int]) -> list[float]:
    """Return MB above the loaded model and one batch of each run, one after the other in a new process."""
    command = [sys.executable, "-m", "tools.bench", "memory", "--here", "--work", str(options.work.absolute())]
    command += ["--variant", options.variant, "--classes", str(options.classes), "--sides", *map(str, sides)]
    command += ["--model", str(options.model.absolute())] if options.model else []
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if " peak " in line or line.startswith("loaded")]
    print("\n".join(lines), flush=True)
    return [float(line.split(" MB, ")[1].split()[0]) for line in lines if " peak " in line]


def measure(options: argparse.Namespace) -> None:
    """Load, take one batch, segment the sides; one line per side."""
    bench = Bench(options)
    import numpy as np

    minima = {str(v): 1.5 / options.classes for v in range(options.classes)}
    bench.segment(600, min_probability=minima)  # loads the model
    card, backend = bench.card(), bench.backend()
    tiles = np.zeros((backend.batch_size, len(card.bands), card.tile, card.tile), np.float32)
    gc.collect()
    reset_peak()
    backend.infer(tiles, None)
    loaded = resident_mb("VmHWM")
    print(f"loaded model and one batch of {backend.batch_size}: {loaded:.0f} MB", file=bench.out)
    for side in options.sides:
        gc.collect()
        reset_peak()
        result = bench.segment(side, min_probability=minima)
        peak, seconds = resident_mb("VmHWM"), result.timings["segment"]
        print(f"{side} x {side}: peak {peak:.0f} MB, {peak - loaded:+.0f} above; {seconds:.1f} s", file=bench.out)
    bench.out.flush()
