"""``prithvi:segment`` from the command to the file, with the real engine."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr

from prithvi_qgis.client.engine import engine_client, process
from prithvi_qgis.core.system.processes import is_alive
from support import rasters, sentinel2
from support.waiting import wait_until

gdal.UseExceptions()
ogr.UseExceptions()
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def first_run(qgis, good_scene, tmp_path_factory):
    """A run with all outputs, and the folder they are in."""
    folder = tmp_path_factory.mktemp("masks")
    done = qgis.segment(
        good_scene,
        folder / "mask.tif",
        f"--PROBABILITY={folder / 'probability.tif'}",
        f"--POLYGONS={folder / 'polygons.gpkg'}",
        f"--REPORT={folder / 'report.html'}",
    )
    assert done.code == 0, done.stderr
    return done, folder


@pytest.fixture(scope="module")
def large_scene(tmp_path_factory):
    """A scene that takes several seconds on a slow machine."""
    return rasters.write(tmp_path_factory.mktemp("large") / "large.tif", rasters.scene(2500, 2500))


def files_of(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_mask_lies_on_the_grid_of_the_scene(first_run, good_scene):
    done, _ = first_run
    scene, mask = gdal.Open(good_scene), gdal.Open(done.results["OUTPUT"])
    assert mask.GetGeoTransform() == scene.GetGeoTransform()
    assert mask.GetSpatialRef().IsSame(scene.GetSpatialRef())
    assert (mask.RasterXSize, mask.RasterYSize) == (scene.RasterXSize, scene.RasterYSize)
    band = mask.GetRasterBand(1)
    assert band.DataType == gdal.GDT_Byte
    assert band.GetNoDataValue() == 255


def test_results_agree_with_the_mask(first_run):
    done, _ = first_run
    results = done.results
    values = gdal.Open(results["OUTPUT"]).ReadAsArray()
    assert results["CLASS_PIXELS"] == {"Land": int((values == 0).sum()), "Water": int((values == 1).sum())}
    assert results["CLASS_AREAS"]["Water"] == pytest.approx(results["CLASS_PIXELS"]["Water"] * 100.0, rel=1e-3)
    assert results["TILES"] == 1
    assert results["DEVICE_NAME"]
    assert results["SECONDS"] > 0


def test_mask_names_exactly_its_classes(first_run):
    _, folder = first_run
    mask = gdal.Open(str(folder / "mask.tif"))
    table = mask.GetRasterBand(1).GetDefaultRAT()
    assert [table.GetValueAsString(r, 1) for r in range(table.GetRowCount())] == ["Land", "Water"]
    assert (folder / "mask.qml").read_text().count("<paletteEntry") == 2


def test_probabilities_and_polygons_tell_the_same_as_the_mask(first_run):
    done, _ = first_run
    probability = gdal.Open(done.results["PROBABILITY"])
    assert probability.RasterCount == 2
    values = gdal.Open(done.results["OUTPUT"]).ReadAsArray()
    scores = probability.ReadAsArray().astype(float)
    assert np.mean(scores.argmax(axis=0) == values) > 0.99
    source = ogr.Open(done.results["POLYGONS"])
    area = sum(f.GetGeometryRef().GetArea() for f in source.GetLayer(0))
    assert area == pytest.approx((values != 255).sum() * 100.0, rel=1e-3)


def test_report_has_the_picture_and_the_figures(first_run):
    done, folder = first_run
    assert done.results["REPORT"] == str(folder / "report.html")
    page = (folder / "report.html").read_text()
    assert 'src="data:image/png;base64,iVBOR' in page
    for word in ("scene.tif", "demo-water", "Water", " ha", "reflectance = DN x 0.0001"):
        assert word in page
    assert "http" not in re.sub(r"base64,[^\"]+", "", page)  # it opens without a network
    figures = json.loads((folder / "report.html.json").read_text())
    pixels = {c["name"]: c["pixels"] for c in figures["classes"]}
    assert pixels == done.results["CLASS_PIXELS"]


def test_no_file_lies_beside_the_outputs(first_run):
    _, folder = first_run
    wanted = ["mask.qml", "mask.tif", "mask.tif.aux.xml", "polygons.gpkg", "probability.tif"]
    assert files_of(folder) == [*wanted, "report.html", "report.html.json"]


def test_the_log_says_model_bands_scaling_device_and_areas(first_run):
    done, _ = first_run
    text = "\n".join(done.log["info"])
    for word in ("demo-water", "Bands 1, 2, 3, 4, 5, 6", "reflectance = DN x 0.0001", "vLLM", "Water:", " ha"):
        assert word in text


def test_second_run_finds_the_engine_warm(first_run, qgis, good_scene, tmp_path):
    pid = process.engine_pid()
    started = time.monotonic()
    done = qgis.segment(good_scene, tmp_path / "mask.tif")
    assert done.code == 0, done.stderr
    assert process.engine_pid() == pid
    assert time.monotonic() - started < 30
    assert done.results["TIMINGS"]["connect"] < 5


def test_relative_paths_are_of_the_users_folder(qgis, good_scene):
    # The engine works in another folder than the one the user is in.
    folder = Path(good_scene).parent
    here = Path.cwd()
    os.chdir(folder)
    try:
        done = qgis.segment("scene.tif", "relative.tif")
    finally:
        os.chdir(here)
    assert done.code == 0, done.stderr
    assert done.results["OUTPUT"] == str(folder / "relative.tif")
    assert (folder / "relative.tif").is_file()


def test_two_front_ends_share_one_engine(qgis, good_scene, tmp_path):
    runs = [
        qgis.start("run", "prithvi:segment", f"--INPUT={good_scene}", f"--OUTPUT={tmp_path / f'{n}.tif'}")
        for n in range(2)
    ]
    outputs = [run.communicate(timeout=300) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert gdal.Open(str(tmp_path / "0.tif")).ReadAsArray().tolist() == (
        gdal.Open(str(tmp_path / "1.tif")).ReadAsArray().tolist()
    )


def test_status_tells_the_state_without_starting_an_engine(qgis, first_run, tmp_path):
    results = qgis.run("--json", "run", "prithvi:enginestatus").results
    assert (results["READY"], results["STATE"]) == (True, "idle")
    assert results["DEVICE_NAME"]
    empty = qgis.run("--json", "run", "prithvi:enginestatus", PRITHVI_QGIS_HOME=str(tmp_path / "empty")).results
    assert (empty["READY"], empty["STATE"]) == (False, "not installed")
    assert "prithvi:installengine" in empty["ACTION"]


def test_status_tells_of_the_gpu_before_an_engine_runs(qgis, tmp_path):
    smi = tmp_path / "nvidia-smi"  # there is no GPU where the tests run
    smi.write_text("#!/bin/sh\necho 'NVIDIA L4, 23034, 580.95.05, 8.9, 20034, 41, 7'\n")
    smi.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    home = str(tmp_path / "empty")
    results = qgis.run("--json", "run", "prithvi:enginestatus", PRITHVI_QGIS_HOME=home, PATH=path).results
    assert (results["GPU_FREE_MB"], results["GPU_USED_MB"], results["GPU_TOTAL_MB"]) == (20034, 3000, 23034)
    assert (results["GPU_TEMPERATURE_C"], results["GPU_BUSY_PERCENT"]) == (41, 7)


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_front_end_that_goes_away_cancels_and_leaves_no_file(qgis, first_run, large_scene, tmp_path, way):
    pid = process.engine_pid()
    run = qgis.start("run", "prithvi:segment", f"--INPUT={large_scene}", f"--OUTPUT={tmp_path / 'mask.tif'}")
    wait_until(lambda: engine_client.status().state == "busy" and files_of(tmp_path))
    run.send_signal(way)
    run.communicate(timeout=60)
    wait_until(lambda: engine_client.status().state == "idle")
    assert files_of(tmp_path) == []
    assert process.engine_pid() == pid


def test_an_engine_killed_in_mid_run_is_one_clear_error_and_the_next_run_works(
    qgis, first_run, good_scene, large_scene, tmp_path
):
    pid = process.engine_pid()
    run = qgis.start("run", "prithvi:segment", f"--INPUT={large_scene}", f"--OUTPUT={tmp_path / 'mask.tif'}")
    wait_until(lambda: engine_client.status().state == "busy" and files_of(tmp_path))
    os.killpg(pid, signal.SIGKILL)
    _, errors = run.communicate(timeout=120)
    assert run.returncode == 1
    assert "Traceback" not in errors
    lines = {t.replace("ERROR:\t", "") for t in errors.splitlines() if "engine" in t}
    assert len(lines) == 1
    assert "The engine stopped while segmenting large.tif" in lines.pop()
    assert files_of(tmp_path) == []
    assert not is_alive(pid)
    done = qgis.segment(good_scene, tmp_path / "next.tif")
    assert done.code == 0, done.stderr


def test_a_sentinel2_product_is_segmented_as_it_is_downloaded(qgis, tmp_path):
    root = sentinel2.write_product(tmp_path, "L2A", "05.09")
    done = qgis.segment(str(sentinel2.pack(root)), tmp_path / "mask.tif")
    sentinel2.assert_product_mask(done)
