"""How time and memory grow with the side of a scene and with the number of classes; straight lines fitted.

Run with the engine's Python: python -m tools.bench.growth --work FOLDER [--variant cuda] [--sides ...] [--classes ...]
One line of JSON for each point, then the fits: seconds and MB = a + b * megapixels, and = a + b * classes.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any

from .memory import forget_peak, resident_mb
from .setting import begin


def main() -> int:
    """Print points and fits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--variant", default="cuda")
    parser.add_argument("--sides", type=int, nargs="*", default=[1024, 2048, 4096, 8192, 10752, 16384, 20000])
    parser.add_argument("--classes", type=int, nargs="*", default=[2, 5, 10, 13, 20])
    parser.add_argument("--side", type=int, default=4096, help="of the scene for the classes")
    parser.add_argument("--backbone", default="prithvi_eo_v2_300_tl")
    parser.add_argument("--channels", type=int, default=256)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    out = begin(options.work, options.variant)

    def tell(**facts: Any) -> None:
        print(json.dumps(facts), file=out, flush=True)

    import numpy as np

    from prithvi_qgis.core.protocol.messages import Segment
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.model.model_loader import Loader

    from .random_model import make_random_model
    from .scenes import make_scene

    loader = Loader(options.variant)

    def measure(side: int, classes: int) -> tuple[float, float, float]:
        """Median seconds of a request; the highest resident memory in a run, and the memory before, in MB."""
        folder = make_random_model(options.work / f"model{classes}", options.backbone, options.channels, classes)
        source = make_scene(options.work / f"scene{side}.tif", side)
        request = Segment(str(source), str(folder), str(options.work / "mask.tif"))
        seconds, peaks = [], []
        for _ in range(options.times + 1):
            gc.collect()
            before = resident_mb("VmRSS")
            forget_peak()
            seconds.append(run_segment(request, loader, lambda m: None).seconds)
            peaks.append(resident_mb("VmHWM"))
        return statistics.median(seconds[1:]), max(peaks[1:]), before

    def fit(name: str, xs: list[float], ys: list[float]) -> None:
        if len(xs) < 2:
            return
        slope, start = np.polyfit(xs, ys, 1)
        left = np.array(ys) - (start + slope * np.array(xs))
        spread = float(np.sum((np.array(ys) - np.mean(ys)) ** 2))
        tell(
            fit=name,
            start=round(float(start), 4),
            slope=round(float(slope), 5),
            r2=round(1 - float(left @ left) / spread, 4) if spread else None,  # nothing grows at all
        )

    points = []
    for side in options.sides:
        seconds, peak, before = measure(side, 2)
        points.append((side * side / 1e6, seconds, peak - before))
        tell(side=side, classes=2, seconds=round(seconds, 3), peak_mb=round(peak), before_mb=round(before))
    fit("seconds over megapixels", [p[0] for p in points], [p[1] for p in points])
    fit("MB above the memory before, over megapixels", [p[0] for p in points], [p[2] for p in points])
    points = []
    for classes in options.classes:
        seconds, peak, before = measure(options.side, classes)
        points.append((classes, seconds, peak - before))
        tell(
            side=options.side, classes=classes, seconds=round(seconds, 3), peak_mb=round(peak), before_mb=round(before)
        )
    fit("seconds over classes", [p[0] for p in points], [p[1] for p in points])
    fit("MB above the memory before, over classes", [p[0] for p in points], [p[2] for p in points])
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
