"""What happens when the GPU is full: a real allocation takes its memory while a model is loaded.

Run with the engine's Python: python -m tools.bench.full_card --work FOLDER [--side 4096]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from .setting import begin


def main() -> int:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--side", type=int, default=4096)
    options = parser.parse_args()
    out = begin(options.work, "cuda")

    import rasterio
    import torch

    from prithvi_qgis.core.errors import PrithviError
    from prithvi_qgis.core.protocol.messages import Log, Segment
    from prithvi_qgis.engine.device import nvml
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.model.model_loader import Loader

    from .random_model import make_random_model
    from .scenes import make_scene

    folder = make_random_model(options.work / "model2", "prithvi_eo_v2_300_tl", 256)
    source = make_scene(options.work / f"scene{options.side}.tif", options.side)
    loader = Loader("cuda")

    def run(name: str) -> Any:
        told: list[str] = []

        def emit(message: Any) -> None:
            if isinstance(message, Log) and message.level == "warning":
                told.append(message.text)

        target = options.work / f"{name}.tif"
        target.unlink(missing_ok=True)
        free = nvml.memory_mb()[0]
        try:
            result = run_segment(Segment(str(source), str(folder), str(target)), loader, emit)
            what = f"{result.tiles} tiles in {result.timings['segment']:.2f} s"
        except PrithviError as e:
            what = e.line
        loader.rest()
        print(f"{name}: {free} MB free before; {what}; warnings: {told}; file: {target.exists()}", file=out, flush=True)
        if target.exists():
            with rasterio.open(target) as src:
                return src.read(1)
        return None

    run("first")
    whole = run("plenty")
    for name, leave_mb in (("tight", 4000), ("tighter", 1800), ("nothing", 150)):
        torch.cuda.empty_cache()
        taken = torch.empty(torch.cuda.mem_get_info()[0] - (leave_mb << 20), dtype=torch.uint8, device="cuda")
        mask = run(name)
        if mask is not None:
            print(f"{name}: equal pixels {float((mask == whole).mean()):.6f}", file=out, flush=True)
        del taken
    # The same while nothing is loaded: what is free decides how much the model is given, or it is refused in one line.
    for name, leave_mb in (("loading, tight", 4000), ("loading, nothing", 1000)):
        loader.unload()
        torch.cuda.empty_cache()
        taken = torch.empty(torch.cuda.mem_get_info()[0] - (leave_mb << 20), dtype=torch.uint8, device="cuda")
        mask = run(name)
        if mask is not None:
            print(f"{name}: equal pixels {float((mask == whole).mean()):.6f}", file=out, flush=True)
        del taken
    torch.cuda.empty_cache()
    mask = run("after")
    print(f"after: equal pixels {float((mask == whole).mean()):.6f}", file=out, flush=True)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
