"""Peak memory of the engine on a small and a large scene, above the loaded model and one batch.

Run with the engine's Python: python -m tools.bench.memory --work FOLDER [--sides 2048 8192] [--classes 300]
With --classes a small model with random weights and so many classes, each with a minimum probability.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path

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
    parser.add_argument("--variant", default="cpu")
    parser.add_argument("--classes", type=int, default=0)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    os.environ["PRITHVI_QGIS_HOME"] = str(options.work / "home")

    from prithvi_qgis.engine import environment

    environment.prepare(options.variant)
    import numpy as np

    from prithvi_qgis.contract.cards import read_card
    from prithvi_qgis.contract.messages import Segment
    from prithvi_qgis.engine.loader import Loader
    from prithvi_qgis.engine.run import run_segment

    from .random_model import make_random_model
    from .scenes import make_scene

    loader, model = Loader(options.variant), str(ROOT / "resources" / "models" / "demo-water")
    if options.classes:
        made = make_random_model(options.work / "model", "prithvi_eo_v2_tiny_tl", 32, options.classes)
        model = str(made)
    minima = {str(v): 1.5 / options.classes for v in range(options.classes)}

    def run(side: int) -> float:
        source = make_scene(options.work / f"scene{side}.tif", side)
        gc.collect()
        forget_peak()
        request = Segment(str(source), model, str(options.work / "mask.tif"), min_probability=minima)
        run_segment(request, loader, lambda m: None, lambda: False)
        return resident_mb("VmHWM")

    run(600)  # loads the model
    card = read_card(Path(model))
    backend, _ = loader.load(Segment("", model, ""), card)
    tiles = np.zeros((backend.batch_size, len(card.bands), card.tile, card.tile), np.float32)
    gc.collect()
    forget_peak()
    backend.infer(tiles, None)
    loaded = resident_mb("VmHWM")
    print(f"loaded model and one batch: {loaded:.0f} MB")
    first = run(options.sides[0])
    print(f"{options.sides[0]} x {options.sides[0]}, first run: peak {first:.0f} MB, {first - loaded:+.0f} MB")
    for _ in range(3):  # until the C library's heap has found its size: the engine is a process that stays
        run(options.sides[0])
    peaks = {side: run(side) for side in options.sides}
    for side, peak in peaks.items():
        print(f"{side} x {side}: peak {peak:.0f} MB, {peak - loaded:+.0f} MB above the loaded model and one batch")
    low, high = (peaks[s] - loaded for s in (options.sides[0], options.sides[-1]))
    print(f"largest scene to smallest, above the loaded model and one batch: {high / max(low, 1):.2f}")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
