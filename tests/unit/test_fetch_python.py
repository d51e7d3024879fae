"""A Python that uv fetches for the engine: only where none fits, and only with the user's consent."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from prithvi_qgis.client.install import engine_installer, find_python
from prithvi_qgis.client.install.network_policy import Network
from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.system import paths
from support import python_mirror
from support.python_mirror import make_mirror
from support.tiny_engine import TinyEngine

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the engine runs on Linux"),
    pytest.mark.skipif(
        not python_mirror.can_copy() or sys.version_info < (3, 11),
        reason="the Python of the tests cannot be copied, or is too old for the engine",
    ),
]
AGREED = Network(fetch_python=True)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose only Python is 3.15, in this process, with an engine of tiny wheels to install."""
    tiny = TinyEngine(tmp_path)
    environment = tiny.environment(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tiny.wheelhouse), PATH=str(tmp_path / "bin"))
    for name, value in {**environment, "XDG_BIN_HOME": str(tmp_path / "local-bin")}.items():
        monkeypatch.setenv(name, value)
    for name in ("PRITHVI_QGIS_PYTHON", "UV_PYTHON_DOWNLOADS", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(find_python, "_FOLDERS", ())
    monkeypatch.setattr(find_python, "_managed", lambda uv, version: "")  # those of the machine of the tests
    monkeypatch.setattr(paths, "resources", lambda: tiny.resources.parent)
    newer = tmp_path / "bin" / "python3"
    newer.parent.mkdir()
    newer.write_text("""#!/bin/sh\necho '[[3, 15, 0], "CPython", 64, 0, "/usr/bin/env", "/usr"]'\n""")
    newer.chmod(0o755)
    return tiny


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    for name, value in make_mirror(tmp_path / "mirror").items():
        monkeypatch.setenv(name, value)
    return tmp_path / "mirror"


def refused(**arguments) -> str:
    with pytest.raises(PrithviError) as error:
        engine_installer.install("cpu", **arguments)
    assert not list(find_python.fetched_folder().glob("cpython-*"))
    return error.value.line


def test_python_is_fetched_with_consent_and_the_engine_made_from_it(machine, mirror, tmp_path):
    done = engine_installer.install("cpu", network=AGREED)
    assert done.fresh
    fetched = find_python.fetched_folder()
    assert fetched.is_relative_to(machine.home)
    assert done.python.resolve().is_relative_to(fetched)
    assert not (tmp_path / "local-bin").exists()  # nothing on the user's PATH


def test_fetched_python_serves_again_without_its_mirror(machine, mirror):
    engine_installer.install("cpu", network=AGREED)
    shutil.rmtree(mirror)
    shutil.rmtree(paths.venv_folder("cpu"))
    assert engine_installer.install("cpu", network=Network()).fresh


def test_without_consent_nothing_is_fetched_and_the_setting_is_named(machine, mirror):
    line = refused(network=Network())
    assert "python3: is 3.15" in line
    assert "PRITHVI_QGIS_FETCH_PYTHON=1" in line


def test_offline_nothing_is_fetched_whatever_was_agreed(machine, mirror):
    line = refused(network=Network(offline=True, fetch_python=True), wheelhouse=machine.wheelhouse)
    assert "needs Python 3.11 to 3.14" in line
    assert "FETCH" not in line
    assert "Offline mode is on" in refused(network=Network(offline=True, fetch_python=True))


def test_nothing_is_fetched_beside_a_folder_of_wheels(machine, mirror):
    assert "needs Python 3.11 to 3.14" in refused(network=AGREED, wheelhouse=machine.wheelhouse)


def test_named_python_that_does_not_fit_is_not_replaced(machine, mirror, monkeypatch, tmp_path):
    monkeypatch.setenv("PRITHVI_QGIS_PYTHON", str(tmp_path / "bin" / "python3"))
    assert "Correct PRITHVI_QGIS_PYTHON" in refused(network=AGREED)


def test_fetched_python_with_another_checksum_is_refused(machine, tmp_path, monkeypatch):
    for name, value in make_mirror(tmp_path / "mirror", checksum="0" * 64).items():
        monkeypatch.setenv(name, value)
    line = refused(network=AGREED)
    assert "could not fetch Python" in line
    assert "Hash mismatch" in line


def test_mirror_that_is_not_there_is_named(machine, monkeypatch, tmp_path):
    make_mirror(tmp_path / "mirror")
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", str(tmp_path / "mirror" / "downloads.json"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", (tmp_path / "nowhere").as_uri())
    line = refused(network=AGREED)
    assert str(tmp_path / "nowhere") in line
    assert "UV_PYTHON_INSTALL_MIRROR" in line


def test_uv_that_may_fetch_nothing_says_so(machine, mirror, monkeypatch):
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    assert "not allowed" in refused(network=AGREED)


def test_machine_without_any_python_and_uv_is_refused(machine, mirror, monkeypatch):
    monkeypatch.delenv("PRITHVI_QGIS_UV")
    os.unlink(shutil.which("python3"))
    assert "no Python at all" in refused(network=AGREED)
