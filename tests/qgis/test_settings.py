"""Settings: where they come from, and that they take effect."""

from __future__ import annotations

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsSettings

from prithvi_qgis import settings
from prithvi_qgis.algorithms.segmentation.read_parameters import read_parameters
from prithvi_qgis.client.engine import engine_client, process
from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.system import paths
from support.plugin_settings import clear_settings, known_to_qgis
from support.qgis_window import wait_for
from support.scripted_home import scripted_engine


def keep(key: str, value) -> None:
    QgsSettings().setValue(f"plugins/prithvi_qgis/{key}", value)


def test_defaults_hold_in_a_fresh_profile(fresh):
    assert settings.default_model() == "demo-water"
    assert (settings.variant(), settings.keep_warm_min(), settings.memory_mb()) == ("auto", 10, 512)
    assert (settings.batch_size(), settings.gpu_memory(), settings.offline()) == (0, 0, False)
    assert not settings.fetch_python()


def test_environment_variables_win_over_settings(fresh, monkeypatch):
    keep("keep_warm_min", 3)
    assert settings.keep_warm_min() == 3
    monkeypatch.setenv("PRITHVI_QGIS_KEEP_WARM", "7.5")
    monkeypatch.setenv("PRITHVI_QGIS_OFFLINE", "yes")
    monkeypatch.setenv("PRITHVI_QGIS_VARIANT", "cpu")
    assert (settings.keep_warm_min(), settings.offline(), settings.variant()) == (7.5, True, "cpu")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("keep_warm_min", "abc", '"abc" in the setting plugins/prithvi_qgis/keep_warm_min is no number from 0 up.'),
        ("keep_warm_min", "nan", '"nan"'),
        ("gpu_memory", 1.5, "from 0 to 1"),
        ("memory_mb", 1, "from 64 up"),
        ("variant", "tpu", "is none of auto, cuda, cpu"),
        ("offline", "perhaps", "is neither true nor false"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_place(fresh, key, value, words):
    keep(key, value)
    setting = next(s for s in settings.ALL if s.key == key)
    with pytest.raises(PrithviError) as caught:
        setting.read()
    assert words in caught.value.line
    assert "the usual value is" in caught.value.hint


def test_a_variable_that_cannot_be_used_is_named(fresh, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_KEEP_WARM", "-1")
    with pytest.raises(PrithviError, match="PRITHVI_QGIS_KEEP_WARM"):
        settings.keep_warm_min()


def test_values_of_older_versions_move_to_their_place(fresh):
    clear_settings()
    QgsSettings().setValue("prithvi_qgis/keep_warm_min", 4)
    settings.register()
    assert settings.keep_warm_min() == 4
    assert not QgsSettings().contains("prithvi_qgis/keep_warm_min")


def test_qgis_knows_the_settings_until_they_are_taken_out(fresh):
    for _ in range(3):
        assert known_to_qgis() == [f"/plugins/prithvi_qgis/{s.key}" for s in settings.ALL]
        settings.unregister()
        assert known_to_qgis() == []
        settings.register()


@pytest.mark.parametrize("names", [(), ("demo-water",), ("/data/my, model", "demo-water")])
def test_the_models_used_last_are_kept_as_they_are(fresh, names):
    settings.RECENT_MODELS.write(names)
    QgsSettings().sync()
    assert settings.RECENT_MODELS.read() == names


def test_a_list_of_an_older_version_moves_to_its_place(fresh):
    clear_settings()
    QgsSettings().setValue("prithvi_qgis/recent_models", ["/data/burns", "demo-water"])
    settings.register()
    assert settings.RECENT_MODELS.read() == ("/data/burns", "demo-water")
    assert not QgsSettings().contains("prithvi_qgis/recent_models")


def test_a_default_is_kept_as_nothing(fresh):
    settings.BATCH_SIZE.write(8)
    assert settings.batch_size() == 8
    settings.BATCH_SIZE.write(0)
    assert not QgsSettings().contains("plugins/prithvi_qgis/batch_size")


def test_the_data_folder_is_the_chosen_one_unless_the_variable_wins(fresh, tmp_path, monkeypatch):
    settings.HOME.write(str(tmp_path / "chosen"))
    settings.apply()
    assert paths.home() == fresh
    monkeypatch.delenv("PRITHVI_QGIS_HOME")
    settings.apply()
    assert paths.home() == tmp_path / "chosen"
    settings.HOME.write("")
    settings.apply()
    assert paths.home() == paths.default_home()


class Runs:
    """Reads the form's values as a run would."""

    def __init__(self, segment, scene_file, folder):
        self.segment, self.scene, self.folder = segment, scene_file, folder

    def read(self, **parameters):
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        output = str(self.folder / "mask.tif")
        return read_parameters(self.segment, {"INPUT": self.scene, "OUTPUT": output, **parameters}, context)


@pytest.fixture()
def runs(fresh, segment, scene_file, tmp_path):
    scripted_engine(fresh)
    return Runs(segment, scene_file, tmp_path)


def test_runs_take_what_they_leave_open_from_the_settings(runs):
    for setting, value in ((settings.BATCH_SIZE, 7), (settings.GPU_MEMORY, 0.3), (settings.KEEP_WARM_MIN, 2.0)):
        setting.write(value)
    settings.MEMORY_MB.write(1024)
    settings.VARIANT.write("cpu")
    prepared = runs.read()
    request = prepared.request
    assert (request.batch_size, request.gpu_memory, request.keep_warm_min, request.memory_mb) == (7, 0.3, 2.0, 1024)
    assert (request.device, prepared.variant) == ("cpu", "cpu")


def test_what_a_run_says_itself_wins_over_the_settings(runs):
    settings.BATCH_SIZE.write(7)
    settings.GPU_MEMORY.write(0.3)
    settings.VARIANT.write("cuda")
    prepared = runs.read(BATCH_SIZE=2, GPU_MEMORY=0.8, KEEP_WARM=0, DEVICE=2)
    request = prepared.request
    assert (request.batch_size, request.gpu_memory, request.keep_warm_min, request.device) == (2, 0.8, 0, "cpu")


def test_a_run_on_a_gpu_that_the_settings_want_and_nobody_has_names_the_options(runs, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    settings.VARIANT.write("cuda")
    with pytest.raises(PrithviError) as caught:
        runs.read()
    assert "Settings > Options > Prithvi" in caught.value.hint


def test_the_engine_starts_with_the_chosen_log_level_and_data_folder(fresh, tmp_path, monkeypatch):
    monkeypatch.delenv("PRITHVI_QGIS_HOME")
    settings.HOME.write(str(tmp_path / "chosen"))
    settings.LOG_LEVEL.write("debug")
    settings.apply()
    scripted_engine(tmp_path / "chosen")
    try:
        engine_client.start("cpu", 1, lambda message: None, lambda: False)
        (pid,) = (tmp_path / "chosen" / "starts").read_text().split()
        with open(f"/proc/{pid}/cmdline") as f:
            command = f.read().split("\0")
        assert command[command.index("--log-level") + 1] == "debug"
        assert engine_client.status().state == "idle"
    finally:
        engine_client.stop()
    wait_for(lambda: process.engine_pid() is None, 10)


def test_engine_status_is_ready_only_for_what_the_settings_ask_for(fresh, provider, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    scripted_engine(fresh)
    status = provider.algorithm("enginestatus")
    results, _ = status.run({}, QgsProcessingContext(), QgsProcessingFeedback())
    assert (results["READY"], results["STATE"]) == (True, "stopped")
    settings.VARIANT.write("cuda")
    results, _ = status.run({}, QgsProcessingContext(), QgsProcessingFeedback())
    assert results["READY"] is False
    assert "Settings > Options > Prithvi" in results["ACTION"]
