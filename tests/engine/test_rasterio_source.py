"""What is read of a scene, and what is refused."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from rasterio.windows import Window

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.scenes.sampling import SAMPLE_SIDE
from prithvi_qgis.engine.device.streams import Device
from prithvi_qgis.engine.reading import rasterio_source as scene_module
from prithvi_qgis.engine.reading import reader_pool
from prithvi_qgis.engine.reading.nodata import PixelValidity
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.reading.read_windows import ReadWindow
from prithvi_qgis.engine.tiling.ring_buffer import TileRingBuffer
from prithvi_qgis.engine.tiling.tile_grid import Axis, TilePlan
from support.synthetic_scenes import NAMES, UTM, blobs, punch


def read_tile(scene, row, col, crop):
    """A tile's input, and the nodata of its part of the scene."""
    height, width = int(scene.window.height), int(scene.window.width)
    axes = [
        Axis(size, crop, (start,), (start,), crop, 0, np.ones(crop, np.float32))
        for size, start in ((height, row), (width, col))
    ]
    strip = TileRingBuffer(scene, Device("cpu"), TilePlan(*axes), (0, width), height, height * width)
    strip.load(ReadWindow(0, 0, height, width), None)
    empty = strip.empty(0, height, 0, width).numpy()
    return strip.gather([(0, 0)])[0].numpy(), empty[max(row, 0) : row + crop, max(col, 0) : col + crop]


def prepared(path, card, bands=(), scale=None, offset=None, extent=None):
    scene = RasterioSource(str(path))
    scene.set_extent(extent)
    scene.prepare(card, bands, scale, offset)
    return scene


def test_bands_are_ordered_scaled_and_normalised(make_scene, card):
    values = blobs(40, 50)
    shuffled = [3, 0, 5, 1, 4, 2]
    path = make_scene(values=values[shuffled], names=[NAMES[i] for i in shuffled])
    pixels, empty = read_tile(prepared(path, card), 0, 0, 40)
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (card.mean, card.std))
    assert np.allclose(pixels, (values[:, :40, :40] * np.float32(1e-4) - mean) / std, atol=1e-4)
    assert not empty.any()


@pytest.mark.parametrize("kind", ["value", "value in one band", "nan", "mask", "alpha"])
def test_nodata_of_every_kind_is_exactly_zero_and_marked(kind, make_scene, card):
    values, hole = blobs(40, 50), np.zeros((40, 50), bool)
    hole[5:9, 20:33] = True
    values, more = punch(kind, values, hole)
    if kind == "alpha":
        more["alpha"] = "unspecified"
    path = make_scene(values=values, **more)
    if kind == "alpha":
        with rasterio.open(path, "r+") as out:
            out.colorinterp = [*out.colorinterp[:-1], rasterio.enums.ColorInterp.alpha]
    pixels, empty = read_tile(prepared(path, card), 0, 0, 40)
    assert np.array_equal(empty, hole[:40, :40])
    assert np.all(pixels[:, empty] == 0)
    assert np.isfinite(pixels).all()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 50), (3, 7), (20, 64)])
def test_a_scene_smaller_than_the_tile_is_reflected_as_numpy_does(height, width, make_scene, card):
    scene = prepared(make_scene(height, width), card)
    pixels, empty = read_tile(scene, 0, 0, 64)
    inside = pixels[:, :height, :width]
    expected = np.pad(inside, ((0, 0), (0, 64 - height), (0, 64 - width)), mode="reflect")
    assert pixels.shape == (6, 64, 64)
    assert np.array_equal(pixels, expected)
    assert empty.shape == (height, width)


@pytest.mark.parametrize(
    ("transform", "extent", "window"),
    [
        (UTM, (500_100, 4_599_700, 500_200, 4_599_900), (10, 10, 10, 20)),
        (UTM, (500_101, 4_599_701, 500_199, 4_599_899), (10, 10, 10, 20)),
        (UTM, (499_000, 4_599_995, 500_015, 4_700_000), (0, 0, 2, 1)),
        (Affine(10, 0, 500_000, 0, 10, 4_600_000), (500_100, 4_600_100, 500_200, 4_600_200), (10, 10, 10, 10)),
    ],
)
def test_an_extent_is_cut_to_the_whole_pixels_it_touches(transform, extent, window, make_scene, card):
    scene = prepared(make_scene(transform=transform), card, extent=extent)
    w = scene.window
    assert (w.col_off, w.row_off, w.width, w.height) == window
    assert scene.grid.transform @ (0, 0) == pytest.approx(transform @ window[:2])


def test_an_extent_beside_the_scene_is_refused(make_scene):
    with pytest.raises(PrithviError) as e:
        RasterioSource(str(make_scene())).set_extent((0, 0, 10, 10))
    assert e.value.code is ErrorCode.EXTENT_OUTSIDE
    assert "0, 0, 10, 10" in e.value.text


