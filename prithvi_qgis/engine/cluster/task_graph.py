"""The tasks of a run: scenes, and the blocks of very large scenes with a last task that merges them. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

from ...core.protocol.messages import Segment


class TaskGraph:
    """The scenes of a run as tasks.

    Attributes:
        requests: one per task.
        costs: one per task.
        scenes: number of each task's scene.
        after: the tasks that must be done before a task starts.
        block_counts: number of blocks of each scene that is divided.
    """

    def __init__(self, requests: Sequence[Segment], costs: Sequence[float], block_counts: Mapping[int, int]):
        """Take ``requests`` and ``costs``, one per scene, and the number of blocks of the scenes to divide."""
        self.requests: list[Segment] = []
        self.costs: list[float] = []
        self.scenes: list[int] = []
        self.after: dict[int, tuple[int, ...]] = {}
        self.block_counts = dict(block_counts)
        self._blocks: dict[int, tuple[int, ...]] = {}
        for scene, (request, cost) in enumerate(zip(requests, costs)):
            count = block_counts.get(scene, 1)
            if count == 1:
                self._add(scene, request, cost)
                continue
            first = len(self.requests)
            for index in range(count):
                self._add(scene, dataclasses.replace(request, block=(index, count)), cost / count)
            self._blocks[scene] = self.after[len(self.requests)] = tuple(range(first, first + count))
            self._add(scene, dataclasses.replace(request, join=count), 0.0)

    def _add(self, scene: int, request: Segment, cost: float) -> None:
        self.requests.append(request)
        self.costs.append(cost)
        self.scenes.append(scene)

    def share_done(self, scene: int, blocks_done: Collection[int]) -> float:
        """Estimate how much of a scene in progress is done, 0 to 1: by its blocks, or a half for one without."""
        if scene not in self._blocks:
            return 0.5
        blocks = self._blocks[scene]
        return sum(task in blocks_done for task in blocks) / (len(blocks) + 1)

    def is_block(self, task: int) -> bool:
        """Whether a task's end is not the end of its scene."""
        return bool(self.requests[task].block)
