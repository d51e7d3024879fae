"""Exclusive lock between processes, held on an open file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Optional

from .timeouts import TIMEOUTS

try:
    import fcntl
except ImportError:  # Windows: no engine runs there, so nothing competes
    fcntl = None  # type: ignore[assignment]


class FileLock:
    """An exclusive lock (``flock``) that ends with :meth:`release` or with the process.

    A second lock on the same file waits, also within one process. As a context manager it is released at the end of
    the block; entering raises BlockingIOError while another holder has it, unless it was acquired before.
    """

    def __init__(self, path: Path, poll_s: float = TIMEOUTS.poll_s, mode: int = 0o600):
        """Prepare a lock.

        Args:
            path: created if it does not exist, and kept after the release.
            poll_s: between two attempts to take the lock.
            mode: permissions of a new file, less the umask; others can take the lock of a file that they can read.
        """
        self.path = path
        self._poll_s, self._mode = poll_s, mode
        self._descriptor: Optional[int] = None

    def acquire(self, timeout_s: float = 0.0, check_cancelled: Callable[[], None] = lambda: None) -> bool:
        """Take the lock.

        Args:
            timeout_s: longest wait for another holder.
            check_cancelled: called while waiting; an error that it raises ends the wait.
        Returns:
            Whether the lock is held now; False: another holder kept it until the timeout.
        Raises:
            OSError: the file cannot be opened, or its file system has no locks.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, self._mode)
        deadline = time.monotonic() + timeout_s
        try:
            while not _try_lock(descriptor):
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    return False
                check_cancelled()
                time.sleep(self._poll_s)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Release the lock; harmless if it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def write(self, text: str) -> None:
        """Replace the content of the lock file, such as the holder's process id; the lock must be held."""
        if self._descriptor is None:
            raise AssertionError("write without the lock")
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def __enter__(self) -> FileLock:
        if self._descriptor is None and not self.acquire():
            raise BlockingIOError(f"{self.path} is locked")
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()


def _try_lock(descriptor: int) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
