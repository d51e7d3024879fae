"""Projects and QGIS itself closed in the middle of a run."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.usefixtures("engine")


def test_a_project_closed_during_a_run_ends_the_run_and_gets_no_layer_of_it(desk):
    ended = desk.play("new_project")
    assert ended.seen["layers"] == []
    assert ended.seen["open"] == []
    assert ended.clean


def test_qgis_closed_during_a_run_ends_well_and_so_does_the_engines_job(desk):
    from prithvi_qgis.client import engine

    ended = desk.play("quit")
    assert "tiles/s" in ended.seen["told"][0]
    deadline = time.monotonic() + 5
    while engine.status().state == "busy" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert engine.status().state != "busy"
    assert ended.clean
