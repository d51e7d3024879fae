"""Runs of many scenes, as they stand now: a small file that the run keeps up to date and anybody of the user may read.

``prithvi:enginestatus`` shows it; written in Prometheus' text format it can be picked up by a node exporter
(https://github.com/prometheus/node_exporter, textfile collector).
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .alive import is_alive
from .errors import ErrorCode, PrithviError
from .files import write_text
from .paths import run_folder

_NUMBERS = itertools.count(1)  # of the runs of this process, which may go on at the same time
STALE_S = 120.0  # without a word a run counts as dead, even where its number lives on as another process


@dataclass(frozen=True)
class WorkerState:
    """One worker: an engine on one device.

    Attributes:
        name, host, device: who and where; state: ``starting``, ``working``, ``ended`` or ``lost``.
        scene: what it is segmenting, or empty; tiles_per_s: of that.
        scenes, errors: ended so far, and how many of them failed.
        gpu_used_mb, gpu_total_mb: 0 on the CPU or where unknown.
    """

    name: str
    host: str = ""
    device: str = ""
    state: str = "starting"
    scene: str = ""
    tiles_per_s: float = 0.0
    scenes: int = 0
    errors: int = 0
    gpu_used_mb: int = 0
    gpu_total_mb: int = 0

    def after(self) -> WorkerState:
        """The same worker when its run is over."""
        return replace(self, state="ended", scene="", tiles_per_s=0.0, gpu_used_mb=0, gpu_total_mb=0)


@dataclass(frozen=True)
class RunState:
    """One run of many scenes.

    Attributes:
        pid: process that drives it; started: seconds since 1970; updated: likewise, of this state.
        output: folder of the masks; total, done, failed, skipped: scenes.
    """

    pid: int
    started: float
    output: str
    total: int
    done: int = 0
    failed: int = 0
    skipped: int = 0
    updated: float = 0.0
    workers: tuple[WorkerState, ...] = ()


class Live:
    """Keeps the state of one of this process's runs where others find it; removed at the end."""

    EVERY_S = 1.0

    def __init__(self, metrics: str = ""):
        """``metrics``: a file for Prometheus' text format (``*.prom``) to write as well, or empty."""
        self._path = run_folder() / f"run-{os.getpid()}-{next(_NUMBERS)}.json"
        self._metrics = Path(metrics).expanduser() if metrics else None
        self._written = 0.0

    def show(self, state: RunState, now: bool = False) -> None:
        """Write the state, at most once a second unless ``now``. A disk that is full stops no run."""
        moment = time.time()
        if not now and moment - self._written < self.EVERY_S:
            return
        self._written = moment
        body = {**asdict(state), "updated": moment}
        with contextlib.suppress(OSError):
            write_text(self._path, json.dumps(body), durable=False)
        if self._metrics:
            with contextlib.suppress(OSError):
                write_text(self._metrics, prometheus_text([_state(body)]), durable=False)

    def close(self) -> None:
        """The run is over: nothing to show; the metrics stay as they are, for the last scrape."""
        with contextlib.suppress(OSError):
            self._path.unlink()


def check_metrics(metrics: str) -> None:
    """Refuse a file that cannot be written, before a run that nobody would then see.

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


def running() -> list[RunState]:
    """The runs that go on now, the oldest first; none where no engine runs. Files of runs that died are removed.

    Raises:
        PrithviError: ``engine_unreachable`` for a run folder that is not private.
    """
    if not sys.platform.startswith("linux"):
        return []
    found = []
    for path in run_folder().glob("run-*.json"):
        try:
            state = _state(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if not is_alive(state.pid) or time.time() - state.updated > STALE_S:
            with contextlib.suppress(OSError):
                path.unlink()
            continue
        found.append(state)
    return sorted(found, key=lambda s: s.started)


def prometheus_text(runs: Sequence[RunState]) -> str:
    """The runs in Prometheus' text exposition format, version 0.0.4."""
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


def _state(body: dict[str, Any]) -> RunState:
    workers = tuple(WorkerState(**w) for w in body.pop("workers"))
    return RunState(workers=workers, **body)
