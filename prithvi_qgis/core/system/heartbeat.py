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

    Asking has no side effect: only :meth:`touch` and :meth:`advance` record progress. They are called where work was
    done, never where a thread waits. Any thread may call any method.
    """

    def __init__(self, is_cancelled: Callable[[], bool] = lambda: False, parent: Optional[Heartbeat] = None):
        """``is_cancelled``: a further reason to stop; ``parent``: of the whole job, of which this is a part."""
        self._is_cancelled = is_cancelled
        self._parent = parent
        self._cancelled = threading.Event()
        self._file: Optional[Path] = None
        self._memory: Optional[mmap.mmap] = None
        self.last_progress = time.monotonic()

    def part(self) -> Heartbeat:
        """Return the heartbeat of a part of this job: cancelled with it, and its progress counts for it."""
        return Heartbeat(parent=self)

    def touch(self) -> None:
        """Record progress."""
        self.last_progress = time.monotonic()
        memory = self._memory
        if memory is not None:
            _RECORD.pack_into(memory, 0, self.last_progress)
        if self._parent is not None:
            self._parent.touch()

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
        return self._cancelled.is_set() or self._is_cancelled() or (self._parent is not None and self._parent.cancelled)

    def check_cancelled(self) -> None:
        """Raise ``cancelled`` if a stop was requested."""
        if self.cancelled:
            raise cancelled_error()

    def advance(self) -> None:
        """Record progress, and raise ``cancelled`` if a stop was requested."""
        self.touch()
        self.check_cancelled()

    def publish(self, file: Path) -> None:
        """Write each progress to ``file`` as well, where another process can follow it with :func:`read_heartbeat`."""
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, _RECORD.pack(time.monotonic()))
            self._file, self._memory = file, mmap.mmap(descriptor, _RECORD.size)
        finally:
            os.close(descriptor)
        self.touch()

    def withdraw(self) -> None:
        """Remove the file, if any: the job has ended."""
        file, self._file, self._memory = self._file, None, None
        if file is not None:
            file.unlink(missing_ok=True)


def read_heartbeat(file: Path) -> Optional[float]:
    """Return the last progress of the heartbeat that writes ``file``, as ``time.monotonic`` seconds; None without.

    On Linux ``time.monotonic`` counts from the start of the machine, so its values compare between processes.
    """
    with contextlib.suppress(OSError, struct.error):
        return float(_RECORD.unpack(file.read_bytes())[0])
    return None
