"""A scene of bands in files of their own: what GDAL is told of them, near and behind URLs."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.scenes.stack_names import stack_name
from prithvi_qgis.engine.reading import band_vrt
from prithvi_qgis.engine.reading.open_source import open_source
from support.range_server import Server
from support.synthetic_scenes import NAMES, blobs


@pytest.fixture
def serve(monkeypatch):
    """Starts a server with a file; gives its plain URL."""
    monkeypatch.setenv("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")
    monkeypatch.setenv("GDAL_HTTP_MAX_RETRY", "0")
    servers = []

    def start(path, **behaviour):
        servers.append(Server(path, **behaviour))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return servers[-1].url.removeprefix("/vsicurl/")

    yield start
    for server in servers:
        server.shutdown()


@pytest.mark.parametrize(
    ("file", "opened"),
    [
        ("https://x.org/a.tif?sig=1", "/vsicurl/https://x.org/a.tif?sig=1"),
        ("HTTP://x.org/a.tif", "/vsicurl/http://x.org/a.tif"),
        ("s3://bucket/a.tif", "/vsis3/bucket/a.tif"),
        ("gs://bucket/a.tif", "/vsigs/bucket/a.tif"),
        ("az://box/a.tif", "/vsiaz/box/a.tif"),
        ("/vsicurl/https://x.org/a.tif", "/vsicurl/https://x.org/a.tif"),
        ("/data/a.tif", "/data/a.tif"),
    ],
)
def test_urls_are_read_in_parts(file, opened):
    assert band_vrt.gdal_name(file) == opened


def test_bands_behind_urls_are_those_of_the_files(make_scene, serve):
    path = make_scene(values=blobs(64, 64)[:1], names=("B02",))
    url = serve(path)
    with rasterio.open(band_vrt.vrt_of_bands([("B02", f"{url}?sig=a&b=c"), ("B03", str(path))])) as src:
        assert np.array_equal(*src.read())
    assert f">/vsicurl/{url}?sig=a&amp;b=c<" in band_vrt.vrt_of_bands([("B02", f"{url}?sig=a&b=c")])


def test_a_url_that_fails_is_named_without_its_signature(make_scene, serve):
    url = serve(make_scene(), healthy=0)
    with pytest.raises(PrithviError) as e:
        band_vrt.vrt_of_bands([("B02", f"{url}?sig=secret&b=c")])
    assert f"B02 cannot be read from {url}: " in e.value.line
    assert "secret" not in e.value.line


def test_a_cause_that_quotes_the_url_loses_the_query():
    error = OSError("'/vsicurl/https://x.org/a.tif?sig=secret%2F' does not exist. Why?\nMore.")
    assert band_vrt.cause_text(error) == "'/vsicurl/https://x.org/a.tif' does not exist. Why?"


def test_scale_offset_and_nodata_of_the_files_are_kept(make_scene):
    plain, scaled = (make_scene(values=blobs(8, 9)[:1], name=f"{n}.tif", nodata=n) for n in (0, 7))
    with rasterio.open(scaled, "r+") as out:
        out.scales, out.offsets = (2.75e-05,), (-0.2,)
    with rasterio.open(band_vrt.vrt_of_bands([("B02", str(plain)), ("B03", str(scaled))])) as src:
        assert (src.scales, src.offsets, src.nodatavals) == ((1.0, 2.75e-05), (0.0, -0.2), (0.0, 7.0))
        assert src.block_shapes == [(8, 9)] * 2  # of the files
    alone = band_vrt.vrt_of_bands([("B02", str(plain))])
    assert "<Scale>" not in alone and "<Offset>" not in alone


def test_dates_that_are_stacks_are_recorded_by_all_their_files_without_signatures(card, make_scene, serve, tmp_path):
    dates = []
    for day in ("20230101", "20230201"):
        files = [
            make_scene(values=blobs(40, 50, seed=n)[:1], name=f"{day}_{name}.tif", names=(name,))
            for n, name in enumerate(NAMES)
        ]
        dates.append([str(f) for f in files])
    url = serve(tmp_path / "20230101_B02.tif")
    dates[0][0] = f"{url}?sig=secret"
    first, second = (stack_name(list(zip(NAMES, files))) for files in dates)
    both = open_source(Segment(first, "", str(tmp_path / "m.tif"), frames=(second,)), card)
    try:
        recorded = both.records["PRITHVI_FRAMES"]
    finally:
        both.close()
    assert "secret" not in recorded and "prithvi-stack" not in recorded
    assert all(file.split("?")[0] in recorded for file in dates[0] + dates[1])
