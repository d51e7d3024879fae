"""Seconds of a request over sides and classes, and the same scene by other means.

Run with the engine's Python: python -m tools.bench speed --work FOLDER [--sides 4096 10752] [--classes 2 13]
[--compare | --paired]. One line of JSON per finding; seconds are of a warm engine, from request to closed mask, medians
of --times requests after a first one. With several sides the line seconds = a + b * megapixels is fitted.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .scenes import make_scene
from .setting import Bench, arguments, forward_rate, reset_peak, resident_mb

if TYPE_CHECKING:
    from prithvi_qgis.core.models.model_card import ModelCard
    from prithvi_qgis.engine.model.backend import Backend
    from prithvi_qgis.engine.model.model_loader import LoadKey


def main() -> int:
    """Print findings."""
    parser = arguments(__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[4096, 10752])
    parser.add_argument("--classes", type=int, nargs="+", default=[2])
    parser.add_argument("--batch", type=int, default=0, help="batch size of the engine; 0: its own choice")
    parser.add_argument("--batches", type=int, nargs="*", default=[16, 24, 32], help="of the bare forward pass")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--scene", type=Path, help="a scene in place of made ones, for --paired")
    parser.add_argument("--paired", action="store_true", help="only: vLLM, plain torch and the stock path, in turn")
    parser.add_argument("--compare", action="store_true", help="also the stock path and TerraTorch, largest side")
    options = parser.parse_args()
    bench = Bench(options)
    bench.segment(600, batch_size=options.batch)
    backend, card = bench.backend(batch_size=options.batch), bench.card()
    bench.report(what="loaded", device=backend.device_name, engine=backend.engine, batch=backend.batch_size)
    bench.report(what="bare forward pass", tiles_per_s=forward_rate(backend, card, options.batches))
    if options.paired:
        paired(bench, options)
        return 0
    for classes in options.classes:
        grow(bench, options, classes)
    if options.compare:
        side = options.sides[-1]
        source = make_scene(bench.work / f"scene{side}.tif", side)
        tiled = tiled_inference_seconds(bench.backend(batch_size=options.batch), card, source, 16)
        bench.report(what="TerraTorch tiled_inference", side=side, seconds=round(tiled, 2))
        bench.segment(600, pipeline="stock")
        reset_peak()
        result = bench.segment(side, pipeline="stock")
        bench.report(what="stock IO processor", side=side, timings=result.timings, peak_mb=round(resident_mb("VmHWM")))
    return 0


def grow(bench: Bench, options: argparse.Namespace, classes: int) -> None:
    """Report each side, then the line through all of them."""
    import numpy as np

    points = []
    for side in options.sides:
        runs, peaks = [], []
        for _ in range(options.times + 1):
            gc.collect()
            reset_peak()
            runs.append(bench.segment(side, classes=classes, batch_size=options.batch))
            peaks.append(resident_mb("VmHWM"))
        seconds = [run.seconds for run in runs[1:]]
        best = min(runs[1:], key=lambda run: run.seconds)
        points.append((side**2 / 1e6, statistics.median(seconds)))
        bench.report(
            what="streaming",
            side=side,
            classes=classes,
            tiles=best.tiles,
            seconds=[round(s, 3) for s in seconds],
            tiles_per_s=round(best.tiles / points[-1][1], 1),
            timings=best.timings,
            shares=[round(c.pixels / side**2, 4) for c in best.classes],
            peak_mb=round(max(peaks[1:])),
        )
    if len(points) > 1:
        megapixels, seconds = np.array(points).T
        slope, start = np.polyfit(megapixels, seconds, 1)
        r2 = np.corrcoef(megapixels, seconds)[0, 1] ** 2
        bench.report(what="fit", classes=classes, a=round(start, 3), b=round(slope, 5), r2=round(r2, 5))


def tiled_inference_seconds(backend: Backend, card: ModelCard, source: Path, batch: int) -> float:
    """Return seconds of TerraTorch's own method: the whole scene as one tensor, the class map on disk."""
    import numpy as np
    import rasterio
    import torch
    from terratorch.tasks.tiled_inference import tiled_inference

    began = time.perf_counter()
    with rasterio.open(source) as src:
        values, profile = src.read().astype(np.float32), src.profile
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (card.mean, card.std))
    pixels = torch.from_numpy((values * np.float32(card.scale) - mean) / std)[None]
    masks = []

    def run(numbers, forward) -> None:
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


def paired(bench: Bench, options: argparse.Namespace) -> None:
    """Report medians of one scene by vLLM, by plain torch in the same pipeline, and by the stock path.

    "vLLM, no overlap" has as many tiles as the stock path, which has no overlap either.
    """
    from prithvi_qgis.engine.model.model_folder import prepare_model
    from prithvi_qgis.engine.model.model_loader import DTYPES, Loader
    from prithvi_qgis.engine.model.torch_backend import TorchBackend

    backend, card, variant = bench.backend(batch_size=options.batch), bench.card(), bench.variant
    folder, dtype = prepare_model(card), DTYPES[variant]
    plain = TorchBackend(card, folder, variant, dtype, backend.batch_size, backend.scene_bytes)

    class PlainLoader(Loader):
        def _build(self, key: LoadKey, card: ModelCard) -> TorchBackend:
            return plain

    request = bench.request(options.scene or options.sides[0], batch_size=options.batch)
    methods = {
        "vLLM": (bench.loader, request),
        "plain torch": (PlainLoader(variant), request),
        "vLLM, no overlap": (bench.loader, dataclasses.replace(request, stride=card.tile)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    tiles: dict[str, int] = {}
    for _ in range(options.times + 1):
        for name, (loader, one) in methods.items():
            result = bench.run(one, loader=loader)
            seconds[name].append(result.timings["segment"])
            tiles[name] = result.tiles
    bench.loader.unload()
    stock = dataclasses.replace(request, pipeline="stock")
    seconds["stock IO processor"] = [bench.run(stock).timings["segment"] for _ in range(options.times + 1)]
    medians = {name: round(statistics.median(values[1:]), 3) for name, values in seconds.items()}
    ratios = {name: round(median / medians["vLLM"], 3) for name, median in medians.items()}
    bench.report(what="paired", scene=Path(request.source).name, tiles=tiles, median_s=medians, times_vllm=ratios)
