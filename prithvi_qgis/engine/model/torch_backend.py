"""Plain torch as the backend: TerraTorch's model without vLLM. The reference, and the way where vLLM cannot run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import numpy as np

from ...core.models.model_card import ModelCard
from .backend import TileCallback, infer
from .vllm_backend import device_name


class TorchBackend:
    """A TerraTorch model run by torch alone. See :class:`engine.backend.Backend`; ``fallback_reason``: why it stands in
    for vLLM."""

    def __init__(self, card: ModelCard, folder: Path, device: str, dtype: str, batch_size: int, scene_bytes: int = 0):
        """Load ``folder``'s configuration and weights onto ``device`` (``cuda`` or ``cpu``)."""
        import torch

        self._torch = torch
        self.device, self.dtype, self.batch_size, self.scene_bytes = device, dtype, batch_size, scene_bytes
        self.tile_bytes, self.fallback_reason = 0, ""
        self.device_name = device_name(device)
        self.engine = f"torch {torch.__version__}, {dtype}"
        self._wants_coords, self._wants_dates = card.location_coords, card.temporal_coords
        self.model = load_model(card, folder).to(device=device, dtype=getattr(torch, dtype)).eval()

    def run(self, tiles: Sequence[int], step: TileCallback) -> None:
        """See :meth:`engine.backend.Backend.run`."""
        from .forward import predict

        def forward(pixels: Any, coords: Any, dates: Any = None) -> Any:
            places, times = coords if self._wants_coords else None, dates if self._wants_dates else None
            return predict(self.model, pixels, places, times)

        with self._torch.inference_mode():
            step(tiles, forward)

    def infer(self, tiles: np.ndarray, coords: Optional[np.ndarray], dates: Optional[np.ndarray] = None) -> np.ndarray:
        """See :func:`engine.backend.infer`."""
        return infer(self, tiles, coords, dates)

    def close(self) -> None:
        """See :meth:`engine.backend.Loaded.close`."""
        self.model = None


def load_model(card: ModelCard, folder: Path) -> Any:
    """TerraTorch's model with its weights, on the CPU in float32."""
    import torch
    from safetensors.torch import load_file
    from terratorch.registry import MODEL_FACTORY_REGISTRY

    from .forward import keep_coordinates_exact, patch_coordinate_encoding
    from .weights import load_into

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
