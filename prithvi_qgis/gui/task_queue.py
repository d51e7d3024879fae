"""The line of background runs: one engine, one scene at a time, in the order in which they were asked for."""

from __future__ import annotations

import time
from functools import partial

from qgis.core import QgsTask, QgsTaskManager

from .segment_task import SegmentTask


class TaskLine:
    """Hands tasks to QGIS's task manager; all but the first are on hold.

    A task on hold takes no thread. Tasks that waited for the engine inside their threads would fill QGIS's pool, and
    nothing else in QGIS could run in the background.
    """

    def __init__(self, manager: QgsTaskManager):
        self._manager = manager
        self._tasks: list[SegmentTask] = []  # also what keeps their Python halves alive

    def __len__(self) -> int:
        return len(self._tasks)

    def add(self, task: SegmentTask) -> None:
        """Start ``task`` now, or as soon as those before it are done."""
        task.taskCompleted.connect(partial(self._gone, task))
        task.taskTerminated.connect(partial(self._gone, task))
        self._tasks.append(task)
        if len(self._tasks) > 1:
            task.hold()
        self._tell()
        self._manager.addTask(task)

    def abandon(self) -> None:
        """Cancel all, and add nothing of theirs to the project."""
        for task in reversed(list(self._tasks)):  # from the end, so that none is started in between
            task.abandon()

    def wait(self, timeout_s: float) -> bool:
        """Wait until no task's thread works any more; False when that takes too long."""
        deadline = time.monotonic() + timeout_s
        return all(task.wait_idle(max(0.0, deadline - time.monotonic())) for task in self._tasks)

    def _gone(self, task: SegmentTask) -> None:
        if task in self._tasks:
            self._tasks.remove(task)
        if self._tasks and self._tasks[0].status() == QgsTask.TaskStatus.OnHold:
            self._tasks[0].unhold()
        self._tell()

    def _tell(self) -> None:
        for ahead, task in enumerate(self._tasks):
            if ahead:
                task.tell_waiting(ahead)
