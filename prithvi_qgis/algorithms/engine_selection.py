"""Selects one of the installed engines for a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from qgis.core import QgsProcessingFeedback

from .. import settings
from ..client.engine import launch
from ..client.runtime import hardware
from ..client.runtime.readiness import installed_variant, readiness
from ..core.errors import ErrorCode, PrithviError
from .base import tr

Result = TypeVar("Result")


def device_or_setting(device: str) -> str:
    """Return ``device``, or the setting where it is ``auto``."""
    return settings.variant() if device == "auto" else device


def choose_variant(device: str) -> str:
    """Return the engine's variant for ``auto``, ``cuda`` or ``cpu``.

    Raises:
        PrithviError: ``engine_missing`` with the command that installs it; ``device_missing`` without a GPU.
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


def with_cpu_fallback(
    work: Callable[[str], Result], variant: str, device: str, feedback: QgsProcessingFeedback
) -> Result:
    """Return the result of ``work`` for ``variant``, or for the CPU where an automatic GPU is unavailable.

    Args:
        work: called with a variant, and again with ``cpu`` when its engine found no GPU and the CPU engine is there.
        variant: as :func:`choose_variant` returned it.
        device: of the request.
    Raises:
        PrithviError: any error of ``work``.
    """
    try:
        return work(variant)
    except PrithviError as e:
        gpu_gone = e.code is ErrorCode.DEVICE_MISSING and variant == "cuda" and device == "auto"
        if not gpu_gone or not readiness("cpu").ready:
            raise
        feedback.pushWarning(tr("{} Continuing on the CPU.").format(e.text))
    return work("cpu")


def _require_gpu() -> None:
    """Refuse a machine without a GPU before it is advised to install the CUDA engine."""
    try:
        hardware.choose_variant("cuda")
    except PrithviError as e:
        raise PrithviError(ErrorCode.DEVICE_MISSING, e.text, f"{_other_device()}, or run this where the GPU is.") from e


def _other_device() -> str:
    """Return how to choose another device; DEVICE 0 does not help where the settings request CUDA."""
    if settings.variant() == "cuda":
        return "Choose DEVICE 2 (CPU), or another processor in Settings > Options > Prithvi (PRITHVI_QGIS_VARIANT)"
    return "Choose DEVICE 0 (automatic) or 2 (CPU)"
