"""``prithvi:exportbundle``, and what it wrote on a machine whose network is cut, through ``qgis_process``."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from osgeo import gdal

from prithvi_qgis.core.system import paths
from support.cut_network import cut
from support.tiny_bundle import PYTHON, add_model
from support.tiny_engine import ROOT, TinyEngine
from support.wheel_index import WheelIndex

gdal.UseExceptions()
pytestmark = pytest.mark.timeout(600)


class Machine:
    """One with the tiny engine's plugin."""

    def __init__(self, folder: Path):
        self.tiny = TinyEngine(folder)
        for name in ("metadata.txt", "LICENSE"):
            (self.tiny.package / name).write_bytes((ROOT / name).read_bytes())
        self.profile = folder / "profile"
        self.run("plugins", "enable", "prithvi_qgis")

    def run(self, *arguments: str, wrap: tuple[str, ...] = (), **variables: str) -> subprocess.CompletedProcess:
        environment = self.tiny.environment(
            QGIS_PLUGINPATH=str(self.tiny.plugins),
            QGIS_CUSTOM_CONFIG_PATH=str(self.profile),
            QT_QPA_PLATFORM="offscreen",
            **variables,
        )
        del environment["PYTHONPATH"]
        command = [*wrap, "qgis_process", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    return Machine(tmp_path_factory.mktemp("machine"))


@pytest.fixture(scope="module")
def bundle(machine):
    """Made where there is a network."""
    add_model(machine.tiny)
    folder = machine.tiny.home.parent / "bundle"
    options = ("--VARIANT=2", f"--PYTHON={PYTHON}", f"--OUTPUT={folder}")
    with WheelIndex(machine.tiny.wheelhouse) as index:
        done = machine.run("--json", "run", "prithvi:exportbundle", *options, **index.variables)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["OUTPUT"] == str(folder) and results["FETCHED"] == 6 and results["PARTS"] == ""
    assert results["FILES"] == len([p for p in folder.rglob("*") if p.is_file()])
    return folder


def test_the_engine_installs_from_the_bundle_without_a_network(machine, bundle):
    options = ("--VARIANT=2", f"--WHEELHOUSE={bundle}")
    done = machine.run("--json", "run", "prithvi:installengine", *options, wrap=cut())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"]["VARIANT"] == "cpu"
    assert machine.tiny.ready()["ready"]


def test_the_bundles_model_is_imported_and_segments_without_a_network(qgis, bundle, good_scene, tmp_path):
    """With the real engine, which stands for one that was installed from a bundle of 3.5 GB."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "engine").symlink_to(paths.home() / "engine")
    environment = {**qgis.environment, "PRITHVI_QGIS_HOME": str(home)}

    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [*cut(), "qgis_process", "--json", "run", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    try:
        done = run("prithvi:importmodel", f"--CONFIG={bundle / 'models' / 'lake' / 'model.json'}")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["results"]["MODEL"] == str(home / "models" / "lake")
        done = run("prithvi:segment", f"--INPUT={good_scene}", "--MODEL=lake", f"--OUTPUT={tmp_path / 'mask.tif'}")
        assert done.returncode == 0, done.stderr
        assert gdal.Open(str(tmp_path / "mask.tif")).RasterXSize == gdal.Open(good_scene).RasterXSize
    finally:
        run("prithvi:stopengine")


def test_a_failure_is_one_line_and_exit_code_1(machine, tmp_path):
    (tmp_path / "letter.txt").touch()
    done = machine.run("run", "prithvi:exportbundle", "--VARIANT=2", f"--OUTPUT={tmp_path}")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = {t.replace("ERROR:\t", "") for t in done.stderr.splitlines() if "something else than a bundle" in t}
    assert str(tmp_path) in line
