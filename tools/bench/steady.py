"""How fast the GPU goes in the middle of a large scene, beside the model's bare forward pass, and what is not forward.

Run with the engine's Python: python -m tools.bench.steady --work FOLDER [--sides 4096 10752]
One line of JSON a side, of the quickest of some runs: milliseconds a tile by CUDA's events, without the first batch and
the last. "between" is blending, classes, and whatever the GPU waited for.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .setting import begin
from .speed import forward_rate


def main() -> int:
    """Print findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sides", type=int, nargs="+", default=[4096, 10752])
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    out = begin(options.work, "cuda")

    from prithvi_qgis.core.models.model_card import read_card
    from prithvi_qgis.core.protocol.messages import Segment
    from prithvi_qgis.engine.inference import streaming
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.model.model_loader import Loader

    from .random_model import make_random_model
    from .scenes import make_scene

    batches: list[Batch] = []
    vars(streaming)["Crowd"] = timed_crowd(batches)
    folder = make_random_model(options.work / "model2", "prithvi_eo_v2_300_tl", 256)
    card, loader = read_card(folder), Loader("cuda")

    def segment(side: int) -> Any:
        source = make_scene(options.work / f"scene{side}.tif", side)
        request = Segment(str(source), str(folder), str(options.work / "mask.tif"))
        return run_segment(request, loader, lambda m: None)

    segment(600)
    backend, _ = loader.load(Segment("", str(folder), ""), card)
    bare = forward_rate(backend, card, [16, 24, 32])
    print(json.dumps({"device": backend.device_name, "bare forward pass, tiles/s": bare}), file=out, flush=True)
    for side in options.sides:
        found = []
        for _ in range(options.times):
            batches.clear()
            result = segment(side)
            found.append({"side": side, "seconds": round(result.seconds, 3), **figures(batches, backend.batch_size)})
        best = min(found, key=lambda f: f["seconds"])
        best["of the bare forward pass"] = round(best["tiles/s"] / max(bare.values()), 3)
        print(json.dumps(best), file=out, flush=True)
    return 0


# Tiles, and events before their pixels were gathered, before and after the forward pass.
Batch = tuple[int, Any, Any, Any]


def timed_crowd(batches: list[Batch]) -> Any:
    """:class:`prithvi_qgis.engine.inference.batch_runner.BatchRunner` with events, which cost nothing, kept in
    ``batches``."""
    import torch

    from prithvi_qgis.engine.inference.batch_runner import BatchRunner

    class Timed(BatchRunner):
        def _event(self) -> Any:
            with self._device.computing():
                event = torch.cuda.Event(enable_timing=True)
                event.record()
            return event

        def _predict(self, part: Any, forward: Any) -> Any:
            events = [self._event()]

            def timed(*inputs: Any) -> Any:
                events.append(self._event())
                logits = forward(*inputs)
                events.append(self._event())
                return logits

            logits = super()._predict(part, timed)
            if len(events) == 3:  # else the memory was not enough, and it is tried again
                batches.append((len(part), events[0], events[1], events[2]))
            return logits

    return Timed


def figures(batches: Sequence[Batch], batch_size: int) -> dict[str, float]:
    """Tiles a second and milliseconds a tile, of the full batches after the first."""
    import torch

    torch.cuda.synchronize()
    full = [batch for batch in batches if batch[0] == batch_size][1:]
    tiles = sum(batch[0] for batch in full[:-1])
    whole = full[0][1].elapsed_time(full[-1][1])
    gathering = sum(batch[1].elapsed_time(batch[2]) for batch in full[:-1])
    forward = sum(batch[2].elapsed_time(batch[3]) for batch in full[:-1])
    parts = {"gathering": gathering, "forward": forward, "between": whole - gathering - forward}
    return {"tiles/s": round(1e3 * tiles / whole, 1), **{k: round(v / tiles, 3) for k, v in parts.items()}}


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
