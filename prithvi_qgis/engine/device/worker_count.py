"""Number of engines of a run."""

from __future__ import annotations

from . import nvml


def wanted_workers(requested: int, variant: str) -> int:
    """Return the requested number, or for 0 one per GPU of this machine."""
    return requested or max(1, nvml.count() if variant == "cuda" else 1)
