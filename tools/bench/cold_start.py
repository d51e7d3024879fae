"""Where the time goes between an engine's start and its first mask.

Run with the engine's Python: python -m tools.bench.cold_start --work FOLDER [--variant cpu] [--model FOLDER]
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--variant", default="cpu")
    parser.add_argument("--model", type=Path, default=ROOT / "resources" / "models" / "demo-water")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    os.environ["PRITHVI_QGIS_HOME"] = str(options.work / "home")
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    rows: list[tuple[str, float]] = []
    began = last = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        rows.append((name, now - last))
        last = now

    from prithvi_qgis.engine.device import runtime_env

    runtime_env.prepare(options.variant)
    from prithvi_qgis.engine.server import server  # noqa: F401

    lap("the engine's own modules, up to the listener")
    for name in ("numpy", "rasterio", "torch"):
        importlib.import_module(name)
        lap(f"import {name}")
    from prithvi_qgis.core.models.model_card import read_card
    from prithvi_qgis.core.protocol.messages import Segment
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.model.model_folder import prepare_model
    from prithvi_qgis.engine.model.model_loader import Loader

    lap("the engine's pipeline")
    importlib.import_module("terratorch.models")
    lap("import terratorch")
    importlib.import_module("vllm").LLM  # noqa: B018  (vllm imports itself piece by piece)
    lap("import vllm")
    from vllm.plugins import load_general_plugins

    load_general_plugins()
    lap("vLLM's plugins")
    card, loader = read_card(options.model), Loader(options.variant)
    prepare_model(card)
    lap("check the model's files")
    loader.load(Segment("", str(options.model), ""), card)
    lap("LLM(...)")
    from .scenes import make_scene

    scene = make_scene(options.work / "scene600.tif", 600)
    lap("")
    rows.pop()
    for number in ("first", "second"):
        request = Segment(str(scene), str(options.model), str(options.work / "mask.tif"))
        run_segment(request, loader, lambda m: None)
        lap(f"{number} scene, 4 tiles")
    for name, seconds in rows:
        print(f"{seconds:7.2f} s  {name}", file=out)
    print(f"{last - began:7.2f} s  in all", file=out, flush=True)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
