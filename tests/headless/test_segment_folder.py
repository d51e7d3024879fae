"""``prithvi:segmentfolder`` as a script runs it: broken scenes, kills, and the same masks as one by one."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from prithvi_qgis.client.engine import process
from support import granules
from support.waiting import wait_until
from tools.bench.folder_of_scenes import WAYS, contents, make_folder

GOOD = 15


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    make_folder(folder, GOOD, len(WAYS))
    return folder


def arguments(scenes, out, *more):
    return ["run", "prithvi:segmentfolder", f"--INPUT={scenes}", f"--OUTPUT={out}", "--RECURSIVE=true", *more]


def rows(out):
    with open(out / "results.csv", newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def pixels(path):
    return gdal.Open(str(path)).ReadAsArray()


@pytest.fixture(scope="module")
def whole(qgis, scenes, tmp_path_factory):
    """The folder's masks, made in one go."""
    out = tmp_path_factory.mktemp("whole")
    done = qgis.run(*arguments(scenes, out, "--MOSAIC=2"))
    return out, done


def test_every_good_scene_has_a_mask_and_every_bad_one_a_reason_of_its_own(whole, scenes):
    out, done = whole
    assert done.code == 1
    assert f"{GOOD + 10} scenes: {GOOD} segmented, 0 already done, 10 failed." in done.stderr.strip().splitlines()[-1]
    good = [r for r in rows(out) if r["success"] == "true"]
    bad = [r for r in rows(out) if r["success"] == "false"]
    assert (len(good), len(bad)) == (GOOD, 10)
    texts = {re.sub(r"broken\d+-\w+\.\w+", "NAME", r["error"]) for r in bad}
    assert len(texts) == 10, texts
    assert all(r["error_code"] and "\n" not in r["error"] for r in bad)
    for r in good:
        assert Path(r["output"]).is_file()
        assert sum(float(r[k]) for k in r if k.startswith("area_m2_")) == pytest.approx(
            100 * int(r["valid_pixels"]), rel=1e-3
        )
    assert sorted(contents(out)) == sorted(
        f"{Path(r['input']).relative_to(scenes).with_suffix('')}_mask.tif" for r in good
    )
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["complete"], summary["done"], summary["failed"], summary["left"]) == (True, GOOD, 10, 0)
    page = (out / "overview.html").read_text()
    assert page.count("<img ") == GOOD
    pictures = re.findall(r'src="([^"]+)"', page)
    assert all(gdal.Open(str(out / p)) is not None for p in pictures)


def test_masks_are_those_of_segment(whole, qgis, scenes, tmp_path):
    out, _ = whole
    for name in ("scene001", "may/scene002", "june/scene003"):
        own = tmp_path / "own.tif"
        assert qgis.segment(str(scenes / f"{name}.tif"), own).code == 0
        assert np.array_equal(pixels(own), pixels(out / f"{name}_mask.tif"))


def test_the_mosaic_shows_every_mask_where_it_lies(whole):
    out, _ = whole
    for name in ("mosaic.vrt", "mosaic.tif"):
        mosaic = gdal.Open(str(out / name))
        left, step, _, top, _, _ = mosaic.GetGeoTransform()
        for mask in sorted(out.rglob("*_mask.tif")):
            one = gdal.Open(str(mask))
            transform = one.GetGeoTransform()
            x, y = round((transform[0] - left) / step), round((top - transform[3]) / step)
            part = mosaic.ReadAsArray(x, y, one.RasterXSize, one.RasterYSize)
            assert np.array_equal(part, pixels(mask))
    assert (out / "mosaic.qml").read_text() == next(out.rglob("*_mask.qml")).read_text()


def test_a_rerun_keeps_what_is_done_and_scripts_may_allow_failures(whole, qgis, scenes):
    out, _ = whole
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*_mask.tif")}
    done = qgis.run("--json", *arguments(scenes, out, "--ALLOW_FAILURES=true"))
    assert done.code == 0, done.stderr
    counts = {k: done.results[k] for k in ("SCENES", "DONE", "SKIPPED", "FAILED")}
    assert counts == {"SCENES": GOOD + 10, "DONE": 0, "SKIPPED": GOOD, "FAILED": 10}
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*_mask.tif")} == before
    assert len(rows(out)) == len({r["input"] for r in rows(out)}) == GOOD + 10


