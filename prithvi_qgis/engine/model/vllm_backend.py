"""Backend of vLLM: its ``LLM`` class in this process, one request per batch of tiles."""

from __future__ import annotations

import gc
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from ...core.models.model_card import ModelCard
from .backend import Backend, ForwardFn, TileCallback
from .batch_sizing import fit_batch, gpu_share, tiles_at_once
from .vllm_tempdir import redirect_tempfiles, remove_tempdir

if TYPE_CHECKING:
    from vllm import LLM


class VllmBackend(Backend):
    """A model loaded by vLLM."""

    def __init__(self, card: ModelCard, folder: Path, device: str, dtype: str, batch_size: int, gpu_memory: float):
        """Load.

        Args:
            card: of the model.
            folder: with ``config.json`` and weights, from :func:`engine.model.model_folder.prepare_model`.
            device: ``cuda`` or ``cpu``, the device of the installed vLLM.
            dtype: ``float16``, ``bfloat16`` or ``float32``.
            batch_size: vLLM's ``max_num_seqs``; 0 for as many as are useful and fit.
            gpu_memory: vLLM's ``gpu_memory_utilization``; 0 for what is free.
        """
        import torch
        import vllm

        self.device, self.dtype = device, dtype
        self.device_name = device_name(device)
        self.engine = f"vLLM {vllm.__version__}, torch {torch.__version__}, {dtype}"
        self.batch_size, self.scene_bytes, self.tile_bytes = tiles_at_once(batch_size, card, device), 0, 0
        share = gpu_share(gpu_memory, device)
        self._llm: Optional[LLM] = build_llm(folder, dtype, self.batch_size, share, device)
        fit_batch(self, card, share)

    def run(self, tiles: Sequence[int], step: TileCallback) -> None:
        import torch

        from ..device.streams import device_for
        from . import vllm_model

        if self._llm is None:
            raise ValueError("the model is closed")
        failure: list[BaseException] = []

        def guarded(numbers: Sequence[int], forward: ForwardFn) -> None:
            # An exception that leaves a forward pass would leave vLLM with unfinished requests.
            if not failure:
                try:
                    step(numbers, forward)
                except BaseException as e:
                    failure.append(e)

        # One request for the batch: vLLM's bookkeeping takes more than a millisecond of Python per request.
        prompt = {"prompt_token_ids": [1], "multi_modal_data": {"image": {"tiles": torch.tensor(list(tiles))}}}
        vllm_model.step = guarded
        try:
            with device_for(self.device).bookkeeping():
                self._llm.encode([prompt], pooling_task="plugin", use_tqdm=False)
        finally:
            vllm_model.step = None
        if failure:
            raise failure[0]

    def close(self) -> None:
        if self._llm is not None:
            shut_down(self._llm)
            self._llm = None
            gc.collect()


def build_llm(folder: Path, dtype: str, batch_size: int, gpu_memory: float, device: str, **options: object) -> LLM:
    """Return vLLM's ``LLM`` with the options of its offline Prithvi example, and further ``options``."""
    import torch
    from vllm import LLM, ModelRegistry
    from vllm.plugins import load_general_plugins

    from .vllm_model import ARCHITECTURE, PrithviTerratorch

    load_general_plugins()  # TerraTorch's plugin registers its class under the same name, so register ours after it
    ModelRegistry.register_model(ARCHITECTURE, PrithviTerratorch)
    if device == "cuda":
        options["gpu_memory_utilization"] = gpu_memory
    try:
        with redirect_tempfiles():
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
                **options,
            )
    finally:
        torch.set_default_dtype(torch.float32)
        # vLLM switches it off for models that it does not serve here; on Hopper it takes a quarter off attention.
        torch.backends.cuda.enable_cudnn_sdp(device == "cuda" and torch.cuda.get_device_capability()[0] >= 9)
        # It warns at every call that torch's thread count is unchanged. Set late: vLLM's set-up resets the level.
        logging.getLogger("vllm.v1.worker.cpu_worker").setLevel(logging.ERROR)


def shut_down(llm: LLM) -> None:
    """Free a model by vLLM's shutdown of its in-process core."""
    llm.llm_engine.engine_core.shutdown()
    remove_tempdir()


def device_name(device: str) -> str:
    """Return the processor's commercial name."""
    if device == "cuda":
        import torch

        return str(torch.cuda.get_device_name(0))
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        import platform

        return platform.processor() or platform.machine()
