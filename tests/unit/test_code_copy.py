"""The engine's own copy of the package."""

from __future__ import annotations

import os
import time

import pytest

from prithvi_qgis.client.runtime import code_copy
from prithvi_qgis.client.runtime.environment import engine_environment, scrubbed
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.system import paths


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_copy_is_whole_real_and_made_once():
    folder, name = code_copy.installed_code()
    package = folder / "prithvi_qgis"
    assert folder == paths.home() / "code" / name
    assert (package / "engine" / "__init__.py").is_file()
    assert (package / "resources" / "models" / "demo-water" / "model.json").is_file()
    assert (package / "LICENSE").is_file()
    assert not [p for p in package.rglob("*") if p.is_symlink() or p.suffix == ".pyc" or p.name == "tests"]
    made = (package / "__init__.py").stat().st_ino
    assert code_copy.installed_code() == (folder, name)
    assert (package / "__init__.py").stat().st_ino == made


def test_copy_hashes_to_its_own_name():
    _, name = code_copy.installed_code()
    assert name == code_copy.current_hash()


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_a_damaged_copy_is_made_anew(damage):
    folder, _ = code_copy.installed_code()
    module = folder / "prithvi_qgis" / "core" / "errors.py"
    whole = module.read_text()
    module.write_text("broken") if damage == "changed" else module.unlink()
    code_copy.installed_code()
    assert module.read_text() == whole
    assert [p.name for p in folder.parent.iterdir()] == [folder.name]


def test_only_the_copies_used_last_are_kept(home):
    folder, _ = code_copy.installed_code()
    for age in range(1, 6):
        old = home / "code" / f"old{age}"
        old.mkdir()
        os.utime(old, (time.time() - age * 100,) * 2)
    os.utime(folder, (0, 0))
    code_copy.remove_old_copies(folder)
    assert sorted(p.name for p in folder.parent.iterdir()) == sorted([folder.name, "old1", "old2"])


def test_a_data_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "file"))
    with pytest.raises(PrithviError) as caught:
        code_copy.installed_code()
    assert caught.value.code == ErrorCode.ENGINE_UNREACHABLE
    assert str(tmp_path / "file") in caught.value.line


def test_environment_keeps_the_users_and_drops_qgis(tmp_path):
    before = {"HOME": "/h", "https_proxy": "p", "QT_PLUGIN_PATH": "x", "PYTHONHOME": "x", "PROJ_DATA": "x"}
    assert scrubbed(before) == {"HOME": "/h", "https_proxy": "p"}
    made = engine_environment(tmp_path)
    assert made["PYTHONPATH"] == str(tmp_path)
    assert made["PRITHVI_QGIS_HOME"] == str(paths.home())
