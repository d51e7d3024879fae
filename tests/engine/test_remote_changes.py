"""Files that change, on a server or on a disk, between the runs of one engine and during one."""

from __future__ import annotations

import dataclasses
import gzip
import os
import threading

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.messages import Progress, SceneDone, SceneFailed, Segment
from prithvi_qgis.core.system import network_options
from prithvi_qgis.engine.inference.segment_scene import run_segment
from prithvi_qgis.engine.many.segment_many import segment_many
from prithvi_qgis.engine.reading.remote_files import file_versions
from support import VARIANT
from support.range_server import Server
from support.sources import pixels
from support.stand_in import StandInLoader
from support.synthetic_scenes import blobs


@pytest.fixture
def scenes(make_scene):
    """Bytes of two scenes of the same grid with different pixels."""
    first = make_scene(90, 130, "first.tif").read_bytes()
    second = make_scene(90, 130, "second.tif", values=blobs(90, 130, 6)[:, ::-1, ::-1].copy()).read_bytes()
    return first, second


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Starts servers of some bytes."""
    monkeypatch.setenv("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")
    servers = []

    def start(data, **behaviour):
        (tmp_path / "served").write_bytes(data)
        servers.append(Server(tmp_path / "served", **behaviour))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()


@pytest.fixture
def run(card, tmp_path):
    """Segments a source as the warm engine does; returns the mask."""
    small = {"model": str(card.folder), "output": str(tmp_path / "mask.tif")}

    def run(source):
        run_segment(Segment(str(source), **small), StandInLoader(VARIANT), lambda m: None)
        return pixels(tmp_path / "mask.tif")

    return run


def named(how, url, tmp_path):
    if how == "vrt":
        path = tmp_path / "scene.vrt"
        with rasterio.open(url) as src:
            size = f'rasterXSize="{src.width}" rasterYSize="{src.height}"'
            bands = "".join(
                f'<VRTRasterBand dataType="UInt16" band="{n}"><Description>{name}</Description><SimpleSource>'
                f"<SourceFilename>{url}</SourceFilename><SourceBand>{n}</SourceBand></SimpleSource></VRTRasterBand>"
                for n, name in enumerate(src.descriptions, 1)
            )
        path.write_text(f"<VRTDataset {size}>{bands}</VRTDataset>")
        return path
    return f"vrt://{url}" if how == "vrt://" else url


@pytest.mark.parametrize("how", ["url", "vrt", "vrt://"])
def test_a_run_sees_what_the_server_has_now(how, scenes, serve, run, tmp_path):
    (tmp_path / "2.tif").write_bytes(scenes[1])
    expected = run(tmp_path / "2.tif")
    server = serve(scenes[0])
    source = named(how, server.url, tmp_path)
    before = run(source)
    server.data = scenes[1]
    after = run(source)
    assert not np.array_equal(before, expected)
    assert np.array_equal(after, expected)


def test_a_run_of_many_scenes_sees_what_the_server_has_now(scenes, serve, card, tmp_path):
    server = serve(scenes[0])
    masks = []
    for data in scenes:
        server.data = data
        requests = [Segment(server.url, str(card.folder), str(tmp_path / f"{n}.tif")) for n in range(2)]
        ended = []
        segment_many(requests, StandInLoader(VARIANT), ended.append)
        assert sum(isinstance(message, SceneDone) for message in ended) == 2
        masks.append(pixels(tmp_path / "1.tif"))
    assert not np.array_equal(*masks)


def test_the_cache_lives_as_long_as_the_run(scenes, serve, card, tmp_path):
    server = serve(scenes[0])
    request = Segment(server.url, str(card.folder), str(tmp_path / "mask.tif"))
    run_segment(request, StandInLoader(VARIANT), lambda m: None)
    once = server.requests
    requests = [dataclasses.replace(request, output=str(tmp_path / f"{n}.tif")) for n in range(8)]
    segment_many(requests, StandInLoader(VARIANT), lambda m: None)
    assert server.requests - once < 8 * once * 2 / 3  # a third of them detect changes, for each scene


def replace_when_half_done(change):
    """Return a listener that calls ``change`` once, after the first batch."""
    done = []

    def tell(message):
        if isinstance(message, Progress) and message.done and not done:
            done.append(change())

    return tell


@pytest.mark.parametrize("where", ["server", "disk"])
def test_a_scene_that_is_replaced_while_it_is_read_gives_no_mask(where, scenes, serve, segment, tmp_path):
    path = tmp_path / "scene.tif"
    path.write_bytes(scenes[0])
    server = serve(scenes[0])

    def change():
        server.data = scenes[1]
        (tmp_path / "new.tif").write_bytes(scenes[1])
        os.utime(tmp_path / "new.tif", (1, 1))
        os.replace(tmp_path / "new.tif", path)

    with pytest.raises(PrithviError) as e:
        segment(server.url if where == "server" else path, tell=replace_when_half_done(change))
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE
    assert "was replaced or changed while it was read" in e.value.line
    assert not list(tmp_path.glob("*mask*"))


def test_a_replaced_scene_fails_alone_among_many(scenes, serve, card, tmp_path):
    server = serve(scenes[0])
    (tmp_path / "sound.tif").write_bytes(scenes[0])
    sources = [server.url, tmp_path / "sound.tif"]
    requests = [Segment(str(s), str(card.folder), str(tmp_path / f"{n}.tif")) for n, s in enumerate(sources)]
    ended = []

    def emit(message):
        if type(message).__name__ == "SceneStarted" and message.number == 0:
            server.data = scenes[1]
        ended.append(message)

    segment_many(requests, StandInLoader(VARIANT), emit)
    assert [m.number for m in ended if isinstance(m, SceneFailed)] == [0]
    assert [m.number for m in ended if isinstance(m, SceneDone)] == [1]


def test_statistics_that_qgis_writes_beside_a_scene_are_no_change(make_scene, segment, tmp_path):
    path = make_scene(90, 130)
    segment(path, tell=replace_when_half_done(lambda: path.with_name("scene.tif.aux.xml").write_text("<PAMDataset/>")))
    assert (tmp_path / "mask.tif").exists()


def test_a_server_that_states_no_version_is_not_taken_for_changed(scenes, serve):
    server = serve(scenes[0])
    server.shutdown()
    assert file_versions([server.url, "/none.tif"]) == {}


def test_a_gzip_file_that_was_replaced_is_read_anew(make_scene, run, tmp_path):
    masks = []
    for seed in (1, 2):
        noise = np.random.default_rng(seed).integers(500, 3000, (6, 500, 500)).astype(np.uint16)
        (tmp_path / "scene.tif.gz").write_bytes(gzip.compress(make_scene(values=noise).read_bytes(), 1))
        expected = run(tmp_path / "scene.tif")
        masks.append(run(f"/vsigzip/{tmp_path / 'scene.tif.gz'}"))
        assert np.array_equal(masks[-1], expected)
    assert not np.array_equal(*masks)


def test_credentials_are_those_of_the_run(scenes, serve, run):
    server = serve(scenes[0], header=("Authorization", "Bearer 1"))
    for token, good in [("2", False), ("1", True), ("", False), ("1", True)]:
        options = {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {token}"} if token else {}
        with network_options.applied(options):
            if good:
                run(server.url)
            else:
                with pytest.raises(PrithviError) as e:
                    run(server.url)
                assert "401" in e.value.line
                assert "Bearer" not in e.value.line
