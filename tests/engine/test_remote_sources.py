"""Scenes behind a URL: read as files are, and a server that fails or stalls ends in one error."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.system.heartbeat import Heartbeat
from prithvi_qgis.core.system.timeouts import TIMEOUTS, Timeouts
from prithvi_qgis.engine.inference import stock_pipeline
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading.open_source import open_source
from prithvi_qgis.engine.reading.read_windows import ReadWindow
from support.range_server import Server


@pytest.fixture
def serve(make_scene, monkeypatch):
    """Starts a server with a scene of many blocks; waits of GDAL's are shortened."""
    for name, value in {"MAX_RETRY": "1", "RETRY_DELAY": "0.1", "LOW_SPEED_TIME": "2", "TIMEOUT": "3"}.items():
        monkeypatch.setenv(f"GDAL_HTTP_{name}", value)
    monkeypatch.setenv("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")
    servers = []

    def start(**behaviour):
        rng = np.random.default_rng(0)
        noise = rng.integers(500, 3000, (6, 900, 900)).astype(np.uint16)  # incompressible: many requests
        path = make_scene(values=noise, tiled=True, blockxsize=64, blockysize=64, interleave="pixel")
        servers.append(Server(path, **behaviour))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return servers[-1], path

    yield start
    for server in servers:
        server.released.set()
        server.shutdown()


def test_a_scene_behind_a_url_gives_the_mask_of_the_file(serve, segment, tmp_path):
    server, path = serve()
    segment(path)
    with rasterio.open(tmp_path / "mask.tif") as src:
        expected = src.read(1)
    segment(server.url)
    with rasterio.open(tmp_path / "mask.tif") as src:
        assert np.array_equal(src.read(1), expected)
    assert server.requests > 3


@pytest.mark.parametrize("then", ["fail", "stall"])
def test_a_server_that_breaks_off_ends_in_one_error_and_no_file(then, serve, segment, tmp_path):
    server, _ = serve()
    segment(server.url)
    whole, _ = server.requests, (tmp_path / "mask.tif").unlink()
    for sidecar in tmp_path.glob("mask*"):
        sidecar.unlink()
    server, _ = serve(healthy=whole * 2 // 3, then=then)
    began = time.monotonic()
    with pytest.raises(PrithviError) as e:
        segment(server.url)
    assert time.monotonic() - began < 60
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE
    assert "\n" not in e.value.line
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scene.tif"]


def only_the_engines_timeout(how, monkeypatch):
    """GDAL itself would wait for two minutes: as for a disk that hangs, only the engine's own timeout ends a run."""
    for name in ("LOW_SPEED_TIME", "TIMEOUT"):
        monkeypatch.setenv(f"GDAL_HTTP_{name}", "120")
    return Timeouts(io_stall_s=2.0 if how == "given up" else 100.0)


@pytest.mark.parametrize("how", ["given up", "cancelled"])
def test_a_source_that_hangs_is_given_up_or_cancelled_at_once(how, serve, segment, tmp_path, monkeypatch):
    timeouts = only_the_engines_timeout(how, monkeypatch)
    server, _ = serve()
    segment(server.url)
    for output in tmp_path.glob("mask*"):
        output.unlink()
    server, _ = serve(healthy=server.requests * 2 // 3, then="stall")
    with pytest.raises(PrithviError) as e:
        segment(server.url, cancelled=lambda: how == "cancelled" and server.stalled_for(1.0), timeouts=timeouts)
    assert server.stalled_for(1.0)
    assert not server.stalled_for(20.0)
    if how == "cancelled":
        assert e.value.code is ErrorCode.CANCELLED
    else:
        assert e.value.code is ErrorCode.SOURCE_UNREADABLE
        assert "gave nothing for 2 s" in e.value.line
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scene.tif"]


class Untouched:
    """A stock backend that is reached only when the scene has been read."""

    device = "cpu"
    device_name = engine = "untouched"
    dtype = "float32"

    def encode(self, path, bands):
        with rasterio.open(path) as src:
            self.pixels = src.read()
        raise InterruptedError


@pytest.fixture
def run_stock(card, tmp_path):
    """Runs the stock path until the model would be asked; returns the pixels that it would get."""

    def run(source, cancelled=lambda: False, timeouts=TIMEOUTS, **fields):
        request = Segment(str(source), str(card.folder), str(tmp_path / "mask.tif"), pipeline="stock", **fields)
        heartbeat, backend = Heartbeat(cancelled), Untouched()
        scene = open_source(request, card, heartbeat, timeouts)
        try:
            with pytest.raises(InterruptedError):
                prepared = PreparedScene(request, card, scene, heartbeat, timeouts)
                stock_pipeline.run_stock(prepared, backend, lambda m: None)
            return backend.pixels, scene
        finally:
            scene.close()

    return run


@pytest.mark.parametrize("extent", [None, (500_130.0, 4_592_000.0, 505_770.0, 4_599_000.0)])
@pytest.mark.parametrize("resolution_m", [0.0, 13.0])
@pytest.mark.vllm
def test_the_stock_path_gets_what_the_scene_holds(extent, resolution_m, serve, run_stock, card):
    _, path = serve()
    with rasterio.open(path, "r+") as src:
        src.nodata = 1777
    pixels, _ = run_stock(path, extent=extent, resolution_m=resolution_m)
    request = Segment(str(path), str(card.folder), "", extent=extent, resolution_m=resolution_m)
    scene = open_source(request, card)
    height, width = int(scene.window.height), int(scene.window.width)
    stored, empty = np.empty((6, height, width), scene.dtype), np.empty((height, width), bool)
    scene.read_window(ReadWindow(0, 0, height, width), stored, empty)  # all at once
    if not resolution_m:
        with rasterio.open(path) as src:
            assert np.array_equal(stored, src.read(window=scene.window))
    scene.close()
    assert empty.any()
    expected = stored.astype(np.float32) * np.float32(1e-4)
    expected[:, empty] = np.array(card.mean, np.float32)[:, None]
    assert np.allclose(pixels, expected, rtol=1e-6, atol=0)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("how", ["given up", "cancelled"])
@pytest.mark.vllm
def test_the_stock_path_gives_up_a_source_that_hangs_and_hears_a_cancel(how, serve, run_stock, tmp_path, monkeypatch):
    timeouts = only_the_engines_timeout(how, monkeypatch)
    server, _ = serve()
    run_stock(server.url)
    server, _ = serve(healthy=server.requests * 9 // 10, then="stall")  # in the last of its rows
    with pytest.raises(PrithviError) as e:
        run_stock(server.url, lambda: how == "cancelled" and server.stalled_for(1.0), timeouts)
    assert e.value.code is (ErrorCode.CANCELLED if how == "cancelled" else ErrorCode.SOURCE_UNREADABLE)
    assert not server.stalled_for(20.0)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scene.tif"]
