"""Blocks of rows: which tile rows each computes, and which scenes are cut at all."""

from __future__ import annotations

import dataclasses

import pytest

from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.cluster import block_planning
from prithvi_qgis.engine.cluster.scene_costs import local_bytes, scene_costs
from prithvi_qgis.engine.cluster.task_graph import TaskGraph
from prithvi_qgis.engine.tiling.row_blocks import blocks_wanted, row_block, whole_block
from prithvi_qgis.engine.tiling.tile_grid import plan_tiles

SIZES = [(1, 64, 48, 4), (64, 64, 48, 4), (65, 64, 48, 4), (301, 64, 48, 4), (301, 64, 64, 4), (997, 64, 7, 4)]
SIZES += [(2500, 512, 448, 8), (5000, 512, 100, 8)]


@pytest.mark.parametrize(("height", "crop", "stride", "margin"), SIZES)
def test_blocks_share_out_every_row_of_the_mask_and_compute_all_that_decides_it(height, crop, stride, margin):
    rows = plan_tiles(height, 2 * crop, crop, stride, margin).rows
    for count in {1, 2, 3, len(rows)} - set(range(len(rows) + 1, 4)):
        blocks = [row_block(rows, index, count) for index in range(count)]
        assert [b.top for b in blocks] == [0, *(b.bottom for b in blocks[:-1])]
        assert blocks[-1].bottom == height
        assert all(b.bottom > b.top for b in blocks)
        for block in blocks:
            reach = [n for n in range(len(rows)) if _touches(rows, n, block.top, block.bottom)]
            assert list(block.tile_rows) == reach


def _touches(rows, number, top, bottom):
    return rows.core_starts[number] < bottom and rows.core_starts[number] + rows.core > top


def test_one_block_is_the_whole_mask():
    rows = plan_tiles(301, 301, 64, 48, 4).rows
    assert row_block(rows, 0, 1) == whole_block(rows)


@pytest.mark.parametrize(("index", "count"), [(-1, 2), (2, 2), (0, 8)])
def test_a_block_that_there_is_not_is_refused(index, count):
    with pytest.raises(ValueError, match=f"no block {index} of {count} in 7 tile rows"):
        row_block(plan_tiles(301, 301, 64, 48, 4).rows, index, count)


@pytest.mark.parametrize(
    ("tile_rows", "shares", "blocks"),
    [(100, 1.0, 1), (100, 4.0, 8), (100, 2.3, 6), (24, 4.0, 4), (5, 4.0, 2), (3, 2.0, 1), (0, 2.0, 1)],
)
def test_blocks_are_two_a_share_where_they_are_large_enough(tile_rows, shares, blocks):
    assert blocks_wanted(tile_rows, shares) == blocks


def scenes(count):
    return [Segment(f"s{n}.tif", "model", f"m{n}.tif") for n in range(count)]


@pytest.fixture
def seen(monkeypatch):
    """Every scene has a hundred rows of tiles and so many ``bytes`` of pixels; ``opened``: those that were looked at."""
    seen = {"bytes": 10**9}

    def look(what, asked, cancelled):
        opened.extend(r.source for r in asked.values())
        return {number: [100, seen["bytes"]] for number in asked}

    monkeypatch.setattr(block_planning, "probe_scenes", look)
    seen["opened"] = opened = []
    return seen


def cuts(requests, sizes, workers=4, least=10):
    return block_planning.plan_blocks(requests, sizes, sizes, workers, least, lambda: False)


def test_only_a_scene_that_is_worth_more_than_a_share_is_opened_and_cut(seen):
    assert cuts(scenes(4), [900, 50, 50, 100]) == {0: 8}
    assert seen["opened"] == ["s0.tif"]


def test_nothing_is_cut_for_one_worker_or_where_all_have_enough_or_below_the_bound(seen):
    assert cuts(scenes(1), [100], workers=1) == {}
    assert cuts(scenes(8), [100] * 8) == {}
    assert cuts(scenes(1), [100], least=101) == {}
    assert seen["opened"] == []


def test_the_stock_path_is_never_cut(seen):
    assert cuts([dataclasses.replace(s, pipeline="stock") for s in scenes(1)], [100]) == {}


@pytest.mark.parametrize("look", [lambda *_: {}, lambda *_: open("/nowhere")])
def test_a_scene_that_cannot_be_opened_stays_whole(monkeypatch, look):
    monkeypatch.setattr(block_planning, "probe_scenes", look)
    assert cuts(scenes(1), [100]) == {}


