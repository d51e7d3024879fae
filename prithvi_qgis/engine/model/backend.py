"""Protocols for inference backends.

Pixels do not pass through a backend. A run names its tiles by number; the backend calls back with the numbers whose
turn it is and with the model, and the run gathers, predicts and blends on the model's own device. So a request takes a
few bytes, whatever a tile holds, and logits never leave the device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Optional, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch


class ForwardFn(Protocol):
    """The loaded model as a function."""

    def __call__(
        self, pixels: torch.Tensor, coords: Optional[torch.Tensor], dates: Optional[torch.Tensor] = None, /
    ) -> torch.Tensor:
        """Predict a batch.

        Args:
            pixels: (n, bands, [frames,] h, w), normalised, on the model's device.
            coords: (n, 2) latitude and longitude, or None.
            dates: (n, frames, 2) year and day of the year, or None.
        Returns:
            (n, classes, h, w) logits on the model's device.
        """


# Called with the numbers of some tiles, in sequence, and the model.
TileCallback = Callable[[Sequence[int], ForwardFn], None]


class InferenceModel(Protocol):
    """A model on a device, whatever it takes as input."""

    device: str
    """``cuda`` or ``cpu``."""
    device_name: str
    """Name of the processor."""
    engine: str
    """What runs the model, with versions."""
    dtype: str
    """Data type of the computation."""
    batch_size: int
    """Tiles per batch."""

    def close(self) -> None:
        """Free the model's memory."""


class Backend(InferenceModel, Protocol):
    """A loaded model that takes tiles."""

    scene_bytes: int
    """Device memory that scenes may use; 0 where that is the host's."""
    tile_bytes: int
    """Device memory per tile of a batch, without weights; 0 where unknown."""

    def run(self, tiles: Sequence[int], step: TileCallback) -> None:
        """Call ``step`` with all of ``tiles``, in one or several calls, in sequence.

        Args:
            tiles: numbers that ``step`` interprets, at most ``batch_size`` of them.
            step: predicts these tiles.
        Raises:
            whatever ``step`` raises; the model stays usable.
        """

    def infer(self, tiles: np.ndarray, coords: Optional[np.ndarray], dates: Optional[np.ndarray] = None) -> np.ndarray:
        """Return the logits of tiles in host memory, for comparisons.

        Args:
            tiles: (n, bands, [frames,] crop, crop) float32 normalised, n <= ``batch_size``.
            coords: (n, 2) float32 latitude and longitude of each tile's centre, or None where unknown.
            dates: (n, frames, 2) float32 year and day of the year, or None where unknown.
        Returns:
            (n, classes, crop, crop) float32.
        """
        import torch

        logits: list[np.ndarray] = []

        def step(numbers: Sequence[int], forward: ForwardFn) -> None:
            chosen = list(numbers)
            where = None if coords is None else torch.from_numpy(coords[chosen])
            when = None if dates is None else torch.from_numpy(dates[chosen])
            logits.append(forward(torch.from_numpy(tiles[chosen]), where, when).float().cpu().numpy())

        self.run(range(len(tiles)), step)
        return np.concatenate(logits)
