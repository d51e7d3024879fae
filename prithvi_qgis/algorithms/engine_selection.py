"""Which of the installed engines a run uses."""

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

Done = TypeVar("Done")
DEVICES = ("auto", "cuda", "cpu")


def device_or_setting(device: str) -> str:
    """``device``, or what the settings say where it is ``auto``."""
    return settings.variant() if device == "auto" else device


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


def with_cpu_fallback(work: Callable[[str], Done], variant: str, device: str, feedback: QgsProcessingFeedback) -> Done:
    """What ``work`` returns for ``variant``; where the choice is ours and the GPU cannot be had, for the CPU, aloud.

    Args:
        work: called with a variant, and again with ``cpu`` when its engine found no GPU and the CPU engine is there.
        variant: by :func:`choose_variant`; device: as the request has it.
    Raises:
        PrithviError: whatever ``work`` raises.
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
    """Do not send somebody without a GPU to install the CUDA engine."""
    try:
        hardware.choose_variant("cuda")
    except PrithviError as e:
        raise PrithviError(ErrorCode.DEVICE_MISSING, e.text, f"{_other_device()}, or run this where the GPU is.") from e


def _other_device() -> str:
    """The way to another device: DEVICE does not help where automatic means CUDA by the settings."""
    if settings.variant() == "cuda":
        return "Choose DEVICE 2 (CPU), or another processor in Settings > Options > Prithvi (PRITHVI_QGIS_VARIANT)"
    return "Choose DEVICE 0 (automatic) or 2 (CPU)"
