"""A small scene is read at once and its rows are finished together; nothing else about it changes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.models.model_card import ModelClass
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.inference.memory_layout import plan_layout
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading import rasterio_source
from prithvi_qgis.engine.tiling import ring_buffer
from support.stand_in import as_large
from support.synthetic_scenes import blobs, punch


@pytest.fixture
def reads(monkeypatch):
    """The pieces that were read."""
    windows, load = [], ring_buffer.TileRingBuffer.load

    def watched(self, window, after):
        windows.append(window)
        load(self, window, after)

    monkeypatch.setattr(ring_buffer.TileRingBuffer, "load", watched)
    return windows


@pytest.mark.parametrize("size", [(1, 1), (65, 64), (57, 333), (301, 301), (200, 700)])
@pytest.mark.parametrize("stride", [0, 30])
def test_its_outputs_are_those_of_a_scene_that_is_walked_row_by_row(size, stride, make_scene, segment, reads, tmp_path):
    hole = np.zeros(size, bool)
    hole[size[0] // 3 : size[0] // 2, : size[1] // 2] = True
    values, profile = punch("value", blobs(*size), hole)
    path = make_scene(*size, values=values, tiled=True, blockxsize=64, blockysize=64, **profile)

    def outputs():
        reads.clear()
        (statistics, areas), _ = segment(path, stride=stride, probability=str(tmp_path / "p.tif"))
        rasters = [rasterio.open(tmp_path / name).read() for name in ("mask.tif", "p.tif")]
        return rasters, (areas, statistics.nodata), len(reads)

    whole, facts, windows = outputs()
    assert windows == 1
    with pytest.MonkeyPatch.context() as patch:
        as_large(patch)
        walked, walked_facts, windows = outputs()
    assert (windows > 1) == (size[0] > 100)
    assert facts == walked_facts
    assert all(np.array_equal(a, b) for a, b in zip(whole, walked))


@pytest.mark.parametrize("kind", ["value", "nan"])
def test_a_piece_is_read_a_few_blocks_at_a_time_whatever_its_numbers(kind, make_scene, segment, tmp_path, monkeypatch):
    hole = np.zeros((300, 200), bool)
    hole[40:250, 30:90] = True
    values, profile = punch(kind, blobs(300, 200), hole)
    path = make_scene(values=values, tiled=True, blockxsize=64, blockysize=64, **profile)
    segment(path)
    at_once = rasterio.open(tmp_path / "mask.tif").read(1)
    monkeypatch.setattr(rasterio_source, "WINDOW_BYTES", 1)
    segment(path)
    assert np.array_equal(rasterio.open(tmp_path / "mask.tif").read(1), at_once)
    assert np.array_equal(at_once == 255, hole)


def test_a_part_of_it_is_read_at_once_too(make_scene, segment, reads):
    segment(
        make_scene(300, 300, tiled=True, blockxsize=64, blockysize=64), extent=(500_500, 4_598_000, 502_000, 4_599_500)
    )
    assert [(p.bottom - p.top, p.right - p.left) for p in reads] == [(150, 150)]


@pytest.mark.parametrize(
    ("size", "classes"), [((1100, 1250), 13), ((512, 2700), 13), ((700, 1900), 20), ((300, 300), 2)]
)
def test_it_takes_no_more_memory_than_other_scenes_may(size, classes, make_scene, card):
    opened = rasterio_source.RasterioSource(str(make_scene(*size, tiled=True, blockxsize=512, blockysize=512)))
    many = tuple(ModelClass(n, f"class {n}", "#000000") for n in range(classes))
    large = dataclasses.replace(card, classes=many, tile=512, stride=448, margin=8)
    opened.prepare(large, (), None, None)
    try:
        plan = PreparedScene(Segment(opened.source, "", ""), large, opened).plan
        layout = plan_layout(opened, large, plan, 2, 64 << 20, 256 << 20)
    finally:
        opened.close()
    assert layout.size_bytes < 70 << 20
    assert layout.finish_at_once == (size == (300, 300))
