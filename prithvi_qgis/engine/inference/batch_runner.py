"""Batches of tiles from one scene or several through the model together.

Small scenes have fewer tiles than a GPU takes at once: what one lacks the next fills up. A scene in which something
goes wrong leaves the crowd; the others never notice.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Optional

import torch

from ...core.protocol.messages import Log, Message
from ..device.memory_errors import other_gpu_processes
from ..device.streams import Device, wait
from ..model.backend import Backend, ForwardFn
from .scene_inference import SceneInference, Tile, Tiles

AHEAD = 2  # batches that may be under way on the device while the next one is being prepared


class BatchRunner:
    """Runs batches. One object for a run: it remembers how many tiles the device could hold."""

    def __init__(self, backend: Backend, device: Device, log: Callable[[Message], None]):
        """``log``: told when the device's memory does not suffice for a batch."""
        self._backend, self._device, self._log = backend, device, log
        self._limit = backend.batch_size
        self._under_way: deque[Any] = deque()
        self._todo: list[tuple[SceneInference, int]] = []
        self._failed: dict[SceneInference, Exception] = {}
        self._apart = False

    def run(self, shares: Sequence[tuple[SceneInference, Sequence[Tile]]]) -> dict[SceneInference, Exception]:
        """Predict and blend one batch.

        Args:
            shares: scenes, each once, with their tiles; together no more to look at than the backend takes.
        Returns:
            what went wrong, for the scenes where something did; they must be closed. ``torch.OutOfMemoryError`` means
            that the device cannot hold a single tile.
        Raises:
            whatever the backend itself raises: then no scene can go on.
        """
        self._failed, self._apart = {}, False
        self._todo = [(walk, number) for walk, tiles in shares for number in walk.numbers(tiles)]
        if self._todo:
            self._backend.run(range(len(self._todo)), self._step)
        for walk, _ in shares:
            self._guard(walk, walk.complete)
        self._todo = []
        return self._failed

    def _step(self, numbers: Sequence[int], forward: ForwardFn) -> None:
        """Called back by the backend: predict and blend these."""
        todo = [self._todo[n] for n in numbers]
        while todo := [item for item in todo if item[0] not in self._failed]:
            part = self._alike(todo[: self._limit])
            logits = self._predict(part, forward)
            if logits is None:  # fewer at once, or without the scene that failed
                continue
            with self._device.computing():
                for (walk, number), prediction in zip(part, logits):
                    self._guard(walk, walk.add, number, prediction)
            self._under_way.append(self._device.mark())
            if len(self._under_way) > AHEAD:
                wait(self._under_way.popleft())
            del todo[: len(part)], logits

    def _alike(self, part: list[tuple[SceneInference, int]]) -> list[tuple[SceneInference, int]]:
        """The beginning of ``part`` that may be in one pass."""
        first = part[0][0]
        for count, (walk, _) in enumerate(part):
            if walk is not first and (self._apart or walk.conditioning != first.conditioning):
                return part[:count]
        return part

    def _predict(self, part: list[tuple[SceneInference, int]], forward: ForwardFn) -> Optional[torch.Tensor]:
        """(n, classes, crop, crop) float32 logits; None when it has to be tried with other tiles."""
        scenes = {walk: [number for _, number in group] for walk, group in itertools.groupby(part, lambda i: i[0])}
        try:
            with self._device.computing():
                pixels, coords, dates = _joined([walk.gather(numbers) for walk, numbers in scenes.items()])
                inputs = (pixels, coords) if dates is None else (pixels, coords, dates)
                return forward(*inputs).float()
        except torch.OutOfMemoryError as e:
            if len(part) == 1:
                self._fail(part[0][0], e)
        except Exception as e:
            # With several scenes it is not known whose fault it is: each by itself for the rest of this batch.
            if len(scenes) == 1:
                self._fail(part[0][0], e)
            self._apart = True
            return None
        # Outside of the handler: its traceback holds the tensors that are to be freed.
        self._device.settle()
        self._device.trim()
        if len(part) > 1:
            self._limit = len(part) // 2
            text = f"The GPU's memory was not enough for {len(part)} tiles at once; going on with {self._limit}."
            self._log(Log("warning", text + other_gpu_processes()))
        return None

    def _guard(self, walk: SceneInference, do: Callable[..., None], *arguments: Any) -> None:
        """Do something of one scene; what goes wrong is its own."""
        if walk in self._failed:
            return
        try:
            do(*arguments)
        except Exception as e:
            self._fail(walk, e)

    def _fail(self, walk: SceneInference, e: Exception) -> None:
        self._failed[walk] = e.with_traceback(None)  # which would hold the tensors of the batch


def _joined(parts: list[Tiles]) -> Tiles:
    """Pixels, places and dates of several scenes as one batch."""
    if len(parts) == 1:
        return parts[0]
    pixels = torch.cat([part[0] for part in parts])
    coords, dates = (torch.cat(known) if None not in known else None for known in list(zip(*parts))[1:])
    return pixels, coords, dates
