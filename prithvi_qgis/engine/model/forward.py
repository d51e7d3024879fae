"""One forward pass, the same for every backend."""

from __future__ import annotations

from typing import Any

import torch

_ENCODERS = ("temporal_embed_enc", "location_embed_enc")  # TerraTorch's names of them in Prithvi's backbone


def predict(model: torch.nn.Module, pixels: torch.Tensor, coords: Any, dates: Any = None) -> torch.Tensor:
    """Run a TerraTorch model on a batch.

    Prithvi's encoder adds the code of places and that of dates each by itself, so one is sent without the other where
    only one is known.

    Args:
        model: TerraTorch ``PixelWiseModel``.
        pixels: (n, bands, [frames,] h, w), any float type, on any device.
        coords: (n, 2) latitude and longitude, or None where unknown: (0, 0) would be a real place.
        dates: (n, frames, 2) year and day of the year, 0 for the first of January, or None where one is unknown.
    Returns:
        (n, classes, h, w) logits in the model's type and on its device; of a regression (n, 1, h, w) numbers.
    """
    weight = next(model.parameters())
    inputs: dict[str, torch.Tensor] = {}
    if coords is not None:
        inputs["location_coords"] = coords.to(device=weight.device, dtype=torch.float32)
    if dates is not None:
        inputs["temporal_coords"] = dates.to(device=weight.device, dtype=torch.float32)
    output = model(pixels.to(device=weight.device, dtype=weight.dtype), **inputs).output
    return output if output.ndim == 4 else output[:, None]  # TerraTorch drops the axis of a single channel


def sincos_embedding(embed_dim: int, pos: torch.Tensor) -> torch.Tensor:
    """TerraTorch's ``_get_1d_sincos_embed_from_grid_torch``, number for number, made on the device from the start.

    TerraTorch makes the frequencies on the host and copies them. Such a copy waits for all that the GPU was given
    before: once a place and once a date in every forward pass, so that no batch could be launched ahead.

    Args:
        embed_dim: numbers of a code, even; pos: (n,) coordinates of a float type.
    Returns:
        (n, embed_dim) sines, then cosines.
    """
    omega = torch.arange(embed_dim // 2, dtype=pos.dtype, device=pos.device)
    omega /= embed_dim / 2.0
    angles = torch.einsum("m,d->md", pos.reshape(-1), 1.0 / 10000**omega)
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)


def patch_coordinate_encoding() -> None:
    """Have Prithvi's encoders of places and dates use :func:`sincos_embedding`, in this process."""
    from terratorch.models.backbones import prithvi_mae

    prithvi_mae._get_1d_sincos_embed_from_grid_torch = sincos_embedding


def keep_coordinates_exact(model: torch.nn.Module) -> None:
    """Have coordinates encoded in float32, whatever the weights' type.

    The encoders take sines of coordinates in the coordinates' own type, and near 2023 half precision tells whole
    numbers only: the sines of a year would be noise.
    """

    def narrow(module: Any, inputs: Any, code: torch.Tensor) -> torch.Tensor:
        return code.to(next(model.parameters()).dtype)

    for name, module in model.named_modules():
        if name.rpartition(".")[2] in _ENCODERS:
            module.register_forward_hook(narrow)
