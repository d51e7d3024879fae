"""A device that is full: fewer tiles at once, then a clear end. The real card is filled by tools/bench/full_card.py."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import torch

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.engine.device import nvml
from prithvi_qgis.engine.model import batch_sizing
from support.stand_in import StandIn


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
    emitted, small = [], Small(3)
    (statistics, _), _ = segment(path, small, tell=emitted.append)
    assert small.batches[:3] == [8, 4, 2]
    assert max(small.batches[3:]) == 2
    assert sum(b for b in small.batches if b <= 3) == statistics.tiles
    assert np.array_equal(read(tmp_path / "mask.tif"), expected)
    warnings = [m.text for m in emitted if getattr(m, "level", "") == "warning"]
    assert [w.split("for ")[1].split(" tiles")[0] for w in warnings] == ["8", "4"]


def test_no_room_for_a_single_tile_ends_in_one_line_and_no_file(make_scene, segment, tmp_path):
    with pytest.raises(PrithviError) as e:
        segment(make_scene(200, 400), Small(0))
    assert e.value.code is ErrorCode.OUT_OF_MEMORY
    assert "even tile by tile" in e.value.line
    assert "takes about 500 MB" in e.value.line
    assert [p.name for p in tmp_path.iterdir()] == ["scene.tif"]


@pytest.fixture
def full_card(monkeypatch):
    """NVML of a card that somebody else fills; there is none where the tests run."""
    monkeypatch.setattr(nvml, "memory_mb", lambda: (400, 8000, 0))
    monkeypatch.setattr(nvml, "other_processes", lambda: ["game, process 7 (7000 MB)"])


def test_the_error_names_what_would_fit_and_who_else_is_on_the_card(full_card, make_scene, segment):
    with pytest.raises(PrithviError) as e:
        segment(make_scene(200, 400), Small(0), tile=256)
    assert "400 of 8000 MB are free" in e.value.line
    assert "A tile of 192 pixels would fit." in e.value.line  # 256 * sqrt((400 - 200) / 300), in steps of 32
    assert "game, process 7 (7000 MB)" in e.value.line


def test_a_halved_batch_names_who_else_is_on_the_card(full_card, make_scene, segment):
    emitted = []
    segment(make_scene(200, 700), Small(3), tell=emitted.append)
    assert all("game, process 7 (7000 MB)" in m.text for m in emitted if getattr(m, "level", "") == "warning")


def test_a_card_that_is_full_at_the_start_is_refused_by_name(full_card):
    with pytest.raises(PrithviError, match=r"400 of 8000 MB free.*game, process 7") as e:
        batch_sizing.gpu_share(0.0)
    assert e.value.code is ErrorCode.OUT_OF_MEMORY


def test_what_is_free_decides_the_share_and_a_margin_stays(monkeypatch):
    monkeypatch.setattr(nvml, "memory_mb", lambda: (6000, 8000, 0))
    assert batch_sizing.gpu_share(0.0) * 8000 == 6000 - batch_sizing.MARGIN_MB
    assert batch_sizing.gpu_share(0.5) == 0.5
    monkeypatch.setattr(nvml, "memory_mb", lambda: (79_000, 80_000, 0))
    assert batch_sizing.gpu_share(0.0) == batch_sizing.MAX_SHARE
