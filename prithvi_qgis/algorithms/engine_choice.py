"""Which of the installed engines a run uses."""

from __future__ import annotations

from ..client import hardware, launch
from ..client.readiness import installed_variant, readiness
from ..contract.errors import ErrorCode, PrithviError

DEVICES = ("auto", "cuda", "cpu")


def choose_variant(device: str) -> str:
    """The engine's variant for ``auto``, ``cuda`` or ``cpu``.

    Raises:
        PrithviError: ``engine_missing`` with the command that installs it; ``device_missing`` where no GPU is.
    """
    if device == "auto":
        variant = installed_variant()
        if not variant:
            raise launch.missing()
        return variant
    if not readiness(device).ready:
        if device == "cuda":
            _require_gpu()
        raise launch.missing(device)
    return device


def _require_gpu() -> None:
    """Do not send somebody without a GPU to install the CUDA engine."""
    try:
        hardware.choose_variant("cuda")
    except PrithviError as e:
        raise PrithviError(
            ErrorCode.DEVICE_MISSING, e.text, "Choose DEVICE 0 (automatic) or 2 (CPU), or run this where the GPU is."
        ) from e
