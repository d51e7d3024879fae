"""Query the GPU through NVML; zeros or empty results without an NVIDIA GPU or when NVML fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import TypeVar

Answer = TypeVar("Answer")


def memory_mb() -> tuple[int, int, int]:
    """Return free, total and own memory of the first visible GPU in MB; zeros where unknown."""

    def query(nvml: ModuleType, handle: object) -> tuple[int, int, int]:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        running = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
        own = sum(p.usedGpuMemory or 0 for p in running if p.pid == os.getpid())
        return memory.free >> 20, memory.total >> 20, own >> 20

    return _first_gpu(query, (0, 0, 0))


def activity() -> tuple[int, int]:
    """Return temperature in degrees Celsius and load in percent of the first visible GPU; zeros where unknown."""

    def query(nvml: ModuleType, handle: object) -> tuple[int, int]:
        temperature = nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)
        return int(temperature), int(nvml.nvmlDeviceGetUtilizationRates(handle).gpu)

    return _first_gpu(query, (0, 0))


def other_processes() -> list[str]:
    """Return the other processes on the first visible GPU with their memory, largest first; empty where unknown."""

    def query(nvml: ModuleType, handle: object) -> list[str]:
        running = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
        running += nvml.nvmlDeviceGetGraphicsRunningProcesses(handle)
        held = {p.pid: p.usedGpuMemory or 0 for p in running if p.pid != os.getpid()}
        return [f"{_program(pid)} ({held[pid] >> 20} MB)" for pid in sorted(held, key=lambda pid: -held[pid])]

    return _first_gpu(query, [])


def count() -> int:
    """Return the number of NVIDIA GPUs that ``CUDA_VISIBLE_DEVICES`` does not hide."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([v for v in visible.split(",") if v.strip()])
    return _with_nvml(lambda nvml: int(nvml.nvmlDeviceGetCount()), 0)


def name() -> str:
    """Return the name of the first visible GPU, or ""."""

    def query(nvml: ModuleType, handle: object) -> str:
        found = nvml.nvmlDeviceGetName(handle)
        return found.decode() if isinstance(found, bytes) else str(found)

    return _first_gpu(query, "")


def _first_gpu(query: Callable[[ModuleType, object], Answer], unknown: Answer) -> Answer:
    """Return ``query(pynvml, handle of the first visible GPU)``, else ``unknown``."""
    return _with_nvml(lambda nvml: query(nvml, nvml.nvmlDeviceGetHandleByIndex(_first_visible())), unknown)


def _with_nvml(query: Callable[[ModuleType], Answer], unknown: Answer) -> Answer:
    """Return ``query(pynvml)`` while NVML is initialised, else ``unknown``."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no library, no driver or no GPU
        return unknown
    try:
        return query(pynvml)
    except pynvml.NVMLError:
        return unknown
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _program(pid: int) -> str:
    """Return a process's name and number; the number alone where this user may not read its name."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
            return f"{f.read().strip()}, process {pid}"
    except OSError:
        return f"process {pid}"


def _first_visible() -> int:
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0].strip()
    return int(first) if first.isdigit() else 0
