"""An engine that gets no further ends itself: a disk or driver that hangs must not hold everybody up for ever.

Waiting for reading and writing has its own, earlier end with a better word (:mod:`engine.reading.stall_timeout`).
This is for what no thread can be called back from: opening a file on a dead server, a forward pass that never returns.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ...core.errors import ErrorCode
from ...core.protocol.messages import Failed
from .job_queue import JobQueue

STUCK_MIN = 15.0
LOOK_S = 5.0
TILE_S = 60.0  # more than a tile of the largest model takes on two slow cores


def start_watch(line: JobQueue, stuck_s: float) -> None:
    """Watch the running job in a thread; see :func:`watch`."""
    threading.Thread(target=watch, args=(line, stuck_s), name="watch", daemon=True).start()


def watch(line: JobQueue, stuck_s: float, end: Callable[[int], object] = os._exit) -> None:
    """Answer a job that gives no sign of life for ``stuck_s`` (more for large batches), and end the process.

    Looks are counted, not time: a process that was stopped or slept gets its whole time anew.
    """
    pause, quiet_s = min(LOOK_S, stuck_s / 4), 0.0
    seen: object = None
    while not line.closed:
        time.sleep(pause)
        job = line.current
        sign = None if job is None else (job, job.signs)
        quiet_s = quiet_s + pause if sign == seen else 0.0
        seen = sign
        if job is not None and quiet_s > stuck_s + TILE_S * job.request.batch_size:
            name = job.request.source_name or Path(job.request.source).name
            message = Failed(
                ErrorCode.ENGINE_DIED.value,
                f"The engine got no further with {name} for {quiet_s / 60:.2g} minutes ({job.stage}) and was ended.",
                "Check the disks or servers of the scene and of the mask, then run again.",
            )
            with contextlib.suppress(ValueError):  # it ended this very moment
                line.finish(job, message)
                end(1)
                return
