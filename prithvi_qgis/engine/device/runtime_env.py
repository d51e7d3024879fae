"""Environment variables of vLLM and GDAL. Call :func:`prepare` before importing either."""

from __future__ import annotations

import contextlib
import ctypes
import os

# Of mallopt(3).
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
MMAP_BYTES, TRIM_BYTES = 8 << 20, 64 << 20


def prepare(variant: str, vllm_log_level: str = "WARNING") -> None:
    """Set the variables that the engine relies on.

    Args:
        variant: ``cpu`` or ``cuda``.
        vllm_log_level: a level of Python's logging; the user's ``VLLM_LOGGING_LEVEL`` wins.
    """
    fixed = {
        # The engine core stays in this process: tiles never cross processes, and a kill leaves no child.
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        # vLLM 0.32's second model runner refuses the "plugin" pooling task on CUDA.
        "VLLM_USE_V2_MODEL_RUNNER": "0",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        # Models are local folders before vLLM loads them.
        "HF_HUB_OFFLINE": "1",
        # Ports of vLLM and gloo must not be reachable from outside.
        "VLLM_HOST_IP": "127.0.0.1",
        "GLOO_SOCKET_IFNAME": "lo",
        "TOKENIZERS_PARALLELISM": "false",
        # With several decoding threads GDAL 3.10 does not detect a damaged JPEG 2000 file and returns uninitialised
        # memory (tested). The engine reads in its own threads, so nothing is lost.
        "GDAL_NUM_THREADS": "1",
        # What GDAL keeps of the last gzip file would be used for another file that has replaced it.
        "CPL_VSIL_GZIP_SAVE_INFO": "NO",
    }
    if variant == "cpu":
        fixed["VLLM_CPU_KVCACHE_SPACE"] = "1"
        fixed["CUDA_VISIBLE_DEVICES"] = ""
    else:
        # Batches and buffers of many sizes would fragment fixed segments.
        fixed["PYTORCH_CUDA_ALLOC_CONF"] = "expandable_segments:True"
    os.environ.update(fixed)
    # Read windows follow the file's blocks, so GDAL needs to cache only what the threads are reading.
    cache_mb = "16" if variant == "cpu" else "128"
    # A server that stalls or fails must cause an error; by default GDAL waits forever and tries once.
    network = {
        "GDAL_HTTP_CONNECTTIMEOUT": "20",
        "GDAL_HTTP_LOW_SPEED_TIME": "30",
        "GDAL_HTTP_LOW_SPEED_LIMIT": "1000",
        "GDAL_HTTP_MAX_RETRY": "3",
        "GDAL_HTTP_RETRY_DELAY": "1",
    }
    for name, value in {**network, "GDAL_CACHEMAX": cache_mb, "VLLM_LOGGING_LEVEL": vllm_log_level}.items():
        os.environ.setdefault(name, value)
    if variant == "cpu" and not os.environ.get("MALLOC_MMAP_THRESHOLD_"):
        _tune_heap()


def _tune_heap() -> None:
    """Let the C library map and unmap large tensors one by one instead of growing its heap.

    By default it raises its mapping threshold up to 32 MB as tensors are freed, and the heap needs many scenes to reach
    its final size. Free memory at the heap's end is kept, or every batch would request it again.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another system or C library
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, MMAP_BYTES)
        library.mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)
