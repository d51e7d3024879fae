"""The streaming pipeline against the bare forward pass, vLLM's stock IO processor and TerraTorch's tiled inference.

Run with the engine's Python: python -m tools.bench.speed --work FOLDER [--sides 4096 10752] [--compare] [--profile]
One line of JSON for each finding; seconds are of a warm engine, request to closed mask.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from .memory import forget_peak, resident_mb
from .setting import begin


def forward_rate(backend: Any, card: Any, batches: list[int], seconds: float = 3.0) -> dict[int, float]:
    """Tiles a second of the loaded model alone, by batch size: normalised tiles on the device, logits left there."""
    import torch

    rates: dict[int, float] = {}

    def measure(numbers: Any, forward: Any) -> None:
        cuda = backend.device == "cuda"
        for batch in batches:
            pixels = torch.randn((batch, len(card.bands), card.tile, card.tile), device=backend.device)
            places = torch.tensor([[38.0, -0.7]] * batch, device=backend.device) if card.location_coords else None
            for _ in range(2):
                forward(pixels, places)
            if cuda:
                torch.cuda.synchronize()
            done, began = 0, time.perf_counter()
            while time.perf_counter() - began < seconds:
                for _ in range(5 if cuda else 1):
                    forward(pixels, places)
                    done += batch
                if cuda:
                    torch.cuda.synchronize()
            rates[batch] = round(done / (time.perf_counter() - began), 2)

    backend.run([0], measure)
    return rates


def compiled_rate(backend: Any, card: Any, batch: int) -> dict[str, float]:
    """Seconds that ``torch.compile`` takes for one batch size, and tiles a second after."""
    import torch

    found: dict[str, float] = {}

    def measure(numbers: Any, forward: Any) -> None:
        model = torch.compile(forward.args[0])
        weight = next(model.parameters())
        pixels = torch.randn((batch, len(card.bands), card.tile, card.tile), device=weight.device, dtype=weight.dtype)
        began = time.perf_counter()
        model(pixels)
        torch.cuda.synchronize()
        found["compile_s"] = round(time.perf_counter() - began, 1)
        began = time.perf_counter()
        for _ in range(20):
            model(pixels)
        torch.cuda.synchronize()
        found["tiles_per_s"] = round(20 * batch / (time.perf_counter() - began), 1)

    backend.run([0], measure)
    return found


def tiled_inference_seconds(backend: Any, card: Any, source: Path, batch: int) -> float:
    """TerraTorch's own way: the whole scene as one tensor, its ``tiled_inference``, the class map on disk."""
    import numpy as np
    import rasterio
    import torch
    from terratorch.tasks.tiled_inference import tiled_inference

    began = time.perf_counter()
    with rasterio.open(source) as src:
        values, profile = src.read().astype(np.float32), src.profile
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (card.mean, card.std))
    pixels = torch.from_numpy((values * np.float32(card.scale) - mean) / std)[None]
    masks: list[Any] = []

    def run(numbers: Any, forward: Any) -> None:
        logits = tiled_inference(
            lambda x: forward(x.to(backend.device), None),
            pixels,
            crop=card.tile,
            stride=card.stride,
            delta=card.margin,
            batch_size=batch,
        )
        masks.append(logits.argmax(1)[0].to(torch.uint8).cpu().numpy())

    backend.run([0], run)
    profile.update(count=1, dtype="uint8", nodata=255)
    with rasterio.open(source.with_name("tiled.tif"), "w", **profile) as out:
        out.write(masks[0], 1)
    return time.perf_counter() - began


