"""One installation at a time, and no leftovers of one that was killed."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
from collections.abc import Iterator
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ..runtime.subprocess_lines import end_group


class InstallLock:
    """The lock that this process holds; it remembers the running command, which outlives a killed installer."""

    def __init__(self, file: int, name: str):
        """``name``: of what is installed."""
        self._file, self._name = file, name
        self.note_command(0)

    def note_command(self, pid: int) -> None:
        """Record the process group that works for us now."""
        started = datetime.datetime.now().strftime("%H:%M")
        record = json.dumps({"pid": os.getpid(), "command": pid, "started": started, "name": self._name}).encode()
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, record, 0)


@contextlib.contextmanager
def install_lock(name: str) -> Iterator[InstallLock]:
    """Hold the lock; a command left running by a killed installation is ended first.

    Args:
        name: of what is installed, for whoever is refused meanwhile: ``the CPU engine``, ``Ray``.
    Raises:
        PrithviError: ``install_failed`` when another process installs now, naming it.
    """
    import fcntl  # not on Windows, where the engine is not either

    folder = paths.home() / "engine"
    file = os.open(folder / "install.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            record = _record(file)
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"Another installation is running: {record.get('name', 'the engine')}"
                f" (process {record.get('pid', 'unknown')}, since {record.get('started', 'just now')}).",
                "Wait until it has ended, or end that process, then run this again.",
            ) from None
        _end_leftover(_record(file).get("command", 0), folder)
        yield InstallLock(file, name)
        os.ftruncate(file, 0)
    finally:
        os.close(file)


def _record(file: int) -> dict:
    try:
        record = json.loads(os.pread(file, 4096, 0))
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _end_leftover(pid: object, folder: Path) -> None:
    """End the command of a killed installation, after making sure that the process still is that command."""
    if not isinstance(pid, int) or pid <= 1:
        return
    try:
        ours = str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        owner = os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return
    if ours and owner == os.getuid() and os.getpgid(pid) == pid:
        end_group(pid)
