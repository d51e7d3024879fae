"""Having several workers segment many scenes: a process of the engine's Python that drives them through Ray.

Standard library only. The process ends with the one that started it: its standard input is a line that stays open.
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
from ..runtime import code_copy
from ..runtime.environment import engine_environment
from ..runtime.readiness import readiness
from ..runtime.subprocess_lines import end_group, last_error_line
from . import launch
from .connection import IsCancelled, OnMessage, cancelled

CANCEL_GRACE_S = 120.0
END_S = 30.0  # for a driver to end Ray after its line was closed
_POLL_S = 0.25


def segment_with_workers(
    requests: Sequence[messages.Segment],
    variant: str,
    workers: int,
    cluster: str,
    on_message: OnMessage,
    on_workers: Callable[[Sequence[WorkerState]], None],
    is_cancelled: IsCancelled,
) -> None:
    """Segment scenes; returns when each of them was told as SceneDone or SceneFailed.

    Args:
        workers: engines at once; 0 for one a GPU. cluster: address of a Ray cluster, empty for this machine.
        on_message, on_workers: called in this thread; what they raise ends the run.
    Raises:
        PrithviError: ``cancelled``, or what keeps any scene from being segmented.
    """
    if not readiness(variant).ready:
        raise launch.missing(variant)
    folder, _ = code_copy.installed_code()
    with tempfile.TemporaryDirectory(prefix="prithvi-crew-") as scratch:
        file = Path(scratch) / "requests"
        file.write_bytes(b"\n".join(codec.encode(r) for r in requests) + b"\n")
        command = [str(paths.venv_python(variant)), "-m", "prithvi_qgis.engine", "crew", str(file)]
        command += ["--workers", str(workers), "--cluster", cluster]
        _follow(command, engine_environment(folder), on_message, on_workers, is_cancelled)


def _follow(
    command: Sequence[str],
    environment: dict[str, str],
    on_message: OnMessage,
    on_workers: Callable[[Sequence[WorkerState]], None],
    is_cancelled: IsCancelled,
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
        for line, is_ending in _lines(child, lines, is_cancelled):
            reader.take(line)
            if reader.failed:
                raise cancelled() if is_ending else reader.failed.error()
            if ended:
                return
    finally:
        _let_end(child)
    raise PrithviError(
        ErrorCode.ENGINE_DIED,
        f"What drives the workers ended with {child.returncode} and said: {last_error_line(reader.log)}.",
        f"Run again, what is done is kept; the end of {paths.log_file()} may tell more.",
    )


def _lines(
    child: subprocess.Popen[str], lines: queue.Queue[Optional[str]], is_cancelled: IsCancelled
) -> Iterator[tuple[str, bool]]:
    """Yield lines as they come, and whether the run was cancelled before; ends with the child's output."""
    cancelled_at = 0.0
    while True:
        if not cancelled_at and is_cancelled():
            cancelled_at = time.monotonic()
            if child.stdin:
                child.stdin.close()
        if cancelled_at and time.monotonic() - cancelled_at > CANCEL_GRACE_S:
            raise cancelled()
        try:
            line = lines.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        if line is None:
            return
        yield line, bool(cancelled_at)


def _let_end(child: subprocess.Popen[str]) -> None:
    """Close its line, and wait for its end; by force when it takes too long."""
    if child.stdin and not child.stdin.closed:
        child.stdin.close()
    try:
        child.wait(END_S)
    except subprocess.TimeoutExpired:
        end_group(child.pid)
        child.wait()


def _read(child: subprocess.Popen[str], lines: queue.Queue[Optional[str]]) -> None:
    if child.stdout:
        with child.stdout as output:
            for line in output:
                lines.put(line.rstrip("\n"))
    lines.put(None)
