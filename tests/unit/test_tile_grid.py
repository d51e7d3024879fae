"""Where tiles lie."""

from __future__ import annotations

import numpy as np
import pytest

from prithvi_qgis.engine.tiling.tile_grid import BLEND_FLOOR, plan_column_strips, plan_tiles

SIZES = [1, 2, 63, 64, 65, 112, 113, 120, 121, 500, 512, 513, 1000]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("stride", "margin"), [(48, 8), (64, 0), (64, 8), (20, 4), (1, 4)])
def test_every_pixel_of_any_size_is_covered(size, stride, margin):
    if stride == 1 and size > 130:
        pytest.skip("a thousand tiles teach nothing more")
    axis = plan_tiles(size, 1000, 64, stride, margin).rows
    ramps, counts = axis.weight_sums()
    assert counts.min() >= 1
    assert (ramps + BLEND_FLOOR * counts).min() > 0
    assert axis.core_starts[0] == 0
    assert axis.core_starts[-1] + axis.core == size


def test_a_scene_within_one_tile_has_no_margin_and_no_blending():
    plan = plan_tiles(30, 64, 64, 48, 8)
    assert plan.count == 1
    assert (plan.rows.core, plan.rows.trim, plan.rows.read_starts) == (30, 0, (0,))
    assert np.all(plan.blend_mask() == np.float32(1 + BLEND_FLOOR))


def test_a_long_scene_starts_a_margin_before_its_first_pixel():
    cols = plan_tiles(512, 1024, 512, 448, 8).cols
    assert cols.read_starts == (-8, 440, 520)
    assert cols.core_starts == (0, 448, 528)
    assert cols.core == 496


def test_a_stride_as_large_as_the_tile_leaves_no_margin_and_no_overlap():
    cols = plan_tiles(64, 256, 64, 64, 8).cols
    assert cols.read_starts == (0, 64, 128, 192)
    assert np.all(cols.ramp == 1)


def test_the_pixel_that_terratorch_leaves_out_gets_a_tile():
    # m - crop - 1 = 0, so that TerraTorch's range is empty and pixel 0 belongs to no tile.
    assert plan_tiles(65, 64, 64, 64, 8).rows.core_starts == (0, 1)


def test_weights_of_the_whole_scene_are_the_sum_of_the_tiles_masks():
    plan = plan_tiles(200, 333, 64, 48, 4)
    total = np.zeros((200, 333))
    mask = plan.blend_mask()
    for y in plan.rows.core_starts:
        for x in plan.cols.core_starts:
            total[y : y + plan.rows.core, x : x + plan.cols.core] += mask
    (ry, cy), (rx, cx) = plan.rows.weight_sums(), plan.cols.weight_sums()
    assert np.allclose(np.outer(ry, rx) + BLEND_FLOOR * np.outer(cy, cx), total, rtol=1e-6)


@pytest.mark.parametrize("arguments", [(0, 5, 64, 48, 8), (5, 5, 64, 0, 8), (5, 5, 64, 65, 8), (5, 5, 64, 48, -1)])
def test_impossible_numbers_are_refused(arguments):
    with pytest.raises(ValueError, match="cannot tile"):
        plan_tiles(*arguments)


@pytest.mark.parametrize("max_columns", [1, 300, 700, 10_000])
@pytest.mark.parametrize("stride", [48, 37, 64, 5])
def test_bands_of_columns_follow_one_another_without_gap(max_columns, stride):
    cols = plan_tiles(64, 1900, 64, stride, 4).cols
    bands = plan_column_strips(cols, max_columns, 256)
    assert bands[0].first == bands[0].begin == 0
    assert bands[-1].last == len(cols)
    assert bands[-1].final == bands[-1].end == 1900
    for a, b in zip(bands, bands[1:]):
        assert (a.last, a.final) == (b.first, b.begin)
        assert a.final % 256 == 0
        assert a.begin < a.final <= cols.core_starts[b.first] <= a.end <= b.end


@pytest.mark.parametrize(
    ("tiles", "contiguous"),
    [
        ([(0, 0)], slice(0, 1)),
        ([(0, 2), (1, 0), (1, 1)], slice(2, 5)),
        ([(0, 0), (0, 2)], None),
        ([(0, 1), (1, 1)], None),
    ],
)
def test_tiles_in_a_row_are_a_part_of_all_tiles_counted_row_by_row(tiles, contiguous):
    plan = plan_tiles(150, 150, 64, 48, 4)
    assert (len(plan.rows), len(plan.cols)) == (3, 3)
    assert plan.contiguous_slice(tiles) == contiguous


def test_scenes_of_one_size_have_one_plan():
    assert plan_tiles(300, 200, 64, 48, 4) is plan_tiles(300, 200, 64, 48, 4)
    assert plan_tiles(300, 200, 64, 48, 4) is not plan_tiles(300, 201, 64, 48, 4)
