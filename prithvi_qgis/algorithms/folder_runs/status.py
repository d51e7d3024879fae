"""Runs of many scenes and their workers, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import tr

if TYPE_CHECKING:
    from ...core.folder_runs.run_state import RunState, WorkerState


def run_line(run: RunState) -> str:
    """Return one run of many scenes as a line of a log."""
    ended = run.done + run.skipped + run.failed
    return tr("{}: {} of {} scenes ended, {} of them failed (process {})").format(
        run.output, ended, run.total, run.failed, run.pid
    )


def worker_line(worker: WorkerState) -> str:
    """Return one worker as a line of a log."""
    location = ", ".join(text for text in (worker.host, worker.device) if text)
    states = {
        "starting": tr("starting"),
        "working": tr("working"),
        "ended": tr("has ended"),
        "lost": tr("was lost"),
    }
    parts = [worker.scene or states.get(worker.state, worker.state)]
    if worker.tiles_per_s:
        parts.append(tr("{:.1f} tiles/s").format(worker.tiles_per_s))
    if worker.gpu_total_mb:
        parts.append(tr("GPU memory {} of {} MB").format(worker.gpu_used_mb, worker.gpu_total_mb))
    parts.append(tr("{} scenes ended, {} failed").format(worker.scenes, worker.errors))
    return f"{worker.name}{f' ({location})' if location else ''}: {', '.join(parts)}"
