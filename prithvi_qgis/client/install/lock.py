"""Lock of an installation, which also ends the command of one that was killed."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ...core.system.file_lock import FileLock
from ..runtime.subprocess_lines import end_group


class InstallLock:
    """The lock that this process holds; it records the running command, which outlives a killed installer."""

    def __init__(self, lock: FileLock, name: str):
        """``name``: of what is installed."""
        self._lock, self._name = lock, name
        self.set_command(0)

    def set_command(self, pid: int) -> None:
        """Record the process group of the running command; 0 for none."""
        started = datetime.datetime.now().strftime("%H:%M")
        self._lock.write(json.dumps({"pid": os.getpid(), "command": pid, "started": started, "name": self._name}))


@contextlib.contextmanager
def install_lock(name: str) -> Iterator[InstallLock]:
    """Hold the lock; a command left running by a killed installation is ended first.

    Args:
        name: of what is installed, shown to a second installer: ``the CPU engine``, ``Ray``.
    Raises:
        PrithviError: ``install_failed`` while another process installs; the text names it.
    """
    folder = paths.home() / "engine"
    lock = FileLock(folder / "install.lock")
    if not lock.acquire():
        holder = _read_holder(lock.path)
        raise PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"Another installation is running: {holder.get('name', 'the engine')}"
            f" (process {holder.get('pid', 'unknown')}, since {holder.get('started', 'just now')}).",
            "Wait until it has ended, or end that process, then run this again.",
        )
    with lock:
        _end_leftover(_read_holder(lock.path).get("command", 0), folder)
        yield InstallLock(lock, name)
        lock.write("")


def _read_holder(path: Path) -> dict[str, Any]:
    """Return what the present or last holder wrote into the lock file; empty if it finished."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _end_leftover(pid: object, folder: Path) -> None:
    """End the command of a killed installation if its process id still belongs to that command."""
    if not isinstance(pid, int) or pid <= 1:
        return
    try:
        ours = str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        owner = os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return
    if ours and owner == os.getuid() and os.getpgid(pid) == pid:
        end_group(pid)
