"""Peak memory of the engine on a small and a large scene, above the loaded model and one batch.

Run with the engine's Python: python -m tools.bench.memory --work FOLDER [--sides 2048 8192] [--warm 3] [--classes 300]
Each side in a fresh process; then all sides once more in a process that has segmented the first one --warm times.
With --classes a small model with random weights and so many classes, each with a minimum probability.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
from pathlib import Path

from .scenes import make_scene

ROOT = Path(__file__).resolve().parents[2]


def resident_mb(field: str) -> float:
    """``VmRSS`` (now) or ``VmHWM`` (highest since :func:`forget_peak`) of this process in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise RuntimeError(field)


def forget_peak() -> None:
    """Start counting the highest resident memory anew (proc(5), clear_refs 5)."""
    Path("/proc/self/clear_refs").write_text("5")


def main() -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sides", type=int, nargs="+", default=[2048, 8192])
    parser.add_argument("--warm", type=int, default=3, help="runs of the first side before the warm ones; 0: none")
    parser.add_argument("--here", action="store_true", help="one after the other in this process, and nothing else")
    parser.add_argument("--variant", default="cpu")
    parser.add_argument("--backbone", default="", help="random weights of this backbone in place of demo-water")
    parser.add_argument("--classes", type=int, default=0, help="random weights with so many classes")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.here:
        measure(options)
        return 0
    first, last = options.sides[0], options.sides[-1]
    if options.backbone or options.classes:  # here, so that the processes find it
        from .random_model import make_random_model

        backbone, channels = (options.backbone, 256) if options.backbone else ("prithvi_eo_v2_tiny_tl", 32)
        make_random_model(options.work / f"model{options.classes or 2}", backbone, channels, options.classes or 2)
    for side in options.sides:  # here, too: making one leaves a larger heap behind
        make_scene(options.work / f"scene{side}.tif", side)
    above = {side: in_fresh_process(options, [side])[0] for side in options.sides}
    print(f"{last} to {first}, above the loaded model and one batch, fresh: {above[last] / max(above[first], 1):.2f}")
    if options.warm:
        *_, low, high = in_fresh_process(options, [*[first] * options.warm, first, last])
        print(f"{last} to {first}, above the loaded model and one batch, warm: {high / max(low, 1):.2f}", flush=True)
    return 0


def in_fresh_process(options: argparse.Namespace, sides: list[int]) -> list[float]:
    """MB above the loaded model and one batch of each run, one after the other in a new process."""
    command = [sys.executable, "-m", "tools.bench.memory", "--here", "--work", str(options.work), "--sides"]
    command += [*map(str, sides), "--variant", options.variant, "--backbone", options.backbone]
    command += ["--classes", str(options.classes)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if " peak " in line or line.startswith("loaded")]
    print("\n".join(lines), flush=True)
    return [float(line.split(" MB, ")[1].split()[0]) for line in lines if " peak " in line]


def measure(options: argparse.Namespace) -> None:
    """Load, take one batch, segment the sides; a line for each."""
    os.environ["PRITHVI_QGIS_HOME"] = str(options.work / "home")

    from prithvi_qgis.engine.device import runtime_env

    runtime_env.prepare(options.variant)
    import numpy as np

    from prithvi_qgis.core.models.model_card import read_card
    from prithvi_qgis.core.protocol.messages import Segment
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.model.model_loader import Loader

    loader, model = Loader(options.variant), str(ROOT / "resources" / "models" / "demo-water")
    if options.backbone or options.classes:
        model = str(options.work / f"model{options.classes or 2}")
    minima = {str(v): 1.5 / options.classes for v in range(options.classes)}

    def run(side: int) -> tuple[float, float]:
        source = make_scene(options.work / f"scene{side}.tif", side)
        gc.collect()
        forget_peak()
        target = str(options.work / "mask.tif")
        request = Segment(str(source), model, target, min_probability=minima)
        result = run_segment(request, loader, lambda m: None)
        return resident_mb("VmHWM"), result.timings["segment"]

    run(600)  # loads the model
    card = read_card(Path(model))
    backend, _ = loader.load(Segment("", model, ""), card)
    tiles = np.zeros((backend.batch_size, len(card.bands), card.tile, card.tile), np.float32)
    gc.collect()
    forget_peak()
    backend.infer(tiles, None)
    loaded = resident_mb("VmHWM")
    print(f"loaded model and one batch of {backend.batch_size}: {loaded:.0f} MB")
    for side in options.sides:
        peak, seconds = run(side)
        print(f"{side} x {side}: peak {peak:.0f} MB, {peak - loaded:+.0f} above; {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
