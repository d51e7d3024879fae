"""The model class that vLLM loads in place of its own TerraTorch wrapper.

A request names tiles by their numbers. The pixels wait on the model's device, and logits are blended there: see
:mod:`engine.inference.scene_inference`. vLLM runs it when its turn comes.

On the stock path, where requests hold pixels, it differs from vLLM's class in four points: inputs are cast to the
weights' type; every tile is paired with its own coordinates (the stock class takes the first tile's for the whole
batch); coordinates that are NaN are not sent to the encoder at all, since (0, 0) is a real place; and weights load from
safetensors and from older checkpoints alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Optional

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
from .weights import load_into

ARCHITECTURE = "Terratorch"
# Called with the number of tiles before each forward pass; what it raises ends the request. The stock path has no
# other place where a run can be watched and stopped.
before_forward: Optional[Callable[[int], None]] = None
# What a batch of tile numbers means; None while vLLM rehearses.
step: Optional[TileCallback] = None


@MULTIMODAL_REGISTRY.register_processor(
    TerratorchMultiModalProcessor, info=TerratorchProcessingInfo, dummy_inputs=TerratorchInputBuilder
)
class PrithviTerratorch(Terratorch):
    """A TerraTorch segmentation model inside vLLM."""

    def get_language_model(self) -> Any:
        """vLLM 0.26 asks every multimodal model for one."""
        return self

    def forward(
        self,
        input_ids: Any = None,
        positions: Any = None,
        intermediate_tensors: Any = None,
        inputs_embeds: Any = None,
        **kwargs: Any,
    ) -> torch.Tensor:
        """Have the tiles of a batch predicted, or return the logits of pixels.

        Either ``tiles`` (requests, n) numbers, answered with (requests, 1) zeros once the batch is under way, or
        ``pixel_values`` (n, bands, [frames,] h, w) with optional ``location_coords``, answered with (n, classes, h, w)
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

    def load_weights(self, weights: Iterable[tuple[str, Any]]) -> set[str]:
        """Load tensors, or ``{"state_dict": ...}`` checkpoints; names missing or left over are an error."""
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
