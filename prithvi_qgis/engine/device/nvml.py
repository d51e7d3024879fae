"""The GPU as NVML sees it; zeros, nothing or "" where there is no NVIDIA GPU or it does not tell."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

Told = TypeVar("Told")


def memory_mb() -> tuple[int, int, int]:
    """Free, total and own memory of the first visible GPU in MB; zeros where there is no NVIDIA GPU."""

    def ask(nvml: Any, handle: Any) -> tuple[int, int, int]:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        running = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
        own = sum(p.usedGpuMemory or 0 for p in running if p.pid == os.getpid())
        return memory.free >> 20, memory.total >> 20, own >> 20

    return _first(ask, (0, 0, 0))


def activity() -> tuple[int, int]:
    """Temperature in degrees Celsius and busy share in percent of the first visible GPU; zeros where unknown."""

    def ask(nvml: Any, handle: Any) -> tuple[int, int]:
        temperature = nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)
        return int(temperature), int(nvml.nvmlDeviceGetUtilizationRates(handle).gpu)

    return _first(ask, (0, 0))


def other_processes() -> list[str]:
    """Other processes on the first visible GPU with what they hold, the largest first; empty where it is unknown."""

    def ask(nvml: Any, handle: Any) -> list[str]:
        running = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
        running += nvml.nvmlDeviceGetGraphicsRunningProcesses(handle)
        held = {p.pid: p.usedGpuMemory or 0 for p in running if p.pid != os.getpid()}
        return [f"{_program(pid)} ({held[pid] >> 20} MB)" for pid in sorted(held, key=lambda pid: -held[pid])]

    return _first(ask, [])


def count() -> int:
    """NVIDIA GPUs of this machine that the environment does not hide."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([v for v in visible.split(",") if v.strip()])
    return _with_nvml(lambda nvml: int(nvml.nvmlDeviceGetCount()), 0)


def name() -> str:
    """Name of the first visible GPU, or "" where there is none."""

    def ask(nvml: Any, handle: Any) -> str:
        found = nvml.nvmlDeviceGetName(handle)
        return found.decode() if isinstance(found, bytes) else str(found)

    return _first(ask, "")


def _first(ask: Callable[[Any, Any], Told], unknown: Told) -> Told:
    """What ``ask`` learns from NVML of the first visible GPU, else ``unknown``."""
    return _with_nvml(lambda nvml: ask(nvml, nvml.nvmlDeviceGetHandleByIndex(_first_visible())), unknown)


def _with_nvml(ask: Callable[[Any], Told], unknown: Told) -> Told:
    """What ``ask`` learns from NVML, which is open meanwhile, else ``unknown``."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no library, no driver, no GPU: all the same to the caller
        return unknown
    try:
        return ask(pynvml)
    except pynvml.NVMLError:
        return unknown
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _program(pid: int) -> str:
    """A process's name and number; NVML sees processes that this user may not look at."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
            return f"{f.read().strip()}, process {pid}"
    except OSError:
        return f"process {pid}"


def _first_visible() -> int:
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0].strip()
    return int(first) if first.isdigit() else 0
