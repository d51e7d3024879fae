"""The model class that vLLM loads in place of its own TerraTorch wrapper.

It differs in four points: inputs are cast to the weights' type; every tile is paired with its own coordinates (the
stock class takes the first tile's for the whole batch); coordinates that are NaN are not sent to the encoder at all,
since (0, 0) is a real place; and weights load from safetensors and from older checkpoints alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Optional

import torch
from vllm.model_executor.models.terratorch import (
    Terratorch,
    TerratorchInputBuilder,
    TerratorchMultiModalProcessor,
    TerratorchProcessingInfo,
)
from vllm.multimodal import MULTIMODAL_REGISTRY

from .predict import predict
from .weights import load_into

ARCHITECTURE = "Terratorch"
# Called with the number of tiles before each forward pass; what it raises ends the request. The stock path has no
# other place where a run can be watched and stopped.
before_forward: Optional[Callable[[int], None]] = None


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
        """(n, classes, h, w) logits for ``pixel_values`` (n, bands, [frames,] h, w) and optional coordinates."""
        if before_forward is not None:
            before_forward(len(kwargs["pixel_values"]))
        return predict(self.model, kwargs["pixel_values"], kwargs.get("location_coords"))

    def load_weights(self, weights: Iterable[tuple[str, Any]]) -> set[str]:
        """Load tensors, or ``{"state_dict": ...}`` checkpoints; names missing or left over are an error."""
        tensors: dict[str, torch.Tensor] = {}
        for name, value in weights:
            if name == "state_dict" and isinstance(value, dict):
                tensors.update(value)
            elif isinstance(value, torch.Tensor):
                tensors[name] = value
        load_into(self.model, tensors)
        return {name for name, _ in self.named_parameters()}
