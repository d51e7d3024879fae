"""Backend of plain torch: TerraTorch's model without vLLM. The reference, and the fallback where vLLM cannot run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import torch

from ...core.models.model_card import ModelCard
from .backend import Backend, TileCallback
from .forward import keep_coordinates_exact, patch_coordinate_encoding, predict
from .fused_modules import fuse_on_gpu
from .vllm_backend import device_name
from .weights import load_into


class TorchBackend(Backend):
    """A TerraTorch model run by torch alone."""

    fallback_reason = ""
    """Why it runs instead of vLLM, as a sentence; empty where it was chosen."""

    def __init__(
        self,
        card: ModelCard,
        folder: Path,
        device: str,
        dtype: str,
        batch_size: int,
        scene_bytes: int = 0,
        fused: bool = True,
    ):
        """Load ``folder``'s configuration and weights onto ``device`` (``cuda`` or ``cpu``).

        ``fused``: whether a GPU may use :mod:`.fused_modules`; not where this is the reference.
        """
        self.device, self.dtype, self.batch_size, self.scene_bytes = device, dtype, batch_size, scene_bytes
        self.tile_bytes = 0
        self.device_name = device_name(device)
        self.engine = f"torch {torch.__version__}, {dtype}"
        self._takes_coords, self._takes_dates = card.location_coords, card.temporal_coords
        self.model: Optional[torch.nn.Module] = load_model(card, folder).to(device=device, dtype=getattr(torch, dtype))
        self.model.eval()
        if fused:
            fuse_on_gpu(self.model)

    def run(self, tiles: Sequence[int], step: TileCallback) -> None:
        def forward(
            pixels: torch.Tensor, coords: Optional[torch.Tensor], dates: Optional[torch.Tensor] = None
        ) -> torch.Tensor:
            return predict(
                self.model, pixels, coords if self._takes_coords else None, dates if self._takes_dates else None
            )

        with torch.inference_mode():
            step(tiles, forward)

    def close(self) -> None:
        self.model = None


def load_model(card: ModelCard, folder: Path) -> torch.nn.Module:
    """Return TerraTorch's model with its weights, on the CPU in float32."""
    from safetensors.torch import load_file
    from terratorch.registry import MODEL_FACTORY_REGISTRY

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))["pretrained_cfg"]["model"]["init_args"]
    factory = MODEL_FACTORY_REGISTRY.build(config["model_factory"])
    model = factory.build_model(task=card.task, **config["model_args"])
    path = folder / card.weights
    if path.suffix == ".safetensors":
        tensors = load_file(path)
    else:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
        tensors = loaded.get("state_dict", loaded)
    load_into(model, tensors)
    keep_coordinates_exact(model)
    patch_coordinate_encoding()
    return model
