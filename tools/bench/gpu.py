"""One look at the engine on a GPU: is CUDA used, is the mask plain torch's, how many tiles a second.

Run with the engine's Python: python -m tools.bench.gpu --work FOLDER [--side 4096] [--variant cuda]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from pathlib import Path

from .setting import begin


def main() -> int:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--side", type=int, default=4096)
    parser.add_argument("--variant", default="cuda")
    parser.add_argument("--backbone", default="prithvi_eo_v2_300_tl")
    parser.add_argument("--channels", type=int, default=256)
    options = parser.parse_args()
    out = begin(options.work, options.variant)

    import numpy as np
    import rasterio

    from prithvi_qgis.core.models.model_card import read_card
    from prithvi_qgis.core.protocol.messages import Segment
    from prithvi_qgis.engine.device import nvml
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.inference.streaming import stream
    from prithvi_qgis.engine.model.model_folder import prepare_model
    from prithvi_qgis.engine.model.model_loader import DTYPES, Loader
    from prithvi_qgis.engine.model.torch_backend import TorchBackend
    from prithvi_qgis.engine.prepared_scene import PreparedScene
    from prithvi_qgis.engine.reading.rasterio_source import RasterioSource

    from .random_model import make_random_model
    from .scenes import make_scene

    began = time.perf_counter()
    folder = make_random_model(options.work / "model", options.backbone, options.channels)
    source = make_scene(options.work / "scene.tif", options.side)
    report: dict = {"side": options.side, "backbone": options.backbone, "prepare_s": time.perf_counter() - began}
    report["gpu_before_mb"] = nvml.memory_mb()
    loader = Loader(options.variant)
    masks = {}
    for name in ("cold", "warm", "warm again"):
        request = Segment(str(source), str(folder), str(options.work / "vllm.tif"), device=options.variant)
        result = run_segment(request, loader, lambda m: None)
        report[name] = {
            "device": result.device,
            "device_name": result.device_name,
            "engine": result.engine,
            "tiles": result.tiles,
            "tiles_per_s": result.tiles / result.timings["segment"],
            "timings": result.timings,
            "peak_memory_mb": result.peak_memory_mb,
        }
    report["gpu_loaded_mb"] = nvml.memory_mb()
    with rasterio.open(options.work / "vllm.tif") as src:
        masks["vllm"] = src.read(1)

    card = read_card(folder)
    rng = np.random.default_rng(0)
    tiles = rng.normal(size=(4, 6, 512, 512)).astype(np.float32)
    coords = np.array([[38.0, -0.7]] * 4, np.float32)
    backend, _ = loader.load(request, card)
    ours = backend.infer(tiles, coords)
    loader.unload()
    report["gpu_unloaded_mb"] = nvml.memory_mb()

    folder_checked = prepare_model(card)
    plain = TorchBackend(
        card, folder_checked, options.variant, DTYPES[options.variant], backend.batch_size, backend.scene_bytes
    )
    theirs = plain.infer(tiles, coords)
    report["largest_logit_difference"] = float(np.abs(ours - theirs).max())
    scene = RasterioSource(str(source))
    scene.prepare(card, (), None, None)
    request = dataclasses.replace(request, output=str(options.work / "torch.tif"))
    began = time.perf_counter()
    statistics, _ = stream(PreparedScene(request, card, scene), plain, lambda m: None)
    report["plain torch"] = {"seconds": time.perf_counter() - began, "timings": statistics.timings}
    with rasterio.open(options.work / "torch.tif") as src:
        masks["torch"] = src.read(1)
    report["equal_pixels"] = float((masks["vllm"] == masks["torch"]).mean())
    report["share_of_class_1"] = float((masks["vllm"] == 1).mean())
    print(json.dumps(report, indent=1), file=out, flush=True)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
