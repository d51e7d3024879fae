"""The one place that workers take scenes from and report to. A Ray actor; it holds no pixels and reads no files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from .scheduler import Scheduler

Event = dict[str, Any]


class Coordinator:
    """A :class:`engine.cluster.scheduler.Scheduler`, the requests behind its numbers, and what the workers said since
    the last look."""

    def __init__(
        self,
        requests: Sequence[bytes],
        costs: Sequence[float],
        portion: float,
        workers: int,
        after: Optional[Mapping[int, Sequence[int]]] = None,
        scenes: Optional[Sequence[int]] = None,
    ):
        """Nothing is handed out yet.

        Args:
            requests: of the tasks, a contract message each, as JSON.
            scenes: number of each task's scene, None where every task is one; the rest: see
            :class:`engine.cluster.scheduler.Scheduler`.
        """
        self._requests = list(requests)
        self._board = Scheduler(costs, portion, workers, after)
        self._scenes = list(range(len(requests)) if scenes is None else scenes)
        self._news: list[tuple[str, Event]] = []
        self._cancelled = False
        self._given_up: set[str] = set()  # workers that are lost, or only seem so

    # -- workers -------------------------------------------------------------------------------------------------

    def join(self, worker: str, facts: Event) -> None:
        """A worker is ready; ``facts``: host, variant, version."""
        self._board.join(worker)
        self._news.append((worker, {"kind": "joined", **facts}))

    def take(self, worker: str) -> tuple[list[tuple[int, bytes]], bool]:
        """(number, request) of tasks to do, none when nothing waits; and whether the worker should stay."""
        if self._cancelled or worker in self._given_up:
            return [], False
        taken = self._board.take(worker)
        return [(n, self._requests[n]) for n in taken], not self._board.finished

    def tell(self, worker: str, events: Sequence[Event]) -> bool:
        """What a worker has to say; returns whether it is to stop."""
        for event in events:
            if event["kind"] == "opening":
                if worker not in self._given_up:
                    self._board.begun(worker, event["item"])
                continue
            if event["kind"] == "ended" and not event["good"] and worker in self._given_up:
                continue  # it was told to stop, and another does this scene
            if event["kind"] == "ended" and not self._board.done(worker, event["item"]):
                continue  # done before by one that was thought lost, or not wanted any more
            if event["kind"] == "ended" and not event["good"]:
                self._drop_scene(event["item"])
            self._news.append((worker, event))
        return self._cancelled or worker in self._given_up

    # -- the driver ----------------------------------------------------------------------------------------------

    def news(self) -> tuple[list[tuple[str, Event]], bool]:
        """(worker, event) since the last call, and whether every scene has ended."""
        news, self._news = self._news, []
        return news, self._board.finished

    def lost(self, worker: str) -> list[int]:
        """A worker is gone, or cannot be reached: should it live, it stops. Returns the tasks that are given up."""
        self._given_up.add(worker)
        given_up = self._board.lost(worker)
        for task in given_up:
            self._drop_scene(task)
        return given_up

    def _drop_scene(self, task: int) -> None:
        """A scene has failed with one of its blocks: the others are of no use."""
        self._board.drop(n for n, scene in enumerate(self._scenes) if scene == self._scenes[task])

    def cancel(self) -> None:
        """Have every worker stop within one batch."""
        self._cancelled = True
