"""Threads that read a scene, kept for the next one.

The first raster that a thread opens costs it 6 ms, nearly all of it the database of PROJ and with Python's lock held;
every further one takes half a millisecond. Runs over small scenes would spend more on that than on their pixels.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

MOST_IDLE = 32  # threads that are kept

_lock = threading.Lock()
_idle: list[tuple[int, ThreadPoolExecutor]] = []


class ReaderPool:
    """So many threads, until :meth:`close`."""

    def __init__(self, count: int):
        """``count``: threads."""
        self.count = count
        self._pool = _borrowed(count)
        self._pending: set[Future[Any]] = set()

    def submit(self, do: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have one of them call ``do(*arguments)``."""
        task = self._pool.submit(do, *arguments)
        with _lock:
            self._pending.add(task)
        task.add_done_callback(self._forget)
        return task

    def close(self, wait_s: float = 0.0) -> None:
        """Cancel what has not begun, and wait so long for the rest; a thread that does not come back is not kept."""
        with _lock:
            pending = list(self._pending)
        under_way = [task for task in pending if not task.cancel()]
        if wait(under_way, wait_s).not_done or not _kept(self.count, self._pool):
            self._pool.shutdown(wait=False)

    def _forget(self, task: Future[Any]) -> None:
        with _lock:
            self._pending.discard(task)


def _borrowed(count: int) -> ThreadPoolExecutor:
    with _lock:
        for number in reversed(range(len(_idle))):  # the one that was busy last
            threads, pool = _idle[number]
            if threads == count:
                del _idle[number]
                return pool
        left = _idle.pop(0)[1] if _idle else None
    if left is not None:  # of another number of threads: new ones take over their heaps only when they have ended
        left.shutdown()
    return ThreadPoolExecutor(count, "read")


def _kept(count: int, pool: ThreadPoolExecutor) -> bool:
    with _lock:
        if count + sum(threads for threads, _ in _idle) <= MOST_IDLE:
            _idle.append((count, pool))
            return True
    return False
