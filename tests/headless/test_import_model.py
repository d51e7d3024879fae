"""``prithvi:importmodel`` and then ``prithvi:segment``, the way users run them."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from osgeo import gdal

from prithvi_qgis.client.models.import_model import import_model
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.system import paths
from support import ROOT, rasters

gdal.UseExceptions()
pytestmark = pytest.mark.timeout(600)

CLASSES = '[{"value":0,"name":"Dry"},{"value":1,"name":"Wet"},{"value":2,"name":"Ice","color":"#ffffff"}]'
MAKE = """
import sys
from pathlib import Path
from support import trainings
for name, args in (("", trainings.arguments()), ("crops", trainings.several_dates(classes=13))):
    dates = {"expand_temporal_dimension": True, "test_transform": None} if name else {}
    config = trainings.configuration(args, **dates)
    trainings.write(Path(sys.argv[1]) / name, config, trainings.random_model(config))
"""


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """A configuration and a checkpoint, made by the engine's TerraTorch."""
    folder = tmp_path_factory.mktemp("training")
    subprocess.run(
        [str(paths.venv_python("cpu")), "-W", "ignore", "-c", MAKE, str(folder)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT / "tests")},
        check=True,
        capture_output=True,
    )
    return folder / "config.yaml", folder / "last.ckpt"


def with_engine(folder):
    """A data folder with the installed engine."""
    folder.mkdir()
    (folder / "engine").symlink_to(paths.home() / "engine")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory, qgis):
    """A data folder whose engine serves the imported models."""
    folder = with_engine(tmp_path_factory.mktemp("imports") / "home")
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


def test_a_cancelled_import_leaves_nothing(training, tmp_path, monkeypatch):
    home = with_engine(tmp_path / "home")
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(home))
    started: list[float] = []

    def report(percent: int, text: str) -> None:
        if percent >= 45:  # the model is written, vLLM starts
            started.append(time.monotonic())

    with pytest.raises(PrithviError) as e:
        import_model("cpu", *training, "ice", "", False, report, lambda: bool(started))
    assert e.value.code is ErrorCode.CANCELLED and "import" in e.value.line
    assert time.monotonic() - started[0] < 10
    assert os.listdir(home / "models") == []


def test_a_model_of_three_dates_segments_three_scenes(qgis, training, home, tmp_path):
    config, checkpoint = (path.parent / "crops" / path.name for path in training)
    here = {"PRITHVI_QGIS_HOME": str(home)}
    qgis.run("run", "prithvi:importmodel", f"--CONFIG={config}", f"--CHECKPOINT={checkpoint}", "--ID=crops", **here)
    pixels = rasters.scene(200, 150)
    spring, summer, autumn = (tmp_path / f"HLS.S30.T30TXM.2023{day}T110000.v2.0.tif" for day in ("080", "150", "260"))
    for n, path in enumerate((summer, autumn)):
        rasters.write(path, (pixels * (1 + 0.1 * n)).astype(pixels.dtype))
    x, y = rasters.TRANSFORM[0], rasters.TRANSFORM[3]
    rasters.write(spring, pixels[:, :60, :80], transform=(x - 95.0, 30.0, 0.0, y + 125.0, 0.0, -30.0))
    mask = tmp_path / "mask.tif"
    asked = (f"--FRAMES={spring}", f"--FRAMES={autumn}", "--MODEL=crops", f"--REPORT={tmp_path / 'report.html'}")
    done = qgis.segment(str(summer), mask, *asked, **here)
    assert done.code == 0, done.stderr
    raster = gdal.Open(str(mask))
    assert raster.GetGeoTransform() == rasters.TRANSFORM and raster.RasterXSize == 200
    tags = raster.GetMetadata()
    assert tags["PRITHVI_DATES"] == "2023-03-21,2023-05-30,2023-09-17"
    assert "resampled to the first scene's grid (bilinear)" in tags["PRITHVI_FRAMES"]
    assert len(done.results["CLASS_AREAS"]) == 13
    infos = " ".join(done.log["info"])
    assert "The dates go to the model in the order of time; they were given in another one." in infos
    report = (tmp_path / "report.html").read_text()
    assert "2023-03-21 (its name)" in report and "RESAMPLING" in report
    refused = qgis.segment(str(summer), tmp_path / "no.tif", f"--FRAMES={spring}", "--MODEL=crops", **here)
    assert refused.code == 1
    assert refused.error_lines == [
        "crops looks at 3 dates: INPUT and 2 in FRAMES, which names 1. Give FRAMES 2 further scenes of the same place."
    ]
