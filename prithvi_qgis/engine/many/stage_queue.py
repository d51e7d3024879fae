"""FIFO thread pool for one stage of many scenes, with a stall timeout per scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, Optional, TypeVar

from .scene_slots import SceneSlot

ResultT = TypeVar("ResultT")


@dataclass(eq=False)
class StageTask(Generic[ResultT]):
    """The work of a stage on one scene."""

    slot: SceneSlot
    do: Callable[[], ResultT]
    begun: bool = False
    future: Future[ResultT] = field(init=False)


class StageQueue(Generic[ResultT]):
    """Scenes that wait for the threads of a stage, or that these work on."""

    def __init__(
        self, name: str, threads: int, limit_s: float, discard: Callable[[ResultT], None] = lambda result: None
    ):
        """Start no thread yet.

        Args:
            name: of the threads.
            threads: their number.
            limit_s: a scene is given up when its heartbeat is quiet for longer.
            discard: called with the result of a scene that was given up.
        """
        self._name, self._threads, self._limit_s, self._discard = name, threads, limit_s, discard
        self._tasks: list[StageTask[ResultT]] = []
        self._pool = ThreadPoolExecutor(threads, name)

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[SceneSlot]:
        return (task.slot for task in self._tasks)

    def put(self, slot: SceneSlot, do: Callable[[], ResultT]) -> None:
        """Have ``do`` called by a thread."""
        task = StageTask(slot, do)
        task.future = self._pool.submit(self._do, task)
        self._tasks.append(task)

    @property
    def first(self) -> Optional[StageTask[ResultT]]:
        """The task that has been here for longest."""
        return self._tasks[0] if self._tasks else None

    def done(self) -> list[StageTask[ResultT]]:
        """Return the tasks that have ended, in order; they stay until :meth:`remove`."""
        return [task for task in self._tasks if task.future.done()]

    def remove(self, task: StageTask[ResultT]) -> None:
        """Take a task out of the queue."""
        self._tasks.remove(task)

    def give_up_hung(self) -> list[SceneSlot]:
        """Take out and return the scenes that make no progress.

        A thread that hangs cannot be ended. It is left alone, and new threads work on the scenes behind it.
        """
        hung = [
            task
            for task in self._tasks
            if task.begun and task.slot.heartbeat.quiet_s > self._limit_s and not task.future.done()
        ]
        for task in hung:
            self.remove(task)
            self._abandon(task)
        if hung:
            self._pool.shutdown(wait=False)
            self._pool = ThreadPoolExecutor(self._threads, self._name)
            for task in self._tasks:
                if task.future.cancel():
                    task.future = self._pool.submit(self._do, task)
        return [task.slot for task in hung]

    def aside(self, do: Callable[[], object]) -> None:
        """Have one of the threads call ``do``; nothing waits for it."""
        self._pool.submit(do)

    def drop(self, wait_s: float) -> None:
        """Begin nothing more, wait for at most ``wait_s`` for what is under way, and discard all results."""
        under_way = [task for task in self._tasks if not task.future.cancel()]
        wait([task.future for task in under_way], wait_s)
        for task in under_way:
            self._abandon(task)
        self._tasks.clear()
        self._pool.shutdown(wait=False)

    def complete(self, wait_s: float) -> None:
        """Wait for at most ``wait_s`` for all tasks; those that have not ended are given up, the others stay."""
        wait([task.future for task in self._tasks], wait_s)
        for task in [task for task in self._tasks if not task.future.done()]:
            self.remove(task)
            self._abandon(task)
        self._pool.shutdown(wait=False)

    def _do(self, task: StageTask[ResultT]) -> ResultT:
        task.slot.heartbeat.touch()
        task.begun = True
        return task.do()

    def _abandon(self, task: StageTask[ResultT]) -> None:
        task.slot.heartbeat.cancel()
        task.future.add_done_callback(self._discarded)  # now, or when its thread comes back

    def _discarded(self, future: Future[ResultT]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._discard(future.result())
