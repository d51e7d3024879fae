"""Having several workers segment many scenes: a process of the engine's Python that drives them through Ray.

Standard library only. The process ends with the one that started it: its standard input is a line that stays open.
"""

from __future__ import annotations

import json
import queue
import subprocess  # nosec B404  # runs the engine's own Python
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.run_state import WorkerState
from ...core.protocol import codec, messages
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
    with tempfile.TemporaryDirectory(prefix="prithvi-workers-") as scratch:
        file = Path(scratch) / "requests"
        file.write_bytes(b"\n".join(codec.encode(r) for r in requests) + b"\n")
        command = [str(paths.venv_python(variant)), "-m", "prithvi_qgis.engine", "run-workers", str(file)]
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
        )
    lines: queue.Queue[Optional[bytes]] = queue.Queue()
    threading.Thread(target=_read, args=(child, lines), daemon=True).start()
    heard: list[str] = []
    try:
        for line, asked in _lines(child, lines, is_cancelled):
            body = _json(line)
            if body is None:
                heard.append(line.decode(errors="replace").strip())
            elif "workers" in body:
                on_workers([WorkerState(**w) for w in body["workers"]])
            elif _end(codec.decode(line), on_message, asked):
                return
    finally:
        _let_end(child)
    raise PrithviError(
        ErrorCode.ENGINE_DIED,
        f"What drives the workers ended with {child.returncode} and said: {last_error_line(heard)}.",
        f"Run again, what is done is kept; the end of {paths.log_file()} may tell more.",
    )


def _lines(child: subprocess.Popen, lines: queue.Queue, is_cancelled: IsCancelled) -> Iterator[tuple[bytes, bool]]:
    """Lines as they come, and whether the run was asked to end; ends with the child's output."""
    asked = 0.0
    while True:
        if not asked and is_cancelled():
            asked = time.monotonic()
            child.stdin.close()  # type: ignore[union-attr]
        if asked and time.monotonic() - asked > CANCEL_GRACE_S:
            raise cancelled()
        try:
            line = lines.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        if line is None:
            return
        yield line, bool(asked)


def _let_end(child: subprocess.Popen) -> None:
    """Close its line, and wait for its end; by force when it takes too long."""
    if child.stdin and not child.stdin.closed:
        child.stdin.close()
    try:
        child.wait(END_S)
    except subprocess.TimeoutExpired:
        end_group(child.pid)
        child.wait()


def _end(message: messages.Message, on_message: OnMessage, asked: bool) -> bool:
    """Take a message; returns whether it was the last one."""
    if isinstance(message, messages.Failed):
        raise cancelled() if asked else message.error()
    if isinstance(message, messages.ManyDone):
        return True
    on_message(message)
    return False


def _read(child: subprocess.Popen, lines: queue.Queue) -> None:
    if child.stdout:
        with child.stdout as said:
            for line in said:
                lines.put(line)
    lines.put(None)


def _json(line: bytes) -> Optional[dict[str, Any]]:
    try:
        body = json.loads(line)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
