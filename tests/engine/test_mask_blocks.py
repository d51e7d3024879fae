"""A mask made in blocks by several workers is the one that is made whole, pixel by pixel."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
from rasterio.control import GroundControlPoint
from rasterio.transform import Affine

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.messages import ManyDone, SceneDone, Segment
from prithvi_qgis.engine.inference.segment_scene import run_segment
from prithvi_qgis.engine.many.segment_many import segment_many
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.writing.atomic_outputs import MARK, clean_leftovers
from prithvi_qgis.engine.writing.mask_blocks import block_path, remove_blocks
from support.stand_in import StandIn
from support.synthetic_scenes import blobs

ROTATED = {"transform": Affine(8, 3, 500_000, 3, -8, 4_600_000)}
POINTS = [GroundControlPoint(r, c, c / 100, r / 100) for r, c in ((0, 0), (0, 9), (9, 0))]
CASES = {
    "two blocks": (301, 333, 2, {}, {}),
    "a deep overlap": (301, 333, 3, {}, {"stride": 11}),
    "no overlap": (301, 333, 3, {}, {"stride": 64}),
    "column bands": (257, 2500, 3, {}, {"memory_mb": 1}),
    "file in tiles": (515, 400, 3, {"tiled": True, "blockxsize": 128, "blockysize": 128}, {}),
    "small patches": (301, 333, 3, ROTATED, {"min_area": "25 px"}),
    "unsure": (301, 333, 2, {"gcps": POINTS}, {"min_probability": {"0": 0.6, "1": 0.7}}),
    "an extent": (400, 333, 3, {}, {"extent": (500_400, 4_596_300, 502_900, 4_599_200)}),
    "as many blocks as tile rows": (301, 100, 7, {}, {}),
}


def outputs(folder, **kinds):
    folder.mkdir()
    return {
        **kinds,
        "probability": str(folder / "p.tif"),
        "polygons": str(folder / "p.gpkg"),
        "thumbnail": str(folder / "t.png"),
    }


def read_mask(path):
    """Pixels, grid and tags of a raster; of the tags without those that tell when."""
    with rasterio.open(path) as src:
        tags = {k: v for k, v in src.tags().items() if k != "TIFFTAG_DATETIME"}
        outcome = json.loads(tags.pop("PRITHVI_OUTCOME", "{}"))
        for name in ("seconds", "started", "tiles_per_s"):
            outcome.pop(name, None)
        places = [(g.row, g.col, g.x, g.y) for g in src.gcps[0]]
        return src.read(), (src.profile, src.descriptions, places), tags, outcome


def hidden(folder):
    return sorted(p.name for p in folder.rglob("*") if MARK in p.name)


@pytest.mark.parametrize("case", CASES)
def test_blocks_make_the_same_mask_as_the_whole(case, make_scene, segment, tmp_path):
    height, width, count, file, fields = CASES[case]
    values = blobs(height, width)
    values[2, np.random.default_rng(3).random((height, width)) < 0.1] = 0
    values[2, 60:150, 40:90] = 0
    points = file.get("gcps")
    source = make_scene(values=values, nodata=0, **({"transform": None} if points else file))
    if points:
        with rasterio.open(source, "r+") as out:
            out.gcps = points, rasterio.crs.CRS.from_epsg(4326)
    (statistics, classes), _ = segment(source, **outputs(tmp_path / "whole", **fields))
    for name in ("mask.tif", "mask.tif.aux.xml", "mask.qml"):
        shutil.move(tmp_path / name, tmp_path / "whole" / name)
    shared = outputs(tmp_path / "shared", **fields)
    for index in range(count):
        segment(source, **shared, block=(index, count))
    parts = {block_path(shared["probability"], n, count).name for n in range(count)}
    assert {p.name for p in (tmp_path / "shared").iterdir()} == parts
    (joined, joined_classes), _ = segment(source, **shared, join=count)
    remove_blocks(Segment("", "", str(tmp_path / "mask.tif"), probability=shared["probability"]))

    for whole, made in (("whole/mask.tif", "mask.tif"), ("whole/p.tif", "shared/p.tif")):
        (a, place_a, tags_a, outcome_a), (b, place_b, tags_b, outcome_b) = (
            read_mask(tmp_path / p) for p in (whole, made)
        )
        assert np.array_equal(a, b)
        assert (place_a, tags_a, outcome_a) == (place_b, tags_b, outcome_b)
    assert 0.02 < (a == 255).mean() < 0.5
    assert joined_classes == classes
    assert (joined.tiles, joined.nodata) == (statistics.tiles, statistics.nodata)
    for name in ("mask.tif.aux.xml", "mask.qml"):
        assert (tmp_path / name).read_text() == (tmp_path / "whole" / name).read_text()
    assert (tmp_path / "whole/t.png").read_bytes() == (tmp_path / "shared/t.png").read_bytes()
    patches = [pyogrio.read_dataframe(tmp_path / f / "p.gpkg") for f in ("whole", "shared")]
    assert patches[0].equals(patches[1])
    assert hidden(tmp_path) == []


def test_a_block_reads_and_computes_what_it_needs_and_no_more(make_scene, segment, stand_in, monkeypatch):
    rows = []
    read = RasterioSource.read_window
    monkeypatch.setattr(
        RasterioSource,
        "read_window",
        lambda self, window, *a: (rows.append((window.top, window.bottom)), read(self, window, *a)),
    )
    source = make_scene(1000, 50, blockysize=16)  # 21 tile rows, 48 apart: 7 a block
    (statistics, _), _ = segment(source, block=(1, 3))
    assert statistics.tiles == 8
    assert sum(len(t) for t in stand_in.tiles) == 8
    assert (min(a for a, _ in rows), max(b for _, b in rows)) == (6 * 48 - 4, 13 * 48 - 4 + 64)


def test_a_scene_of_which_a_block_holds_nothing_is_made_like_the_whole(make_scene, segment, tmp_path):
    values = blobs(300, 200)
    values[:, :140] = 0
    source = make_scene(values=values, nodata=0)
    segment(source)
    whole = read_mask(tmp_path / "mask.tif")[0]
    for index in range(3):
        segment(source, block=(index, 3))
    segment(source, join=3)
    assert np.array_equal(read_mask(tmp_path / "mask.tif")[0], whole)


def test_a_part_that_is_missing_or_of_another_run_is_refused_and_the_old_mask_stays(make_scene, segment, tmp_path):
    source = make_scene(300, 200)
    (tmp_path / "mask.tif").write_text("old")
    segment(source, block=(0, 2))
    with pytest.raises(PrithviError, match="block-2of2") as e:
        segment(source, join=2)
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE
    segment(source, block=(1, 2), scale=0.00012)
    with pytest.raises(PrithviError, match="has changed since it was begun"):
        segment(source, join=2)
    assert (tmp_path / "mask.tif").read_text() == "old"
    assert hidden(tmp_path) == [block_path(str(tmp_path / "mask.tif"), n, 2).name for n in range(2)]


def test_a_block_that_is_cancelled_leaves_nothing(make_scene, segment, tmp_path):
    calls = iter(range(1000))
    with pytest.raises(PrithviError, match="Cancelled"):
        segment(make_scene(400, 400), block=(1, 2), cancelled=lambda: next(calls) > 3)
    assert [p.name for p in tmp_path.iterdir()] == ["scene.tif"]


def test_what_a_killed_engine_leaves_of_a_part_is_cleaned_and_finished_parts_are_not(tmp_path):
    import os

    from prithvi_qgis.engine.writing import atomic_outputs

    done = block_path(str(tmp_path / "mask.tif"), 0, 2)
    with atomic_outputs.AtomicOutputs() as mine:
        unfinished = mine.stage(str(done))
        gone = unfinished.with_name(unfinished.name.replace(f"{MARK}{os.getpid()}-", f"{MARK}4194305-"))
        gone.touch()
        done.touch()
        assert clean_leftovers(tmp_path) == 1
        assert done.exists()
        assert not gone.exists()


class Loader:
    """Gives the backend that the test made."""

    def __init__(self, backend):
        self.backend = backend

    def load(self, request, card):
        return self.backend, 0.0


@pytest.mark.parametrize("wrong", [{"block": (2, 2)}, {"block": (1,)}, {"join": 9}, {"block": (0, 2), "join": 2}])
def test_blocks_that_there_are_not_are_refused(wrong, card, make_scene, tmp_path):
    request = Segment(str(make_scene(900, 100)), str(card.folder), str(tmp_path / "mask.tif"), **wrong)
    with pytest.raises(PrithviError) as e:
        run_segment(request, Loader(StandIn()), lambda m: None)
    assert e.value.code is ErrorCode.PARAMETER_INVALID
    stock = dataclasses.replace(request, block=(0, 2), join=0, pipeline="stock")
    with pytest.raises(PrithviError, match="takes whole scenes"):
        run_segment(stock, Loader(StandIn()), lambda m: None)


def test_a_worker_makes_blocks_beside_scenes_and_puts_them_together(card, make_scene, vllm_backend, tmp_path):
    large, small = make_scene(1500, 520, "large.tif"), make_scene(200, 300, "small.tif", values=blobs(200, 300, seed=4))
    wanted = Segment(str(large), str(card.folder), str(tmp_path / "large_mask.tif"))
    blocks = [dataclasses.replace(wanted, block=(n, 2)) for n in range(2)]
    other = Segment(str(small), str(card.folder), str(tmp_path / "small_mask.tif"))

    def tasks():
        yield from (blocks[0], other, blocks[1])
        parts = [block_path(wanted.output, n, 2) for n in range(2)]
        began = time.monotonic()
        while not all(p.exists() for p in parts):
            assert time.monotonic() - began < 120
            yield None
        yield dataclasses.replace(wanted, join=2)

    heard = []
    assert segment_many(tasks(), Loader(vllm_backend), heard.append) == ManyDone(4, 0)
    done = {m.number: m for m in heard if isinstance(m, SceneDone)}
    assert done[3].result.tiles == 8
    assert done[0].result.tiles + done[2].result.tiles == 10
    alone = dataclasses.replace(wanted, output=str(tmp_path / "alone.tif"))
    result = run_segment(alone, Loader(vllm_backend), lambda m: None)
    (a, _, tags_a, outcome_a), (b, _, tags_b, outcome_b) = read_mask(wanted.output), read_mask(alone.output)
    assert np.array_equal(a, b)
    assert (tags_a, outcome_a) == (tags_b, outcome_b)
    assert 0.05 < a.mean() < 0.95
    assert done[3].result.classes == result.classes
    # Putting together takes no time to speak of: the seconds are those since the first block was begun.
    assert done[3].result.seconds > max(done[n].result.seconds for n in (0, 2)) / 2
    assert Path(other.output).exists()
