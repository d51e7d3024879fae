"""What workers are handed: scenes, and blocks of very large scenes with a last task that puts these together. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

from ...core.protocol.messages import Segment


class Tasks:
    """The scenes of a run as tasks.

    Attributes:
        requests, costs: of each task.
        scene: number of each task's scene.
        shared: number of blocks of each scene that is cut, by the scene's number.
        after: for a task that others must come before, those.
    """

    def __init__(self, requests: Sequence[Segment], costs: Sequence[float], cuts: Mapping[int, int]):
        """``requests``, ``costs``: of the scenes; ``cuts``: number of blocks of those that are cut."""
        self.requests: list[Segment] = []
        self.costs: list[float] = []
        self.scene: list[int] = []
        self.after: dict[int, tuple[int, ...]] = {}
        self.shared = dict(cuts)
        self._blocks: dict[int, tuple[int, ...]] = {}
        for number, (request, cost) in enumerate(zip(requests, costs)):
            count = cuts.get(number, 1)
            if count == 1:
                self._add(number, request, cost)
                continue
            first = len(self.requests)
            for index in range(count):
                self._add(number, dataclasses.replace(request, block=(index, count)), cost / count)
            self._blocks[number] = self.after[len(self.requests)] = tuple(range(first, first + count))
            self._add(number, dataclasses.replace(request, join=count), 0.0)

    def _add(self, number: int, request: Segment, cost: float) -> None:
        self.requests.append(request)
        self.costs.append(cost)
        self.scene.append(number)

    def part_done(self, scene: int, blocks: Collection[int]) -> float:
        """How much of a scene that was begun is done when these blocks are; a half where nobody knows."""
        if scene not in self._blocks:
            return 0.5
        own = self._blocks[scene]
        return sum(task in blocks for task in own) / (len(own) + 1)

    def is_block(self, task: int) -> bool:
        """Whether its end is not its scene's."""
        return bool(self.requests[task].block)
