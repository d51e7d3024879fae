"""The thread that writes: what hangs or is slow holds nobody up, and nothing of it stays behind."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from rasterio.transform import Affine

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.system.heartbeat import Heartbeat
from prithvi_qgis.core.system.timeouts import Timeouts
from prithvi_qgis.engine.reading.raster_source import Grid
from prithvi_qgis.engine.writing.geotiff_sink import GeoTiffSink
from prithvi_qgis.engine.writing.writer_thread import WriterThread

SHORT = Timeouts(io_exit_s=0.1)


@pytest.fixture
def over():
    """Ends what hangs."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("waiting", [0, WriterThread.DEPTH])
def test_a_cancel_does_not_wait_for_what_hangs_however_much_waits_behind_it(waiting, over):
    heartbeat, hangs = Heartbeat(), threading.Event()
    thread = WriterThread("mask.tif", heartbeat, SHORT)
    thread.put(lambda: (hangs.set(), over.wait(60)))
    assert hangs.wait(10)
    for _ in range(waiting):
        thread.put(lambda: None)
    threading.Timer(0.2, heartbeat.cancel).start()
    began = time.monotonic()
    with pytest.raises(PrithviError) as e:
        thread.finish()
    thread.stop()
    assert e.value.code is ErrorCode.CANCELLED
    assert time.monotonic() - began < 20


def test_a_slow_task_of_a_run_that_is_over_ends_with_its_thread(tmp_path, over):
    sink = GeoTiffSink(tmp_path / "mask.tif", "mask.tif", Grid(64, 64, None, Affine.identity()), 1, {})
    thread, slow = WriterThread("mask.tif", Heartbeat(lambda: True), SHORT), threading.Event()

    def write():
        slow.set()
        over.wait(60)
        sink.rows(0, np.zeros((1, 64, 64), np.uint8))

    thread.put(write)
    assert slow.wait(10)
    thread.stop()
    sink.discard()
    over.set()
    thread._thread.join(10)
    assert not thread._thread.is_alive()


def test_what_waits_when_a_run_is_over_is_not_written(over):
    done, thread = [], WriterThread("mask.tif", Heartbeat())
    began = threading.Event()
    thread.put(lambda: (began.set(), over.wait(60)))
    assert began.wait(10)
    thread.put(lambda: done.append(1))
    threading.Timer(0.1, over.set).start()
    thread.stop()
    assert not thread._thread.is_alive()
    assert done == []
