"""Ends a Ray that was started for one run together with the run, however the run ends. Standard library only.

A separate process waits until its standard input closes: the driver is done, or was killed. Ray ends most of its
processes with the driver, but not its agents, and leaves its folder. What is left is given a moment, then killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess  # nosec B404  # runs this file
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARK = "PRITHVI_QGIS_RAY"  # variable in the environment of each process that a run starts: the run's folder
GRACE_S, _POLL_S = 5.0, 0.2  # this file runs by its path, without the package that has the timeouts


@contextmanager
def ray_reaper(folder: Path) -> Iterator[None]:
    """Mark the processes that are started within, and end them with this process at the latest."""
    command = [sys.executable, "-I", "-S", __file__, str(folder)]
    # In its own session: what ends the driver's process group must not end this process.
    reaper = subprocess.Popen(  # nosec B603  # a list without a shell
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    before = os.environ.get(MARK)
    os.environ[MARK] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(MARK)
        if before is not None:
            os.environ[MARK] = before
        if reaper.stdin:
            reaper.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            reaper.wait(3 * GRACE_S)


def processes_of_run(folder: str) -> list[int]:
    """Return the process ids of the run with this folder, except this process."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # it has ended, or belongs to another user
            if _is_of_run(entry, folder):
                found.append(int(entry.name))
    return found


def _is_of_run(process: Path, folder: str) -> bool:
    if f"{MARK}={folder}\0".encode() in (process / "environ").read_bytes():
        return True
    # Ray's agents write their title over their environment, but keep their logs open. They outlive their parent.
    if not (process / "cmdline").read_bytes().startswith(b"ray::"):
        return False
    return any(os.readlink(f).startswith(f"{folder}/") for f in (process / "fd").iterdir())


def _reap(folder: str) -> None:
    while os.read(0, 4096):
        pass
    deadline = time.monotonic() + GRACE_S
    while processes_of_run(folder) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    for pid in processes_of_run(folder):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _reap(sys.argv[1])
