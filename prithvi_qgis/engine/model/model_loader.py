"""Load models and keep the last one."""

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
from .backend import Backend, InferenceModel
from .batch_sizing import fit_batch, gpu_share, tiles_at_once
from .model_folder import prepare_model

BACKEND_VARIABLE = "PRITHVI_QGIS_BACKEND"  # "torch": without vLLM; read at every load
DTYPES = {"cpu": "float32", "cuda": "float16"}


@dataclass(frozen=True)
class LoadKey:
    """Identifies a loaded model: it serves a request whose key is equal."""

    sha256: str
    """Checksum of the weights."""
    folder: str
    """Folder from :func:`~prithvi_qgis.engine.model.model_folder.prepare_model`."""
    device: str
    """``cuda`` or ``cpu``."""
    dtype: str
    """Data type of the computation."""
    batch_size: int
    """The requested batch size; 0 for automatic."""
    gpu_memory: float
    """Share of the GPU's memory as requested, 0 for automatic."""
    pipeline: str
    """``streaming`` or ``stock``."""


class Loader:
    """Loads models for one variant of the engine, ``cpu`` or ``cuda``, and keeps the last one."""

    model_id = ""
    """Id of the loaded model; empty without one."""

    def __init__(self, variant: str):
        self.variant = variant
        self._key: Optional[LoadKey] = None
        self._backend: Optional[InferenceModel] = None

    @property
    def device_name(self) -> str:
        """Name of the processor that runs the loaded model; empty without one."""
        return self._backend.device_name if self._backend is not None else ""

    def load(self, request: Segment, card: ModelCard) -> tuple[Any, float]:
        """Return the model for a request, and the seconds that loading took, 0 when it was loaded already.

        The model is a :class:`.Backend`, or a :class:`.StockBackend` for the stock pipeline.

        Raises:
            PrithviError: ``device_missing``, ``model_invalid``, ``model_forbidden``, ``out_of_memory``.
        """
        device = self._device(request.device)
        folder = prepare_model(card, request.pipeline)
        key = LoadKey(
            sha256=card.sha256,
            folder=str(folder),
            device=device,
            # Half precision nearly always yields the same class; of a quantity it would leave three digits.
            dtype="float32" if card.task == "regression" else DTYPES[device],
            batch_size=request.batch_size,
            gpu_memory=request.gpu_memory if device == "cuda" else 0.0,
            pipeline=request.pipeline,
        )
        if key == self._key and getattr(self._backend, "usable", True):
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
        """Free the GPU memory that only a run needs; the model stays loaded."""
        if self._key is not None and self._key.device == "cuda":
            from ..device.streams import device_for
            from ..tiling import device_tables

            device_tables.clear_cache()
            device_for("cuda").trim()

    def _build(self, key: LoadKey, card: ModelCard) -> InferenceModel:
        reason = why_not_vllm() if key.pipeline != "stock" else ""
        try:
            if reason:
                return _torch_fallback(key, card, reason)
            from .stock_backend import StockBackend
            from .vllm_backend import VllmBackend

            kind = StockBackend if key.pipeline == "stock" else VllmBackend
            return kind(card, Path(key.folder), key.device, key.dtype, key.batch_size, key.gpu_memory)
        except PrithviError:
            raise
        except Exception as e:  # vLLM wraps errors in many types of exception
            raise _load_error(e, card, key) from e

    def _device(self, requested: str) -> str:
        if requested in ("auto", self.variant):
            if self.variant == "cuda":
                _require_cuda()
            return self.variant
        number = 1 if requested == "cuda" else 2
        raise PrithviError(
            ErrorCode.DEVICE_MISSING,
            f"DEVICE {requested} was asked of an engine that runs on {self.variant}.",
            f"Install the other one with: qgis_process run prithvi:installengine --VARIANT={number}",
        )


def why_not_vllm() -> str:
    """Return why vLLM does not run the model here, as words that follow "because"; empty where it does."""
    if os.environ.get(BACKEND_VARIABLE, "").strip().lower() == "torch":
        return f"{BACKEND_VARIABLE}=torch asks for it"
    try:
        from vllm import LLM  # noqa: F401
    except (ImportError, OSError) as e:
        first = str(e).strip().partition("\n")[0][:200]
        return f"vLLM cannot be imported ({first})"
    return ""


def _torch_fallback(key: LoadKey, card: ModelCard, reason: str) -> Backend:
    """Load the model without vLLM, for the same pipeline."""
    from .torch_backend import TorchBackend

    share = gpu_share(key.gpu_memory, key.device)
    batch_size = tiles_at_once(key.batch_size, card, key.device)
    backend = TorchBackend(card, Path(key.folder), key.device, key.dtype, batch_size)
    fit_batch(backend, card, share)
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


def _load_error(e: BaseException, card: ModelCard, key: LoadKey) -> PrithviError:
    """Return one line for an error inside vLLM or TerraTorch."""
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
        where = "GPU" if key.device == "cuda" else "machine"
        return PrithviError(
            ErrorCode.OUT_OF_MEMORY,
            f"The {where} has too little free memory for {card.id} with batch size {key.batch_size}: "
            f"{first.rstrip('.')}.{other_gpu_processes() if key.device == 'cuda' else ''}",
            "Close what else uses it (nvidia-smi tells), lower BATCH_SIZE or GPU_MEMORY, or use DEVICE=2.",
        )
    return PrithviError(
        ErrorCode.MODEL_INVALID,
        f"{card.id} could not be loaded: {first.rstrip('.')}.",
        "The engine's log has the details.",
    )
