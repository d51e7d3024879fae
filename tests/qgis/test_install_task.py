"""The installation as a background task."""

from __future__ import annotations

import pytest
from qgis.core import QgsApplication

from prithvi_qgis import network, settings
from prithvi_qgis.client.install.network_policy import Network
from prithvi_qgis.client.runtime.readiness import readiness
from prithvi_qgis.core.errors import ErrorCode
from prithvi_qgis.gui.setup import install_task
from support.qgis_window import settle, wait_for
from support.tiny_engine import make_sdist


class Watch:
    """Follows a task as a window would."""

    def __init__(self, task):
        self.task, self.progress, self.over = task, [], False
        task.progressed.connect(self._told)
        task.ended.connect(self._ended)

    def _told(self, percent, words):
        self.progress.append((percent, words))

    def _ended(self):
        self.over = True

    def wait(self):
        wait_for(lambda: self.over, 120)
        settle()
        return self.task


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    install_task.stop(20)
    settle()


def slow(tiny) -> None:
    """Have uv build something for two minutes."""
    make_sdist(tiny.wheelhouse, "slow", "def run():\n    import time; time.sleep(120)")
    tiny.write_lock()


def test_an_installation_ends_with_an_engine_and_its_progress_rises(tiny):
    watch = Watch(install_task.start("cpu", tiny.wheelhouse))
    assert QgsApplication.taskManager().countActiveTasks() == 1
    task = watch.wait()
    assert task.outcome is not None and task.outcome.fresh, task.error
    assert task.error is None
    assert readiness("cpu").ready
    percents = [percent for percent, _ in watch.progress]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert install_task.running() is None


def test_a_second_installation_is_the_first_one(tiny):
    slow(tiny)
    task = install_task.start("cpu", tiny.wheelhouse)
    assert install_task.start("cpu", tiny.wheelhouse) is task
    assert install_task.running() is task
    assert QgsApplication.taskManager().count() == 1


def test_cancel_in_the_task_manager_leaves_nothing_and_the_next_one_works(tiny):
    slow(tiny)
    watch = Watch(install_task.start("cpu", tiny.wheelhouse))
    wait_for(lambda: tiny.home.exists() and tiny.processes(), 60)
    watch.task.cancel()
    task = watch.wait()
    assert task.cancelled
    assert tiny.processes() == []
    assert tiny.leftovers() == []
    (tiny.wheelhouse / "slow-1.0.tar.gz").unlink()
    tiny.write_lock()
    assert Watch(install_task.start("cpu", tiny.wheelhouse)).wait().outcome is not None


def test_a_failure_is_one_line_for_people(tiny):
    (tiny.wheelhouse / "terratorch-1.0-py3-none-any.whl").unlink()
    task = Watch(install_task.start("cpu", tiny.wheelhouse)).wait()
    assert task.outcome is None
    assert task.error.code is ErrorCode.INSTALL_FAILED
    assert "terratorch" in task.error.line
    assert "\n" not in task.error.line


def test_an_error_that_nobody_foresaw_is_told_too(tiny, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("prithvi_qgis.client.install.engine_installer.install", broken)
    task = Watch(install_task.start("cpu")).wait()
    assert "ZeroDivisionError" in task.error.line


def test_offline_mode_is_heeded(tiny):
    settings.OFFLINE.write(True)
    task = Watch(install_task.start("cpu")).wait()
    assert "Offline mode is on" in task.error.line


def test_proxy_and_certificates_of_qgis_reach_the_installation(tiny, monkeypatch):
    seen = []

    def install(variant, wheelhouse, report, is_cancelled, offered):
        seen.append(offered)

    monkeypatch.setattr("prithvi_qgis.client.install.engine_installer.install", install)
    monkeypatch.setattr(network, "network", lambda: Network(False, {"HTTPS_PROXY": "http://p:1"}))
    Watch(install_task.start("cpu")).wait()
    assert seen == [Network(False, {"HTTPS_PROXY": "http://p:1"})]


def test_unloading_the_plugin_ends_an_installation(tiny):
    slow(tiny)
    install_task.start("cpu", tiny.wheelhouse)
    wait_for(lambda: tiny.home.exists() and tiny.processes(), 60)
    install_task.stop(20)
    assert tiny.processes() == []
    assert tiny.leftovers() == []
    assert install_task.running() is None


def test_listeners_hear_the_end(tiny):
    heard = []
    install_task.listeners.append(heard.append)
    try:
        task = Watch(install_task.start("cpu", tiny.wheelhouse)).wait()
    finally:
        install_task.listeners.remove(heard.append) if heard.append in install_task.listeners else None
    assert heard == [task]
