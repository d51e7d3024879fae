"""What a backend is: something that turns normalised tiles into logits."""

from __future__ import annotations

from typing import Optional, Protocol

import numpy as np


class Loaded(Protocol):
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


class Backend(Loaded, Protocol):
    """A loaded model that takes tiles."""

    def infer(self, tiles: np.ndarray, coords: Optional[np.ndarray]) -> np.ndarray:
        """Predict.

        Args:
            tiles: (n, bands, crop, crop) float32 normalised, n <= batch_size.
            coords: (n, 2) float32 latitude and longitude of each tile's centre, or None where unknown.
        Returns:
            (n, classes, crop, crop) float32 logits.
        """