def test_a_run_killed_in_any_way_goes_on_to_the_same_end(whole, qgis, scenes, tmp_path):
    expected, _ = whole
    out = tmp_path / "out"
    for victim in ("front end", "engine", "both"):
        wanted = masks(out) + 3
        front = qgis.start(*arguments(scenes, out))
        wait_for_masks(front, out, wanted)
        engine = process.engine_pid() if victim != "front end" else None
        if victim != "engine":
            front.kill()
        if engine:
            os.killpg(engine, signal.SIGKILL)
        out_text, err_text = front.communicate(timeout=300)
        if victim == "engine":  # the front end starts another one and goes on
            assert "Going on with the other scenes." in out_text + err_text, (out_text, err_text)
            assert f"{GOOD + 10} scenes" in err_text
            break_here = rows(out)
            assert len(break_here) == GOOD + 10
            for r in [r for r in break_here if r["output"]][:8]:  # so that there is something left to do
                Path(r["output"]).unlink()
    assert masks(out) < GOOD
    done = qgis.run(*arguments(scenes, out))
    assert done.code == 1
    assert re.search(rf"{GOOD + 10} scenes: \d+ segmented, \d+ already done, 10 failed", done.stderr), done.stderr
    assert contents(out) == contents(expected)
    assert len(rows(out)) == len({r["input"] for r in rows(out)}) == GOOD + 10
    same = ("success", "error", "valid_pixels", "area_m2_Land", "area_m2_Water")
    by_input = [{r["input"]: [r.get(k) for k in same] for r in rows(folder)} for folder in (out, expected)]
    assert by_input[0] == by_input[1]


def test_two_workers_make_the_same_masks_and_anybody_sees_how_they_stand(whole, qgis, scenes, tmp_path):
    expected, _ = whole
    out, metrics = tmp_path / "out", tmp_path / "prithvi.prom"
    front = subprocess.Popen(
        ["qgis_process", *arguments(scenes, out, "--WORKERS=2", "--ALLOW_FAILURES=true")],
        env={**qgis.environment, "PRITHVI_QGIS_METRICS": str(metrics)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def shown():
        return metrics.exists() and "worker-2" in metrics.read_text()

    wait_until(lambda: shown() or front.poll() is not None, 200)
    assert shown(), front.communicate()
    (run,) = qgis.run("--json", "run", "prithvi:enginestatus").results["RUNS"]
    assert (run["output"], run["total"]) == (str(out), GOOD + 10)
    assert [w["name"] for w in run["workers"]] == ["worker-1", "worker-2"]
    text, _ = front.communicate(timeout=400)
    assert front.returncode == 0, text
    assert f"{GOOD + 10} scenes: {GOOD} segmented, 0 already done, 10 failed." in text
    assert contents(out) == contents(expected)
    assert len(rows(out)) == len({r["input"] for r in rows(out)}) == GOOD + 10
    assert f'prithvi_run_scenes{{output="{out}",state="done"}} {GOOD}' in metrics.read_text()
    assert qgis.run("--json", "run", "prithvi:enginestatus").results["RUNS"] == []


def masks(out):
    return len(list(out.rglob("*_mask.tif")))


def wait_for_masks(front, out, count):
    wait_until(lambda: masks(out) >= count or front.poll() is not None, 300)
    assert masks(out) >= count, front.communicate()


@pytest.mark.parametrize(
    ("place", "expected"),
    [("missing", "does not exist"), ("empty", "holds no file that matches")],
)
def test_nothing_to_do_is_one_line(qgis, tmp_path, place, expected):
    (tmp_path / "empty").mkdir()
    done = qgis.run("run", "prithvi:segmentfolder", f"--INPUT={tmp_path / place}", f"--OUTPUT={tmp_path / 'out'}")
    assert done.code == 1
    assert expected in done.error_lines[0]
    assert not (tmp_path / "out" / "results.csv").exists()


def test_downloads_of_one_file_a_band_are_a_scene_a_granule(qgis, tmp_path):
    names = [granules.S30, granules.L30]
    for name in names:
        granules.write_granule(tmp_path / "in", name)
    done = qgis.run("run", "prithvi:segmentfolder", f"--INPUT={tmp_path / 'in'}", f"--OUTPUT={tmp_path / 'out'}")
    assert done.code == 0, done.stderr
    assert sorted(contents(tmp_path / "out")) == sorted(f"{name}_mask.tif" for name in names)
    assert sorted(r["input"] for r in rows(tmp_path / "out")) == sorted(str(tmp_path / "in" / name) for name in names)
    alone = qgis.segment(str(tmp_path / "in" / granules.L30), tmp_path / "alone.tif")
    assert np.array_equal(pixels(alone.results["OUTPUT"]), pixels(tmp_path / "out" / f"{granules.L30}_mask.tif"))
