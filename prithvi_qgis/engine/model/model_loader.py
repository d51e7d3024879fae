"""The one loaded model of an engine, and when it must give way to another."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from ...core.protocol.messages import Segment
from ..device.memory_errors import other_gpu_processes
from .batch_sizing import gpu_share, measure_capacity, tiles_at_once
from .model_folder import prepare_model

BACKEND_VARIABLE = "PRITHVI_QGIS_BACKEND"  # "torch": without vLLM; read when a model is loaded
DTYPES = {"cpu": "float32", "cuda": "float16"}


@dataclass(frozen=True)
class LoadKey:
    """What makes a loaded model usable for a request: all of it must be equal."""

    sha256: str
    folder: str
    device: str
    dtype: str
    batch_size: int
    gpu_memory: float
    pipeline: str


class Loader:
    """Loads models for one variant of the engine and keeps the last one."""

    def __init__(self, variant: str):
        self.variant = variant
        self._key: Optional[LoadKey] = None
        self._backend: Any = None
        self.model_id = ""

    @property
    def device_name(self) -> str:
        """Where the loaded model runs; empty before the first load."""
        return self._backend.device_name if self._backend is not None else ""

    def load(self, request: Segment, card: ModelCard) -> tuple[Any, float]:
        """The backend for a request, and the seconds that loading took (0 when it was there already).

        Raises:
            PrithviError: ``device_missing``, ``model_invalid``, ``model_forbidden``, ``out_of_memory``.
        """
        device = self._device(request.device)
        folder = prepare_model(card, request.pipeline)
        key = LoadKey(
            sha256=card.sha256,
            folder=str(folder),
            device=device,
            # Half precision chooses the same class nearly always; of a quantity it would leave three digits.
            dtype="float32" if card.task == "regression" else DTYPES[device],
            batch_size=request.batch_size,
            gpu_memory=request.gpu_memory if device == "cuda" else 0.0,
            pipeline=request.pipeline,
        )
        if key == self._key and getattr(self._backend, "alive", True):
            return self._backend, 0.0
        began = time.perf_counter()
        self.unload()
        self._backend = self._build(key, card)
        self._key, self.model_id = key, card.id
        return self._backend, time.perf_counter() - began

    def unload(self) -> None:
        """Free the loaded model, if any."""
        backend, self._backend, self._key, self.model_id = self._backend, None, None, ""
        if backend is not None:
            backend.close()

    def release_cache(self) -> None:
        """Nothing to do for now: leave on the device only what the next run cannot do without."""
        if self._key is not None and self._key.device == "cuda":
            from ..device.streams import device_for
            from ..tiling import device_tables

            device_tables.clear_cache()
            device_for("cuda").trim()

    def _build(self, key: LoadKey, card: ModelCard) -> Any:
        reason = why_not_vllm() if key.pipeline != "stock" else ""
        try:
            if reason:
                return _plain_torch(key, card, reason)
            from .stock_backend import StockBackend
            from .vllm_backend import VllmBackend

            kind = StockBackend if key.pipeline == "stock" else VllmBackend
            return kind(card, Path(key.folder), key.device, key.dtype, key.batch_size, key.gpu_memory)
        except PrithviError:
            raise
        except Exception as e:  # vLLM wraps whatever went wrong in many kinds of exception
            raise _explain(e, card, key) from e

    def _device(self, asked: str) -> str:
        if asked in ("auto", self.variant):
            if self.variant == "cuda":
                _require_cuda()
            return self.variant
        number = 1 if asked == "cuda" else 2
        raise PrithviError(
            ErrorCode.DEVICE_MISSING,
            f"DEVICE {asked} was asked of an engine that runs on {self.variant}.",
            f"Install the other one with: qgis_process run prithvi:installengine --VARIANT={number}",
        )


def why_not_vllm() -> str:
    """Why plain torch has to run the model here, as words that follow "because"; empty where vLLM does."""
    if os.environ.get(BACKEND_VARIABLE, "").strip().lower() == "torch":
        return f"{BACKEND_VARIABLE}=torch asks for it"
    try:
        from vllm import LLM  # noqa: F401
    except (ImportError, OSError) as e:
        first = str(e).strip().partition("\n")[0][:200]
        return f"vLLM cannot be imported ({first})"
    return ""


def _plain_torch(key: LoadKey, card: ModelCard, reason: str) -> Any:
    """The model without vLLM, in the same pipeline; ``fallback_reason`` tells so."""
    from .torch_backend import TorchBackend

    on_gpu = key.device == "cuda"
    most = tiles_at_once(key.batch_size, card, key.device)
    share = gpu_share(key.gpu_memory) if on_gpu else 0.0
    backend = TorchBackend(card, Path(key.folder), key.device, key.dtype, most)
    if on_gpu:
        room = measure_capacity(backend, card, most, share)
        backend.batch_size, backend.scene_bytes, backend.tile_bytes = room.batch, room.scene_bytes, room.tile_bytes
    backend.fallback_reason = f"Plain torch runs the model, without vLLM, because {reason}."
    return backend


def _require_cuda() -> None:
    import torch

    if not torch.cuda.is_available():
        raise PrithviError(
            ErrorCode.DEVICE_MISSING,
            "The CUDA engine finds no usable NVIDIA GPU (torch.cuda.is_available() is false).",
            "Check the driver with nvidia-smi, or run on the CPU with DEVICE=2.",
        )


def _explain(e: BaseException, card: ModelCard, key: LoadKey) -> PrithviError:
    """One line for what went wrong inside vLLM."""
    chain: list[BaseException] = []
    cause: Optional[BaseException] = e
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    for inner in chain:
        if isinstance(inner, PrithviError):
            return inner
    text = " ".join(str(c) for c in chain)
    first = str(chain[-1]).strip().split("\n")[0][:300] or type(chain[-1]).__name__
    if "out of memory" in text.lower() or "free memory on device" in text.lower():
        place = "GPU" if key.device == "cuda" else "machine"
        return PrithviError(
            ErrorCode.OUT_OF_MEMORY,
            f"The {place} has too little free memory for {card.id} with batch size {key.batch_size}: "
            f"{first.rstrip('.')}.{other_gpu_processes() if key.device == 'cuda' else ''}",
            "Close what else uses it (nvidia-smi tells), lower BATCH_SIZE or GPU_MEMORY, or use DEVICE=2.",
        )
    return PrithviError(
        ErrorCode.MODEL_INVALID,
        f"{card.id} could not be loaded: {first.rstrip('.')}.",
        "The engine's log has the details.",
    )
