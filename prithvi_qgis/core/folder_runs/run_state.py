"""State of a folder run and of its workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..protocol.messages import Message, Progress, SceneDone, SceneFailed, SceneStarted, WorkerState


def after_message(worker: WorkerState, message: Message, scene: str = "") -> WorkerState:
    """Return the state of a worker after its message; ``scene``: name of the scene that has started."""
    if isinstance(message, SceneStarted):
        return replace(worker, state="working", scene=scene)
    if isinstance(message, SceneDone):
        return replace(worker, scenes=worker.scenes + 1, device=message.result.device_name)
    if isinstance(message, SceneFailed):
        return replace(worker, scenes=worker.scenes + 1, errors=worker.errors + 1)
    if isinstance(message, Progress):
        used_mb, total_mb = message.gpu_used_mb, message.gpu_total_mb
        return replace(worker, tiles_per_s=message.tiles_per_s, gpu_used_mb=used_mb, gpu_total_mb=total_mb)
    return worker


def stopped(worker: WorkerState, state: str = "ended") -> WorkerState:
    """Return the state of a worker that has stopped."""
    return replace(worker, state=state, scene="", tiles_per_s=0.0, gpu_used_mb=0, gpu_total_mb=0)


@dataclass(frozen=True)
class RunState:
    """One folder run."""

    pid: int
    """Process id of the run's driver."""
    started: float
    """Seconds since 1970."""
    output: str
    """Folder of the masks."""
    total: int
    """Number of scenes."""
    done: int = 0
    failed: int = 0
    skipped: int = 0
    """Done by an earlier run."""
    updated: float = 0.0
    """Seconds since 1970."""
    workers: tuple[WorkerState, ...] = ()


def parse_run_state(body: Mapping[str, Any]) -> RunState:
    """Build a state from its JSON object.

    Raises:
        TypeError, KeyError: it is another object.
    """
    fields = {**body, "workers": tuple(WorkerState(**worker) for worker in body["workers"])}
    return RunState(**fields)
