"""What NVML is asked, and what is told where it does not answer."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest

from prithvi_qgis.engine.device import nvml

UNKNOWN = {"memory_mb": (0, 0, 0), "activity": (0, 0), "other_processes": [], "count": 0, "name": ""}


class NVMLError(Exception):
    """As NVML's own."""


class Nvml(SimpleNamespace):
    """A card that another process holds a part of; it may be gone."""

    NVMLError, NVML_TEMPERATURE_GPU = NVMLError, 0

    def __init__(self, gone=""):
        self.gone, self.opened = gone, 0

    def __getattr__(self, name):
        answers = {
            "nvmlDeviceGetHandleByIndex": f"handle {nvml._first_visible()}",
            "nvmlDeviceGetMemoryInfo": SimpleNamespace(free=60 << 30, total=80 << 30),
            "nvmlDeviceGetComputeRunningProcesses": [
                SimpleNamespace(pid=os.getpid(), usedGpuMemory=3 << 20),
                SimpleNamespace(pid=1 << 30, usedGpuMemory=5 << 20),
            ],
            "nvmlDeviceGetGraphicsRunningProcesses": [SimpleNamespace(pid=(1 << 30) + 1, usedGpuMemory=7 << 20)],
            "nvmlDeviceGetTemperature": 44,
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=91),
            "nvmlDeviceGetCount": 2,
            "nvmlDeviceGetName": b"NVIDIA Test",
            "nvmlInit": None,
            "nvmlShutdown": None,
        }

        def call(*args):
            if name == self.gone:
                raise NVMLError("GPU is lost")
            self.opened += {"nvmlInit": 1, "nvmlShutdown": -1}.get(name, 0)
            return answers[name]

        return call


@pytest.fixture
def driver(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def put(module):
        monkeypatch.setitem(sys.modules, "pynvml", module)
        return module

    return put


def report():
    return {name: getattr(nvml, name)() for name in UNKNOWN}


def test_a_card_is_described_and_nvml_closed_again(driver):
    module = driver(Nvml())
    assert report() == {
        "memory_mb": (60 << 10, 80 << 10, 3),
        "activity": (44, 91),
        "other_processes": [f"process {(1 << 30) + 1} (7 MB)", f"process {1 << 30} (5 MB)"],
        "count": 2,
        "name": "NVIDIA Test",
    }
    assert module.opened == 0


def test_without_the_library_or_its_driver_nothing_is_known(driver):
    driver(None)  # importing it fails
    assert report() == UNKNOWN
    module = driver(Nvml(gone="nvmlInit"))
    assert report() == UNKNOWN
    assert module.opened == 0


@pytest.mark.parametrize("call", ["nvmlDeviceGetHandleByIndex", "nvmlShutdown"])
def test_a_card_that_is_lost_on_the_way_breaks_nothing(driver, call):
    module = driver(Nvml(gone=call))
    lost = report()
    if call == "nvmlShutdown":
        assert lost["name"] == "NVIDIA Test"
    else:
        assert lost == {**UNKNOWN, "count": 2}
        assert module.opened == 0


def test_a_card_that_the_environment_hides_is_not_counted(driver, monkeypatch):
    driver(Nvml())
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert nvml.count() == 1
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert nvml.count() == 0
