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
from dataclasses import asdict
from pathlib import Path

from ..system.atomic_files import write_text
from ..system.paths import run_folder
from ..system.processes import is_alive
from .prometheus import prometheus_text
from .run_state import STALE_S, RunState, parse_run_state

_NUMBERS = itertools.count(1)  # of the runs of this process, which may go on at the same time


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
                write_text(self._metrics, prometheus_text([parse_run_state(body)]), durable=False)

    def close(self) -> None:
        """The run is over: nothing to show; the metrics stay as they are, for the last scrape."""
        with contextlib.suppress(OSError):
            self._path.unlink()


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
            state = parse_run_state(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if not is_alive(state.pid) or time.time() - state.updated > STALE_S:
            with contextlib.suppress(OSError):
                path.unlink()
            continue
        found.append(state)
    return sorted(found, key=lambda s: s.started)
