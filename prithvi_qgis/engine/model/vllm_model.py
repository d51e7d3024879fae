"""Model class that vLLM loads instead of its TerraTorch wrapper.

A request names tiles by their numbers. Their pixels are on the model's device already, and logits are blended there:
see :mod:`prithvi_qgis.engine.inference.scene_inference`.

On the stock path, where requests hold pixels, it differs from vLLM's class in four points: inputs are cast to the
weights' type; every tile has its own coordinates (the stock class uses the first tile's for the whole batch);
coordinates that are NaN are not passed to the encoder, since (0, 0) is a real location; and weights load from
safetensors and from older checkpoints alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Optional

import torch
from vllm.model_executor.models.terratorch import (
    Terratorch,
    TerratorchInputBuilder,
    TerratorchMultiModalProcessor,
    TerratorchProcessingInfo,
)
from vllm.multimodal import MULTIMODAL_REGISTRY

from .backend import TileCallback
from .forward import keep_coordinates_exact, patch_coordinate_encoding, predict
from .fused_modules import fuse_on_gpu
from .weights import load_into

ARCHITECTURE = "Terratorch"
# Called with the number of tiles before each forward pass; an exception ends the request. The stock path has no other
# point where a run can be observed and stopped.
before_forward: Optional[Callable[[int], None]] = None
# Predicts a batch of tile numbers; None while vLLM profiles the model.
step: Optional[TileCallback] = None


@MULTIMODAL_REGISTRY.register_processor(
    TerratorchMultiModalProcessor, info=TerratorchProcessingInfo, dummy_inputs=TerratorchInputBuilder
)
class PrithviTerratorch(Terratorch):
    """A TerraTorch segmentation model inside vLLM."""

    def get_language_model(self) -> PrithviTerratorch:
        """Return the model itself; vLLM 0.26 requires the method of every multimodal model."""
        return self

    def forward(
        self,
        input_ids: Optional[torch.Tensor] = None,
        positions: Optional[torch.Tensor] = None,
        intermediate_tensors: object = None,
        inputs_embeds: Optional[torch.Tensor] = None,
        **kwargs: torch.Tensor,
    ) -> torch.Tensor:
        """Start the prediction of a batch of tiles, or return the logits of pixels.

        Takes either ``tiles`` (requests, n) numbers and returns (requests, 1) zeros once the batch is launched, or
        ``pixel_values`` (n, bands, [frames,] h, w) with optional ``location_coords`` and returns (n, classes, h, w)
        logits.
        """
        if "tiles" in kwargs:
            numbers = [int(n) for n in kwargs["tiles"].flatten().tolist()]
            if step is not None:
                step(numbers, partial(predict, self.model))
            return torch.zeros((len(kwargs["tiles"]), 1), device=kwargs["tiles"].device)
        pixels, coords = kwargs["pixel_values"], kwargs.get("location_coords")
        if before_forward is not None:
            before_forward(len(pixels))
        if coords is not None:
            coords = coords.reshape(-1, 2)
            if torch.isnan(coords).any():
                coords = None
        return predict(self.model, pixels, coords)

    def load_weights(self, weights: Iterable[tuple[str, object]]) -> set[str]:
        """Load tensors or a ``{"state_dict": ...}`` checkpoint; missing and superfluous names are an error."""
        tensors: dict[str, torch.Tensor] = {}
        for name, value in weights:
            if name == "state_dict" and isinstance(value, dict):
                tensors.update(value)
            elif isinstance(value, torch.Tensor):
                tensors[name] = value
        load_into(self.model, tensors)
        keep_coordinates_exact(self.model)
        patch_coordinate_encoding()
        return {name for name, _ in self.named_parameters()}

    def eval(self) -> PrithviTerratorch:
        """Prepare for inference; vLLM calls it once the weights are loaded and their names checked."""
        super().eval()
        fuse_on_gpu(self.model)
        return self
