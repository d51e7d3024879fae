"""Where the thread that feeds the model spends its time: in a large scene, and in a run over many small ones.

Run with the engine's Python: python -m tools.bench.where --work FOLDER [--variant cuda] [--count 200] [--side 1024]
One line of JSON for each: tiles a second, and milliseconds a batch of what that thread did. "vllm" is what its
bookkeeping adds around the model; "launch" is the model's forward pass as Python goes through it. Then, on a GPU, the
places in the code that wait for all that the GPU was given: a batch that comes to one cannot be launched ahead.
"beside" is what other threads do meanwhile, milliseconds each time: they want Python's lock, too.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import statistics
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from .setting import begin


class Clocks:
    """Seconds of one thread by the names of what it did, and batches."""

    def __init__(self) -> None:
        self.seconds: collections.Counter[str] = collections.Counter()
        self.batches = 0
        self.beside: dict[str, list[float]] = collections.defaultdict(list)
        self._thread = threading.get_ident()

    def watch(self, owner: Any, function: str, name: str) -> None:
        """Count the time that ``owner.function`` takes as ``name``."""
        inner = getattr(owner, function)

        def timed(*args: Any, **more: Any) -> Any:
            began = time.perf_counter()
            try:
                return inner(*args, **more)
            finally:
                passed = time.perf_counter() - began
                if threading.get_ident() == self._thread:
                    self.seconds[name] += passed
                else:
                    self.beside[name].append(passed)

        setattr(owner, function, timed)

    def told(self) -> dict[str, Any]:
        """Milliseconds a batch; what lies inside another clock is taken out of it."""
        s, n = self.seconds, max(self.batches, 1)
        parts = {
            "wait for rows": s["take"],
            "vllm": s["run"] - s["step"],
            "gather": s["predict"] - s["launch"],
            "launch": s["launch"],
            "blend": s["guard"],
            "wait for the GPU": s["gpu"],
            "wait for scenes": s["scenes"],
        }
        told: dict[str, Any] = {name: round(1e3 * value / n, 1) for name, value in parts.items()}
        beside = {name: round(1e3 * statistics.mean(each), 1) for name, each in self.beside.items()}
        return {"batches": self.batches, **told, "beside": beside}

    def forget(self) -> None:
        """Begin anew."""
        self.seconds.clear()
        self.beside.clear()
        self.batches = 0


def watched() -> Clocks:
    """Clocks on everything that the feeding thread calls."""
    from prithvi_qgis.engine.inference import batch_runner
    from prithvi_qgis.engine.inference.streaming import SceneRun
    from prithvi_qgis.engine.many import segment_many
    from prithvi_qgis.engine.model import forward
    from prithvi_qgis.engine.model.torch_backend import TorchBackend
    from prithvi_qgis.engine.model.vllm_backend import VllmBackend
    from prithvi_qgis.engine.tiling.ring_buffer import TileRingBuffer

    clocks = Clocks()
    for owner, function, name in (
        (SceneRun, "take", "take"),
        (VllmBackend, "run", "run"),
        (TorchBackend, "run", "run"),
        (batch_runner.BatchRunner, "_step", "step"),
        (batch_runner.BatchRunner, "_predict", "predict"),
        (batch_runner.BatchRunner, "_guard", "guard"),
        (batch_runner, "wait", "gpu"),
        (segment_many, "wait", "scenes"),
        (segment_many, "open_scene", "open"),
        (segment_many, "begin_scene", "begin"),
        (SceneRun, "finish", "finish"),
        (TileRingBuffer, "load", "read"),
    ):
        clocks.watch(owner, function, name)
    inner = forward.predict

    def launched(*args: Any, **more: Any) -> Any:
        began = time.perf_counter()
        try:
            return inner(*args, **more)
        finally:
            clocks.seconds["launch"] += time.perf_counter() - began
            clocks.batches += 1

    forward.predict = launched
    return clocks


def main() -> int:
    """Print findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--variant", default="cuda")
    parser.add_argument("--large", type=int, default=10752, help="side of the large scene")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--model", type=Path, help="left out: 300 M parameters, random weights")
    options = parser.parse_args()
    out = begin(options.work, options.variant)
    clocks = watched()  # before vLLM's model class takes its function

    from prithvi_qgis.core.protocol.messages import Message, SceneDone, SceneFailed, Segment
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.many.segment_many import segment_many
    from prithvi_qgis.engine.model.model_loader import Loader

    from .random_model import make_random_model
    from .scenes import make_scene

    model = options.model or make_random_model(options.work / "model2", "prithvi_eo_v2_300_tl", 256)
    small = [make_scene(options.work / f"s{options.side}-{n}.tif", options.side + n, n) for n in range(10)]
    large = make_scene(options.work / f"scene{options.large}.tif", options.large)
    loader = Loader(options.variant)
    folder = options.work / "many"
    folder.mkdir(exist_ok=True)

    def tell(what: str, tiles: int, seconds: float) -> None:
        line = {"what": what, "tiles/s": round(tiles / seconds, 1), "seconds": round(seconds, 2), **clocks.told()}
        print(json.dumps(line), file=out, flush=True)

    def one() -> None:
        clocks.forget()
        request = Segment(str(large), str(model), str(options.work / "mask.tif"))
        result = run_segment(request, loader, lambda m: None)
        tell(f"{options.large} x {options.large}, a request", result.tiles, result.seconds)

    def many(count: int) -> None:
        clocks.forget()
        ends: list[tuple[float, int]] = []

        def emit(message: Message) -> None:
            if isinstance(message, SceneFailed):
                sys.exit(message.text)
            if isinstance(message, SceneDone):
                ends.append((time.perf_counter(), message.result.tiles))

        masks = [folder / f"m{n}" for n in range(count)]
        wanted = [
            Segment(str(small[n % 10]), str(model), f"{mask}.tif", thumbnail=f"{mask}.png")
            for n, mask in enumerate(masks)
        ]
        segment_many(wanted, loader, emit, total=count)
        tell(
            f"{count} x {options.side} x {options.side}, after the first",
            sum(tiles for _, tiles in ends[1:]),
            ends[-1][0] - ends[0][0],
        )

    one()
    for _ in range(2):
        one()
        many(options.count)
    if options.variant == "cuda":
        print(json.dumps({"waits for the GPU": waits(lambda: many(10))}), file=out, flush=True)
    return 0


def waits(do: Any) -> dict[str, int]:
    """How often ``do`` came to lines that wait for the GPU, as torch warns of them; by file and line."""
    import torch

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            do()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    places = collections.Counter(f"{'/'.join(Path(w.filename).parts[-3:])}:{w.lineno}" for w in caught)
    return dict(places.most_common(20))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
