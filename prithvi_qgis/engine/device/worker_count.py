"""How many engines a run gets."""

from __future__ import annotations

from . import nvml


def wanted_workers(asked: int, variant: str) -> int:
    """``asked``, or one for each GPU of this machine where it is 0."""
    return asked or max(1, nvml.count() if variant == "cuda" else 1)
