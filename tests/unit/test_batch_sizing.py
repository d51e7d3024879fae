"""How many tiles a model is given at once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from prithvi_qgis.engine.model.batch_sizing import tiles_at_once


@pytest.mark.parametrize(
    ("asked", "device", "classes", "tiles"),
    [
        (0, "cpu", 2, 2),
        (0, "cpu", 128, 2),  # 128 MiB of logits a tile of 512 x 512
        (0, "cpu", 129, 1),
        (3, "cpu", 129, 3),
        (0, "cuda", 129, 32),
        (64, "cuda", 2, 64),
    ],
)
def test_tiles_at_once_are_as_asked_and_one_on_the_cpu_where_there_are_many_classes(asked, device, classes, tiles):
    card = SimpleNamespace(channels=classes, tile=512)
    assert tiles_at_once(asked, card, device) == tiles
