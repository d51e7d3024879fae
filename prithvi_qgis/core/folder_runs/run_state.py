"""State of a folder run and of its workers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

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


def parse_run_state(body: dict[str, Any]) -> RunState:
    """Build a state from its JSON object; raises TypeError or KeyError for any other."""
    workers = tuple(WorkerState(**w) for w in body.pop("workers"))
    return RunState(workers=workers, **body)
