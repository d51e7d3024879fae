"""Many scenes at once: the same masks as one by one, and what is wrong with one stays with it."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
import torch

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.messages import Log, ManyDone, SceneDone, SceneFailed, SceneStarted, Segment
from prithvi_qgis.core.system.heartbeat import Heartbeat
from prithvi_qgis.core.system.timeouts import TIMEOUTS, Timeouts
from prithvi_qgis.engine.inference.segment_scene import run_segment
from prithvi_qgis.engine.inference.streaming import SceneRun
from prithvi_qgis.engine.many import segment_many as many
from prithvi_qgis.engine.reading import reader_pool
from prithvi_qgis.engine.writing.atomic_outputs import MARK
from support.stand_in import StandIn
from support.synthetic_scenes import blobs


class Loader:
    """Gives the backend that the test made."""

    def __init__(self, backend):
        self.backend, self.loads = backend, 0

    def load(self, request, card):
        self.loads += 1
        return self.backend, 0.0


@pytest.fixture
def scenes(make_scene):
    """Twelve scenes of different sizes; every fourth is without georeference, one holds nothing but nodata."""
    out = []
    for n in range(12):
        height, width = 40 + 97 * (n % 5), 60 + 83 * (n % 4)
        values = blobs(height, width, seed=n)
        if n == 5:
            values[:] = 0
            values[:, :2, :2] = 900
        more = {"transform": None} if n % 4 == 3 else {}
        out.append(make_scene(height, width, f"s{n}.tif", values=values, nodata=0, **more))
    return out


def requests(card, scenes, folder, **fields):
    folder.mkdir(exist_ok=True)
    return [Segment(str(s), str(card.folder), str(folder / f"{Path(s).stem}_mask.tif"), **fields) for s in scenes]


def run(wanted, backend, cancelled=lambda: False, **limits):
    emitted = []
    heartbeat, timeouts = Heartbeat(cancelled), Timeouts(**limits)
    end = many.segment_many(wanted, Loader(backend), emitted.append, heartbeat, len(wanted), timeouts)
    return emitted, end


def pixels(path):
    with rasterio.open(path) as src:
        return src.read(), src.tags()


@pytest.fixture(params=["stand-in", pytest.param("vllm", marks=pytest.mark.vllm)])
def backend(request):
    if request.param == "vllm":
        return request.getfixturevalue("vllm_backend")
    wide = StandIn()
    wide.batch_size = 8
    return wide


def test_masks_are_those_of_one_by_one(card, scenes, tmp_path, backend):
    together = requests(card, scenes, tmp_path / "together")
    alone = requests(card, scenes, tmp_path / "alone")
    emitted, end = run(together, backend)
    assert end == ManyDone(12, 0)
    assert sorted(m.number for m in emitted if isinstance(m, SceneDone)) == list(range(12))
    assert sorted(m.number for m in emitted if isinstance(m, SceneStarted)) == list(range(12))
    for a, b in zip(together, alone):
        result = run_segment(b, Loader(backend), lambda m: None)
        (found, tags), (expected, _) = pixels(a.output), pixels(b.output)
        assert np.array_equal(found, expected), a.source
        outcome = json.loads(tags["PRITHVI_OUTCOME"])
        assert outcome["valid_pixels"] == result.width * result.height - result.nodata_pixels
        assert outcome["areas_m2"] == {c.name: c.area_m2 for c in result.classes}


def test_small_scenes_fill_the_batch(card, make_scene, tmp_path):
    class Slow(StandIn):
        batch_size = 8

        def forward(self, tiles, coords):
            time.sleep(0.3)  # as long as a model takes, so that scenes are opened meanwhile
            return super().forward(tiles, coords)

    wide = Slow()
    small = [make_scene(64, 64, f"s{n}.tif", values=blobs(64, 64, seed=n)) for n in range(32)]
    run(requests(card, small, tmp_path / "out"), wide)
    sizes = [len(t) for t in wide.tiles]
    assert sum(sizes) == 32
    assert len(sizes) <= 8, sizes  # 4 would be perfect: the first batches do not wait for others to be opened


class Picky(StandIn):
    """Fails on the tiles of some scenes, however they are mixed with others; ``room``: tiles it can hold."""

    batch_size = 8

    def __init__(self, bad, room=100):
        super().__init__()
        self.bad, self.room, self.most = bad, room, 0

    def forward(self, tiles, coords):
        if len(tiles) > self.room:
            raise torch.OutOfMemoryError("made by the test")
        if any(self.bad(t) for t in tiles):
            raise RuntimeError("this tile will not do")
        self.most = max(self.most, len(tiles))
        return super().forward(tiles, coords)


def test_a_scene_that_the_model_fails_on_leaves_the_others_of_its_batch_alone(card, make_scene, tmp_path):
    odd = blobs(64, 64)
    odd[0] = 9000
    made = [make_scene(64, 64, f"s{n}.tif", values=odd if n == 3 else blobs(64, 64, seed=n)) for n in range(8)]
    wanted = requests(card, made, tmp_path / "out")
    emitted, end = run(wanted, Picky(lambda tile: float(tile[0].mean()) > 5))
    assert end == ManyDone(7, 1)
    (failed,) = [m for m in emitted if isinstance(m, SceneFailed)]
    assert (failed.number, failed.code) == (3, "internal")
    for n, request in enumerate(wanted):
        assert Path(request.output).exists() == (n != 3)
        if n != 3:
            own = dataclasses.replace(request, output=str(tmp_path / "own.tif"))
            run_segment(own, Loader(StandIn()), lambda m: None)
            assert np.array_equal(pixels(request.output)[0], pixels(own.output)[0])


def test_a_full_device_takes_fewer_tiles_of_all_scenes(card, make_scene, tmp_path):
    made = [make_scene(64, 64, f"s{n}.tif", values=blobs(64, 64, seed=n)) for n in range(12)]
    small = Picky(lambda tile: False, room=3)
    _, end = run(requests(card, made, tmp_path / "out"), small)
    assert end == ManyDone(12, 0)
    assert small.most <= 3
    assert sum(len(t) for t in small.tiles) == 12


def test_cancel_keeps_what_is_complete_and_nothing_half(card, scenes, tmp_path):
    stop = threading.Event()
    emitted = []

    def emit(message):
        emitted.append(message)
        if sum(isinstance(m, SceneDone) for m in emitted) == 3:
            stop.set()

    wanted = requests(card, scenes, tmp_path / "out", thumbnail="")
    with pytest.raises(PrithviError) as e:
        many.segment_many(wanted, Loader(StandIn()), emit, Heartbeat(stop.is_set), len(wanted))
    assert e.value.code is ErrorCode.CANCELLED
    done = {m.result.output for m in emitted if isinstance(m, SceneDone)}
    assert {str(p) for p in (tmp_path / "out").glob("*_mask.tif")} == done
    assert len(done) < 12
    assert not [p.name for p in (tmp_path / "out").iterdir() if MARK in p.name]


def test_what_is_wrong_with_the_model_ends_all_of_it(card, scenes, tmp_path):
    class Broken(Loader):
        def load(self, request, card):
            raise PrithviError(ErrorCode.MODEL_INVALID, "It does not load.")

    emitted = []
    with pytest.raises(PrithviError, match="It does not load"):
        many.segment_many(requests(card, scenes, tmp_path / "out"), Broken(None), emitted.append)
    assert not [m for m in emitted if isinstance(m, (SceneDone, SceneFailed))]
    assert list((tmp_path / "out").iterdir()) == []


def test_a_cancel_while_scenes_are_opened_fails_none_of_them(card, scenes, tmp_path, monkeypatch):
    stop = threading.Event()

    def opens(request, *more):
        stop.set()
        raise PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.")

    monkeypatch.setattr(many, "open_scene", opens)
    emitted = []
    with pytest.raises(PrithviError) as e:
        many.segment_many(
            requests(card, scenes, tmp_path / "out"), Loader(StandIn()), emitted.append, Heartbeat(stop.is_set)
        )
    assert e.value.code is ErrorCode.CANCELLED
    assert not [m for m in emitted if isinstance(m, SceneFailed)]


def test_a_scene_whose_opening_never_ends_fails_and_the_others_are_done(card, scenes, tmp_path, monkeypatch):
    release, opened = threading.Event(), many.open_scene

    def opens(request, *more):
        if Path(request.source).name in ("s2.tif", "s3.tif", "s7.tif"):
            release.wait(60)
        return opened(request, *more)

    monkeypatch.setattr(many, "open_scene", opens)
    monkeypatch.setattr(many, "reader_count", lambda: 2)
    try:
        emitted, end = run(requests(card, scenes, tmp_path / "out"), StandIn(), scene_open_s=0.5)
    finally:
        release.set()
    failed = [m for m in emitted if isinstance(m, SceneFailed)]
    assert {m.number for m in failed} == {2, 3, 7}
    assert {m.code for m in failed} == {"source_unreadable"}
    assert "s2.tif could not be opened in" in failed[0].text
    assert end == ManyDone(9, 3)


def test_a_scene_that_hangs_does_not_hold_up_a_cancel(card, scenes, tmp_path, monkeypatch):
    release, stop = threading.Event(), threading.Event()
    monkeypatch.setattr(many, "open_scene", lambda *all_of_it: release.wait(60))
    threading.Timer(0.5, stop.set).start()
    began = time.monotonic()
    try:
        with pytest.raises(PrithviError, match="[Cc]ancel"):
            run(requests(card, scenes, tmp_path / "out"), StandIn(), stop.is_set, many_exit_s=0.2)
        assert time.monotonic() - began < 30
    finally:
        release.set()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("end", ["given up", "cancelled"])
def test_a_mask_that_cannot_be_created_because_its_disk_hangs_fails_and_leaves_nothing(
    card, scenes, tmp_path, monkeypatch, end
):
    released, stop, begin = threading.Event(), threading.Event(), many.begin_scene

    def hanging(prepared, layout):
        if Path(prepared.request.source).name == "s2.tif":
            stop.set()
            released.wait(50)
        return begin(prepared, layout)

    monkeypatch.setattr(many, "begin_scene", hanging)
    limits = {"scene_open_s": 1.0, "many_exit_s": 0.2}
    threads = threading.active_count()
    try:
        if end == "given up":
            emitted, done = run(requests(card, scenes, tmp_path / "out"), StandIn(), **limits)
            assert done == ManyDone(11, 1)
            (failed,) = [m for m in emitted if isinstance(m, SceneFailed)]
            assert (failed.number, failed.code) == (2, "output_unwritable")
            assert "s2_mask.tif could not be created in" in failed.text
        else:
            with pytest.raises(PrithviError, match="[Cc]ancel"):
                run(requests(card, scenes, tmp_path / "out"), StandIn(), stop.is_set, **limits)
    finally:
        released.set()
    deadline = time.monotonic() + 20
    while threading.active_count() > threads + reader_pool.MAX_IDLE_THREADS or list(
        (tmp_path / "out").glob(f".*{MARK}*")
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not (tmp_path / "out" / "s2_mask.tif").exists()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("end", ["given up", "cancelled"])
def test_a_mask_whose_disk_hangs_fails_and_leaves_nothing_and_the_others_are_done(
    card, scenes, tmp_path, monkeypatch, end
):
    timeouts = Timeouts(scene_open_s=1.0, scene_finish_s=1.0 if end == "given up" else 100.0)
    wanted = requests(card, scenes, tmp_path / "out")
    released, finish = threading.Event(), SceneRun.finish

    def hanging(run):
        if run.prepared.request is wanted[0]:
            released.wait(50)
        return finish(run)

    monkeypatch.setattr(SceneRun, "finish", hanging)
    emitted: list = []

    def done():
        return [m.number for m in emitted if isinstance(m, SceneDone)]

    threads = threading.active_count()
    try:
        if end == "given up":
            end_message = many.segment_many(wanted, Loader(StandIn()), emitted.append, None, 12, timeouts)
            assert end_message == ManyDone(11, 1)
            (failed,) = [m for m in emitted if isinstance(m, SceneFailed)]
            assert (failed.number, failed.code) == (0, "output_unwritable")
            assert "s0_mask.tif could not be finished in" in failed.text
        else:
            with pytest.raises(PrithviError) as e:
                heartbeat = Heartbeat(lambda: len(done()) == 11)
                many.segment_many(wanted, Loader(StandIn()), emitted.append, heartbeat, 12, timeouts)
            assert e.value.code is ErrorCode.CANCELLED
    finally:
        released.set()
    assert sorted(done()) == list(range(1, 12))
    deadline = time.monotonic() + 20
    while threading.active_count() > threads or list((tmp_path / "out").glob(f".*{MARK}*")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not (tmp_path / "out" / "s0_mask.tif").exists()


def test_progress_tells_the_memory_of_the_gpu(monkeypatch):
    monkeypatch.setattr(many.nvml, "memory_mb", lambda: (1000, 4000, 0))
    emitted: list = []
    under_way = many._ManyRun([], Loader(None), emitted.append, Heartbeat(), 0, TIMEOUTS)
    under_way._report_progress()
    under_way._backend = SimpleNamespace(device="cuda")
    under_way._report_progress()
    under_way.close()
    assert [(m.gpu_used_mb, m.gpu_total_mb) for m in emitted] == [(0, 0), (3000, 4000)]


def test_a_scene_that_cannot_be_laid_out_fails_alone(card, scenes, tmp_path, monkeypatch):
    laid_out = many.layout_for

    def layout(prepared, backend):
        if prepared.scene.name == "s4.tif":
            raise PrithviError(ErrorCode.OUT_OF_MEMORY, "It does not fit.")
        return laid_out(prepared, backend)

    monkeypatch.setattr(many, "layout_for", layout)
    emitted, end = run(requests(card, scenes, tmp_path / "out"), StandIn())
    assert end == ManyDone(11, 1)
    assert [(m.number, m.code) for m in emitted if isinstance(m, SceneFailed)] == [(4, "out_of_memory")]


def test_plain_torch_in_vllms_place_is_told(card, scenes, tmp_path):
    instead = StandIn()
    instead.fallback_reason = "Plain torch runs the model, without vLLM, because the test says so."
    emitted, _ = run(requests(card, scenes[:2], tmp_path / "out"), instead)
    assert [m.text for m in emitted if isinstance(m, Log) and m.level == "warning"] == [instead.fallback_reason]
