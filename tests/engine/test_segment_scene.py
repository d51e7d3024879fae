"""From a scene to its outputs, with a stand-in for the model."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pyogrio
import pytest
import rasterio
from pyproj import Geod
from rasterio.transform import Affine

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.system.timeouts import Timeouts
from prithvi_qgis.engine.inference import scene_inference
from prithvi_qgis.engine.inference.request_checks import check_request
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.writing import geotiff_sink
from prithvi_qgis.engine.writing.atomic_outputs import MARK
from support.stand_in import StandIn
from support.synthetic_scenes import UTM, blobs

pytestmark = pytest.mark.usefixtures("row_by_row")

GRIDS = {
    "north-up": (UTM, "EPSG:32630"),
    "south-up": (Affine(10, 0, 500_000, 0, 10, 4_600_000), "EPSG:32630"),
    "rotated": (Affine(8, 3, 500_000, 3, -8, 4_600_000), "EPSG:32630"),
    "geographic": (Affine(1e-4, 0, -3, 0, -1e-4, 41), "EPSG:4326"),
    "feet": (Affine(30, 0, 2e6, 0, -30, 7e5), "EPSG:2263"),
}


def read(path):
    with rasterio.open(path) as src:
        return src.read(1), src.profile


@pytest.mark.parametrize("grid", GRIDS)
def test_the_mask_keeps_the_grid_of_the_scene(grid, make_scene, segment, tmp_path):
    transform, crs = GRIDS[grid]
    segment(make_scene(90, 130, transform=transform, crs=crs))
    _, profile = read(tmp_path / "mask.tif")
    assert (profile["width"], profile["height"]) == (130, 90)
    assert profile["transform"] == transform
    assert profile["crs"] == rasterio.crs.CRS.from_string(crs)
    assert (profile["dtype"], profile["nodata"], profile["tiled"], profile["compress"]) == (
        "uint8",
        255,
        True,
        "deflate",
    )


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 300), (300, 1), (64, 64), (65, 64), (57, 333), (200, 700)])
@pytest.mark.parametrize("stride", [0, 64, 30])
def test_a_scene_of_any_size_gets_a_whole_mask(height, width, stride, make_scene, segment, tmp_path):
    segment(make_scene(height, width), stride=stride, memory_mb=64)
    mask, _ = read(tmp_path / "mask.tif")
    assert mask.shape == (height, width)
    assert set(np.unique(mask)) <= {0, 1}


@pytest.mark.parametrize("stride", [-1, 513])
def test_a_step_that_does_not_fit_the_tile_is_refused_before_the_scene_is_opened(stride, card, tmp_path):
    with pytest.raises(PrithviError, match=f"STRIDE {stride} is not between 1 and the tile of {card.id}, 512 pixels"):
        check_request(Segment("missing.tif", str(card.folder), str(tmp_path / "mask.tif"), stride=stride), card)


def test_a_small_memory_budget_changes_no_pixel(make_scene, segment, tmp_path):
    path = make_scene(300, 2500)
    segment(path, memory_mb=4096)
    whole, _ = read(tmp_path / "mask.tif")
    segment(path, memory_mb=1)
    banded, _ = read(tmp_path / "mask.tif")
    assert 0.05 < whole.mean() < 0.95
    assert (whole != banded).sum() <= 2  # sums in another order may round the other way where classes tie


def test_rows_that_are_handed_over_a_few_at_a_time_make_the_same_outputs(make_scene, segment, tmp_path, monkeypatch):
    path, more = make_scene(300, 700), {"probability": str(tmp_path / "p.tif")}
    segment(path, **more)
    whole = read(tmp_path / "mask.tif")[0], read(tmp_path / "p.tif")[0]
    monkeypatch.setattr(scene_inference, "HANDED_BYTES", 10_000)  # 7 rows of 48
    segment(path, **more)
    assert np.array_equal(read(tmp_path / "mask.tif")[0], whole[0])
    assert np.array_equal(read(tmp_path / "p.tif")[0], whole[1])


@pytest.mark.parametrize("memory_mb", [1, 512])
def test_nodata_is_nodata_in_the_mask_to_the_pixel(memory_mb, make_scene, segment, tmp_path):
    values = blobs(200, 900)
    hole = np.random.default_rng(3).random((200, 900)) < 0.1
    hole[:, 300:480] = True  # whole tiles of nothing
    values[2, hole] = 0
    (statistics, _), _ = segment(make_scene(values=values, nodata=0), memory_mb=memory_mb)
    mask, _ = read(tmp_path / "mask.tif")
    assert np.array_equal(mask == 255, hole)
    assert statistics.nodata == hole.sum()


@pytest.mark.parametrize("engine", [pytest.param("vllm_backend", marks=pytest.mark.vllm), "torch_backend"])
def test_a_scene_that_ends_in_nodata_gets_a_whole_mask(engine, request, card, make_scene, segment, tmp_path):
    values = blobs(512, 1400)
    values[:, :, 400:] = 0  # the last tiles, so that the last batch ends with tiles that no model sees
    segment(make_scene(values=values, nodata=0), request.getfixturevalue(engine), tile=card.tile)
    mask, _ = read(tmp_path / "mask.tif")
    assert (mask[:, 400:] == 255).all()
    assert (mask[:, :400] != 255).all()


def test_tiles_of_nothing_but_nodata_do_not_reach_the_model(make_scene, segment, stand_in):
    values = blobs(50, 1000)
    values[:, :, 100:] = 0
    segment(make_scene(values=values, nodata=0))
    assert sum(len(c) for c in stand_in.seen) < 5


def test_an_extent_gives_a_mask_of_its_own(make_scene, segment, tmp_path):
    segment(make_scene(200, 300), extent=(500_500, 4_598_500, 501_500, 4_599_500))
    _, profile = read(tmp_path / "mask.tif")
    assert (profile["width"], profile["height"]) == (100, 100)
    assert profile["transform"] @ (0, 0) == (500_500, 4_599_500)


def test_every_tile_comes_with_the_coordinates_of_its_own_centre(make_scene, segment, stand_in):
    segment(make_scene(50, 300))
    coords = np.concatenate(stand_in.seen)
    assert len(coords) > 4
    assert np.all(np.diff(coords[:, 1]) > 0)  # eastwards
    assert np.ptp(coords[:, 0]) < 1e-3


def test_a_scene_without_georeference_sends_no_coordinates_and_makes_a_mask_without(
    make_scene, segment, stand_in, tmp_path
):
    (_, classes), _ = segment(make_scene(50, 60, transform=None))
    assert stand_in.seen == [None]
    _, profile = read(tmp_path / "mask.tif")
    assert profile["crs"] is None
    assert profile["transform"].is_identity
    assert {c.area_m2 for c in classes} == {None}


def test_class_areas_follow_the_crs(make_scene, segment):
    (_, metric), _ = segment(make_scene(50, 60))
    assert sum(c.area_m2 for c in metric) == pytest.approx(50 * 60 * 100, rel=1e-3)
    (_, feet), _ = segment(make_scene(50, 60, transform=GRIDS["feet"][0], crs="EPSG:2263"))
    assert sum(c.area_m2 for c in feet) == pytest.approx(50 * 60 * 900 * 0.3048006096**2, rel=1e-3)
    (_, degrees), _ = segment(make_scene(50, 60, transform=GRIDS["geographic"][0], crs="EPSG:4326"))
    ring = [(-3, 41), (-3 + 60e-4, 41), (-3 + 60e-4, 41 - 50e-4), (-3, 41 - 50e-4)]
    whole = abs(Geod(ellps="WGS84").polygon_area_perimeter(*zip(*ring))[0])
    assert sum(c.area_m2 for c in degrees) == pytest.approx(whole, rel=1e-5)


def test_the_mask_carries_colours_names_counts_and_provenance(make_scene, segment, card, tmp_path):
    (_, classes), _ = segment(make_scene(70, 80))
    path = tmp_path / "mask.tif"
    with rasterio.open(path) as src:
        assert src.colormap(1)[1] == (0, 114, 178, 255)
        tags = src.tags()
        mask = src.read(1)
    assert tags["PRITHVI_MODEL"] == "demo-water"
    assert tags["PRITHVI_MODEL_SHA256"] == card.sha256
    assert tags["PRITHVI_BANDS"].startswith("blue=1, green=2")
    assert "tile 64, stride 48, margin 4" in tags["PRITHVI_TILING"]
    table = (tmp_path / "mask.tif.aux.xml").read_text()
    assert "<Category>Land</Category><Category>Water</Category>" in table
    for c in classes:
        assert c.pixels == (mask == c.value).sum()
        assert f"<F>{c.pixels}</F><F>{c.area_m2:.2f}</F>" in table
    assert (tmp_path / "mask.qml").read_text().count("<paletteEntry") == 2


def test_polygons_have_class_name_and_area_on_the_ellipsoid(make_scene, segment, tmp_path):
    (_, classes), _ = segment(
        make_scene(120, 150, transform=GRIDS["geographic"][0], crs="EPSG:4326"), polygons=str(tmp_path / "p.gpkg")
    )
    frame = pyogrio.read_dataframe(tmp_path / "p.gpkg")
    assert list(frame.columns) == ["class", "name", "area_m2", "geometry"]
    assert frame.crs.to_epsg() == 4326
    for c in classes:
        assert frame[frame["class"] == c.value]["area_m2"].sum() == pytest.approx(c.area_m2, rel=1e-4)
        assert set(frame[frame["class"] == c.value]["name"]) <= {c.name}
    assert frame.geometry.is_valid.all()


def test_polygons_of_a_mask_of_nodata_are_an_empty_layer(make_scene, segment, tmp_path):
    segment(make_scene(values=np.zeros((6, 9, 9), np.uint16), nodata=0), polygons=str(tmp_path / "p.gpkg"))
    assert len(pyogrio.read_dataframe(tmp_path / "p.gpkg")) == 0


def test_probabilities_add_up_to_a_hundred_percent_and_agree_with_the_mask(make_scene, segment, tmp_path):
    values = blobs(200, 700)
    values[:, 10:20, 30:90] = 0
    segment(make_scene(values=values, nodata=0), probability=str(tmp_path / "p.tif"), memory_mb=1)
    mask, _ = read(tmp_path / "mask.tif")
    with rasterio.open(tmp_path / "p.tif") as src:
        percent = src.read()
        assert src.descriptions[1].startswith("Water (probability")
    assert np.array_equal(percent[0] == 255, mask == 255)
    valid = mask != 255
    assert np.all(np.abs(percent[:, valid].astype(int).sum(axis=0) - 100) <= 1)
    sure = valid & (np.abs(percent[0].astype(int) - percent[1]) > 2)
    assert np.array_equal(percent.argmax(axis=0)[sure], mask[sure])


def test_thirteen_classes_come_through(make_scene, segment, card, tmp_path, monkeypatch):
    import dataclasses

    from prithvi_qgis.core.models.model_card import ModelClass

    classes = tuple(ModelClass(v, f"c{v}", f"#{v:02x}{v:02x}ff") for v in range(13))
    many = dataclasses.replace(card, classes=classes, tile=64, stride=48, margin=4)
    from prithvi_qgis.core.protocol.messages import Segment
    from prithvi_qgis.engine.inference.streaming import stream
    from prithvi_qgis.engine.reading.rasterio_source import RasterioSource

    scene = RasterioSource(str(make_scene(100, 600)))
    scene.prepare(many, (), None, None)
    request = Segment(scene.source, str(card.folder), str(tmp_path / "mask.tif"))
    statistics, areas = stream(PreparedScene(request, many, scene), StandIn(13), lambda m: None)
    mask, _ = read(tmp_path / "mask.tif")
    assert len(np.unique(mask)) > 4
    assert [a.pixels for a in areas] == [(mask == v).sum() for v in range(13)]
    assert statistics.pixels.sum() == mask.size


def leftovers(folder):
    return sorted(p.name for p in folder.iterdir() if p.name != "scene.tif")


@pytest.mark.parametrize("after", [0, 1, 4])
def test_cancel_leaves_no_file(after, make_scene, segment, tmp_path):
    calls = itertools.count()
    with pytest.raises(PrithviError) as e:
        segment(
            make_scene(200, 400),
            cancelled=lambda: next(calls) >= after,
            probability=str(tmp_path / "p.tif"),
            polygons=str(tmp_path / "p.gpkg"),
        )
    assert e.value.code is ErrorCode.CANCELLED
    assert leftovers(tmp_path) == []


def test_a_model_that_breaks_leaves_no_file_and_the_old_mask(make_scene, segment, tmp_path):
    (tmp_path / "mask.tif").write_text("old")

    class Broken(StandIn):
        def forward(self, tiles, coords):
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        segment(make_scene(200, 400), Broken())
    assert leftovers(tmp_path) == ["mask.tif"]
    assert (tmp_path / "mask.tif").read_text() == "old"


def test_a_block_that_cannot_be_read_in_the_middle_ends_in_one_error_and_no_file(make_scene, segment, tmp_path):
    path = make_scene(700, 700, tiled=True, blockxsize=64, blockysize=64, compress="deflate")
    data = bytearray(path.read_bytes())
    with rasterio.open(path) as src:
        offset = int(src.get_tag_item("BLOCK_OFFSET_4_3", "TIFF", bidx=1))
    data[offset : offset + 60] = b"\xff" * 60
    path.write_bytes(bytes(data))
    with pytest.raises(PrithviError) as e:
        segment(path)
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE
    assert not [n for n in leftovers(tmp_path) if MARK in n or n.startswith("mask")]


def test_a_value_that_cannot_be_reflectance_is_nodata_and_reported(make_scene, segment, tmp_path):
    values = blobs(300, 300).astype(np.float32)
    values[1, 120, 130] = -3.4e38
    scene = segment(make_scene(values=values))[1]
    assert np.argwhere(read(tmp_path / "mask.tif")[0] == 255).tolist() == [[120, 130]]
    assert "-3.4e+38" in scene.validity_lines()[0][0]


def test_cancel_while_polygons_are_written_leaves_no_file(make_scene, segment, tmp_path, monkeypatch):
    from prithvi_qgis.engine.writing import mask_writer

    stopped = []
    write = mask_writer.write_polygons
    monkeypatch.setattr(mask_writer, "write_polygons", lambda *a: (stopped.append(1), write(*a)))
    with pytest.raises(PrithviError) as e:
        segment(make_scene(200, 400), cancelled=lambda: bool(stopped), polygons=str(tmp_path / "p.gpkg"))
    assert e.value.code is ErrorCode.CANCELLED
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("how", ["given up", "cancelled"])
def test_a_disk_that_hangs_while_the_mask_is_written_is_given_up_or_cancelled(
    how, make_scene, segment, tmp_path, monkeypatch
):
    hangs, over = threading.Event(), threading.Event()

    def rows(*args):
        hangs.set()
        over.wait(60)

    monkeypatch.setattr(geotiff_sink.GeoTiffSink, "rows", rows)
    try:
        with pytest.raises(PrithviError) as e:
            segment(
                make_scene(900, 200),
                cancelled=lambda: how == "cancelled" and hangs.is_set(),
                timeouts=Timeouts(io_stall_s=1.0),
            )
        assert not over.is_set()
    finally:
        over.set()
    assert e.value.code is (ErrorCode.CANCELLED if how == "cancelled" else ErrorCode.OUTPUT_UNWRITABLE)
    assert leftovers(tmp_path) == []


def test_a_full_disk_is_told_with_the_space_that_is_left(make_scene, segment, tmp_path, monkeypatch):
    import subprocess

    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        noise = np.random.default_rng(0).integers(500, 3000, (6, 1500, 1500)).astype(np.uint16)
        with pytest.raises(PrithviError) as e:
            segment(make_scene(values=noise), probability=str(small / "p.tif"))
        assert e.value.code is ErrorCode.DISK_FULL
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
