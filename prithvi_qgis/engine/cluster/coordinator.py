"""The Ray actor that assigns tasks to workers and collects their messages. It opens no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional, Union

from ...core.protocol.messages import Message, SceneDone, SceneFailed, Segment
from .scheduler import Scheduler


@dataclass(frozen=True)
class WorkerJoined:
    """First report of a worker."""

    host: str
    variant: str
    """Variant of the worker's engine, ``cpu`` or ``cuda``."""
    version: str
    """Version of the worker's code."""


Report = Union[Message, WorkerJoined]


class Coordinator:
    """A :class:`.Scheduler` with the requests of its tasks, and the workers' reports since the driver's last call.

    A worker that was given up may be alive, cut off by the network only: it is stopped when it calls again.
    """

    def __init__(
        self,
        requests: Sequence[Segment],
        costs: Sequence[float],
        portion: float,
        workers: int,
        after: Optional[Mapping[int, Sequence[int]]] = None,
        scenes: Optional[Sequence[int]] = None,
    ):
        """Queue every task.

        Args:
            requests: one per task.
            costs: see :class:`.Scheduler`, as are ``portion``, ``workers`` and ``after``.
            portion: upper limit of what one call assigns.
            workers: expected number of workers.
            after: the tasks that must be done before a task is queued.
            scenes: number of each task's scene; None if each task is a scene.
        """
        self._requests = list(requests)
        self._scheduler = Scheduler(costs, portion, workers, after)
        self._scenes = list(range(len(requests)) if scenes is None else scenes)
        self._reports: list[tuple[str, Report]] = []
        self._cancelled = False
        self._given_up: set[str] = set()

    # -- called by workers ---------------------------------------------------------------------------------------

    def join(self, worker: str, joined: WorkerJoined) -> None:
        """Register a worker that is ready."""
        self._scheduler.join(worker)
        self._reports.append((worker, joined))

    def take(self, worker: str) -> tuple[list[tuple[int, Segment]], bool]:
        """Assign tasks as (number, request), none when none waits; and report whether the worker should stay."""
        if self._must_stop(worker):
            return [], False
        taken = self._scheduler.take(worker)
        return [(task, self._requests[task]) for task in taken], not self._scheduler.finished

    def opening(self, worker: str, task: int) -> bool:
        """Record that a worker is about to open a task's scene; return whether it must stop instead."""
        if worker not in self._given_up:
            self._scheduler.begun(worker, task)
        return self._must_stop(worker)

    def report(self, worker: str, message: Optional[Message] = None) -> bool:
        """Take a message whose scene number is the task's; return whether the worker must stop."""
        if message is not None and self._counts(worker, message):
            self._reports.append((worker, message))
        return self._must_stop(worker)

    def _counts(self, worker: str, message: Message) -> bool:
        if not isinstance(message, (SceneDone, SceneFailed)):
            return True
        failed = isinstance(message, SceneFailed)
        if failed and worker in self._given_up:
            return False  # it was stopped within a scene that another worker segments now
        if not self._scheduler.done(worker, message.number):
            return False  # it ended before, by a worker that was taken for lost, or was dropped
        if failed:
            self._drop_scene(message.number)
        return True

    def _must_stop(self, worker: str) -> bool:
        return self._cancelled or worker in self._given_up

    # -- called by the driver ------------------------------------------------------------------------------------

    def reports(self) -> tuple[list[tuple[str, Report]], bool]:
        """Return (worker, report) since the last call, and whether every task has ended."""
        reports, self._reports = self._reports, []
        return reports, self._scheduler.finished

    def lost(self, worker: str) -> list[int]:
        """Give a worker up; return the tasks that failed with it."""
        self._given_up.add(worker)
        failed = self._scheduler.lost(worker)
        for task in failed:
            self._drop_scene(task)
        return failed

    def cancel(self) -> None:
        """Stop every worker within one batch."""
        self._cancelled = True

    def _drop_scene(self, task: int) -> None:
        """Drop the other blocks of a scene of which one has failed."""
        self._scheduler.drop(n for n, scene in enumerate(self._scenes) if scene == self._scenes[task])
