"""Handing freed memory back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import time
from collections.abc import Callable
from typing import Optional

EVERY_S = 1.0


class Heap:
    """Trims the C library's heap now and then.

    Tiles are allocated in one thread and freed in another, and glibc keeps what was freed in the arena it came from:
    without this a large scene ends with tens of megabytes more than a small one although nothing holds them.
    """

    def __init__(self) -> None:
        self._trim: Optional[Callable[[int], int]] = None
        with contextlib.suppress(OSError, AttributeError):  # another C library has its own ways
            self._trim = ctypes.CDLL(None).malloc_trim
        self._last = time.monotonic()

    def trim(self) -> None:
        """Give back what is free, at most once a second (it takes a few milliseconds)."""
        if self._trim is not None and time.monotonic() - self._last > EVERY_S:
            self._trim(0)
            self._last = time.monotonic()
