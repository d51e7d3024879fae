"""What a backend is: something that has a model applied to tiles.

Pixels do not pass through it. A run names its tiles by number; the backend calls back with the numbers whose turn it is
and with the model, and the run gathers, predicts and blends on the model's own device. So a request is a few bytes,
whatever a tile holds, and logits never leave the device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Optional, Protocol

import numpy as np

# (n, bands, [frames,] h, w) normalised pixels, (n, 2) latitude and longitude or None, and where dates are known
# (n, frames, 2) year and day of the year, to (n, classes, h, w) logits; torch tensors on the model's device.
ForwardFn = Callable[..., Any]
# Called with the numbers of some tiles, in their order, and the model.
TileCallback = Callable[[Sequence[int], ForwardFn], None]


class InferenceModel(Protocol):
    """A model on a device, however it is fed.

    Attributes:
        device: ``cuda`` or ``cpu``; device_name: the processor's name; engine: what runs, with versions;
        dtype: of the computation; batch_size: tiles it takes at once.
    """

    device: str
    device_name: str
    engine: str
    dtype: str
    batch_size: int

    def close(self) -> None:
        """Free the model's memory."""


class Backend(InferenceModel, Protocol):
    """A loaded model that takes tiles.

    Attributes:
        scene_bytes: of the device's memory that a scene may take; 0 where that is the host's.
        tile_bytes: of the device's memory that the model takes for one tile, beside its weights; 0 where unknown.
    """

    scene_bytes: int
    tile_bytes: int

    def run(self, tiles: Sequence[int], step: TileCallback) -> None:
        """Call ``step`` with all of ``tiles``, in one or several calls, in order.

        Args:
            tiles: numbers that mean something to ``step``, at most ``batch_size`` of them.
        Raises:
            whatever ``step`` raises; the model stays usable.
        """


def infer(
    backend: Backend, tiles: np.ndarray, coords: Optional[np.ndarray], dates: Optional[np.ndarray] = None
) -> np.ndarray:
    """Logits of tiles at hand, for comparisons.

    Args:
        tiles: (n, bands, [frames,] crop, crop) float32 normalised, n <= ``batch_size``.
        coords: (n, 2) float32 latitude and longitude of each tile's centre, or None where unknown.
        dates: (n, frames, 2) float32 year and day of the year, or None where unknown.
    Returns:
        (n, classes, crop, crop) float32.
    """
    import torch

    found: list[np.ndarray] = []

    def step(numbers: Sequence[int], forward: ForwardFn) -> None:
        chosen = list(numbers)
        places = None if coords is None else torch.from_numpy(coords[chosen])
        more = () if dates is None else (torch.from_numpy(dates[chosen]),)
        found.append(forward(torch.from_numpy(tiles[chosen]), places, *more).float().cpu().numpy())

    backend.run(range(len(tiles)), step)
    return np.concatenate(found)
