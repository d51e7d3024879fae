"""Detect what this machine can run: NVIDIA GPUs and their driver, the processor, the C library."""

from __future__ import annotations

import csv
import os
import platform
import re
import shutil
import subprocess  # nosec B404  # asks nvidia-smi, a fixed command
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.system.timeouts import TIMEOUTS, Timeouts
from .environment import scrubbed

# Requirements of the locked wheels: built for CUDA 13.0, manylinux 2.28, oldest kernels sm_75.
MIN_DRIVER = 580
MIN_CAPABILITY = 7.5
MIN_GPU_MEMORY_MB = 3000
MIN_GLIBC = (2, 31)

_SMI_FOLDERS = (
    "/usr/bin",
    "/usr/local/bin",
    "/usr/lib/wsl/lib",
    "/usr/local/nvidia/bin",
    "/opt/bin",
    "/run/nvidia/bin",
)


@dataclass(frozen=True)
class Gpu:
    """One NVIDIA GPU; numbers are 0 where the driver does not report them."""

    name: str
    memory_mb: int
    driver: str
    """Version of the driver."""
    capability: float
    """Compute capability."""
    free_mb: int = 0
    temperature_c: int = 0
    busy_percent: int = 0

    @property
    def unfit(self) -> str:
        """Why the CUDA engine cannot use it, to follow "because"; empty when it can."""
        # A driver can be updated, so it is checked last: an update does not help an unsuitable GPU.
        if 0 < self.capability < MIN_CAPABILITY:
            return f"the {self.name} has compute capability {self.capability:g}, below {MIN_CAPABILITY:g}"
        # GPUs that share the system's memory (Grace, Jetson, Spark) report 0.
        if 0 < self.memory_mb < MIN_GPU_MEMORY_MB:
            return f"the {self.name} has {self.memory_mb} MB of memory, less than {MIN_GPU_MEMORY_MB}"
        if _number(self.driver) < MIN_DRIVER:
            return f"the driver {self.driver} of the {self.name} is older than {MIN_DRIVER}, which CUDA 13 needs"
        return ""


@dataclass(frozen=True)
class Choice:
    """The engine variant for this machine."""

    variant: str
    """``cpu`` or ``cuda``."""
    reason: str
    """Why, as a sentence."""


@dataclass(frozen=True)
class Machine:
    """The engines that can run here; reasons are sentences, empty for an engine that can."""

    gpus: tuple[Gpu, ...] = ()
    no_gpu: str = ""
    """Why no GPU was found."""
    nothing: str = ""
    """Why no engine runs here at all."""
    no_cuda: str = ""
    """Why the CUDA engine does not run here."""
    no_cpu: str = ""
    """Why the CPU engine does not run here."""
    best: Optional[Gpu] = None
    """The GPU that the CUDA engine would use."""


def survey() -> Machine:
    """Check platform, processor and GPUs. Takes as long as the driver takes to answer."""
    try:
        check_platform()
    except PrithviError as e:
        return Machine(nothing=e.line, no_cuda=e.line, no_cpu=e.line)
    no_cpu = ""
    try:
        check_processor()
    except PrithviError as e:
        no_cpu = e.line
    gpus, no_gpu = find_gpus()
    best = max((g for g in gpus if not g.unfit), key=lambda g: g.memory_mb, default=None)
    trouble = "" if best else no_gpu or "; ".join(g.unfit for g in gpus)
    no_cuda = f"{trouble[:1].upper()}{trouble[1:]}." if trouble else ""
    return Machine(tuple(gpus), no_gpu, "", no_cuda, no_cpu, best)


def choose_variant(wanted: str = "auto", timeouts: Timeouts = TIMEOUTS) -> Choice:
    """Choose the engine variant for this machine.

    Args:
        wanted: ``auto``, ``cuda`` or ``cpu``.
    Raises:
        PrithviError: ``device_missing`` when CUDA is wanted and cannot run here, or when nothing can.
    """
    if wanted not in ("auto", "cpu", "cuda"):
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID, f'There is no engine variant "{wanted}".', "Use auto, cuda or cpu."
        )
    check_platform()
    if wanted == "cpu":
        check_processor()
        return Choice("cpu", "CPU, as asked.")
    gpus, trouble = find_gpus(timeouts)
    fitting = [g for g in gpus if not g.unfit]
    if fitting:
        best = max(fitting, key=lambda g: g.memory_mb)
        return Choice("cuda", f"CUDA, because there is an {_describe(best)}.")
    trouble = trouble or "; ".join(g.unfit for g in gpus)
    if wanted == "cuda":
        raise PrithviError(
            ErrorCode.DEVICE_MISSING,
            f"The CUDA engine cannot run here: {trouble}.",
            "Choose CPU (VARIANT=2), or run this where the GPU is (on a cluster, inside a GPU job).",
        )
    check_processor()
    return Choice("cpu", f"CPU, because {trouble}.")


