"""Waiting for a source ends, but not while it gives something."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.engine.reading import stall_timeout
from prithvi_qgis.engine.reading.stall_timeout import StallTimeout


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(stall_timeout, "STALL_S", 0.2)
    monkeypatch.setattr(stall_timeout, "LOOK_S", 0.02)


def test_a_source_that_gives_nothing_is_given_up():
    with pytest.raises(PrithviError) as e:
        StallTimeout(source="scene.tif").result(Future())
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE
    assert "scene.tif" in e.value.text


def test_a_slow_source_that_gives_something_now_and_then_is_waited_for():
    waits, task = StallTimeout(), Future()

    def read():
        for _ in range(6):
            time.sleep(0.1)
            waits.alive()
        task.set_result("all of it")

    threading.Thread(target=read).start()
    assert waits.result(task) == "all of it"


def test_a_cancel_ends_the_waiting():
    with pytest.raises(PrithviError) as e:
        StallTimeout(lambda: True).result(Future())
    assert e.value.code is ErrorCode.CANCELLED
