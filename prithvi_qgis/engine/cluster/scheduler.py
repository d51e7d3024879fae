"""Assigns tasks to workers and returns those of a lost worker to the queue. Pure: it does not import Ray."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ...core.folder_runs.retry_policy import RetryPolicy


@dataclass
class WorkerLease:
    """Tasks that one worker holds."""

    tasks: list[int] = field(default_factory=list)
    """Assigned and not done."""
    begun: set[int] = field(default_factory=set)
    """Tasks that may be the cause if the worker is lost."""


class Scheduler:
    """Assigns the costly tasks first, in portions that shrink towards the end of the run.

    A worker calls :meth:`take` whenever it has room. The first :meth:`done` of a task counts; the tasks of a worker
    that is :meth:`lost` go back to the queue. Each task is therefore recorded once, whatever is lost on the way.
    """

    def __init__(
        self, costs: Sequence[float], portion: float, workers: int, after: Optional[Mapping[int, Sequence[int]]] = None
    ):
        """Queue every task.

        Args:
            costs: one per task, in any unit that grows with the work.
            portion: upper limit of what one call assigns, in the same unit; a single task may cost more.
            workers: expected number of workers; a late one still finds its share.
            after: the tasks that must be done before a task is queued.
        """
        self._costs = list(costs)
        self._portion, self._workers = portion, workers
        order = sorted(range(len(costs)), key=lambda task: (-costs[task], task))
        self._after = {task: set(others) for task, others in (after or {}).items()}
        self._waiting = deque(task for task in order if task not in self._after)
        self._waiting_cost = float(sum(costs[task] for task in self._waiting))
        self._leases: dict[str, WorkerLease] = {}
        self._open = set(order)
        self._retries = RetryPolicy()

    def join(self, worker: str) -> None:
        """Register a worker; :meth:`take` does so as well."""
        self._leases.setdefault(worker, WorkerLease())

    def take(self, worker: str) -> list[int]:
        """Assign tasks to a worker; empty when none waits, or when the worker has enough."""
        lease = self._leases.setdefault(worker, WorkerLease())
        suspect_first = bool(self._waiting) and self._retries.runs_alone(self._waiting[0])
        if any(self._retries.runs_alone(task) for task in lease.tasks) or (suspect_first and lease.tasks):
            return []
        # Half of an equal share of the queue: the last portions are so small that all workers end at about the same
        # time.
        room = min(self._portion, self._waiting_cost / (2 * max(self._workers, len(self._leases))))
        if lease.tasks and sum(self._costs[task] for task in lease.tasks) > room:
            return []
        taken: list[int] = []
        while self._waiting:
            task = self._waiting[0]
            alone = self._retries.runs_alone(task)
            if taken and (alone or self._costs[task] > room):
                break
            taken.append(self._waiting.popleft())
            self._waiting_cost -= self._costs[task]
            room -= self._costs[task]
            if alone:
                break
        lease.tasks += taken
        return taken

    def begun(self, worker: str, task: int) -> None:
        """Record that a worker is about to open a task's scene: if the worker is lost now, the scene may be why."""
        lease = self._leases.get(worker)
        if lease and task in lease.tasks:
            lease.begun.add(task)

    def done(self, worker: str, task: int) -> bool:
        """Record that a task ended, well or not; return whether this is its first end, the only one that counts."""
        lease = self._leases.get(worker)
        if lease and task in lease.tasks:
            lease.tasks.remove(task)
            lease.begun.discard(task)
        first = task in self._open
        self._open.discard(task)
        if first:
            self._release(task)
        return first

    def drop(self, tasks: Iterable[int]) -> None:
        """Take tasks out of the run: they are not assigned again, and their end does not count."""
        dropped = self._open & set(tasks)
        self._open -= dropped
        for task in dropped & set(self._waiting):
            self._waiting.remove(task)
            self._waiting_cost -= self._costs[task]
        for task in dropped:
            self._after.pop(task, None)

    def lost(self, worker: str) -> list[int]:
        """Return a lost worker's tasks to the front of the queue, except those that failed: return these, sorted."""
        lease = self._leases.pop(worker, WorkerLease())
        tasks = [task for task in lease.tasks if task in self._open]
        failed = sorted(self._retries.record_death(task for task in tasks if task in lease.begun))
        self._open.difference_update(failed)
        for task in reversed(tasks):
            if task in self._open:
                self._requeue(task)
        return failed

    @property
    def finished(self) -> bool:
        """Whether every task is done, failed or dropped."""
        return not self._open

    def _release(self, done: int) -> None:
        """Queue first what waited for no task but the one that is done now."""
        for task in [task for task, others in self._after.items() if done in others]:
            self._after[task].discard(done)
            if not self._after[task]:
                del self._after[task]
                self._requeue(task)

    def _requeue(self, task: int) -> None:
        self._waiting.appendleft(task)
        self._waiting_cost += self._costs[task]
