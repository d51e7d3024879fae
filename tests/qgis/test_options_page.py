"""Settings > Options > Prithvi: the fields, and the engine's panel."""

from __future__ import annotations

import dataclasses
import os
import time

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QLabel, QMessageBox

from prithvi_qgis import settings
from prithvi_qgis.client.engine import engine_client, process
from prithvi_qgis.core.folder_runs.live_status import Live
from prithvi_qgis.core.folder_runs.run_state import RunState
from prithvi_qgis.core.protocol import messages
from prithvi_qgis.core.protocol.messages import WorkerState
from prithvi_qgis.core.system import paths
from prithvi_qgis.core.system.timeouts import TIMEOUTS, Timeouts
from prithvi_qgis.gui import engine_panel, status_text
from prithvi_qgis.gui.options_factory import OptionsFactory
from prithvi_qgis.gui.options_page import OptionsPage
from support.plugin_settings import DesktopWithOptions, fake_gpu
from support.qgis_window import wait_for
from support.scripted_home import scripted_engine


@pytest.fixture()
def page(fresh):
    """Makes pages, and ends what they started."""
    made = []

    def open_page(show: bool = False, timeouts: Timeouts = TIMEOUTS) -> OptionsPage:
        made.append(OptionsPage(timeouts=timeouts))
        if show:
            made[-1].show()
        return made[-1]

    yield open_page
    for each in made:
        each.close()
        each.deleteLater()
    if process.engine_pid() is not None:
        engine_client.stop(timeout_s=2)


def field(page, setting):
    return next(f for f in page.fields if f.setting is setting)


def test_every_setting_that_is_chosen_has_a_field_with_a_name_and_a_tooltip(page):
    fields = page().fields
    assert {f.setting.key for f in fields} == {s.key for s in settings.ALL} - {"hint_shown", "recent_models"}
    for f in fields:
        assert f.title.endswith(":") or f.widget.text(), f.setting.key
        assert f.widget.toolTip().splitlines()[0].endswith("."), f.setting.key


def test_what_is_shown_is_kept_and_shown_again(page):
    first = page()
    field(first, settings.KEEP_WARM_MIN).widget.setValue(2.5)
    field(first, settings.GPU_MEMORY).widget.setValue(35)
    field(first, settings.BATCH_SIZE).widget.setValue(16)
    field(first, settings.MEMORY_MB).widget.setValue(2048)
    field(first, settings.VARIANT).widget.setCurrentIndex(2)
    field(first, settings.LOG_LEVEL).widget.setCurrentIndex(2)
    field(first, settings.OFFLINE).widget.setChecked(True)
    field(first, settings.METRICS).widget.setFilePath("/var/lib/figures/prithvi.prom")
    assert first.isValid()
    first.apply()
    assert (settings.keep_warm_min(), settings.gpu_memory(), settings.batch_size()) == (2.5, 0.35, 16)
    assert (settings.memory_mb(), settings.variant(), settings.offline()) == (2048, "cpu", True)
    assert settings.LOG_LEVEL.read() == "debug"
    assert settings.metrics() == "/var/lib/figures/prithvi.prom"
    second = page()
    assert field(second, settings.GPU_MEMORY).widget.value() == 35
    assert field(second, settings.KEEP_WARM_MIN).widget.value() == 2.5
    assert field(second, settings.VARIANT).widget.currentData() == "cpu"


def test_looking_at_the_page_changes_nothing(page):
    before = sorted(k for k in QgsSettings().allKeys() if "prithvi" in k)
    each = page()
    each.apply()
    assert sorted(k for k in QgsSettings().allKeys() if "prithvi" in k) == before


def test_numbers_have_units_and_automatic_in_place_of_0(page):
    each = page()
    texts = {f.setting.key: f.widget.text() for f in each.fields if hasattr(f.widget, "suffix")}
    assert texts == {
        "keep_warm_min": "10.0 min without work",
        "batch_size": "Automatic",
        "gpu_memory": "Automatic",
        "memory_mb": "512 MB",
    }


def test_a_setting_that_a_variable_decides_is_locked_and_says_so(page, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_KEEP_WARM", "42")
    settings.KEEP_WARM_MIN.write(5.0)
    each = page()
    shown = field(each, settings.KEEP_WARM_MIN).widget
    assert not shown.isEnabled()
    assert shown.value() == 42
    assert "PRITHVI_QGIS_KEEP_WARM" in shown.toolTip()
    each.apply()
    monkeypatch.delenv("PRITHVI_QGIS_KEEP_WARM")
    assert settings.keep_warm_min() == 5


@pytest.mark.parametrize("folder", ["relative/folder", "/proc/prithvi"])
def test_a_data_folder_that_cannot_be_is_refused_by_name(page, monkeypatch, folder):
    monkeypatch.delenv("PRITHVI_QGIS_HOME")
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).startswith("/proc"))
    each = page()
    field(each, settings.HOME).widget.setFilePath(folder)
    assert not each.isValid()
    assert folder in each._line.text()
    assert settings.HOME.read() == ""
    field(each, settings.HOME).widget.setFilePath("")
    assert each.isValid()
    assert each._line.text() == ""