def costs(requests, shares=None):
    return scene_costs(requests, [local_bytes(r) for r in requests], shares)


def test_what_names_other_files_has_a_cost_that_is_not_known_and_is_opened_to_see(tmp_path, seen):
    for name, size in (("a.tif", 100), ("b.tif", 300), ("c.vrt", 7), ("MTD_MSIL1C.xml", 7)):
        (tmp_path / name).write_bytes(b"x" * size)
    (tmp_path / "d.SAFE").mkdir()
    names = ("a.tif", "b.tif", "c.vrt", "d.SAFE", "MTD_MSIL1C.xml")
    requests = [Segment(str(tmp_path / name), "model", "m.tif") for name in names]
    assert costs(requests) == [100, 300, 200, 200, 200]
    assert costs(requests[2:3]) == [1.0]
    for pixels, expected in ((10**9, {0: 8}), (10**9 - 1, {})):
        seen["bytes"] = pixels
        for request in requests[2:]:
            assert block_planning.plan_blocks([request], costs([request]), [0.0], 4, 10**9, lambda: False) == expected
    assert seen["opened"] == [r.source for r in requests[2:]] * 2


def test_a_product_that_is_a_folder_is_worth_its_images_however_it_is_named(tmp_path):
    product = tmp_path / "S2A_MSIL1C_20230314T104021_N0509_R008_T31UFS_20230314T124021.SAFE"
    images = product / "GRANULE" / "L1C_T31UFS" / "IMG_DATA"
    images.mkdir(parents=True)
    main = product / "MTD_MSIL1C.xml"
    main.write_text("<metadata/>")
    (product / "preview.jpg").write_bytes(b"x" * 50)
    for band in ("B02", "B03"):
        (images / f"T31UFS_{band}.jp2").write_bytes(b"x" * 400)
    (tmp_path / "small.tif").write_bytes(b"x" * 100)
    names = (tmp_path / "small.tif", product, main, f"SENTINEL2_L1C:{main}:10m:EPSG_32631")
    assert costs([Segment(str(name), "model", "m.tif") for name in names]) == [100, 800, 800, 800]


def test_a_granule_of_one_file_a_band_is_worth_its_bands_in_a_folder_of_many_too(tmp_path):
    names = ("HLS.S30.T10SEG.2023200T184921.v2.0", "HLS.S30.T11SEG.2023200T184921.v2.0")
    for name, size in zip(names, (100, 900)):
        for band in ("B02", "B03"):
            (tmp_path / f"{name}.{band}.tif").write_bytes(b"x" * size)
    assert costs([Segment(str(tmp_path / name), "model", "m.tif") for name in names]) == [200, 1800]


def test_a_window_costs_its_part_of_the_files_and_what_is_not_known_costs_as_the_others(tmp_path):
    for name, size in (("a.tif", 1000), ("b.tif", 3000), ("c.tif", 3000)):
        (tmp_path / name).write_bytes(b"x" * size)
    names = [*(str(tmp_path / f"{name}.tif") for name in "abc"), "https://host/d.tif"]
    windows = [Segment(name, "model", "m.tif", extent=(0.0, 0.0, 1.0, 1.0)) for name in names]
    assert costs(windows, {0: 0.5, 1: 0.1}) == [500, 300, 900, 500]
    assert costs(windows[:1], {0: 0.0}) == [1.0]


def test_a_small_window_of_large_files_is_judged_by_its_own_size(seen):
    (scene,) = scenes(1)
    window = dataclasses.replace(scene, extent=(0.0, 0.0, 1.0, 1.0))
    seen["bytes"] = 499
    assert cuts([window], [1000], least=500) == {}
    assert cuts([scene], [1000], least=500) == {0: 8}
    seen["bytes"] = 500
    assert cuts([window], [1000], least=500) == {0: 8}


def test_blocks_stand_for_their_scene_and_are_put_together_last():
    tasks = TaskGraph(scenes(3), [10.0, 90.0, 20.0], {1: 3})
    assert tasks.scenes == [0, 1, 1, 1, 1, 2]
    assert [r.block for r in tasks.requests] == [(), (0, 3), (1, 3), (2, 3), (), ()]
    assert [r.join for r in tasks.requests] == [0, 0, 0, 0, 3, 0]
    assert tasks.after == {4: (1, 2, 3)}
    assert sum(tasks.costs) == 120
    assert [tasks.is_block(n) for n in range(6)] == [False, True, True, True, False, False]
    assert tasks.share_done(1, {1, 3}) == 0.5