def check_platform() -> None:
    """Raise PrithviError ``device_missing`` where vLLM has no wheels."""
    system, machine = platform.system(), platform.machine()
    if system != "Linux" or machine not in ("x86_64", "aarch64"):
        raise PrithviError(
            ErrorCode.DEVICE_MISSING,
            f"The engine runs on 64-bit Linux (x86-64 or ARM); this is {system} on {machine}.",
            "On Windows, use QGIS inside WSL2.",
        )
    libc, version = platform.libc_ver()
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:2])
    if libc != "glibc" or numbers < MIN_GLIBC:
        raise PrithviError(
            ErrorCode.DEVICE_MISSING,
            f"The engine needs glibc 2.31 or newer; this system has {libc or 'another C library'} {version}.",
            "Use a newer system, such as Debian 12, Ubuntu 22.04 or RHEL 9.",
        )


def check_processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> None:
    """Raise PrithviError ``device_missing`` for an x86 processor without AVX2, on which vLLM would crash."""
    if platform.machine() != "x86_64":
        return
    try:
        flags = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return  # unknown; the check after the installation imports vLLM anyway
    if re.search(r"^flags\s*:", flags, re.MULTILINE) and not re.search(r"\bavx2\b", flags):
        raise PrithviError(
            ErrorCode.DEVICE_MISSING,
            "The CPU engine needs a processor with AVX2, and this one has none.",
            "Use a machine with a processor of 2014 or later (in a virtual machine: CPU type host).",
        )


def find_gpus(timeouts: Timeouts = TIMEOUTS) -> tuple[list[Gpu], str]:
    """Return the GPUs that this user may use, and why there are none (empty when there are some)."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in ("", "-1", "NoDevFiles"):
        return [], f'CUDA_VISIBLE_DEVICES="{hidden}" hides the GPUs'
    smi = _find_smi()
    if smi is None:
        if Path("/proc/driver/nvidia/version").exists():
            return [], "there is an NVIDIA driver but no nvidia-smi to ask it (install the driver's utilities)"
        return [], "there is no NVIDIA driver (nvidia-smi was not found)"
    basic = "name,memory.total,driver_version"
    gpus, trouble = _query(smi, f"{basic},compute_cap,memory.free,temperature.gpu,utilization.gpu", timeouts)
    if not gpus:  # drivers before 510 lack compute_cap and refuse the whole query
        gpus, older = _query(smi, basic, timeouts)
        trouble = older or trouble
    return gpus, "" if gpus else trouble


def _find_smi() -> str | None:
    """Return nvidia-smi's path, from PATH or one of its usual folders."""
    return shutil.which("nvidia-smi", path=os.pathsep.join([os.environ.get("PATH", ""), *_SMI_FOLDERS]))


def _query(smi: str, fields: str, timeouts: Timeouts) -> tuple[list[Gpu], str]:
    """Return the GPUs that nvidia-smi reports, or why there are none."""
    try:
        answer = subprocess.run(  # nosec B603  # a list without a shell; smi was found on the PATH
            [smi, f"--query-gpu={fields}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeouts.nvidia_smi_s,
            check=False,
            env={**scrubbed(), "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        return [], f"the NVIDIA driver did not answer within {timeouts.nvidia_smi_s:.0f} s"
    except OSError as e:
        return [], f"{smi} does not run ({e.strerror})"
    lines = [line for line in answer.stdout.splitlines() if line.strip()]
    if answer.returncode != 0:
        message = (lines or answer.stderr.strip().splitlines() or ["nothing"])[0].strip().rstrip(".")
        return [], f'nvidia-smi failed and said "{message}"'
    gpus = [_parse(row) for row in csv.reader(lines, skipinitialspace=True) if len(row) >= 3]
    return gpus, "" if gpus else "the NVIDIA driver reports no GPU"


def _parse(row: list[str]) -> Gpu:
    """Return the GPU of one CSV row; a missing value ("[N/A]") counts as 0."""
    return Gpu(
        name=row[0].strip(),
        memory_mb=int(_number(row[1])),
        driver=row[2].strip(),
        capability=_number(row[3]) if len(row) > 3 else 0.0,
        free_mb=int(_number(row[4])) if len(row) > 4 else 0,
        temperature_c=int(_number(row[5])) if len(row) > 5 else 0,
        busy_percent=int(_number(row[6])) if len(row) > 6 else 0,
    )


def _number(text: str) -> float:
    found = re.search(r"\d+(\.\d+)?", text)
    return float(found.group()) if found else 0.0


def _describe(gpu: Gpu) -> str:
    memory = f" with {gpu.memory_mb / 1024:.0f} GB" if gpu.memory_mb else ""
    name = gpu.name if gpu.name.upper().startswith("NVIDIA") else f"NVIDIA {gpu.name}"
    return f"{name}{memory}, driver {gpu.driver}"