def main() -> int:
    """Print findings, each as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sides", type=int, nargs="+", default=[4096, 10752])
    parser.add_argument("--variant", default="cuda")
    parser.add_argument("--backbone", default="prithvi_eo_v2_300_tl")
    parser.add_argument("--channels", type=int, default=256)
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--model", type=Path, help="a model's folder in place of random weights")
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--batches", type=int, nargs="*", default=[8, 16, 24, 32])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--scene", type=Path, help="a scene in place of made ones, for --paired")
    parser.add_argument("--paired", action="store_true", help="also plain torch and the stock path, run by run")
    parser.add_argument("--compare", action="store_true", help="also the stock path and TerraTorch, largest side")
    parser.add_argument("--compile", action="store_true", help="also the forward pass under torch.compile")
    parser.add_argument("--profile", action="store_true", help="also where the GPU's time goes, smallest side")
    options = parser.parse_args()
    out = begin(options.work, options.variant)

    def tell(**facts: Any) -> None:
        print(json.dumps(facts), file=out, flush=True)

    from prithvi_qgis.core.models.model_card import read_card
    from prithvi_qgis.core.protocol.messages import Segment
    from prithvi_qgis.engine.device import nvml
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.model.model_loader import Loader

    from .random_model import make_random_model
    from .scenes import make_scene

    folder = options.model or make_random_model(
        options.work / f"model{options.classes}", options.backbone, options.channels, options.classes
    )
    card, loader = read_card(folder), Loader(options.variant)

    def segment(side: int, **fields: Any) -> Any:
        source = make_scene(options.work / f"scene{side}.tif", side)
        target = str(options.work / "mask.tif")
        request = Segment(str(source), str(folder), target, batch_size=options.batch, **fields)
        return run_segment(request, loader, lambda m: None)

    began = time.perf_counter()
    result = segment(600)
    backend, _ = loader.load(Segment("", str(folder), "", batch_size=options.batch), card)
    tell(
        what="loaded",
        seconds=round(time.perf_counter() - began, 1),
        timings=result.timings,
        engine=result.engine,
        device=result.device_name,
        batch=backend.batch_size,
        scene_mb=backend.scene_bytes >> 20,
        gpu_mb=nvml.memory_mb(),
        host_mb=round(resident_mb("VmRSS")),
    )
    rates = forward_rate(backend, card, options.batches)
    tell(what="bare forward pass", tiles_per_s=rates)
    if options.compile:
        tell(what="torch.compile", **compiled_rate(backend, card, options.batches[-1]))
    for side in [] if options.paired else options.sides:
        segment(side)
        gc.collect()
        rest, runs, peaks = resident_mb("VmRSS"), [], []
        for _ in range(options.times):
            forget_peak()
            runs.append(segment(side))
            peaks.append(resident_mb("VmHWM"))
        seconds = [r.timings["segment"] for r in runs]
        best = min(runs, key=lambda r: r.timings["segment"])
        tell(
            what="streaming",
            side=side,
            tiles=best.tiles,
            seconds=[round(s, 3) for s in seconds],
            total=[round(r.seconds, 3) for r in runs],
            tiles_per_s=round(best.tiles / statistics.median(seconds), 1),
            timings=best.timings,
            shares=[round(c.pixels / side**2, 4) for c in best.classes],
            peak_mb=round(max(peaks)),
            above_rest_mb=round(max(peaks) - rest),
            gpu_mb=nvml.memory_mb(),
        )
    if options.paired:
        paired(options, card, loader, folder, tell)
        return 0
    if options.profile:
        _profile(lambda: segment(options.sides[0]), tell)
    if options.compare:
        side = options.sides[-1]
        source = make_scene(options.work / f"scene{side}.tif", side)
        tiled = tiled_inference_seconds(backend, card, source, 16)
        tell(what="TerraTorch tiled_inference", side=side, seconds=round(tiled, 2))
        segment(600, pipeline="stock")
        forget_peak()
        result = segment(side, pipeline="stock")
        tell(what="stock IO processor", side=side, timings=result.timings, peak_mb=round(resident_mb("VmHWM")))
    return 0


def paired(options: Any, card: Any, loader: Any, folder: Path, tell: Any) -> None:
    """The same scene by vLLM, by plain torch in the same pipeline, and by the stock path, in turn; medians.

    "vLLM, no overlap" has as many tiles as the stock path, which knows none.
    """
    from prithvi_qgis.core.protocol.messages import Segment
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.model.model_folder import prepare_model
    from prithvi_qgis.engine.model.model_loader import DTYPES, Loader
    from prithvi_qgis.engine.model.torch_backend import TorchBackend

    request = Segment(str(options.scene), str(folder), str(options.work / "mask.tif"), batch_size=options.batch)
    backend, _ = loader.load(request, card)
    checked = prepare_model(card)
    plain = TorchBackend(
        card, checked, options.variant, DTYPES[options.variant], backend.batch_size, backend.scene_bytes
    )

    class Plain(Loader):
        def _build(self, key: Any, card: Any) -> Any:
            return plain

    loaders = {"vLLM": loader, "plain torch": Plain(options.variant)}
    ways = {name: (one, request) for name, one in loaders.items()}
    ways["vLLM, no overlap"] = loader, dataclasses.replace(request, stride=card.tile)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    tiles: dict[str, int] = {}
    for _ in range(options.times + 1):
        for name, (one, asked) in ways.items():
            result = run_segment(asked, one, lambda m: None)
            seconds[name].append(result.timings["segment"])
            tiles[name] = result.tiles
    loader.unload()
    stock = Segment(request.source, request.model, request.output, pipeline="stock", batch_size=options.batch)
    seconds["stock IO processor"] = [
        run_segment(stock, loader, lambda m: None).timings["segment"] for _ in range(options.times + 1)
    ]
    medians = {name: round(statistics.median(values[1:]), 3) for name, values in seconds.items()}
    ratios = {name: round(median / medians["vLLM"], 3) for name, median in medians.items()}
    tell(what="paired", scene=options.scene.name, tiles=tiles, median_s=medians, times_vllm=ratios)


def _profile(run: Any, tell: Any) -> None:
    """The kernels' share of the run's time, and the longest of them."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA, ProfilerActivity.CPU]) as recorded:
        result = run()
    events = [e for e in recorded.events() if e.device_type == torch.autograd.DeviceType.CUDA]
    spans = sorted((e.time_range.start, e.time_range.end) for e in events)
    busy, until, gaps = 0.0, spans[0][0], []
    for start, end in spans:
        busy += max(0.0, end - max(start, until))
        if start - until > 1000:
            gaps.append([round((until - spans[0][0]) / 1e3), round((start - until) / 1e3, 1)])
        until = max(until, end)
    longest = sorted(recorded.key_averages(), key=lambda a: -a.self_device_time_total)[:12]
    waits = sorted(recorded.key_averages(), key=lambda a: -a.self_cpu_time_total)[:12]
    tell(
        what="profile",
        segment_s=result.timings["segment"],
        gpu_busy_s=round(busy / 1e6, 3),
        first_to_last_s=round((spans[-1][1] - spans[0][0]) / 1e6, 3) if spans else 0,
        gaps_at_ms=gaps[:60],
        kernels={a.key[:60]: [a.count, round(a.self_device_time_total / 1e3, 1)] for a in longest},
        cpu={a.key[:60]: [a.count, round(a.self_cpu_time_total / 1e3, 1)] for a in waits},
    )


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
