"""A device that is full: fewer tiles at once, then a clear end. The real card is filled by tools/bench/full_card.py."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import torch
from conftest import StandIn

from prithvi_qgis.contract.errors import ErrorCode, PrithviError


class Small(StandIn):
    """Room for so many tiles at once."""

    batch_size = 8
    tile_bytes = 300 << 20

    def __init__(self, room):
        super().__init__()
        self.room, self.batches = room, []

    def forward(self, tiles, coords):
        self.batches.append(len(tiles))
        if len(tiles) > self.room:
            raise torch.OutOfMemoryError("made by the test")
        return super().forward(tiles, coords)


def read(path):
    with rasterio.open(path) as src:
        return src.read(1)


def test_the_batch_is_halved_until_it_fits_and_every_tile_is_done_once(make_scene, segment, tmp_path):
    path = make_scene(200, 700)
    segment(path, Small(100))
    expected = read(tmp_path / "mask.tif")
    told, small = [], Small(3)
    (tally, _), _ = segment(path, small, tell=told.append)
    assert small.batches[:3] == [8, 4, 2]
    assert max(small.batches[3:]) == 2
    assert sum(b for b in small.batches if b <= 3) == tally.tiles
    assert np.array_equal(read(tmp_path / "mask.tif"), expected)
    warnings = [m.text for m in told if getattr(m, "level", "") == "warning"]
    assert [w.split("for ")[1].split(" tiles")[0] for w in warnings] == ["8", "4"]


def test_no_room_for_a_single_tile_ends_in_one_line_and_no_file(make_scene, segment, tmp_path):
    with pytest.raises(PrithviError) as e:
        segment(make_scene(200, 400), Small(0))
    assert e.value.code is ErrorCode.OUT_OF_MEMORY
    assert "even tile by tile" in e.value.line
    assert "takes about 500 MB" in e.value.line
    assert [p.name for p in tmp_path.iterdir()] == ["scene.tif"]
