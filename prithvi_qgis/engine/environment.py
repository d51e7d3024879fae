"""Settings that vLLM and GDAL read from the environment. Call :func:`prepare` before importing either."""

from __future__ import annotations

import os


def prepare(variant: str) -> None:
    """Set what this engine relies on.

    Args:
        variant: ``cpu`` or ``cuda``.
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
    }
    if variant == "cpu":
        fixed["VLLM_CPU_KVCACHE_SPACE"] = "1"
        fixed["CUDA_VISIBLE_DEVICES"] = ""
    os.environ.update(fixed)
    for name, value in {"GDAL_CACHEMAX": "48", "VLLM_LOGGING_LEVEL": "WARNING"}.items():
        os.environ.setdefault(name, value)
