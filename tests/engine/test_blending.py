"""Blending in bands gives what blending all at once gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from prithvi_qgis.engine.tiling.blending import Blender
from prithvi_qgis.engine.tiling.tile_grid import plan_column_strips, plan_tiles

CROP = 64


def _tile(scene, row, col):
    """The part of a scene under a tile, as a prediction of (classes, crop, crop); outside the scene it is -9."""
    out = np.full((scene.shape[0], CROP, CROP), -9, np.float32)
    h, w = scene.shape[1:]
    y0, x0 = max(row, 0), max(col, 0)
    y1, x1 = min(row + CROP, h), min(col + CROP, w)
    out[:, y0 - row : y1 - row, x0 - col : x1 - col] = scene[:, y0:y1, x0:x1]
    return out, (slice(y0, y1), slice(x0, x1))


def _walk(plan, max_columns, classes, folder, predict):
    """Blends what ``predict(row, col)`` gives for each tile; returns (classes, h, w) logits."""
    out = np.full((classes, plan.rows.size, plan.cols.size), np.nan, np.float32)
    seen = np.zeros(out.shape[1:], int)

    def emit(done):
        rows, cols = done.logits.shape[1:]
        area = (slice(done.top, done.top + rows), slice(done.left, done.left + cols))
        out[(slice(None), *area)] = done.logits.numpy()
        seen[area] += 1

    bands = plan_column_strips(plan.cols, max_columns, 256)
    blender = Blender(plan, bands, classes, folder, torch.device("cpu"), emit)
    for band, row, col in blender.order():
        logits = predict(row, col)
        blender.add(band, row, col, None if logits is None else torch.from_numpy(logits))
    blender.close()
    assert seen.min() == seen.max() == 1
    return out


@pytest.mark.parametrize("size", [(300, 900), (64, 1000), (130, 57), (1, 700), (700, 1)])
@pytest.mark.parametrize("stride", [48, 64, 20])
@pytest.mark.parametrize("max_columns", [1, 400, 5000])
def test_a_prediction_equal_to_the_scene_comes_back_as_the_scene(size, stride, max_columns, tmp_path):
    rng = np.random.default_rng(0)
    scene = rng.normal(size=(3, *size)).astype(np.float32)
    empty = rng.random(size) < 0.3
    empty[: size[0] // 2, : size[1] // 3] = True
    plan = plan_tiles(*size, CROP, stride, 4)

    def predict(row, col):
        prediction, part = _tile(scene, plan.rows.read_starts[row], plan.cols.read_starts[col])
        return None if empty[part].all() else prediction

    logits = _walk(plan, max_columns, 3, tmp_path, predict)
    assert np.allclose(logits[:, ~empty], scene[:, ~empty], atol=1e-5)


def test_bands_change_nothing_where_neighbouring_tiles_disagree(tmp_path):
    plan = plan_tiles(200, 1500, CROP, 48, 4)

    def predict(row, col):
        # The noise of a tile must depend on its place and not on the order, so it is drawn from its read starts.
        value = np.sin(plan.rows.read_starts[row] * 1.7 + plan.cols.read_starts[col] * 0.3)
        return np.full((2, CROP, CROP), value, np.float32)

    whole = _walk(plan, 5000, 2, tmp_path, predict)
    assert whole.std() > 0.1
    assert np.allclose(_walk(plan, 1, 2, tmp_path, predict), whole, atol=1e-5)


def test_a_seam_leaves_no_file_behind(tmp_path):
    _walk(plan_tiles(64, 1200, CROP, 48, 4), 1, 2, tmp_path, lambda row, col: np.zeros((2, CROP, CROP), np.float32))
    assert list(tmp_path.iterdir()) == []
