"""``prithvi:importmodel`` and then ``prithvi:segment``, the way users run them."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from osgeo import gdal

from prithvi_qgis.client.import_model import import_model
from prithvi_qgis.contract import paths
from prithvi_qgis.contract.errors import ErrorCode, PrithviError

gdal.UseExceptions()
pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).resolve().parents[2]
CLASSES = '[{"value":0,"name":"Dry"},{"value":1,"name":"Wet"},{"value":2,"name":"Ice","color":"#ffffff"}]'
MAKE = """
import sys
from pathlib import Path
import trainings
config = trainings.configuration(trainings.arguments())
trainings.write(Path(sys.argv[1]), config, trainings.random_model(config))
"""


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """A configuration and a checkpoint, made by the engine's TerraTorch."""
    folder = tmp_path_factory.mktemp("training")
    subprocess.run(
        [str(paths.venv_python("cpu")), "-W", "ignore", "-c", MAKE, str(folder)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT / "tests" / "engine")},
        check=True,
        capture_output=True,
    )
    return folder / "config.yaml", folder / "last.ckpt"


@pytest.fixture
def home(tmp_path, monkeypatch, qgis):
    """A data folder of its own, with the installed engine."""
    engine = paths.home() / "engine"
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "engine").symlink_to(engine)
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(folder))
    yield folder
    qgis.run("run", "prithvi:stopengine", PRITHVI_QGIS_HOME=str(folder))


def test_an_imported_model_segments_a_scene(qgis, training, good_scene, home, tmp_path):
    config, checkpoint = training
    ask = ("--json", "run", "prithvi:importmodel", f"--CONFIG={config}", f"--CHECKPOINT={checkpoint}", "--ID=ice")
    here = {"PRITHVI_QGIS_HOME": str(home)}
    done = qgis.run(*ask, f"--CLASSES={CLASSES}", **here)
    assert done.code == 0, done.stderr
    assert done.results["MODEL"] == str(home / "models" / "ice")
    assert "agree on 100.00%" in str(done.log)

    done = qgis.segment(good_scene, tmp_path / "mask.tif", "--MODEL=ice", **here)
    assert done.code == 0, done.stderr
    assert set(done.results["CLASS_AREAS"]) == {"Dry", "Wet", "Ice"}
    assert gdal.Open(str(tmp_path / "mask.tif")).RasterXSize == gdal.Open(good_scene).RasterXSize

    done = qgis.run(*ask, **here)
    assert done.code == 1
    (line,) = done.error_lines
    assert "There is a model ice already" in line and "OVERWRITE" in line


def test_a_cancelled_import_leaves_nothing(training, home):
    started: list[float] = []

    def report(percent: int, text: str) -> None:
        if percent >= 45:  # the model is written, vLLM starts
            started.append(time.monotonic())

    with pytest.raises(PrithviError) as e:
        import_model("cpu", *training, "ice", "", False, report, lambda: bool(started))
    assert e.value.code is ErrorCode.CANCELLED and "import" in e.value.line
    assert time.monotonic() - started[0] < 10
    assert os.listdir(home / "models") == []
