"""GPU memory, through NVML."""

from __future__ import annotations

import os


def memory_mb() -> tuple[int, int, int]:
    """Free, total and own memory of the first visible GPU in MB; zeros where there is no NVIDIA GPU."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no library, no driver, no GPU: all the same to the caller
        return 0, 0, 0
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(_first_visible())
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        own = sum(
            p.usedGpuMemory or 0 for p in pynvml.nvmlDeviceGetComputeRunningProcesses(handle) if p.pid == os.getpid()
        )
        return memory.free >> 20, memory.total >> 20, own >> 20
    except pynvml.NVMLError:
        return 0, 0, 0
    finally:
        pynvml.nvmlShutdown()


def activity() -> tuple[int, int]:
    """Temperature in degrees Celsius and busy share in percent of the first visible GPU; zeros where unknown."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no library, no driver, no GPU: all the same to the caller
        return 0, 0
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(_first_visible())
        temperature = pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU)
        return int(temperature), int(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu)
    except pynvml.NVMLError:
        return 0, 0
    finally:
        pynvml.nvmlShutdown()


def other_processes() -> list[str]:
    """Other processes on the first visible GPU with what they hold, the largest first; empty where it is unknown."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no library, no driver, no GPU: all the same to the caller
        return []
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(_first_visible())
        running = pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
        running += pynvml.nvmlDeviceGetGraphicsRunningProcesses(handle)
        held = {p.pid: p.usedGpuMemory or 0 for p in running if p.pid != os.getpid()}
        return [f"{_program(pid)} ({held[pid] >> 20} MB)" for pid in sorted(held, key=lambda pid: -held[pid])]
    except pynvml.NVMLError:
        return []
    finally:
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


def count() -> int:
    """NVIDIA GPUs of this machine that the environment does not hide."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([v for v in visible.split(",") if v.strip()])
    try:
        import pynvml

        pynvml.nvmlInit()
        try:
            return int(pynvml.nvmlDeviceGetCount())
        finally:
            pynvml.nvmlShutdown()
    except Exception:  # no library, no driver, no GPU: all the same to the caller
        return 0


def name() -> str:
    """Name of the first visible GPU, or "" where there is none."""
    try:
        import pynvml

        pynvml.nvmlInit()
        try:
            found = pynvml.nvmlDeviceGetName(pynvml.nvmlDeviceGetHandleByIndex(_first_visible()))
        finally:
            pynvml.nvmlShutdown()
    except Exception:  # no library, no driver, no GPU: all the same to the caller
        return ""
    return found.decode() if isinstance(found, bytes) else str(found)
