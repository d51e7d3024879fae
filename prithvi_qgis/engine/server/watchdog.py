"""Watchdog: ends the engine when a job makes no progress, so that a hung disk or driver cannot block the queue.

Reading and writing have earlier limits with better errors (:mod:`.stall_timeout`). This one is for what
no thread can be called back from: opening a file on a dead server, a forward pass that never returns.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from ...core.errors import ErrorCode
from ...core.protocol.messages import Failed, SegmentMany
from ...core.system.timeouts import TIMEOUTS
from .job_queue import JobQueue


def watch(jobs: JobQueue, stuck_s: float, end: Callable[[int], object]) -> None:
    """Answer a job whose heartbeat is quiet for ``stuck_s``, and call ``end`` with 1.

    Large batches have more time. So do runs over many scenes, which fail a scene that hangs by themselves.

    Checks are counted, not time: a process that was stopped or slept has its whole time again.
    """
    pause_s, quiet_s = min(TIMEOUTS.watchdog_poll_s, stuck_s / 4), 0.0
    seen: object = None
    while not jobs.closed:
        time.sleep(pause_s)
        job = jobs.current
        beat = None if job is None else (job, job.heartbeat.last_progress)
        quiet_s = quiet_s + pause_s if beat == seen else 0.0
        seen = beat
        if job is None:
            continue
        limit_s = stuck_s + TIMEOUTS.stuck_tile_s * job.request.batch_size
        if isinstance(job.request, SegmentMany):
            limit_s += TIMEOUTS.scene_finish_s
        if quiet_s > limit_s:
            name = job.request.source_name or Path(job.request.source).name
            stage = job.progress.stage
            message = Failed(
                ErrorCode.ENGINE_DIED.value,
                f"The engine got no further with {name} for {quiet_s / 60:.2g} minutes ({stage}) and was ended.",
                "Check the disks or servers of the scene and of the mask, then run again.",
            )
            with contextlib.suppress(ValueError):  # it ended this very moment
                jobs.finish(job, message)
                end(1)
                return
