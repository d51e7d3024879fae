"""Reading threads that are reused from scene to scene.

The first raster that a thread opens costs 6 ms, nearly all of it PROJ's database and with the GIL held; every further
one takes half a millisecond. Runs over small scenes would otherwise spend more on that than on their pixels.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

MAX_IDLE_THREADS = 32
Returned = TypeVar("Returned")

_lock = threading.Lock()
_idle: list[tuple[int, ThreadPoolExecutor]] = []


class ReaderPool:
    """``count`` threads, from an idle pool where one exists, until :meth:`close`."""

    def __init__(self, count: int):
        self.count = count
        self._pool = _take_idle(count)
        self._pending: set[Future[Any]] = set()

    def submit(self, function: Callable[..., Returned], *arguments: object) -> Future[Returned]:
        """Run ``function(*arguments)`` in one of the threads."""
        task = self._pool.submit(function, *arguments)
        with _lock:
            self._pending.add(task)
        task.add_done_callback(self._forget)
        return task

    def close(self, wait_s: float = 0.0) -> None:
        """Cancel what has not begun, and wait up to ``wait_s`` for the rest; threads that still hang are not reused."""
        with _lock:
            pending = list(self._pending)
        running = [task for task in pending if not task.cancel()]
        if wait(running, wait_s).not_done or not _keep_idle(self.count, self._pool):
            self._pool.shutdown(wait=False)

    def _forget(self, task: Future[Any]) -> None:
        with _lock:
            self._pending.discard(task)


def _take_idle(count: int) -> ThreadPoolExecutor:
    """Return an idle pool of ``count`` threads, else a new one."""
    with _lock:
        for number in reversed(range(len(_idle))):  # the most recently used first
            threads, pool = _idle[number]
            if threads == count:
                del _idle[number]
                return pool
        other = _idle.pop(0)[1] if _idle else None
    if other is not None:  # has another number of threads: the new ones reuse their heaps only after they have ended
        other.shutdown()
    return ThreadPoolExecutor(count, "read")


def _keep_idle(count: int, pool: ThreadPoolExecutor) -> bool:
    """Keep a pool for later; False where enough threads are idle already."""
    with _lock:
        if count + sum(threads for threads, _ in _idle) <= MAX_IDLE_THREADS:
            _idle.append((count, pool))
            return True
    return False
