"""One forward pass, the same for every backend."""

from __future__ import annotations

from typing import Optional

import torch

_ENCODERS = ("temporal_embed_enc", "location_embed_enc")  # in Prithvi's backbone, by TerraTorch's names


def predict(
    model: torch.nn.Module,
    pixels: torch.Tensor,
    coords: Optional[torch.Tensor],
    dates: Optional[torch.Tensor] = None,
) -> torch.Tensor:
    """Run a TerraTorch model on a batch.

    Prithvi's encoder adds the embeddings of coordinates and of dates separately, so one is passed without the other
    where only one is known.

    Args:
        model: TerraTorch ``PixelWiseModel``.
        pixels: (n, bands, [frames,] h, w), any float type, on any device.
        coords: (n, 2) latitude and longitude, or None where unknown: (0, 0) would be a real location.
        dates: (n, frames, 2) year and day of the year, 0 for the first of January, or None where one is unknown.
    Returns:
        (n, classes, h, w) logits in the model's type and on its device; (n, 1, h, w) values of a regression.
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
    """Return the values of TerraTorch's ``_get_1d_sincos_embed_from_grid_torch``, computed on the device throughout.

    TerraTorch computes the frequencies on the host and copies them. Such a copy waits for all work queued on the GPU,
    for every coordinate and every date of a forward pass, so that no batch could be launched ahead.

    Args:
        embed_dim: length of an embedding, even.
        pos: (n,) coordinates of a float type.
    Returns:
        (n, embed_dim) sines, then cosines.
    """
    omega = torch.arange(embed_dim // 2, dtype=pos.dtype, device=pos.device)
    omega /= embed_dim / 2.0
    angles = torch.einsum("m,d->md", pos.reshape(-1), 1.0 / 10000**omega)
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)


def patch_coordinate_encoding() -> None:
    """Let Prithvi's encoders of coordinates and dates use :func:`sincos_embedding`, in this process."""
    from terratorch.models.backbones import prithvi_mae

    prithvi_mae._get_1d_sincos_embed_from_grid_torch = sincos_embedding


def keep_coordinates_exact(model: torch.nn.Module) -> None:
    """Encode coordinates in float32, whatever the weights' type.

    The encoders compute sines in the type of the coordinates, and half precision resolves whole numbers only near
    2023: the sines of a year would be noise.
    """

    def to_weights_dtype(_module: torch.nn.Module, _inputs: object, embedding: torch.Tensor) -> torch.Tensor:
        return embedding.to(next(model.parameters()).dtype)

    for name, module in model.named_modules():
        if name.rpartition(".")[2] in _ENCODERS:
            module.register_forward_hook(to_weights_dtype)
