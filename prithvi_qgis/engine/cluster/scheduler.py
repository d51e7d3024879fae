"""Which worker does which scene, and what becomes of the scenes of one that is lost. Pure; knows nothing of Ray."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

MOST_LOSSES = 2  # workers that a scene may take down (or be taken down with) before it counts as failed


@dataclass
class WorkerLease:
    """What one worker has: scenes in hand, and those of them that it has begun."""

    items: list[int] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)


class Scheduler:
    """Hands out scenes, the costly ones first, in portions that shrink as the end comes near.

    A worker asks with :meth:`take` whenever it has room. What it was given counts as done at the first :meth:`done`,
    and goes back when the worker is :meth:`lost`. So each scene is recorded once, whatever is lost on the way.
    """

    def __init__(
        self, costs: Sequence[float], portion: float, workers: int, after: Optional[Mapping[int, Sequence[int]]] = None
    ):
        """Nobody has anything yet.

        Args:
            costs: of each scene, in any unit that grows with the work (pixels).
            portion: the most that is handed out at once, in the same unit; a single scene may cost more.
            workers: how many are expected: those that come late find their share.
            after: for tasks that wait until others are done, those.
        """
        self._costs = list(costs)
        self._portion, self._workers = portion, workers
        order = sorted(range(len(costs)), key=lambda n: (-costs[n], n))
        self._after = {item: set(others) for item, others in (after or {}).items()}
        self._waiting = deque(item for item in order if item not in self._after)
        self._left = float(sum(costs[item] for item in self._waiting))  # of what nobody has
        self._desks: dict[str, WorkerLease] = {}
        self._open = set(order)
        self._losses = [0] * len(costs)
        self._alone: set[int] = set()  # were in hand when a worker was lost: they come alone from now on

    def join(self, worker: str) -> None:
        """A worker is ready to take scenes."""
        self._desks.setdefault(worker, WorkerLease())

    def take(self, worker: str) -> list[int]:
        """Scenes for a worker, in order; none when nothing waits now, or it has enough in hand."""
        desk = self._desks.setdefault(worker, WorkerLease())
        taken: list[int] = []
        suspect = self._waiting and self._waiting[0] in self._alone
        if any(item in self._alone for item in desk.items) or (suspect and desk.items):
            return []  # a suspect has a worker to itself, so that it takes nobody with it
        # Half of an equal share of what waits: the last portions are so small that all end at about the same time.
        room = min(self._portion, self._left / (2 * max(self._workers, len(self._desks))))
        if desk.items and sum(self._costs[item] for item in desk.items) > room:
            return []
        while self._waiting:
            first = self._waiting[0]
            if taken and (self._costs[first] > room or first in self._alone):
                break
            taken.append(self._waiting.popleft())
            self._left -= self._costs[first]
            room -= self._costs[first]
            if first in self._alone:
                break
        desk.items += taken
        return taken

    def begun(self, worker: str, item: int) -> None:
        """A worker touches a scene from now on: if the worker is lost, the scene may be why."""
        desk = self._desks.get(worker)
        if desk and item in desk.items:
            desk.begun.add(item)

    def done(self, worker: str, item: int) -> bool:
        """A scene ended, well or not. Returns whether it is the first time: only then it is to be recorded."""
        desk = self._desks.get(worker)
        if desk and item in desk.items:
            desk.items.remove(item)
            desk.begun.discard(item)
        first = item in self._open
        self._open.discard(item)
        if first:
            self._release(item)
        return first

    def drop(self, items: Iterable[int]) -> None:
        """These need not be done any more; whoever has one may end it, and nobody is handed it again."""
        dropped = self._open & set(items)
        self._open -= dropped
        for item in dropped & set(self._waiting):
            self._waiting.remove(item)
            self._left -= self._costs[item]
        for item in dropped:
            self._after.pop(item, None)

    def _release(self, done: int) -> None:
        """Hand out next what waited for nothing but a task that is done now."""
        for item in [item for item, others in self._after.items() if done in others]:
            self._after[item].discard(done)
            if not self._after[item]:
                del self._after[item]
                self._put_back(item)

    def _put_back(self, item: int) -> None:
        self._waiting.appendleft(item)
        self._left += self._costs[item]

    def lost(self, worker: str) -> list[int]:
        """A worker is gone. Its scenes go back in front; returns those that were lost too often and are given up."""
        desk = self._desks.pop(worker, WorkerLease())
        given_up: list[int] = []
        back = [item for item in desk.items if item in self._open]
        for item in reversed(back):
            if item in desk.begun:
                self._losses[item] += 1
                self._alone.add(item)
            if self._losses[item] >= MOST_LOSSES:
                self._open.discard(item)
                given_up.append(item)
            else:
                self._put_back(item)
        return sorted(given_up)

    @property
    def finished(self) -> bool:
        """Whether every scene is done or given up."""
        return not self._open
