"""The FIFO queue of background runs; one task runs at a time."""

from __future__ import annotations

import time
from functools import partial

from qgis.core import QgsTask, QgsTaskManager

from .segment_task import SegmentTask


class TaskQueue:
    """Adds tasks to QGIS's task manager; all but the first are on hold.

    A task on hold takes no thread. Tasks that waited for the engine inside their threads would exhaust QGIS's thread
    pool and block its other background tasks.
    """

    def __init__(self, manager: QgsTaskManager):
        self._manager = manager
        self._tasks: list[SegmentTask] = []  # also keeps their Python halves alive

    def __len__(self) -> int:
        return len(self._tasks)

    def add(self, task: SegmentTask) -> None:
        """Start ``task`` now, or as soon as the tasks before it have finished."""
        task.taskCompleted.connect(partial(self._remove, task))
        task.taskTerminated.connect(partial(self._remove, task))
        self._tasks.append(task)
        if len(self._tasks) > 1:
            task.hold()
        self._describe_waiting()
        self._manager.addTask(task)

    def abandon(self) -> None:
        """Cancel all tasks, and add none of their results to the project."""
        for task in reversed(list(self._tasks)):  # from the end, so that no waiting task is started in between
            task.abandon()

    def wait(self, timeout_s: float) -> bool:
        """Wait until the threads of all tasks have finished; return False on a timeout."""
        deadline = time.monotonic() + timeout_s
        return all(task.wait_idle(max(0.0, deadline - time.monotonic())) for task in self._tasks)

    def _remove(self, task: SegmentTask) -> None:
        if task in self._tasks:
            self._tasks.remove(task)
        if self._tasks and self._tasks[0].status() == QgsTask.TaskStatus.OnHold:
            self._tasks[0].unhold()
        self._describe_waiting()

    def _describe_waiting(self) -> None:
        for ahead, task in enumerate(self._tasks):
            if ahead:
                task.describe_waiting(ahead)
