"""State of a folder run and of its workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..protocol.messages import WorkerState

STALE_S = 120.0  # without a word a run counts as dead, even where its number lives on as another process


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
