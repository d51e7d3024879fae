"""Tiles/s in the middle of a large scene next to the model's bare forward pass, and what else takes the GPU's time.

Run with the engine's Python on a GPU: python -m tools.bench steady --work FOLDER [--sides 4096 10752]
One line of JSON per side, of the quickest of some runs: milliseconds per tile by CUDA's events, without the first batch
and the last. "between" is blending, classes, and whatever the GPU waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .setting import Bench, arguments, forward_rate

# Tiles, and CUDA events before their pixels were gathered, before and after the forward pass.
Batch = tuple[int, Any, Any, Any]


def main() -> int:
    """Print findings."""
    parser = arguments(__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[4096, 10752])
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    bench = Bench(options)
    from prithvi_qgis.engine.inference import streaming

    batches: list[Batch] = []
    streaming.BatchRunner = timed_runner(batches)
    bench.segment(600)
    backend = bench.backend()
    bare = forward_rate(backend, bench.card(), [16, 24, 32])
    bench.report(device=backend.device_name, bare_tiles_per_s=bare)
    for side in options.sides:
        found = []
        for _ in range(options.times):
            batches.clear()
            result = bench.segment(side)
            found.append({"side": side, "seconds": round(result.seconds, 3), **figures(batches, backend.batch_size)})
        best = min(found, key=lambda f: f["seconds"])
        bench.report(**best, of_the_bare_forward_pass=round(best["tiles/s"] / max(bare.values()), 3))
    return 0


def timed_runner(batches: list[Batch]) -> type:
    """Return a ``BatchRunner`` that keeps events, which cost nothing, in ``batches``."""
    import torch

    from prithvi_qgis.engine.inference.batch_runner import BatchRunner

    class TimedRunner(BatchRunner):
        def _event(self) -> Any:
            with self._device.computing():
                event = torch.cuda.Event(enable_timing=True)
                event.record()
            return event

        def _predict(self, part: Any, forward: Callable[..., Any]) -> Any:
            events = [self._event()]

            def timed(*inputs: Any) -> Any:
                events.append(self._event())
                logits = forward(*inputs)
                events.append(self._event())
                return logits

            logits = super()._predict(part, timed)
            if len(events) == 3:  # more after an out-of-memory retry
                batches.append((len(part), events[0], events[1], events[2]))
            return logits

    return TimedRunner


def figures(batches: Sequence[Batch], batch_size: int) -> dict[str, float]:
    """Return tiles/s and milliseconds per tile, of the full batches after the first."""
    import torch

    torch.cuda.synchronize()
    full = [batch for batch in batches if batch[0] == batch_size][1:]
    tiles = sum(batch[0] for batch in full[:-1])
    whole = full[0][1].elapsed_time(full[-1][1])
    gathering = sum(batch[1].elapsed_time(batch[2]) for batch in full[:-1])
    forward = sum(batch[2].elapsed_time(batch[3]) for batch in full[:-1])
    parts = {"gathering": gathering, "forward": forward, "between": whole - gathering - forward}
    return {"tiles/s": round(1e3 * tiles / whole, 1), **{k: round(v / tiles, 3) for k, v in parts.items()}}
