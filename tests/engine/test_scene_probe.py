"""Looking at scenes before they are handed out: the window that EXTENT leaves, and files that hold up whoever opens them."""

from __future__ import annotations

import dataclasses
import os
import time

import pytest

from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.system.timeouts import TIMEOUTS
from prithvi_qgis.engine.cluster import driver
from prithvi_qgis.engine.cluster.scene_probe import probe_scenes
from support import ROOT

MODEL = str(ROOT / "resources" / "models" / "demo-water")
EXTENT = (500_000.0, 4_595_000.0, 502_000.0, 4_600_000.0)  # 200 columns, 500 rows of 10 m


def requests(*paths, **fields):
    return {n: Segment(str(path), MODEL, f"{path}.mask.tif", **fields) for n, path in enumerate(paths)}


@pytest.fixture
def hanging(tmp_path):
    """A file that holds up whoever opens it, as on a disk that hangs."""
    path = tmp_path / "hanging.tif"
    os.mkfifo(path)
    return path


def test_the_window_of_a_scene_is_what_counts(make_scene, tmp_path):
    large, small = make_scene(2000, 500, "large.tif"), make_scene(500, 400, "small.tif")
    away = make_scene(300, 300, "away.tif", crs="EPSG:32633")
    (tmp_path / "broken.tif").write_text("no raster")
    asked = requests(large, small, away, tmp_path / "broken.tif", extent=EXTENT, extent_crs="EPSG:32630")
    assert probe_scenes("share", asked, lambda: False) == {0: [0.1], 1: [0.5], 2: [0.0]}
    rows = probe_scenes("rows", requests(large, tmp_path / "broken.tif", extent=EXTENT), lambda: False)
    assert rows == {0: [1, 500 * 200 * 6 * 2]}
    assert probe_scenes("rows", requests(large), lambda: False) == {0: [5, 2000 * 500 * 6 * 2]}


def test_a_run_with_an_extent_is_costed_and_cut_by_its_windows(make_scene):
    paths = [make_scene(2000, 500, "large.tif"), make_scene(500, 400, "small.tif")]
    sizes = [path.stat().st_size for path in paths]
    cluster = driver.ClusterOptions(4, "", "cpu", min_block_bytes=1e6)
    asked = [*requests(*paths, extent=EXTENT).values()]
    tasks = driver.plan_tasks(asked, cluster, 4, lambda m: None, lambda: False)
    assert tasks.costs[0] == pytest.approx(sizes[0] * 0.1, rel=0.01)
    assert tasks.costs[-1] == pytest.approx(sizes[1] * 0.5, rel=0.01)
    assert tasks.block_counts == {}
    whole = driver.plan_tasks([*requests(*paths).values()], cluster, 4, lambda m: None, lambda: False)
    assert list(whole.block_counts) == [0]


@pytest.mark.timeout(60)
def test_a_scene_that_hangs_when_it_is_opened_holds_nobody_up(make_scene, hanging):
    good = make_scene(500, 400, "small.tif")
    asked = requests(hanging, good, extent=EXTENT)
    each_5, each_50 = (dataclasses.replace(TIMEOUTS, probe_scene_s=seconds) for seconds in (5.0, 50.0))
    began = time.monotonic()
    assert probe_scenes("share", asked, lambda: False, each_5) == {1: [0.5]}
    assert time.monotonic() - began < 30
    assert probe_scenes("share", asked, lambda: time.monotonic() - began > 3, each_50) == {}
    assert probe_scenes("share", asked, lambda: False, dataclasses.replace(each_50, probe_s=2.0)) == {}
