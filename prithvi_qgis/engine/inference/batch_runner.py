"""Run batches of tiles from one scene or several through the model together.

Small scenes have fewer tiles than a GPU takes at once, so tiles from several scenes share a batch. A scene that fails
is dropped without affecting the others.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Sequence
from typing import Optional

import torch

from ...core.protocol.messages import Log
from ..device.memory_errors import explain_out_of_memory, other_gpu_processes
from ..device.streams import device_for, wait
from ..model.backend import Backend, ForwardFn
from ..prepared_scene import Emit
from .scene_inference import SceneInference, Tile, Tiles

AHEAD = 2  # batches that may be under way on the device while the next one is being prepared


class BatchRunner:
    """Runs the batches of a run; it remembers how many tiles the device could hold."""

    def __init__(self, backend: Backend, emit: Emit):
        """``emit``: gets a warning when the device's memory does not suffice for a batch."""
        self._backend, self._emit = backend, emit
        self._device = device_for(backend.device)
        self._limit = backend.batch_size
        self._under_way: deque[Optional[torch.cuda.Event]] = deque()
        self._tiles: list[tuple[SceneInference, int]] = []
        self._failed: dict[SceneInference, Exception] = {}
        self._apart = False

    def run(self, shares: Sequence[tuple[SceneInference, Sequence[Tile]]]) -> dict[SceneInference, Exception]:
        """Predict and blend one batch.

        Args:
            shares: scenes, each once, with their tiles; at most as many model tiles as fit a batch of the backend.
        Returns:
            the exception per failed scene; these scenes must be closed.
        Raises:
            the backend's own exceptions: no scene can continue after one.
        """
        self._failed, self._apart = {}, False
        self._tiles = [(scene, number) for scene, tiles in shares for number in scene.numbers(tiles)]
        if self._tiles:
            self._backend.run(range(len(self._tiles)), self._step)
        for scene, _ in shares:
            self._guard(scene, scene.complete)
        self._tiles = []
        return {scene: self._explained(scene, e) for scene, e in self._failed.items()}

    def _step(self, numbers: Sequence[int], forward: ForwardFn) -> None:
        """Predict and blend these tiles; the backend calls it."""
        tiles = [self._tiles[n] for n in numbers]
        while tiles := [tile for tile in tiles if tile[0] not in self._failed]:
            group = self._alike(tiles[: self._limit])
            logits = self._predict(group, forward)
            if logits is None:  # fewer at once, or without the scene that failed
                continue
            with self._device.computing():
                for (scene, number), prediction in zip(group, logits):
                    self._guard(scene, scene.add, number, prediction)
            self._under_way.append(self._device.mark())
            if len(self._under_way) > AHEAD:
                wait(self._under_way.popleft())
            del tiles[: len(group)], logits

    def _alike(self, tiles: list[tuple[SceneInference, int]]) -> list[tuple[SceneInference, int]]:
        """Return the first of ``tiles`` that may share a pass."""
        first = tiles[0][0]
        for count, (scene, _) in enumerate(tiles):
            if scene is not first and (self._apart or scene.conditioning != first.conditioning):
                return tiles[:count]
        return tiles

    def _predict(self, tiles: list[tuple[SceneInference, int]], forward: ForwardFn) -> Optional[torch.Tensor]:
        """Return (n, classes, crop, crop) float32 logits; None when it has to be tried with other tiles."""
        scenes = {scene: [number for _, number in group] for scene, group in itertools.groupby(tiles, lambda t: t[0])}
        try:
            with self._device.computing():
                pixels, coords, dates = _joined([scene.gather(numbers) for scene, numbers in scenes.items()])
                inputs = (pixels, coords) if dates is None else (pixels, coords, dates)
                return forward(*inputs).float()
        except torch.OutOfMemoryError as e:
            if len(tiles) == 1:
                self._fail(tiles[0][0], e)
        except Exception as e:
            # With several scenes it is not known which one failed: each by itself for the rest of this batch.
            if len(scenes) == 1:
                self._fail(tiles[0][0], e)
            self._apart = True
            return None
        # Outside of the handler: its traceback holds the tensors that are to be freed.
        self._device.settle()
        self._device.trim()
        if len(tiles) > 1:
            self._limit = len(tiles) // 2
            text = f"The GPU's memory was not enough for {len(tiles)} tiles at once; going on with {self._limit}."
            self._emit(Log("warning", text + other_gpu_processes()))
        return None

    def _guard(self, scene: SceneInference, do: Callable[..., None], *arguments: object) -> None:
        """Call ``do`` for one scene; an error is that scene's alone."""
        if scene in self._failed:
            return
        try:
            do(*arguments)
        except Exception as e:
            self._fail(scene, e)

    def _fail(self, scene: SceneInference, e: Exception) -> None:
        self._failed[scene] = e.with_traceback(None)  # which would hold the tensors of the batch

    def _explained(self, scene: SceneInference, e: Exception) -> Exception:
        """Return ``e`` in words that help, where its cause is known."""
        if isinstance(e, torch.OutOfMemoryError):
            return explain_out_of_memory(scene.card, self._backend.tile_bytes)
        return e


def _joined(parts: list[Tiles]) -> Tiles:
    """Return pixels, coordinates and dates of several scenes as one batch."""
    if len(parts) == 1:
        return parts[0]
    pixels = torch.cat([part[0] for part in parts])
    coords, dates = (torch.cat(known) if None not in known else None for known in list(zip(*parts))[1:])
    return pixels, coords, dates
