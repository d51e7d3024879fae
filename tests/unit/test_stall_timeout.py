"""Waiting for a source ends, but not while it gives something."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.system.heartbeat import Heartbeat
from prithvi_qgis.core.system.timeouts import Timeouts
from prithvi_qgis.engine.reading.stall_timeout import StallTimeout

SHORT = Timeouts(io_stall_s=0.2, poll_s=0.02)


def test_a_source_that_gives_nothing_is_given_up():
    with pytest.raises(PrithviError) as e:
        StallTimeout(source="scene.tif", timeouts=SHORT).result(Future())
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE
    assert "scene.tif" in e.value.text


def test_a_slow_source_that_gives_something_now_and_then_is_waited_for():
    waits, task = StallTimeout(timeouts=SHORT), Future()

    def read():
        for _ in range(6):
            time.sleep(0.1)
            waits.touch()
        task.set_result("all of it")

    threading.Thread(target=read).start()
    assert waits.result(task) == "all of it"


def test_a_cancel_ends_the_waiting():
    with pytest.raises(PrithviError) as e:
        StallTimeout(Heartbeat(lambda: True), timeouts=SHORT).result(Future())
    assert e.value.code is ErrorCode.CANCELLED


def test_waiting_is_no_progress():
    heartbeat = Heartbeat()
    with pytest.raises(PrithviError):
        StallTimeout(heartbeat, timeouts=SHORT).result(Future())
    assert heartbeat.quiet_s >= SHORT.io_stall_s
