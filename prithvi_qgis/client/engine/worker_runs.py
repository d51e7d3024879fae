"""Segment many scenes with several workers: a process of the engine's Python drives them through Ray.

Standard library only. That process exits when its standard input closes, at the latest with the process that started
it.
"""

from __future__ import annotations

import queue
import subprocess  # nosec B404  # runs the engine's own Python
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol import codec, messages
from ...core.protocol.lines import LineReader
from ...core.protocol.messages import WorkerState
from ...core.system import paths
from ...core.system.timeouts import TIMEOUTS, Timeouts
from ..runtime import code_copy
from ..runtime.environment import engine_environment
from ..runtime.readiness import readiness
from ..runtime.subprocess_lines import end_group, last_error_line
from . import launch
from .connection import IsCancelled, OnMessage, cancelled


def segment_with_workers(
    requests: Sequence[messages.Segment],
    variant: str,
    workers: int,
    cluster: str,
    on_message: OnMessage,
    on_workers: Callable[[Sequence[WorkerState]], None],
    is_cancelled: IsCancelled,
    timeouts: Timeouts = TIMEOUTS,
) -> None:
    """Segment scenes; returns when each of them was reported as SceneDone or SceneFailed.

    Args:
        workers: number of workers; 0 for one per GPU.
        cluster: address of a Ray cluster, empty for this machine.
        on_message: called in this thread with each message; an error that it raises ends the run.
        on_workers: the same, with the state of every worker.
        is_cancelled: checked a few times per second.
        timeouts: shorter ones for tests.
    Raises:
        PrithviError: ``cancelled``, or what keeps any scene from being segmented.
    """
    if not readiness(variant).ready:
        raise launch.missing(variant)
    folder, _ = code_copy.installed_code()
    with tempfile.TemporaryDirectory(prefix="prithvi-workers-") as scratch:
        file = Path(scratch) / "requests"
        file.write_bytes(b"\n".join(codec.encode(r) for r in requests) + b"\n")
        command = [str(paths.venv_python(variant)), "-m", "prithvi_qgis.engine", "run-workers", str(file)]
        command += ["--workers", str(workers), "--cluster", cluster]
        _follow(command, engine_environment(folder), on_message, on_workers, is_cancelled, timeouts)


def _follow(
    command: Sequence[str],
    environment: dict[str, str],
    on_message: OnMessage,
    on_workers: Callable[[Sequence[WorkerState]], None],
    is_cancelled: IsCancelled,
    timeouts: Timeouts,
) -> None:
    with paths.log_file().open("ab") as log:
        child = subprocess.Popen(  # nosec B603  # a list without a shell
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            cwd=paths.home(),
            start_new_session=True,
            text=True,
            errors="replace",
        )
    lines: queue.Queue[Optional[str]] = queue.Queue()
    threading.Thread(target=_read, args=(child, lines), daemon=True).start()
    ended: list[messages.ManyDone] = []

    def receive(message: messages.Message) -> None:
        if isinstance(message, messages.Workers):
            on_workers(message.workers)
        elif isinstance(message, messages.ManyDone):
            ended.append(message)
        else:
            on_message(message)

    reader = LineReader(receive)
    try:
        for line, is_ending in _lines(child, lines, is_cancelled, timeouts):
            reader.take(line)
            if reader.failed:
                raise cancelled() if is_ending else reader.failed.error()
            if ended:
                return
    finally:
        _end(child, timeouts)
    raise PrithviError(
        ErrorCode.ENGINE_DIED,
        f"What drives the workers ended with {child.returncode} and said: {last_error_line(reader.log)}.",
        f"Run again, what is done is kept; the end of {paths.log_file()} may tell more.",
    )


def _lines(
    child: subprocess.Popen[str], lines: queue.Queue[Optional[str]], is_cancelled: IsCancelled, timeouts: Timeouts
) -> Iterator[tuple[str, bool]]:
    """Yield lines as they come, and whether the run was cancelled before; ends with the child's output."""
    cancelled_at = 0.0
    while True:
        if not cancelled_at and is_cancelled():
            cancelled_at = time.monotonic()
            if child.stdin:
                child.stdin.close()
        if cancelled_at and time.monotonic() - cancelled_at > timeouts.cancel_grace_s:
            raise cancelled()
        try:
            line = lines.get(timeout=timeouts.poll_s)
        except queue.Empty:
            continue
        if line is None:
            return
        yield line, bool(cancelled_at)


def _end(child: subprocess.Popen[str], timeouts: Timeouts) -> None:
    """Close the driver's standard input and wait for its exit; kill it when that takes too long."""
    if child.stdin and not child.stdin.closed:
        child.stdin.close()
    try:
        child.wait(timeouts.driver_exit_s)
    except subprocess.TimeoutExpired:
        end_group(child.pid)
        child.wait()


def _read(child: subprocess.Popen[str], lines: queue.Queue[Optional[str]]) -> None:
    if child.stdout:
        with child.stdout as output:
            for line in output:
                lines.put(line.rstrip("\n"))
    lines.put(None)
