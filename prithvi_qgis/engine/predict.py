"""One forward pass, the same for every backend."""

from __future__ import annotations

from typing import Any

import torch


def predict(model: torch.nn.Module, pixels: torch.Tensor, coords: Any) -> torch.Tensor:
    """Run a TerraTorch model on a batch.

    Args:
        model: TerraTorch ``PixelWiseModel``.
        pixels: (n, bands, [frames,] h, w), any float type, on any device.
        coords: (n, 2) latitude and longitude, or None where unknown: (0, 0) would be a real place.
    Returns:
        (n, classes, h, w) logits in the model's type and on its device; of a regression (n, 1, h, w) numbers.
    """
    weight = next(model.parameters())
    inputs: dict[str, torch.Tensor] = {}
    if coords is not None:
        inputs["location_coords"] = coords.to(device=weight.device, dtype=weight.dtype)
    output = model(pixels.to(device=weight.device, dtype=weight.dtype), **inputs).output
    return output if output.ndim == 4 else output[:, None]  # TerraTorch drops the axis of a single channel
