"""The plugin as a zip: what the plugin manager takes, unpacks and loads."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support import ROOT


def _pack(folder: Path) -> Path:
    subprocess.run([sys.executable, ROOT / "tools" / "setup" / "stage.py", "zip", folder], check=True)
    (place,) = folder.glob("prithvi_qgis-*.zip")
    return place


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    return _pack(tmp_path_factory.mktemp("zip"))


def test_zip_holds_one_folder_with_what_the_repository_asks_for(zipped):
    with zipfile.ZipFile(zipped) as archive:
        names = archive.namelist()
    assert {n.split("/")[0] for n in names} == {"prithvi_qgis"}
    for needed in (
        "metadata.txt",
        "__init__.py",
        "LICENSE",
        "resources/engine/cpu.lock",
        "resources/icons/prithvi.svg",
    ):
        assert f"prithvi_qgis/{needed}" in names
    assert not [n for n in names if re.search(r"\.pyc$|__pycache__|/tests/|/\.|\.in$", n)]
    assert zipped.stat().st_size <= 25e6


def test_zip_is_the_same_twice(zipped, tmp_path):
    assert _pack(tmp_path).read_bytes() == zipped.read_bytes()


def test_metadata_is_complete_and_free_of_percent_signs(zipped):
    with zipfile.ZipFile(zipped) as archive:
        text = archive.read("prithvi_qgis/metadata.txt").decode()
        names = archive.namelist()
    assert "%" not in text
    fields = dict(re.findall(r"^(\w+)=(.+)$", text, re.MULTILINE))
    needed = [
        "name",
        "description",
        "about",
        "version",
        "qgisMinimumVersion",
        "author",
        "email",
        "tracker",
        "repository",
    ]
    assert [field for field in needed if field not in fields] == []
    assert f"prithvi_qgis/{fields['icon']}" in names
    version = re.search(r'__version__ = "(.+)"', (ROOT / "prithvi_qgis" / "__init__.py").read_text())
    assert version and version[1] == fields["version"]
    assert f"## [{fields['version']}]" in (ROOT / "CHANGELOG.md").read_text()


def test_qgis_loads_the_unpacked_zip(zipped, tmp_path):
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path / "plugins")
    environment = {
        **{k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        "PATH": "/usr/bin:/bin",
        "QGIS_PLUGINPATH": str(tmp_path / "plugins"),
        "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "profile"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    subprocess.run(
        ["qgis_process", "plugins", "enable", "prithvi_qgis"], env=environment, check=True, capture_output=True
    )
    listed = subprocess.run(
        ["qgis_process", "list"], env=environment, check=True, capture_output=True, text=True
    ).stdout
    for name in ("segment", "importmodel", "installengine", "enginestatus", "stopengine"):
        assert f"prithvi:{name}" in listed
