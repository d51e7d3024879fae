"""Projects and QGIS itself closed in the middle of a run."""

from __future__ import annotations

import pytest

from support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("engine")


def idle_within(seconds: float) -> bool:
    """Whether the engine lets go of its job."""
    from prithvi_qgis.client.engine import engine_client

    return wait_until(lambda: engine_client.status().state != "busy", seconds)


def test_a_project_closed_during_a_run_ends_the_run_and_gets_no_layer_of_it(qgis_session):
    ended = qgis_session.play("new_project")
    assert ended.seen["layers"] == []
    assert ended.seen["open"] == []
    assert ended.clean


def test_qgis_closed_during_a_run_ends_well_and_so_does_the_engines_job(qgis_session):
    ended = qgis_session.play("quit")
    assert "tiles/s" in ended.seen["tasks"][0]
    assert idle_within(20)
    assert ended.clean


def test_qgis_closed_while_the_form_runs_ends_well_and_so_does_the_engines_job(qgis_session):
    ended = qgis_session.play("form_and_quit")
    assert "Segmenting" in ended.seen["log"]
    assert "Prithvi segment" in ended.seen["question"]
    assert ended.seen["seconds"] < 10
    assert idle_within(20)
    assert ended.clean


def test_a_project_closed_while_the_form_runs_does_no_harm(qgis_session):
    ended = qgis_session.play("form_and_new_project")
    assert ended.seen["layers"] == []
    assert ended.clean