def test_a_new_data_folder_is_in_force_at_once(page, monkeypatch, tmp_path):
    monkeypatch.delenv("PRITHVI_QGIS_HOME")
    each = page()
    field(each, settings.HOME).widget.setFilePath(str(tmp_path / "other"))
    assert each.isValid()
    each.apply()
    assert paths.home() == tmp_path / "other"


def test_a_kept_value_that_cannot_be_used_is_told_and_can_be_put_right(page):
    QgsSettings().setValue("plugins/prithvi_qgis/keep_warm_min", "abc")
    each = page()
    assert '"abc"' in each._line.text()
    each.apply()
    assert settings.keep_warm_min() == 10


def test_the_factory_offers_the_page_until_it_is_unloaded(fresh):
    iface = DesktopWithOptions()
    factory = OptionsFactory(iface)
    assert iface.factories == [factory]
    assert factory.key() == "prithvi"
    assert not factory.icon().isNull()
    assert isinstance(factory.createWidget(iface.window), OptionsPage)
    factory.unload()
    assert iface.factories == []


# -- the engine's panel ------------------------------------------------------------------------------------------------


def state_of(each) -> str:
    return each.panel._headline.text()


def test_without_an_engine_the_panel_offers_to_install_one(page, fresh):
    panel = page(show=True).panel
    wait_for(lambda: panel._state is not None, 20)
    assert panel._headline.text() == "Not installed yet."
    assert not panel._start.isEnabled()
    assert not panel._stop.isEnabled()
    assert not panel._log.isEnabled()
    assert panel._setup.isEnabled()


def test_start_and_stop_work_and_the_panel_follows(page, fresh):
    scripted_engine(fresh)
    each = page(show=True)
    panel = each.panel
    wait_for(panel._start.isEnabled, 20)
    assert state_of(each) == "Stopped. The next run starts it."
    panel._start.click()
    assert state_of(each) == "Starting the engine…"
    assert not panel._start.isEnabled()
    wait_for(panel._stop.isEnabled, 20)
    assert state_of(each).startswith("Ready.")
    assert process.engine_pid() is not None
    assert panel._log.isEnabled()
    panel._stop.click()
    wait_for(panel._start.isEnabled, 20)
    assert process.engine_pid() is None


def test_an_engine_that_does_not_start_says_why_in_the_panel(page, fresh):
    scripted_engine(fresh)(die_at_start=True)
    panel = page(show=True).panel
    wait_for(panel._start.isEnabled, 20)
    panel._start.click()
    wait_for(lambda: "no room for the model" in panel._action_line.text(), 20)


def test_a_silent_engine_neither_blocks_the_window_nor_keeps_the_page(page, fresh):
    scripted_engine(fresh)(silent_peer=True)
    engine_process = None
    try:
        from prithvi_qgis.client.engine import launch

        engine_process = launch.start("cpu", 1)
        wait_for(lambda: process.engine_pid() is not None, 20)
        each = page(show=True)
        longest = 0.0
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            before = time.monotonic()
            QCoreApplication.processEvents()
            longest = max(longest, time.monotonic() - before)
        assert longest < 1
        assert each.panel._status_call.under_way
        before = time.monotonic()
        each.close()
        assert time.monotonic() - before < 2
    finally:
        if engine_process:
            os.kill(engine_process, 9)


def test_only_a_visible_panel_asks(page, fresh, monkeypatch):
    asked = []
    monkeypatch.setattr(engine_panel, "engine_status", lambda known: asked.append(1))
    each = page(timeouts=Timeouts(status_poll_ms=50))
    wait_for(lambda: True)
    assert asked == []
    each.show()
    wait_for(lambda: len(asked) >= 3, 10)
    each.hide()
    wait_for(lambda: not each.panel._status_call.under_way, 10)
    seen = len(asked)
    end = time.monotonic() + 0.4
    wait_for(lambda: time.monotonic() > end)
    assert len(asked) == seen


