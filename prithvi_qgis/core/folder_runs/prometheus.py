"""Folder runs in Prometheus' text format, for a node exporter's textfile collector."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ErrorCode, PrithviError

if TYPE_CHECKING:  # the settings import this module when QGIS starts
    from .run_state import RunState

Samples = list[tuple[dict[str, str], float]]


def check_metrics(metrics: str) -> None:
    """Refuse a metrics file that cannot be written, before the run starts.

    Raises:
        PrithviError: ``output_unwritable``.
    """
    path = Path(metrics).expanduser().absolute()
    if metrics and not (path.parent.is_dir() and os.access(path.parent, os.W_OK) and not path.is_dir()):
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE,
            f"The file of figures {path} cannot be written.",
            "Name a file in a folder that exists and is writable (PRITHVI_QGIS_METRICS, --metrics), or none.",
        )


def prometheus_text(runs: Sequence[RunState]) -> str:
    """Return the runs in Prometheus' text exposition format, version 0.0.4."""
    states = ("total", "done", "failed", "skipped")
    scenes: Samples = [({"output": r.output, "state": state}, getattr(r, state)) for r in runs for state in states]
    workers = [
        ({"output": r.output, "worker": w.name, "host": w.host, "device": w.device}, w) for r in runs for w in r.workers
    ]
    on_gpu = [(labels, w) for labels, w in workers if w.gpu_total_mb]
    families: tuple[tuple[str, str, str, Samples], ...] = (
        ("run_scenes", "gauge", "Scenes of a run, by how they stand.", scenes),
        (
            *("run_started_seconds", "gauge", "When the run began, in seconds since 1970."),
            [({"output": r.output}, r.started) for r in runs],
        ),
        (
            *("worker_up", "gauge", "1 while the worker works."),
            [(labels, float(w.state == "working")) for labels, w in workers],
        ),
        (
            *("worker_scene_info", "gauge", "1 for the scene that the worker is at."),
            [({**labels, "scene": w.scene}, 1.0) for labels, w in workers if w.scene],
        ),
        (
            *("worker_tiles_per_second", "gauge", "Tiles a second of the scene under way."),
            [(labels, w.tiles_per_s) for labels, w in workers],
        ),
        ("worker_scenes_total", "counter", "Scenes that ended.", [(labels, w.scenes) for labels, w in workers]),
        ("worker_errors_total", "counter", "Scenes that failed.", [(labels, w.errors) for labels, w in workers]),
        (
            *("worker_gpu_memory_used_bytes", "gauge", "Memory in use on the worker's GPU."),
            [(labels, w.gpu_used_mb * 2.0**20) for labels, w in on_gpu],
        ),
        (
            *("worker_gpu_memory_total_bytes", "gauge", "Memory of the worker's GPU."),
            [(labels, w.gpu_total_mb * 2.0**20) for labels, w in on_gpu],
        ),
    )
    return "".join(
        f"# HELP prithvi_{name} {text}\n# TYPE prithvi_{name} {kind}\n"
        + "".join(f"prithvi_{name}{{{_labels(labels)}}} {value:.15g}\n" for labels, value in samples)
        for name, kind, text, samples in families
        if samples
    )


def _labels(labels: Mapping[str, str]) -> str:
    def quoted(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    return ",".join(f'{name}="{quoted(value)}"' for name, value in labels.items())
