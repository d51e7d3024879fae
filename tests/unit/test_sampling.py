"""The small windows by which a scene's scaling is judged."""

from __future__ import annotations

import pytest

from prithvi_qgis.core.scenes.sampling import SAMPLE_SIDE, rows_and_columns, sample_windows


@pytest.mark.parametrize("block", [(1, 1), (512, 512), (10980, 1), (300, 7)])
@pytest.mark.parametrize("area", [(0, 0, 10980, 10980), (1000, 37, 700, 5000), (3, 3, 64, 64)])
def test_windows_lie_inside_and_reach_both_ends(area, block):
    windows = sample_windows(area, block)
    assert all(c >= 0 and r >= 0 and c + w <= area[2] and r + h <= area[3] for c, r, w, h in windows)
    assert min(c for c, *_ in windows) == 0
    assert max(c for c, *_ in windows) >= (area[2] - SAMPLE_SIDE) * 0.9 - block[0] * (block[0] < 1000)


def test_a_window_lies_in_one_block_of_a_tiled_file():
    for col, row, width, height in sample_windows((100, 50, 5000, 4000), (256, 256)):
        assert (col + 100) // 256 == (col + 100 + width - 1) // 256
        assert (row + 50) // 256 == (row + 50 + height - 1) // 256


def test_strips_do_not_push_every_window_to_the_left_edge():
    # A swath leaves the left of a scene without data; judging by it alone would judge by nothing.
    assert len({col for col, *_ in sample_windows((0, 0, 500, 300), (500, 4))}) == 4


def test_a_small_scene_is_one_window():
    assert sample_windows((0, 0, 40, 30), (40, 30)) == [(0, 0, 40, 30)]


@pytest.mark.parametrize("area", [(0, 0, 40, 30), (3, 5, 200, 90), (7, 0, 1024, 1031)])
def test_rows_and_columns_cross_in_the_pixels_of_the_windows_as_often(area):
    windows = sample_windows(area, (512, 512))
    rows, cols = rows_and_columns(windows)
    crossings = sorted((row, col) for row in rows for col in cols)
    assert crossings == sorted((r + y, c + x) for c, r, w, h in windows for y in range(h) for x in range(w))
