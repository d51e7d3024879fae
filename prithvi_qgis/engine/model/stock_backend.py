"""vLLM with TerraTorch's IO processor, which takes whole scenes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import numpy as np

from ...core.models.model_card import ModelCard
from .backend import InferenceModel
from .batch_sizing import gpu_share
from .vllm_backend import build_llm, device_name, shut_down

if TYPE_CHECKING:
    import torch
    from vllm import LLM

BYTES_PER_PIXEL = 100  # measured: 11.1 GB for 10752 x 10752 pixels of 6 bands


class StockBackend(InferenceModel):
    """A model loaded by vLLM with its IO processor; it takes scenes, not tiles."""

    def __init__(self, card: ModelCard, folder: Path, device: str, dtype: str, batch_size: int, gpu_memory: float):
        """Load, see :class:`engine.model.vllm_backend.VllmBackend`."""
        import torch
        import vllm

        self.device, self.dtype, self.batch_size = device, dtype, batch_size or (16 if device == "cuda" else 2)
        self.device_name = device_name(device)
        self.engine = f"vLLM {vllm.__version__} (stock IO processor), torch {torch.__version__}, {dtype}"
        self._llm: Optional[LLM] = build_llm(
            folder,
            dtype,
            self.batch_size,
            gpu_share(gpu_memory, device),
            device,
            io_processor_plugin="terratorch_segmentation",
        )
        processor = self._llm.pooling_io_processors["plugin"].io_processor
        processor.__class__ = _processor_class(type(processor))

    @property
    def usable(self) -> bool:
        """False after a request that failed: vLLM may still hold its tiles, so the model must be loaded again."""
        return self._llm is not None

    def encode(self, path: Path, bands: int) -> bytes:
        """Return the mask, as a GeoTIFF, of the GeoTIFF at ``path`` with ``bands`` bands of reflectance."""
        if self._llm is None:
            raise ValueError("the model is closed")
        data = {
            "data": str(path),
            "data_format": "path",
            "image_format": "tiff",
            "out_data_format": "b64_json",
            "indices": list(range(bands)),
        }
        try:
            output = self._llm.encode({"data": data}, pooling_task="plugin", use_tqdm=False)
        except BaseException:
            self.close()
            raise
        return base64.b64decode(output[0].outputs.data)

    def close(self) -> None:
        llm, self._llm = self._llm, None
        if llm is not None:
            shut_down(llm)


def _processor_class(base: type) -> type:
    """Return TerraTorch's processor with the steps replaced that :mod:`.stock_pipeline` lists."""

    class ClassValueProcessor(base):  # type: ignore[misc]
        def _convert_np_uint8(self, float_image: torch.Tensor) -> np.ndarray:
            return float_image.numpy().astype(np.uint8)

        async def read_geotiff_async(
            self, file_path: str, path_type: str
        ) -> tuple[np.ndarray, dict[str, object], tuple[float, float]]:
            image, meta, coords = await super().read_geotiff_async(file_path, path_type)
            located = coords is not None and not meta["transform"].is_identity
            return image, meta, (coords[1], coords[0]) if located else (np.nan, np.nan)

    return ClassValueProcessor
