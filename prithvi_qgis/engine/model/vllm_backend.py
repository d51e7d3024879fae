"""vLLM as the backend: its ``LLM`` class in this process, one request a batch of tiles."""

from __future__ import annotations

import gc
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import numpy as np

from ...core.models.model_card import ModelCard
from .backend import ForwardFn, TileCallback, infer
from .batch_sizing import gpu_share, measure_capacity, tiles_at_once
from .vllm_tempdir import own_temporary_folder, remove_own


class VllmBackend:
    """A model loaded by vLLM. See :class:`engine.backend.Backend`."""

    def __init__(self, card: ModelCard, folder: Path, device: str, dtype: str, batch_size: int, gpu_memory: float):
        """Load.

        Args:
            card: of the model; folder: with ``config.json`` and weights, already validated.
            device: ``cuda`` or ``cpu``; the installed vLLM decides, this only says what to expect.
            dtype: ``float16``, ``bfloat16`` or ``float32``.
            batch_size: vLLM's ``max_num_seqs``, 0 for as many as are useful and fit.
            gpu_memory: its ``gpu_memory_utilization``, 0 for what is free.
        """
        import torch
        import vllm

        self.device, self.dtype = device, dtype
        self.device_name = device_name(device)
        self.engine = f"vLLM {vllm.__version__}, torch {torch.__version__}, {dtype}"
        most = tiles_at_once(batch_size, card, device)
        share = gpu_share(gpu_memory) if device == "cuda" else 0.0
        self._llm = build_llm(folder, dtype, most, share, device)
        self.batch_size, self.scene_bytes, self.tile_bytes = most, 0, 0
        if device == "cuda":
            room = measure_capacity(self, card, most, share)
            self.batch_size, self.scene_bytes, self.tile_bytes = room.batch, room.scene_bytes, room.tile_bytes

    def run(self, tiles: Sequence[int], step: TileCallback) -> None:
        """See :meth:`engine.backend.Backend.run`."""
        import torch

        from ..device.streams import device_for
        from . import vllm_model

        failure: list[BaseException] = []

        def guarded(numbers: Sequence[int], forward: ForwardFn) -> None:
            # What breaks out of a forward pass leaves vLLM with requests that nobody finishes.
            if not failure:
                try:
                    step(numbers, forward)
                except BaseException as e:
                    failure.append(e)

        # One request for all of them: vLLM's bookkeeping takes more than a millisecond of Python for each.
        prompt = {"prompt_token_ids": [1], "multi_modal_data": {"image": {"tiles": torch.tensor(list(tiles))}}}
        vllm_model.step = guarded
        try:
            with device_for(self.device).bookkeeping():
                self._llm.encode([prompt], pooling_task="plugin", use_tqdm=False)
        finally:
            vllm_model.step = None
        if failure:
            raise failure[0]

    def infer(self, tiles: np.ndarray, coords: Optional[np.ndarray], dates: Optional[np.ndarray] = None) -> np.ndarray:
        """See :func:`engine.backend.infer`."""
        return infer(self, tiles, coords, dates)

    def close(self) -> None:
        """See :meth:`engine.backend.Loaded.close`."""
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
        more["gpu_memory_utilization"] = gpu_memory
    try:
        with own_temporary_folder():
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
    remove_own()


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
