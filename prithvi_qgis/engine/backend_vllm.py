"""vLLM as the backend: its ``LLM`` class in this process, one request a tile."""

from __future__ import annotations

import gc
import logging
from pathlib import Path
from typing import Any, Optional

import numpy as np

from ..contract.cards import ModelCard

DEFAULT_BATCH = {"cpu": 2, "cuda": 16}
DEFAULT_GPU_MEMORY = 0.5


class VllmBackend:
    """A model loaded by vLLM. See :class:`..backend.Backend`."""

    def __init__(self, card: ModelCard, folder: Path, device: str, dtype: str, batch_size: int, gpu_memory: float):
        """Load.

        Args:
            card: of the model; folder: with ``config.json`` and weights, already validated.
            device: ``cuda`` or ``cpu``; the installed vLLM decides, this only says what to expect.
            dtype: ``float16``, ``bfloat16`` or ``float32``.
            batch_size: vLLM's ``max_num_seqs``; gpu_memory: its ``gpu_memory_utilization``.
        """
        import torch
        import vllm

        self.device, self.dtype, self.batch_size = device, dtype, batch_size
        self.device_name = device_name(device)
        self.engine = f"vLLM {vllm.__version__}, torch {torch.__version__}, {dtype}"
        self._wants_coords = card.location_coords
        self._torch = torch
        self._llm = build_llm(folder, dtype, batch_size, gpu_memory, device)

    def infer(self, tiles: np.ndarray, coords: Optional[np.ndarray]) -> np.ndarray:
        """See :meth:`..backend.Backend.infer`."""
        torch = self._torch
        if coords is None:
            coords = np.full((len(tiles), 2), np.nan, np.float32)
        prompts: list[dict[str, Any]] = []
        for tile, coord in zip(tiles, coords):
            image = {"pixel_values": torch.from_numpy(tile)}
            if self._wants_coords:
                image["location_coords"] = torch.from_numpy(coord)
            prompts.append({"prompt_token_ids": [1], "multi_modal_data": {"image": image}})
        outputs = self._llm.encode(prompts, pooling_task="plugin", use_tqdm=False)
        return np.stack([o.outputs.data.float().numpy() for o in outputs])

    def close(self) -> None:
        """See :meth:`..backend.Backend.close`."""
        if self._llm is not None:
            shut_down(self._llm)
            self._llm = None
            gc.collect()


def build_llm(folder: Path, dtype: str, batch_size: int, gpu_memory: float, device: str, **more: Any) -> Any:
    """vLLM's ``LLM`` with the flags of its offline Prithvi example; ``more`` adds to them."""
    import torch
    from vllm import LLM, ModelRegistry
    from vllm.plugins import load_general_plugins

    from .vllm_model import ARCHITECTURE, PrithviTerratorch

    load_general_plugins()  # TerraTorch's plugin registers a class of its own under the same name: let it, then win
    ModelRegistry.register_model(ARCHITECTURE, PrithviTerratorch)
    if device == "cuda":
        more["gpu_memory_utilization"] = gpu_memory or DEFAULT_GPU_MEMORY
    try:
        return LLM(
            model=str(folder),
            skip_tokenizer_init=True,
            enforce_eager=True,
            max_num_seqs=batch_size,
            model_impl="terratorch",
            enable_mm_embeds=True,
            dtype=dtype,
            mm_processor_cache_gb=0,  # its default keeps 4 GiB of tiles
            trust_remote_code=False,
            **more,
        )
    finally:
        torch.set_default_dtype(torch.float32)
        # It warns at every call that torch's thread count stays as it is. Set late: vLLM's set-up resets the level.
        logging.getLogger("vllm.v1.worker.cpu_worker").setLevel(logging.ERROR)


def shut_down(llm: Any) -> None:
    """Free a model: vLLM's own shutdown of its in-process core."""
    llm.llm_engine.engine_core.shutdown()


def device_name(device: str) -> str:
    """The processor's name as people know it."""
    if device == "cuda":
        import torch

        return str(torch.cuda.get_device_name(0))
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        import platform

        return platform.processor() or platform.machine()
