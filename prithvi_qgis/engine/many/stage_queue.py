"""Scenes that threads do something with, first come first served. None of them holds up the others for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, Optional, TypeVar

from ..reading.stall_timeout import Cancelled

Scene = TypeVar("Scene")
Result = TypeVar("Result")


@dataclass(eq=False)
class StageTask(Generic[Scene, Result]):
    """What is done with a scene.

    Attributes:
        scene: whatever the line's owner calls it by; future: its end.
        heard: :func:`time.monotonic` when its thread last gave a sign of life, 0 before it has begun.
        given_up: nobody waits for it any more: nothing of it may appear.
    """

    scene: Scene
    do: Callable[[Cancelled], Result]
    future: Future[Result] = field(default_factory=Future)
    heard: float = 0.0
    given_up: bool = False


class StageQueue(Generic[Scene, Result]):
    """A line of scenes before some threads."""

    def __init__(
        self,
        name: str,
        threads: int,
        most_s: float,
        cancelled: Cancelled,
        discard: Callable[[Result], None] = lambda result: None,
    ):
        """``most_s``: without a sign of life; ``discard``: called with a result that comes when nobody wants it."""
        self._name, self._threads, self._most_s = name, threads, most_s
        self._cancelled, self._discard = cancelled, discard
        self._works: list[StageTask[Scene, Result]] = []
        self._pool = ThreadPoolExecutor(threads, name)

    def __len__(self) -> int:
        return len(self._works)

    def __iter__(self) -> Iterator[Scene]:
        return (work.scene for work in self._works)

    def put(self, scene: Scene, do: Callable[[Cancelled], Result]) -> None:
        """Have ``do`` called by a thread. What it gets tells whether to stop, and each question is a sign of life."""
        work = StageTask(scene, do)
        self._works.append(work)
        work.future = self._pool.submit(self._do, work)

    @property
    def first(self) -> Optional[StageTask[Scene, Result]]:
        """The one that has been in the line for longest."""
        return self._works[0] if self._works else None

    def done(self) -> list[StageTask[Scene, Result]]:
        """Those that have ended, in order; they stay until :meth:`remove`."""
        return [work for work in self._works if work.future.done()]

    def remove(self, work: StageTask[Scene, Result]) -> None:
        """Take one out of the line."""
        self._works.remove(work)

    def give_up_hung(self) -> list[Scene]:
        """Take out those whose threads have said nothing for too long.

        Such a thread cannot be called back. It is left to itself, and others do what is behind it.
        """
        now = time.monotonic()
        hung = [w for w in self._works if w.heard and now - w.heard > self._most_s and not w.future.done()]
        for work in hung:
            self.remove(work)
            self._abandon(work)
        if hung:
            self._pool.shutdown(wait=False)
            self._pool = ThreadPoolExecutor(self._threads, self._name)
            for work in self._works:
                if work.future.cancel():
                    work.future = self._pool.submit(self._do, work)
        return [work.scene for work in hung]

    def aside(self, do: Callable[[], object]) -> None:
        """Have one of the threads call ``do``; nobody waits for it."""
        self._pool.submit(do)

    def drop(self, wait_s: float) -> None:
        """Begin nothing more, wait so long for what is under way, and want none of it."""
        under_way = [work for work in self._works if not work.future.cancel()]
        wait([work.future for work in under_way], wait_s)
        for work in under_way:
            self._abandon(work)
        self._works.clear()
        self._pool.shutdown(wait=False)

    def complete(self, wait_s: float) -> None:
        """Wait so long for all of it; what has not ended then is given up. The others stay in the line."""
        wait([work.future for work in self._works], wait_s)
        for work in [work for work in self._works if not work.future.done()]:
            self.remove(work)
            self._abandon(work)
        self._pool.shutdown(wait=False)

    def _do(self, work: StageTask[Scene, Result]) -> Result:
        def asked() -> bool:
            work.heard = time.monotonic()
            return work.given_up or self._cancelled()

        work.heard = time.monotonic()
        return work.do(asked)

    def _abandon(self, work: StageTask[Scene, Result]) -> None:
        work.given_up = True
        work.future.add_done_callback(self._discarded)  # now, or when it comes back

    def _discarded(self, future: Future[Result]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._discard(future.result())
