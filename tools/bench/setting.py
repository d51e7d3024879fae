"""Shared parts of the measurements that run in the engine's Python: arguments, model, scenes, requests."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .random_model import make_random_model
from .scenes import make_scene

if TYPE_CHECKING:
    from prithvi_qgis.core.models.model_card import ModelCard
    from prithvi_qgis.core.protocol.messages import Message, Result, Segment
    from prithvi_qgis.engine.model.backend import Backend
    from prithvi_qgis.engine.model.model_loader import Loader

ROOT = Path(__file__).resolve().parents[2]
DEMO_MODEL = ROOT / "resources" / "models" / "demo-water"
BACKBONE, CHANNELS = "prithvi_eo_v2_300_tl", 256


def ignore(message: Message) -> None:
    """Drop a message of the engine."""


def arguments(description: str, variant: str = "cuda") -> argparse.ArgumentParser:
    """Return a parser with the arguments that the measurements share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps scenes, models and masks")
    parser.add_argument("--variant", default=variant, choices=("cpu", "cuda"))
    parser.add_argument("--model", type=Path, help="a model's folder; without it 300 M parameters, random weights")
    return parser


def begin(work: Path, variant: str) -> TextIO:
    """Make ``work`` with its own data folder and set the engine's environment; call it before torch is imported.

    Returns:
        Where findings go; what vLLM prints on standard output goes to standard error from now on.
    """
    work.mkdir(parents=True, exist_ok=True)
    os.environ["PRITHVI_QGIS_HOME"] = str(work / "home")
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    from prithvi_qgis.engine.device import runtime_env

    runtime_env.prepare(variant)
    return out


class Bench:
    """One process with one loader, which segments made scenes and reports JSON lines."""

    def __init__(self, options: argparse.Namespace):
        """``options``: of :func:`arguments`."""
        self.out = begin(options.work, options.variant)
        from prithvi_qgis.engine.model.model_loader import Loader

        self.work: Path = options.work
        self.variant: str = options.variant
        self.loader: Loader = Loader(options.variant)
        self._given: Path | None = options.model

    def model(self, classes: int = 2) -> Path:
        """Return the given model's folder, or one with random weights."""
        return self._given or make_random_model(self.work / f"model{classes}", BACKBONE, CHANNELS, classes)

    def card(self, classes: int = 2) -> ModelCard:
        """Return the card of :meth:`model`."""
        from prithvi_qgis.core.models.model_card import read_card

        return read_card(self.model(classes))

    def request(self, source: Path | int, name: str = "mask.tif", classes: int = 2, **fields: object) -> Segment:
        """Return a request for a scene, or for a made one with sides of so many pixels."""
        from prithvi_qgis.core.protocol.messages import Segment

        path = make_scene(self.work / f"scene{source}.tif", source) if isinstance(source, int) else source
        return Segment(str(path), str(self.model(classes)), str(self.work / name), **fields)  # type: ignore[arg-type]

    def run(self, request: Segment, emit: Callable[[Message], None] = ignore, loader: Loader | None = None) -> Result:
        """Segment one scene in this process."""
        from prithvi_qgis.engine.inference.segment_scene import run_segment

        return run_segment(request, loader or self.loader, emit)

    def segment(self, source: Path | int, **fields: object) -> Result:
        """Segment the scene of :meth:`request`."""
        return self.run(self.request(source, **fields))  # type: ignore[arg-type]

    def backend(self, classes: int = 2, **fields: object) -> Backend:
        """Return the loaded model; loads it where it is not loaded yet."""
        from prithvi_qgis.core.protocol.messages import Segment

        request = Segment("", str(self.model(classes)), "", **fields)  # type: ignore[arg-type]
        return self.loader.load(request, self.card(classes))[0]

    def report(self, **facts: object) -> None:
        """Print findings as one line of JSON."""
        print(json.dumps(facts), file=self.out, flush=True)


def forward_rate(backend: Backend, card: ModelCard, batches: Sequence[int], seconds: float = 3.0) -> dict[int, float]:
    """Return tiles/s of the model alone, by batch size: normalised tiles on the device, logits left there."""
    import torch

    rates: dict[int, float] = {}
    cuda = backend.device == "cuda"

    def measure(numbers: Sequence[int], forward: Callable[..., object]) -> None:
        for batch in batches:
            pixels = torch.randn((batch, len(card.bands), card.tile, card.tile), device=backend.device)
            centres = torch.tensor([[38.0, -0.7]] * batch, device=backend.device) if card.location_coords else None
            for _ in range(2):
                forward(pixels, centres)
            if cuda:
                torch.cuda.synchronize()
            done, began = 0, time.perf_counter()
            while time.perf_counter() - began < seconds:
                for _ in range(5 if cuda else 1):
                    forward(pixels, centres)
                    done += batch
                if cuda:
                    torch.cuda.synchronize()
            rates[batch] = round(done / (time.perf_counter() - began), 2)

    backend.run([0], measure)
    return rates


def resident_mb(field: str) -> float:
    """Return ``VmRSS`` (now) or ``VmHWM`` (highest since :func:`reset_peak`) of this process in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise RuntimeError(field)


def reset_peak() -> None:
    """Restart the count of the highest resident memory (proc(5), clear_refs 5)."""
    Path("/proc/self/clear_refs").write_text("5")
