"""The plugin as a part of QGIS's window: first run, options, plugin manager."""

from __future__ import annotations

import pytest


def test_without_an_engine_the_window_offers_to_set_it_up_and_runs_nothing(qgis_session):
    home = qgis_session.folder / "empty"
    ended = qgis_session.play("first_run", PRITHVI_QGIS_HOME=str(home))
    assert ended.seen["tasks"] == []
    assert not (home / "engine").exists()
    assert ended.clean


@pytest.mark.usefixtures("engine")
def test_the_options_have_a_page_with_the_engines_state(qgis_session):
    ended = qgis_session.play("options")
    assert ended.seen["boxes"][0] == "Engine"
    assert ended.clean


@pytest.mark.usefixtures("engine")
def test_the_plugin_manager_switches_it_off_without_a_trace_and_on_again(qgis_session):
    ended = qgis_session.play("plugin_manager")
    there = {"menu": 1, "provider": True}
    assert ended.seen == {"on": there, "off": {"menu": 0, "provider": False}, "on again": there}
    assert ended.clean
