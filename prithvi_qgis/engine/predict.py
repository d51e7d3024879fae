"""One forward pass, the same for every backend."""

from __future__ import annotations

from typing import Any

import torch


def predict(model: torch.nn.Module, pixels: torch.Tensor, coords: Any) -> torch.Tensor:
    """Run a TerraTorch model on a batch.

    Args:
        model: TerraTorch ``PixelWiseModel``.
        pixels: (n, bands, [frames,] h, w), any float type.
        coords: (n, 2) or (n, 1, 2) latitude and longitude, NaN where unknown, or None.
    """
    weight = next(model.parameters())
    inputs: dict[str, torch.Tensor] = {}
    if coords is not None:
        coords = coords.reshape(-1, 2)
        if not torch.isnan(coords).any():
            inputs["location_coords"] = coords.to(device=weight.device, dtype=weight.dtype)
    return model(pixels.to(device=weight.device, dtype=weight.dtype), **inputs).output
