"""Blending in bands gives what blending all at once gives."""

from __future__ import annotations

import numpy as np
import pytest

from prithvi_qgis.engine.blend import Blender
from prithvi_qgis.engine.tiling import plan_bands, plan_tiles

CROP = 64


def _tile(scene, row, col):
    """The part of a scene under a tile, as a prediction of (classes, crop, crop); outside the scene it is -9."""
    out = np.full((scene.shape[0], CROP, CROP), -9, np.float32)
    h, w = scene.shape[1:]
    y0, x0 = max(row, 0), max(col, 0)
    y1, x1 = min(row + CROP, h), min(col + CROP, w)
    out[:, y0 - row : y1 - row, x0 - col : x1 - col] = scene[:, y0:y1, x0:x1]
    return out, (slice(y0, y1), slice(x0, x1))


def _blend(scene, empty, plan, max_columns, folder, noise=0.0):
    rng = np.random.default_rng(1)
    logits = np.full(scene.shape, np.nan, np.float32)
    nodata = np.zeros(empty.shape, bool)
    seen = np.zeros(empty.shape, int)
    blender = Blender(plan, plan_bands(plan.cols, max_columns, 256), scene.shape[0], folder)
    for row, col in blender.order():
        prediction, part = _tile(scene, plan.rows.read_starts[row], plan.cols.read_starts[col])
        prediction += noise * rng.normal()
        hidden = empty[part]
        done = blender.add(row, col, None if hidden.all() else prediction, hidden)
        if done:
            area = (slice(done.top, done.top + done.empty.shape[0]), slice(done.left, done.left + done.empty.shape[1]))
            logits[(slice(None), *area)] = done.logits
            nodata[area] = done.empty
            seen[area] += 1
    blender.close()
    assert seen.min() == seen.max() == 1
    return logits, nodata


@pytest.mark.parametrize("size", [(300, 900), (64, 1000), (130, 57), (1, 700), (700, 1)])
@pytest.mark.parametrize("stride", [48, 64, 20])
@pytest.mark.parametrize("max_columns", [1, 400, 5000])
def test_a_prediction_equal_to_the_scene_comes_back_as_the_scene(size, stride, max_columns, tmp_path):
    rng = np.random.default_rng(0)
    scene = rng.normal(size=(3, *size)).astype(np.float32)
    empty = rng.random(size) < 0.3
    empty[: size[0] // 2, : size[1] // 3] = True
    logits, nodata = _blend(scene, empty, plan_tiles(*size, CROP, stride, 4), max_columns, tmp_path)
    assert np.array_equal(nodata, empty)
    assert np.allclose(logits[:, ~empty], scene[:, ~empty], atol=1e-5)


def test_bands_change_nothing_where_neighbouring_tiles_disagree(tmp_path):
    scene = np.zeros((2, 200, 1500), np.float32)
    empty = np.zeros((200, 1500), bool)
    plan = plan_tiles(200, 1500, CROP, 48, 4)

    def unsteady(max_columns):
        # The noise of a tile must depend on its place and not on the order, so it is drawn from its read starts.
        blender = Blender(plan, plan_bands(plan.cols, max_columns, 256), 2, tmp_path)
        out = np.zeros(scene.shape, np.float32)
        for row, col in blender.order():
            value = np.sin(plan.rows.read_starts[row] * 1.7 + plan.cols.read_starts[col] * 0.3)
            h = min(plan.rows.read_starts[row] + CROP, 200) - max(plan.rows.read_starts[row], 0)
            w = min(plan.cols.read_starts[col] + CROP, 1500) - max(plan.cols.read_starts[col], 0)
            done = blender.add(row, col, np.full((2, CROP, CROP), value, np.float32), empty[:h, :w])
            if done:
                rows, cols = done.empty.shape
                out[:, done.top : done.top + rows, done.left : done.left + cols] = done.logits
        blender.close()
        return out

    whole = unsteady(5000)
    assert whole.std() > 0.1
    assert np.allclose(unsteady(1), whole, atol=1e-5)


def test_a_seam_leaves_no_file_behind(tmp_path):
    scene = np.zeros((2, 64, 1200), np.float32)
    _blend(scene, np.zeros((64, 1200), bool), plan_tiles(64, 1200, CROP, 48, 4), 1, tmp_path)
    assert list(tmp_path.iterdir()) == []