def test_coordinates_are_latitude_then_longitude_of_each_place(make_scene, card):
    scene = prepared(make_scene(100, 100), card)
    (first, second) = scene.location([0, 100], [0, 0])
    assert first == pytest.approx([41.55, -3.0], abs=0.01)
    assert first[0] - second[0] == pytest.approx(0.009, abs=0.001)


def test_a_scene_without_georeference_has_no_coordinates_and_says_so(make_scene, card):
    scene = prepared(make_scene(transform=None), card)
    assert scene.location([0], [0]) is None
    assert "has no georeference" in scene.warnings[0]


def test_ground_control_points_move_with_the_window(make_scene, card, tmp_path):
    path = make_scene(transform=None)
    points = [
        rasterio.control.GroundControlPoint(r, c, 500_000 + c * 10, 4_600_000 - r * 10)
        for r in (0, 30)
        for c in (0, 40)
    ]
    with rasterio.open(path, "r+") as out:
        out.gcps = (points, rasterio.crs.CRS.from_epsg(32630))
    scene = prepared(path, card)
    assert {(p.row, p.col) for p in scene.grid.gcps} == {(0, 0), (0, 40), (30, 0), (30, 40)}


@pytest.mark.parametrize("kind", ["text", "empty", "missing", "folder"])
def test_what_is_no_raster_is_refused(kind, tmp_path):
    path = tmp_path / "scene.tif"
    if kind == "text":
        path.write_text("hello")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(PrithviError) as e:
        RasterioSource(str(path))
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE
    assert "scene.tif cannot be read as a raster" in e.value.line


def test_a_truncated_file_is_refused(make_scene, card):
    path = make_scene(600, 600, tiled=True, blockxsize=256, blockysize=256)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PrithviError) as e:
        prepared(path, card)
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE


def test_complex_numbers_are_refused(make_scene, card):
    with pytest.raises(PrithviError, match="complex numbers") as e:
        prepared(make_scene(values=blobs(8, 8).astype(np.complex64)), card)
    assert e.value.code is ErrorCode.SOURCE_UNSUPPORTED


def test_a_palette_picture_is_refused(tmp_path):
    path = tmp_path / "scene.tif"
    with rasterio.open(path, "w", driver="GTiff", width=9, height=9, count=1, dtype="uint8", transform=UTM) as out:
        out.write(np.zeros((1, 9, 9), np.uint8))
        out.write_colormap(1, {0: (255, 0, 0, 255)})
    with pytest.raises(PrithviError, match="palette picture") as e:
        RasterioSource(str(path))
    assert e.value.code is ErrorCode.SOURCE_UNSUPPORTED


def test_an_alpha_band_in_front_shifts_no_band(make_scene, card):
    values = np.concatenate([np.full((1, 40, 50), 65535, np.uint16), blobs(40, 50)])
    path = make_scene(values=values, names=["alpha", *NAMES], photometric="minisblack")
    with rasterio.open(path, "r+") as out:
        out.colorinterp = [rasterio.enums.ColorInterp.alpha, *out.colorinterp[1:]]
    assert prepared(path, card).bands == (2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize(
    "dtype, nodata, empty",
    [
        ("uint16", [7, 7], [[True, True, False]]),
        ("uint16", [7, 8], [[True, False, True]]),
        ("uint16", [None, 7], [[False, True, False]]),
        ("uint16", [-9999, 7.5], [[False, False, False]]),  # which the type cannot hold: no number is meant
        ("uint16", [float("inf"), None], [[False, False, False]]),
        ("int16", [-9999, -9999], [[False, False, False]]),
        ("float32", [7, float("nan")], [[True, False, False]]),
    ],
)
def test_a_pixel_is_nodata_where_a_band_holds_its_own(dtype, nodata, empty):
    values = np.array([[[7, 1, 2]], [[1, 7, 8]]], dtype)
    ranges = [[] if number is None else [(number, number)] for number in nodata]
    validity = PixelValidity(ranges, [dtype, dtype], (1, 2), True)
    assert np.array_equal(validity.examine(values).empty, empty)


def test_bands_of_different_types_are_read_as_numbers_that_hold_both(make_scene, card, tmp_path):
    values = np.round(blobs(40, 50))
    first, second = make_scene(values=values, name="a.tif"), make_scene(values=values.astype(np.float32), name="b.tif")
    bands = "".join(
        f'<VRTRasterBand dataType="{kind}" band="{n}"><Description>{NAMES[n - 1]}</Description><SimpleSource>'
        f"<SourceFilename>{path}</SourceFilename><SourceBand>{n}</SourceBand></SimpleSource></VRTRasterBand>"
        for n, (kind, path) in enumerate([("UInt16", first)] * 3 + [("Float32", second)] * 3, 1)
    )
    mixed = tmp_path / "mixed.vrt"
    mixed.write_text(f'<VRTDataset rasterXSize="50" rasterYSize="40">{bands}</VRTDataset>')
    pixels, _ = read_tile(prepared(mixed, card), 0, 0, 64)
    assert np.array_equal(pixels, read_tile(prepared(first, card), 0, 0, 64)[0])


def test_a_part_of_a_file_of_wide_strips_is_judged_by_some_of_its_rows(make_scene, card, monkeypatch):
    heights, read = [], RasterioSource._read_box

    def watched(self, handle, box, out=None):
        heights.append(box[3])
        return read(self, handle, box, out)

    monkeypatch.setattr(RasterioSource, "_read_box", watched)
    scene = RasterioSource(str(make_scene(600, 400, blockysize=1)))
    scene.window = Window(10, 20, 300, 500)
    scene.prepare(card, (), None, None)
    assert max(heights) == SAMPLE_SIDE


def test_reading_ends_after_the_part_under_way_once_the_scene_is_closed(make_scene, card, monkeypatch):
    path = make_scene(300, 64, tiled=True, blockxsize=64, blockysize=64)
    scene = prepared(path, card)
    boxes, read = [], RasterioSource._read_box

    def closing(self, handle, box, out=None):
        boxes.append(box)
        self.close()
        return read(self, handle, box, out)

    monkeypatch.setattr(RasterioSource, "_read_box", closing)
    monkeypatch.setattr(scene_module, "WINDOW_BYTES", 1)
    with pytest.raises(PrithviError) as e:
        scene.read_window(ReadWindow(0, 0, 300, 64), np.empty((6, 300, 64), np.uint16), np.empty((300, 64), bool))
    assert e.value.code is ErrorCode.CANCELLED
    assert len(boxes) == 1


def test_a_scene_of_nodata_only_is_read(make_scene, card):
    _, empty = read_tile(prepared(make_scene(values=np.zeros((6, 9, 9), np.uint16), nodata=0), card), 0, 0, 16)
    assert empty.all()


def test_threads_read_at_the_same_time(make_scene, card):
    from concurrent.futures import ThreadPoolExecutor

    scene = prepared(make_scene(300, 300, tiled=True, blockxsize=64, blockysize=64), card)
    alone = [read_tile(scene, r, 0, 64)[0] for r in range(0, 240, 8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda r: read_tile(scene, r, 0, 64)[0], range(0, 240, 8)))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together))


