"""What a person is told before gigabytes come."""

from __future__ import annotations

import pytest

from prithvi_qgis.client.install import setup_plan
from prithvi_qgis.client.runtime import hardware
from prithvi_qgis.core.system import paths


@pytest.mark.parametrize("variant", ["cpu", "cuda"])
def test_versions_and_sizes_are_those_of_the_lock(variant, tmp_path, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "not" / "yet"))
    plan = setup_plan.setup_plan(variant)
    assert list(plan.versions) == ["vLLM", "TerraTorch", "PyTorch"]
    assert all(version[0].isdigit() for version in plan.versions.values())
    assert 1000 < plan.download_mb < plan.installed_mb
    assert plan.folder == paths.home() / "engine" / variant
    assert plan.free_mb > 0
    assert not (tmp_path / "not").exists()


def test_room_is_judged_with_some_to_spare(monkeypatch, tmp_path):
    plan = setup_plan.setup_plan("cpu")
    tight = setup_plan.SetupPlan("cpu", {}, 1, 1, 1000, tmp_path, 1000)
    assert not tight.fits
    assert setup_plan.SetupPlan("cpu", {}, 1, 1, 1000, tmp_path, 1000 + setup_plan.SPARE_MB).fits
    assert plan.installed_mb > 0


def test_a_chosen_data_folder_counts_until_the_variable_wins(tmp_path, monkeypatch):
    monkeypatch.delenv("PRITHVI_QGIS_HOME", raising=False)
    try:
        paths.use_home(tmp_path / "chosen")
        assert paths.home() == tmp_path / "chosen"
        monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "variable"))
        assert paths.home() == tmp_path / "variable"
        monkeypatch.delenv("PRITHVI_QGIS_HOME")
        paths.use_home(None)
        assert paths.home() == paths.default_home()
    finally:
        paths.use_home(None)


def test_survey_tells_what_speaks_against_each_engine(monkeypatch):
    monkeypatch.setattr(hardware, "check_platform", lambda: None)
    monkeypatch.setattr(hardware, "check_processor", lambda: None)
    old = hardware.Gpu("Tesla V100", 16384, "470.1", 7.0)
    good = hardware.Gpu("NVIDIA L4", 23034, "580.95.05", 8.9)
    monkeypatch.setattr(hardware, "find_gpus", lambda: ([old, good], ""))
    machine = hardware.survey()
    assert (machine.best, machine.no_cuda, machine.no_cpu) == (good, "", "")
    monkeypatch.setattr(hardware, "find_gpus", lambda: ([old], ""))
    machine = hardware.survey()
    assert machine.best is None
    # A new driver would not help this card, so the driver is not what is named.
    assert machine.no_cuda == "The Tesla V100 has compute capability 7, below 7.5."
    monkeypatch.setattr(hardware, "find_gpus", lambda: ([], "there is no NVIDIA driver"))
    assert hardware.survey().no_cuda == "There is no NVIDIA driver."


def test_survey_of_another_system_names_wsl(monkeypatch):
    monkeypatch.setattr(hardware.platform, "system", lambda: "Windows")
    machine = hardware.survey()
    assert "WSL2" in machine.nothing
    assert machine.no_cpu
    assert machine.no_cuda
