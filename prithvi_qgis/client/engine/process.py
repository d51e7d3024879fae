"""The engine's process: find it, wait for its end, end it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Optional

from ...core.system import paths
from ...core.system.processes import is_alive
from ...core.system.timeouts import TIMEOUTS


def engine_pid() -> Optional[int]:
    """Return the process that serves this data folder, or None.

    Read from the engine's lock file and checked against the process itself. The lock is not probed: an engine that
    starts while a probe holds the lock would exit, as if another one ran.
    """
    try:
        pid = int((paths.run_folder() / "engine.lock").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if _is_our_engine(pid) else None


def wait_gone(pid: int, timeout_s: float) -> bool:
    """Wait for the process to end; returns False when it still runs after ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(TIMEOUTS.exit_poll_s)
    return True


def end_group(pid: int, grace_s: float) -> bool:
    """End the engine and its children: SIGTERM to its process group, SIGKILL after ``grace_s``.

    Returns:
        whether the process is gone.
    """
    if not _is_our_engine(pid):
        return not is_alive(pid)
    # An engine leads its process group, unless a person started it in a shell.
    leads = os.getpgid(pid) == pid
    send = os.killpg if leads else os.kill
    with contextlib.suppress(ProcessLookupError):
        send(pid, signal.SIGTERM)
    if wait_gone(pid, grace_s):
        # Children that ignored SIGTERM would keep the GPU's memory.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if leads:
                os.killpg(pid, signal.SIGKILL)
        return True
    with contextlib.suppress(ProcessLookupError):
        send(pid, signal.SIGKILL)
    return wait_gone(pid, TIMEOUTS.kill_s)


def _is_our_engine(pid: int) -> bool:
    """Whether ``pid`` is an engine of this user for this data folder; the system reuses process ids."""
    try:
        if Path(f"/proc/{pid}").stat().st_uid != os.getuid() or not is_alive(pid):
            return False
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    home = [v.partition(b"=")[2] for v in variables if v.startswith(b"PRITHVI_QGIS_HOME=")]
    return b"prithvi_qgis.engine" in command and (not home or Path(os.fsdecode(home[0])).absolute() == paths.home())
