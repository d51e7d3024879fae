"""Liveness of a job: when it last made progress, and whether it was cancelled."""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Optional

from ..errors import ErrorCode, PrithviError

_RECORD = struct.Struct("<d")


def cancelled_error() -> PrithviError:
    """Return the error of a run that a person stopped."""
    return PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.")


class Heartbeat:
    """One job's liveness, shared by its threads, its queues, its I/O timeouts and the watchdog.

    Asking has no side effect: only :meth:`touch` records progress. With a file another process can follow with
    :func:`read_heartbeat`; ``time.monotonic`` counts from boot on Linux, so its values compare between processes.
    """

    def __init__(self, is_cancelled: Callable[[], bool] = lambda: False, file: Optional[Path] = None):
        """``is_cancelled``: a further reason to stop, such as a parent's; ``file``: created, 8 bytes."""
        self._is_cancelled = is_cancelled
        self._cancelled = threading.Event()
        self._memory: Optional[mmap.mmap] = None
        if file is not None:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.ftruncate(descriptor, _RECORD.size)
                self._memory = mmap.mmap(descriptor, _RECORD.size)
            finally:
                os.close(descriptor)
        self.last_progress = 0.0
        self.touch()

    def touch(self) -> None:
        """Record progress; any thread may."""
        self.last_progress = time.monotonic()
        if self._memory is not None:
            _RECORD.pack_into(self._memory, 0, self.last_progress)

    @property
    def quiet_s(self) -> float:
        """Seconds since the last progress."""
        return time.monotonic() - self.last_progress

    def cancel(self) -> None:
        """Request a stop; it takes effect within one batch."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether a stop was requested."""
        return self._cancelled.is_set() or self._is_cancelled()

    def check_cancelled(self) -> None:
        """Raise ``cancelled`` if a stop was requested."""
        if self.cancelled:
            raise cancelled_error()


def read_heartbeat(file: Path) -> Optional[float]:
    """Return the last progress of the heartbeat that writes ``file``, as ``time.monotonic`` seconds; None without."""
    with contextlib.suppress(OSError, struct.error):
        return float(_RECORD.unpack(file.read_bytes())[0])
    return None
