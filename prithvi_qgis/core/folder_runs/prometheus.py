"""Folder runs in Prometheus' text format, for a node exporter's textfile collector."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import ErrorCode, PrithviError
from .run_state import RunState


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
    lines: list[str] = []

    def family(name: str, kind: str, text: str, samples: list[tuple[dict[str, Any], float]]) -> None:
        if samples:
            lines.extend((f"# HELP {name} {text}", f"# TYPE {name} {kind}"))
            lines.extend(f"{name}{{{_labels(labels)}}} {value:.15g}" for labels, value in samples)

    family(
        "prithvi_run_scenes",
        "gauge",
        "Scenes of a run, by how they stand.",
        [
            ({"output": r.output, "state": state}, value)
            for r in runs
            for state, value in (("total", r.total), ("done", r.done), ("failed", r.failed), ("skipped", r.skipped))
        ],
    )
    family(
        "prithvi_run_started_seconds",
        "gauge",
        "When the run began, in seconds since 1970.",
        [({"output": r.output}, r.started) for r in runs],
    )
    workers = [
        ({"output": r.output, "worker": w.name, "host": w.host, "device": w.device}, w) for r in runs for w in r.workers
    ]
    family(
        "prithvi_worker_up",
        "gauge",
        "1 while the worker works.",
        [(labels, float(w.state == "working")) for labels, w in workers],
    )
    family(
        "prithvi_worker_scene_info",
        "gauge",
        "1 for the scene that the worker is at.",
        [({**labels, "scene": w.scene}, 1.0) for labels, w in workers if w.scene],
    )
    family(
        "prithvi_worker_tiles_per_second",
        "gauge",
        "Tiles a second of the scene under way.",
        [(labels, w.tiles_per_s) for labels, w in workers],
    )
    family(
        "prithvi_worker_scenes_total",
        "counter",
        "Scenes that ended.",
        [(labels, w.scenes) for labels, w in workers],
    )
    family(
        "prithvi_worker_errors_total",
        "counter",
        "Scenes that failed.",
        [(labels, w.errors) for labels, w in workers],
    )
    on_gpu = [(labels, w) for labels, w in workers if w.gpu_total_mb]
    for name, text in (("used", "Memory in use on the worker's GPU."), ("total", "Memory of the worker's GPU.")):
        family(
            f"prithvi_worker_gpu_memory_{name}_bytes",
            "gauge",
            text,
            [(labels, float(getattr(w, f"gpu_{name}_mb")) * 2**20) for labels, w in on_gpu],
        )
    return "\n".join(lines) + "\n" if lines else ""


def _labels(labels: dict[str, Any]) -> str:
    def quoted(value: Any) -> str:
        return str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    return ",".join(f'{name}="{quoted(value)}"' for name, value in labels.items())