def test_stopping_a_busy_engine_asks_first(page, fresh, monkeypatch):
    questions = []

    def question(parent, title, text):
        questions.append(text)
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", question)
    panel = page().panel
    report = messages.StatusReport(state="busy", variant="cpu", model="demo-water")
    panel._show(engine_panel.EngineState((), {}, report))
    assert panel._headline.text() == "Segmenting with demo-water."
    panel._stop.click()
    assert len(questions) == 1
    assert not panel._action_call.under_way


def test_a_gpu_and_its_memory_are_shown_before_and_while_the_engine_runs(page, fresh, tmp_path, monkeypatch):
    fake_gpu(tmp_path, monkeypatch, "NVIDIA H200, 143771, 580.95.05, 9.0, 100000")
    panel = page(show=True).panel
    wait_for(lambda: panel._state is not None, 20)
    assert panel._rows["gpu"].text() == ("NVIDIA H200, 140.4 GB of memory, driver 580.95.05, compute capability 9.0")
    assert panel._rows["memory"].text() == "GPU 42.7 GB in use, 97.7 GB free"
    report = messages.StatusReport(
        "idle", "cuda", gpu_free_mb=102400, gpu_total_mb=143360, gpu_used_by_engine_mb=20480, memory_mb=2048
    )
    running = engine_panel.EngineState(panel._state.variants, {}, report, "", panel._state.gpus)
    assert status_text.memory(running) == "Engine 2.0 GB\nGPU 40.0 GB in use, 100.0 GB free (20.0 GB by the engine)"
    busy = dataclasses.replace(
        report, state="busy", gpu_temperature_c=61, gpu_busy_percent=97, scene="north.tif", done=30, total=100
    )
    running = dataclasses.replace(running, report=busy)
    assert status_text.memory(running).endswith("GPU 61 °C, 97 % busy")
    assert status_text.runs_on(running).endswith("Segmenting north.tif: 30 of 100 tiles.")


def test_a_folder_run_is_shown_with_each_of_its_workers_while_it_goes_on(page, fresh):
    fresh.mkdir()
    workers = [WorkerState("worker-1", "north", "NVIDIA H200", "working", "a.tif", 320.5, 7, 1, 9000, 143771)]
    workers += [WorkerState(f"worker-{n}") for n in range(2, 11)]
    shown = Live()
    shown.show(RunState(os.getpid(), time.time(), "/masks", 10, 5, 1, 1, workers=tuple(workers)))
    panel = page(show=True).panel
    runs = panel._rows["runs"]
    wait_for(lambda: "/masks" in runs.text(), 20)
    lines = runs.text().split("\n")
    assert lines[0] == f"/masks: 7 of 10 scenes ended, 1 of them failed (process {os.getpid()})"
    assert lines[1] == (
        "  worker-1 (north, NVIDIA H200): a.tif, 320.5 tiles/s, GPU memory 9000 of 143771 MB, 7 scenes ended, 1 failed"
    )
    assert (len(lines), lines[-1]) == (10, "  and 2 more")
    shown.close()
    panel.refresh()
    wait_for(lambda: runs.text() == "–", 20)


def test_the_log_is_opened_with_the_systems_editor(page, fresh, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    fresh.mkdir()
    paths.log_file().write_text("a line\n")
    panel = page(show=True).panel
    panel._log.click()
    assert opened == [str(paths.log_file())]


def test_diagnostics_are_copied_without_names_and_with_the_end_of_the_log(page, fresh, monkeypatch):
    monkeypatch.setenv("USER", "marieclaire")
    scripted_engine(fresh)
    lines = [f"line {n}" for n in range(100)] + ["marieclaire read /data/agency/secret/scene.tif?sig=KEY"]
    paths.log_file().write_text("\n".join(lines))
    panel = page(show=True).panel
    wait_for(panel._copy.isEnabled, 20)
    panel._copy.click()
    wait_for(lambda: panel._action_line.text().startswith("Copied"), 60)
    text = QgsApplication.clipboard().text()
    for words in ("QGIS: 3.", "Qt: ", "Python: ", "Plugin: ", "System: ", "GPU: ", "keep_warm_min: 10", "line 99"):
        assert words in text, words
    assert "line 10\n" not in text
    assert "marieclaire" not in text
    assert "<user> read /data/…/scene.tif" in text
    assert str(fresh.parent) not in text


def test_no_text_of_the_page_is_cut_off(page):
    each = page()
    each.resize(640, 900)
    each.show()
    wait_for(lambda: each.panel._state is not None, 20)
    for label in each.findChildren(QLabel):
        if label.isVisible() and label.text() and not label.wordWrap():
            assert label.sizeHint().width() <= label.width(), label.text()
