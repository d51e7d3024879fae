"""Settings that vLLM and GDAL read from the environment. Call :func:`prepare` before importing either."""

from __future__ import annotations

import contextlib
import ctypes
import os

# Of mallopt(3).
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
MAPPED_FROM, KEPT_FREE = 8 << 20, 64 << 20  # bytes


def prepare(variant: str, vllm_log_level: str = "WARNING") -> None:
    """Set what this engine relies on.

    Args:
        variant: ``cpu`` or ``cuda``.
        vllm_log_level: a level of Python's logging; the user's ``VLLM_LOGGING_LEVEL`` wins.
    """
    fixed = {
        # The engine core stays in this process: tiles cross no process border, and a kill leaves no child.
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        # vLLM 0.32's second model runner refuses the "plugin" pooling task on CUDA.
        "VLLM_USE_V2_MODEL_RUNNER": "0",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        # Models are folders on this machine by the time vLLM sees them.
        "HF_HUB_OFFLINE": "1",
        # Whatever vLLM or gloo listens on must not be reachable from outside.
        "VLLM_HOST_IP": "127.0.0.1",
        "GLOO_SOCKET_IFNAME": "lo",
        "TOKENIZERS_PARALLELISM": "false",
        # With several threads decoding, GDAL 3.10 takes a damaged JPEG 2000 file for a good one and returns whatever
        # lay in memory (tested). The engine reads in threads of its own, so nothing is lost.
        "GDAL_NUM_THREADS": "1",
    }
    if variant == "cpu":
        fixed["VLLM_CPU_KVCACHE_SPACE"] = "1"
        fixed["CUDA_VISIBLE_DEVICES"] = ""
    else:
        # Batches and strips of many sizes come and go: segments that grow leave no gaps between them.
        fixed["PYTORCH_CUDA_ALLOC_CONF"] = "expandable_segments:True"
    os.environ.update(fixed)
    # Pieces lie along the file's blocks, so that GDAL has to keep no more than the threads are reading just now.
    cache_mb = "16" if variant == "cpu" else "128"
    # A server that stalls or fails must end in an error; by default GDAL waits for ever and tries once.
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
        _settle_heap()


def _settle_heap() -> None:
    """Have large tensors mapped and given back one by one, not carved out of a heap that grows.

    By itself the C library raises the size from which it maps to 32 MB as tensors come and go; its heap then takes many
    scenes to find its size. What lies free at the heap's end is kept, or every batch would fetch it again.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # a system or C library without such a heap
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, MAPPED_FROM)
        library.mallopt(M_TRIM_THRESHOLD, KEPT_FREE)
