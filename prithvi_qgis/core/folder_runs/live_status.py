"""The folder runs in progress: each keeps a small state file up to date that every process of the user can read.

``prithvi:enginestatus`` shows it. In Prometheus' text format a node exporter can collect it
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
from ..system.timeouts import TIMEOUTS, Timeouts
from .prometheus import prometheus_text
from .run_state import RunState, parse_run_state

_NUMBERS = itertools.count(1)  # of the runs of this process, which may overlap


class Live:
    """The state file of one of this process's runs, which exists as long as the run."""

    def __init__(self, metrics: str = "", timeouts: Timeouts = TIMEOUTS):
        """``metrics``: a file for Prometheus' text format (``*.prom``) to write as well, or empty."""
        self._path = run_folder() / f"run-{os.getpid()}-{next(_NUMBERS)}.json"
        self._metrics = Path(metrics).expanduser() if metrics else None
        self._interval_s, self._written = timeouts.run_state_s, 0.0

    def show(self, state: RunState, now: bool = False) -> None:
        """Write the state, at most once per second unless ``now``. A full disk stops no run."""
        updated = time.time()
        if not now and updated - self._written < self._interval_s:
            return
        self._written = updated
        body = {**asdict(state), "updated": updated}
        with contextlib.suppress(OSError):
            write_text(self._path, json.dumps(body), durable=False)
        if self._metrics:
            with contextlib.suppress(OSError):
                write_text(self._metrics, prometheus_text([parse_run_state(body)]), durable=False)

    def close(self) -> None:
        """Remove the state file; the metrics stay as they are for the last scrape."""
        with contextlib.suppress(OSError):
            self._path.unlink()


def running() -> list[RunState]:
    """Return the runs in progress, the oldest first; none on systems without an engine. Removes files of dead runs.

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
        if not is_alive(state.pid) or time.time() - state.updated > TIMEOUTS.run_stale_s:
            with contextlib.suppress(OSError):
                path.unlink()
            continue
        found.append(state)
    return sorted(found, key=lambda s: s.started)
