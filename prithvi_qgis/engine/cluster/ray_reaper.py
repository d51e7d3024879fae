"""Sees to it that a Ray that was started for one run ends with it, however the run ends. Standard library only.

A process of its own, whose standard input is a line to the driver: when the line closes, the driver is done, or was
killed. What is left of Ray is given a moment, then ended, and its folder is removed.
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

MARK = "PRITHVI_QGIS_RAY"  # variable in the environment of everything that a run starts: its folder
GRACE_S = 5.0
_LOOK_S = 0.2


@contextmanager
def ray_reaper(folder: Path) -> Iterator[None]:
    """Mark what is started from here on, and have it end with this process at the latest."""
    command = [sys.executable, "-I", "-S", __file__, str(folder)]
    # A session of its own: whatever ends the driver's group is to be survived.
    guard = subprocess.Popen(  # nosec B603  # a list without a shell
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
        if guard.stdin:
            guard.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            guard.wait(3 * GRACE_S)


def of_run(folder: str) -> list[int]:
    """Processes of the run with this folder, but for this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if _is_of(entry, folder):
                found.append(int(entry.name))
        except OSError:  # gone, or somebody else's
            continue
    return found


def _is_of(process: Path, folder: str) -> bool:
    if f"{MARK}={folder}\0".encode() in (process / "environ").read_bytes():
        return True
    # Ray's agents write their title over their environment; but they keep their logs open. They outlive their parent.
    if not (process / "cmdline").read_bytes().startswith(b"ray::"):
        return False
    return any(os.readlink(f).startswith(f"{folder}/") for f in (process / "fd").iterdir())


def _watch(folder: str) -> None:
    while os.read(0, 4096):
        pass
    deadline = time.monotonic() + GRACE_S
    while of_run(folder) and time.monotonic() < deadline:
        time.sleep(_LOOK_S)
    for pid in of_run(folder):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _watch(sys.argv[1])
