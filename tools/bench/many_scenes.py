"""Memory of the engine over many small scenes: MB a scene by a line fitted through all of them.

Run with the engine's Python: python -m tools.bench.many_scenes --work FOLDER [--count 500] [--side 300]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from .memory import resident_mb

ROOT = Path(__file__).resolve().parents[2]
ALLOWED_MB = 0.1


def main() -> int:
    """Print memory now and then, tiles a second, and the slope; exit code 1 where it is too steep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--side", type=int, default=300)
    parser.add_argument("--variant", default="cpu")
    parser.add_argument("--model", type=Path, default=ROOT / "resources" / "models" / "demo-water")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    os.environ["PRITHVI_QGIS_HOME"] = str(options.work / "home")

    from prithvi_qgis.engine.device import runtime_env

    runtime_env.prepare(options.variant)
    import numpy as np

    from prithvi_qgis.core.protocol.messages import Message, SceneDone, SceneFailed, Segment
    from prithvi_qgis.engine.many.segment_many import segment_many
    from prithvi_qgis.engine.model.model_loader import Loader

    from .scenes import make_scene

    sources = [make_scene(options.work / f"s{n}.tif", options.side + n, n) for n in range(10)]
    (options.work / "out").mkdir(exist_ok=True)
    masks = [str(options.work / "out" / f"m{n}") for n in range(options.count)]
    wanted = [
        Segment(str(sources[n % 10]), str(options.model), f"{mask}.tif", thumbnail=f"{mask}.png")
        for n, mask in enumerate(masks)
    ]
    memory: list[float] = []
    tiles = 0
    began = 0.0

    def emit(message: Message) -> None:
        nonlocal tiles, began
        if isinstance(message, SceneFailed):
            sys.exit(f"{message.text}")
        if isinstance(message, SceneDone):
            began = began or time.monotonic()
            tiles += message.result.tiles
            memory.append(resident_mb("VmRSS"))
            if len(memory) % 50 == 0:
                print(f"{len(memory)} scenes: {memory[-1]:.0f} MB", flush=True)

    segment_many(wanted, Loader(options.variant), emit, total=len(wanted))
    seconds = time.monotonic() - began
    settled = min(50, len(memory) // 5)  # until the C library's heap has found its size
    numbers = np.arange(settled, len(memory))
    slope = float(np.polyfit(numbers, memory[settled:], 1)[0])
    print(f"{len(memory)} scenes of about {options.side} pixels, {tiles} tiles, {tiles / seconds:.2f} tiles/s")
    print(f"slope after the first {settled}: {slope:+.4f} MB a scene")
    return 0 if slope < ALLOWED_MB else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
