"""Choosing the engine's variant by what nvidia-smi says."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from prithvi_qgis.client.runtime import hardware
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.system.timeouts import TIMEOUTS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the engine runs on Linux")


@pytest.fixture
def smi(tmp_path, monkeypatch):
    """A function that puts a shell script in the place of nvidia-smi."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(hardware, "_SMI_FOLDERS", ())
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def write(script: str) -> None:
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "nvidia-smi").chmod(0o755)

    return write


def test_fitting_gpu_gets_cuda_and_is_named(smi):
    smi("echo 'NVIDIA H200, 143771, 580.95.05, 9.0'")
    choice = hardware.choose_variant()
    assert choice.variant == "cuda"
    assert choice.reason == "CUDA, because there is an NVIDIA H200 with 140 GB, driver 580.95.05."


def test_best_of_several_gpus_decides(smi):
    smi("echo 'Tesla V100, 16384, 580.95.05, 7.0'; echo 'NVIDIA L4, 23034, 580.95.05, 8.9'")
    assert "NVIDIA L4" in hardware.choose_variant().reason


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("NVIDIA A100, 40960, 535.129.03, 8.0", "driver 535.129.03 of the NVIDIA A100 is older than 580"),
        ("Tesla V100-SXM2, 16384, 580.95.05, 7.0", "compute capability 7, below 7.5"),
        ("NVIDIA T400, 2048, 580.95.05, 7.5", "2048 MB of memory, less than 3000"),
    ],
)
def test_gpu_that_does_not_fit_gets_cpu_and_the_reason(smi, line, why):
    smi(f"echo '{line}'")
    choice = hardware.choose_variant()
    assert choice.variant == "cpu"
    assert why in choice.reason
    with pytest.raises(PrithviError) as error:
        hardware.choose_variant("cuda")
    assert error.value.code is ErrorCode.DEVICE_MISSING
    assert why in error.value.line


def test_no_driver_gets_cpu(smi):
    choice = hardware.choose_variant()
    assert choice.variant == "cpu"
    assert "NVIDIA driver" in choice.reason


def test_driver_that_is_broken_is_quoted(smi):
    smi("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18")
    assert "Driver/library version mismatch" in hardware.choose_variant().reason


def test_old_driver_without_compute_capability_is_understood(smi):
    smi(
        'case "$1" in *compute_cap*) echo \'Field "compute_cap" is not a valid field to query.\'; exit 2;; esac\n'
        "echo 'GeForce GTX 1080, 8192, 470.82.01'"
    )
    assert "driver 470.82.01" in hardware.choose_variant().reason


def test_gpu_with_shared_memory_is_taken(smi):
    smi("echo 'NVIDIA GB10, [N/A], 580.95.05, 12.1'")
    assert hardware.choose_variant().variant == "cuda"


def test_hidden_gpus_stay_unused(smi, monkeypatch):
    smi("echo 'NVIDIA H200, 143771, 580.95.05, 9.0'")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    choice = hardware.choose_variant()
    assert choice.variant == "cpu"
    assert "CUDA_VISIBLE_DEVICES" in choice.reason


def test_driver_that_never_answers_does_not_hang_the_choice(smi):
    smi("exec /bin/sleep 30")
    assert "did not answer" in hardware.choose_variant(timeouts=replace(TIMEOUTS, nvidia_smi_s=0.5)).reason


def test_cpu_when_asked_ignores_the_gpu(smi):
    smi("echo 'NVIDIA H200, 143771, 580.95.05, 9.0'")
    assert hardware.choose_variant("cpu").variant == "cpu"


def test_windows_is_told_about_wsl(monkeypatch):
    monkeypatch.setattr(hardware.platform, "system", lambda: "Windows")
    with pytest.raises(PrithviError, match="WSL2"):
        hardware.choose_variant()


def test_processor_without_avx2_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(hardware.platform, "machine", lambda: "x86_64")
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor : 0\nflags\t\t: fpu sse4_2 avx\n")
    with pytest.raises(PrithviError, match="AVX2"):
        hardware.check_processor(cpuinfo)
    cpuinfo.write_text("processor : 0\nflags\t\t: fpu sse4_2 avx avx2\n")
    hardware.check_processor(cpuinfo)
