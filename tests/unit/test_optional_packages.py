"""Optional parts of the engine: complete or not at all, and never at the cost of the engine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from prithvi_qgis.client.install.base_installer import InstallContext
from prithvi_qgis.client.install.engine_installer import EngineInstaller
from prithvi_qgis.client.install.lock import install_lock
from prithvi_qgis.client.install.network_policy import Network
from prithvi_qgis.client.install.optional_packages import ComponentInstaller
from support.tiny_bundle import export
from support.tiny_engine import TinyEngine
from support.wheel_index import WheelIndex

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the engine runs on Linux")


@pytest.fixture
def tiny(tmp_path):
    """An installed engine, and a wheel of Ray."""
    tiny = TinyEngine(tmp_path)
    tiny.add_ray()
    return tiny


@pytest.fixture
def engine(tiny):
    assert tiny.install().get("fresh") is True
    return tiny


def test_ray_is_installed_once_and_again_when_its_lock_changes(engine):
    first = engine.install_ray()
    assert (first.get("before"), first.get("fresh"), first.get("ready")) == (False, True, True), first
    assert first["versions"] == {"ray": "1.0"}
    assert first["progress"][-1] == [100, "Ray is ready"]
    assert engine.install_ray().get("fresh") is False
    lock = engine.resources / "ray.lock"
    lock.write_text(lock.read_text() + "# of another version of the plugin\n")
    again = engine.install_ray()
    assert (again.get("before"), again.get("fresh"), again.get("ready")) == (False, True, True), again
    assert engine.ready()["ready"]
    assert engine.leftovers() == ["cpu-ray"]


@pytest.mark.parametrize(
    ("wheelhouse", "variables", "phrases"),
    [
        ("", {"TINY_OFFLINE": "1"}, ["Offline mode is on, so Ray cannot be downloaded. Install it from a folder"]),
        ("", {}, ["uv could not install Ray: ", "Check the network and the proxy"]),
        ("empty", {}, ["has no Ray. Add it with RAY=true of prithvi:exportbundle"]),
    ],
)
def test_where_ray_cannot_be_had_one_line_says_what_to_do(engine, tmp_path, wheelhouse, variables, phrases):
    if wheelhouse:
        wheelhouse = str(tmp_path / wheelhouse)
        Path(wheelhouse).mkdir()
    failed = engine.install_ray(wheelhouse, **variables)
    assert failed["code"] == "install_failed"
    assert all(phrase in failed["line"] for phrase in phrases) and "\n" not in failed["line"], failed["line"]
    assert failed["ready"] is False
    assert engine.leftovers() == []


def test_a_ray_that_does_not_start_leaves_nothing(engine):
    engine.add_ray("raise ImportError('no library of that name')\n")
    failed = engine.install_ray()
    assert failed["line"].startswith("Ray does not start: ") and "no library of that name" in failed["line"]
    assert engine.leftovers() == []
    assert engine.ready()["ready"]


def test_ray_without_an_engine_is_refused(tiny):
    assert tiny.install_ray()["code"] == "engine_missing"


def test_too_little_disk_for_ray_is_told_of_ray(engine):
    engine.set_need(installed_mb=10**9)
    failed = engine.install_ray()
    assert failed["code"] == "disk_full"
    assert failed["line"].startswith("Ray needs ") and "PRITHVI_QGIS_HOME" in failed["line"]
    assert engine.leftovers() == []


def test_whoever_comes_while_ray_is_installed_is_told_so(engine, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(engine.home))
    with install_lock("Ray"):
        failed = engine.install()
    assert failed["line"].startswith(f"Another installation is running: Ray (process {os.getpid()}, since ")


def test_packages_in_place_are_counted_where_uv_puts_them(engine, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(engine.home))
    assert engine.install_ray().get("fresh") is True
    shown = []
    with install_lock("both") as lock:
        context = InstallContext(None, lambda percent, text: shown.append(text), lambda: False, lock, Network())
        for installer, place in (
            (ComponentInstaller("ray", "cpu", context), "cpu-ray"),
            (EngineInstaller("cpu", context), "cpu"),
        ):
            (engine.home / "engine" / place).rename(installer.staging)
            installer.progress.poll()
    assert [text.partition(" of ")[0] for text in shown] == ["1", "6"]


def test_a_bundle_with_ray_is_enough_for_it(engine, tmp_path):
    with WheelIndex(engine.wheelhouse) as index:
        plain = export(engine, tmp_path / "bundle", **index.variables)
        assert "code" not in plain, plain
        assert not list((tmp_path / "bundle" / "wheels").glob("ray-*"))
        added = export(engine, tmp_path / "bundle", order={"ray": True}, **index.variables)
    assert added["fetched"] == 1, added
    assert "--RAY=true" in (tmp_path / "bundle" / "INSTALL.txt").read_text()
    done = engine.install_ray(str(tmp_path / "bundle"))
    assert done.get("ready") is True, done
