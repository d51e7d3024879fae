"""Turns the workers' messages about tasks into one run's messages about scenes. Pure: it does not import Ray."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence

from ...core.folder_runs.run_state import after_message
from ...core.protocol.messages import Log, Message, Progress, SceneDone, SceneFailed, SceneStarted, Segment, WorkerState
from .task_graph import TaskGraph

Emit = Callable[[Message], None]


class SceneTracker:
    """Reports each scene's start and end once, however many workers and blocks it takes."""

    def __init__(self, requests: Sequence[Segment], tasks: TaskGraph, emit: Emit, remove_blocks: Callable[[int], None]):
        """``remove_blocks``: called with the number of a divided scene that has ended."""
        self._requests, self._tasks, self._emit, self._remove_blocks = requests, tasks, emit, remove_blocks
        self._started: set[int] = set()
        self._ended: set[int] = set()
        self._blocks_done: set[int] = set()
        self._tiles = 0
        self._began = time.monotonic()

    @property
    def left(self) -> int:
        """Number of scenes that have not ended."""
        return len(self._requests) - len(self._ended)

    def name(self, scene: int) -> str:
        """Return the display name of a scene."""
        return self._requests[scene].source_name or self._requests[scene].source

    def state_after(self, worker: WorkerState, message: Message) -> WorkerState:
        """Return the state of a worker after its message."""
        if isinstance(message, SceneDone) and self._tasks.is_block(message.number):  # does not count as a scene
            return dataclasses.replace(worker, device=message.result.device_name)
        scene = self.name(self.scene_of(message.number)) if isinstance(message, SceneStarted) else ""
        return after_message(worker, message, scene)

    def scene_of(self, task: int) -> int:
        """Return the scene of a task."""
        return self._tasks.scenes[task]

    def take(self, worker: str, message: Message) -> None:
        """Take a worker's message; numbers are those of tasks."""
        if isinstance(message, SceneStarted):
            scene = self.scene_of(message.number)
            if scene not in self._started:
                self._started.add(scene)
                self._emit(SceneStarted(scene))
        elif isinstance(message, SceneDone) and self._tasks.is_block(message.number):
            self._blocks_done.add(message.number)
            self._tiles += message.result.tiles
        elif isinstance(message, (SceneDone, SceneFailed)):
            self.end(self.scene_of(message.number), message)
        elif isinstance(message, Log):
            self._emit(Log(message.level, f"{worker}: {message.text}"))

    def end(self, scene: int, message: SceneDone | SceneFailed) -> None:
        """Report the end of a scene, unless it was reported before."""
        if scene in self._ended:
            return
        self._ended.add(scene)
        if scene in self._tasks.block_counts:
            self._remove_blocks(scene)
        elif isinstance(message, SceneDone):
            self._tiles += message.result.tiles
        self._emit(dataclasses.replace(message, number=scene))

    def report_progress(self) -> None:
        """Emit the progress of the whole run."""
        seconds = max(time.monotonic() - self._began, 1e-9)
        started = sum(self._tasks.share_done(scene, self._blocks_done) for scene in self._started - self._ended)
        stage = "segmenting" if self._started else "starting"
        rate = round(self._tiles / seconds, 2)
        self._emit(Progress(len(self._ended), len(self._requests), stage, rate, started, self._tiles))
