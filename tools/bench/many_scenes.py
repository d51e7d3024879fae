"""Many small scenes in one engine: tiles/s, and memory per scene by a line fitted through all of them.

Run with the engine's Python: python -m tools.bench many_scenes --work FOLDER [--count 500] [--side 300]
With --variant cuda on a GPU. On the CPU the model is demo-water. The exit code is 1 where memory rises by more than
0.1 MB per scene.
"""

from __future__ import annotations

import time

from .scenes import make_scene
from .setting import DEMO_MODEL, Bench, arguments, resident_mb

ALLOWED_MB = 0.1


def main() -> int:
    """Print memory now and then, tiles/s from the end of the first scene, and the slope."""
    parser = arguments(__doc__, "cpu")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--side", type=int, default=300)
    options = parser.parse_args()
    if options.variant == "cpu":
        options.model = options.model or DEMO_MODEL
    bench = Bench(options)
    import numpy as np

    from prithvi_qgis.core.protocol.messages import Message, SceneDone, SceneFailed
    from prithvi_qgis.engine.many.segment_many import segment_many

    different = min(10, options.count)
    sources = [make_scene(bench.work / f"s{options.side}-{n}.tif", options.side + n, n) for n in range(different)]
    (bench.work / "out").mkdir(exist_ok=True)
    requests = [
        bench.request(sources[n % different], f"out/m{n}.tif", thumbnail=str(bench.work / "out" / f"m{n}.png"))
        for n in range(options.count)
    ]
    memory: list[float] = []
    ends: list[tuple[float, int]] = []  # when a scene ended, and its tiles

    def emit(message: Message) -> None:
        if isinstance(message, SceneFailed):
            raise SystemExit(message.text)
        if isinstance(message, SceneDone):
            ends.append((time.monotonic(), message.result.tiles))
            memory.append(resident_mb("VmRSS"))
            if len(memory) % 50 == 0:
                bench.report(scenes=len(memory), resident_mb=round(memory[-1]))

    segment_many(requests, bench.loader, emit, total=len(requests))
    tiles, seconds = sum(n for _, n in ends[1:]), ends[-1][0] - ends[0][0]
    settled = min(50, len(memory) // 5)  # until the C library's heap has found its size
    slope = float(np.polyfit(np.arange(settled, len(memory)), memory[settled:], 1)[0])
    bench.report(scenes=len(ends), side=options.side, tiles=tiles, tiles_per_s=round(tiles / seconds, 2))
    bench.report(slope_mb_per_scene=round(slope, 4), after_scenes=settled)
    return 0 if slope < ALLOWED_MB else 1
