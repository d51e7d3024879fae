"""Run a long command: its lines as they come, and an end to its whole process group after a cancel."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess  # nosec B404  # runs the commands of the installation
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.lines import LineReader
from ...core.protocol.messages import Message
from ...core.system.timeouts import TIMEOUTS

_ERROR_LINE = re.compile(r"^\s*(error|cause|caused by|ERROR|[×╰]|\w*Error)\b|^\s*[×╰]")


_Lines = queue.Queue[Optional[str]]


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    on_line: Callable[[str], None],
    is_cancelled: Callable[[], bool],
    on_wait: Callable[[], None] = lambda: None,
    on_start: Callable[[int], None] = lambda pid: None,
) -> int:
    """Run a command to its end.

    Args:
        command: program and arguments; no shell.
        environment: the whole environment.
        folder: the working folder.
        on_line: called in this thread with each line of both outputs.
        is_cancelled: checked a few times per second.
        on_wait: called as often.
        on_start: called with the process id, which is the process group's as well.
    Returns:
        the exit code; 127, after a line with the reason, when the program cannot be started.
    Raises:
        PrithviError: ``cancelled``; no process of the command's group runs any more.
    """
    try:
        child = subprocess.Popen(  # nosec B603  # a list without a shell
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )
    except OSError as e:
        on_line(f"error: {command[0]}: {e.strerror}")
        return 127
    lines: _Lines = queue.Queue()
    reader = threading.Thread(target=_read, args=(child, lines), daemon=True)
    finished = False
    try:
        reader.start()
        on_start(child.pid)
        _follow(lines, on_line, is_cancelled, on_wait)
        finished = True
        return child.wait()
    finally:
        if not finished:
            end_group(child.pid)
            child.wait()
        reader.join()
        if child.stdout:
            child.stdout.close()


def run_for_messages(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    on_message: Callable[[Message], None],
    is_cancelled: Callable[[], bool],
    on_start: Callable[[int], None] = lambda pid: None,
) -> tuple[int, str]:
    """Run a command that writes messages to its standard output; arguments as for :func:`run`.

    Args:
        on_message: called in this thread with each message.
    Returns:
        the exit code, and the last error line of what else the command printed.
    Raises:
        PrithviError: the error that the command reported as :class:`.Failed`; ``cancelled``.
    """
    reader = LineReader(on_message)
    status = run(command, environment, folder, reader.take, is_cancelled, on_start=on_start)
    if reader.failed:
        raise reader.failed.error()
    return status, last_error_line(reader.log)


def _read(child: subprocess.Popen[str], lines: _Lines) -> None:
    """Queue each line, then None."""
    for line in child.stdout or ():
        lines.put(line.rstrip("\n"))
    lines.put(None)


def _follow(
    lines: _Lines,
    on_line: Callable[[str], None],
    is_cancelled: Callable[[], bool],
    on_wait: Callable[[], None],
) -> None:
    """Relay lines until the command closes its output."""
    while True:
        if is_cancelled():
            raise cancelled()
        try:
            line = lines.get(timeout=TIMEOUTS.poll_s)
        except queue.Empty:
            on_wait()
            continue
        if line is None:
            return
        on_line(line)


def cancelled() -> PrithviError:
    """Return the error of an installation that the user cancelled."""
    return PrithviError(ErrorCode.CANCELLED, "The installation was cancelled.", "Run it again when you like.")


def end_group(pid: int) -> None:
    """End a process group: SIGTERM, and SIGKILL after a few seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
        deadline = time.monotonic() + TIMEOUTS.term_grace_s
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            try:
                os.killpg(pid, 0)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(TIMEOUTS.exit_poll_s)


def last_error_line(lines: Iterable[str]) -> str:
    """Return what a failed command printed last, on one line, without a full stop; lines of errors first."""
    lines = [line for line in lines if line.strip()]
    errors = [line for line in lines if _ERROR_LINE.search(line)]
    message = " ".join(" ".join((errors or lines)[-4:]).split())
    return re.sub(r"^(error|ERROR): *", "", message)[:400].rstrip(". ") or "it said nothing"