def test_a_server_that_keeps_an_opening_waiting_holds_up_neither_readers_nor_closing(make_scene, card, monkeypatch):
    scene = prepared(make_scene(), card)
    hangs, release, opens = threading.Event(), threading.Event(), rasterio.open

    def slow(path):
        hangs.set()
        release.wait(60)
        return opens(path)

    monkeypatch.setattr(rasterio, "open", slow)
    other = threading.Thread(target=read_tile, args=(scene, 0, 0, 16))
    with scene._handle():  # the one handle that is open
        other.start()
        assert hangs.wait(10)
    try:
        read_tile(scene, 0, 0, 16)
        done = threading.Thread(target=scene.close)
        done.start()
        done.join(10)
        assert not done.is_alive()
    finally:
        release.set()
        other.join(10)
    assert not other.is_alive()


def test_a_small_scene_on_a_finer_grid_is_warped_by_several_threads(make_scene, card):
    scene = prepared(make_scene(), card)
    assert scene.readers.count == 1
    scene.pause()
    scene.work_bytes = 64 << 20
    assert scene.readers.count > 1
    scene.close()


def test_threads_that_read_a_scene_read_the_next_one(make_scene, card):
    first = prepared(make_scene(), card)
    thread = first.readers.submit(threading.get_ident).result(10)
    first.close()
    second = prepared(make_scene(name="second.tif"), card)
    assert second.readers.submit(threading.get_ident).result(10) == thread
    second.close()


def test_a_scene_that_is_closed_borrows_no_threads(make_scene, card):
    scene = prepared(make_scene(), card)
    scene.close()
    with pytest.raises(PrithviError) as e:
        scene.readers  # noqa: B018  (asking is what counts)
    assert e.value.code is ErrorCode.CANCELLED


def test_threads_that_are_kept_are_not_many(make_scene, card):
    lent = [reader_pool.ReaderPool(8) for _ in range(6)]
    threads = {pool.submit(threading.get_ident).result(10) for pool in lent}
    for pool in lent:
        pool.close()
    assert sum(count for count, _ in reader_pool._idle) <= reader_pool.MAX_IDLE_THREADS
    deadline = time.monotonic() + 10
    while len(threads & {t.ident for t in threading.enumerate()}) > reader_pool.MAX_IDLE_THREADS // 8:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_thread_that_hangs_in_a_scene_is_not_given_the_next_one(make_scene, card):
    first = prepared(make_scene(), card)
    begun, release = threading.Event(), threading.Event()
    thread = first.readers.submit(threading.get_ident).result(10)
    hanging = first.readers.submit(lambda: begun.set() or release.wait(60))
    assert begun.wait(10)
    waiting = first.readers.submit(threading.get_ident)
    first.close()
    second = prepared(make_scene(name="second.tif"), card)
    try:
        assert second.readers.submit(threading.get_ident).result(10) != thread
        assert waiting.cancelled()
    finally:
        release.set()
        second.close()
    assert hanging.result(10)
