"""Segmenting in a real QGIS window, with the real engine, the way a person does it."""

from __future__ import annotations

import pytest
from osgeo import gdal

pytestmark = pytest.mark.usefixtures("engine")


def test_a_right_clicked_scene_is_segmented_with_the_form_and_its_result_stands_above_it(qgis_session):
    ended = qgis_session.play("form")
    seen = ended.seen
    assert seen["menu"] == ["Prithvi segment...", "Segment with Water (demonstration)"]
    assert seen["input"] == seen["scene"]
    assert len(seen["progress"]) > 2
    assert seen["layers"] == ["Flood of May - demo-water", "Flood of May"]
    assert seen["legend"][-2:] == ["Land", "Water"]
    assert 0 < seen["opacity"] < 1
    assert ended.clean


def test_a_scene_segmented_at_once_tells_its_areas_and_opens_its_report(qgis_session):
    ended = qgis_session.play("at_once")
    assert " km2 (" in ended.seen["message"]
    assert ended.seen["layers"] == ["Flood of May - demo-water", "Flood of May"]
    assert "Flood of May" in ended.seen["report"]
    assert ended.clean


def test_scenes_selected_together_are_segmented_from_the_menu_and_stay_where_they_are(qgis_session):
    ended = qgis_session.play("together")
    seen = ended.seen
    assert "Prithvi" not in seen["menu of a vector layer"]
    assert any("May 3 (1 of 2)" in line for line in seen["tasks"])
    assert any("May 8 (2 of 2)" in line for line in seen["tasks"])
    assert seen["layers"] == ["May 3 - demo-water", "May 3", "May 8 - demo-water", "May 8", "Roads"]
    assert seen["active"] in ("May 3", "May 8")
    assert ended.clean


def test_a_run_cancelled_in_the_list_of_tasks_ends_soon_and_leaves_nothing(qgis_session):
    ended = qgis_session.play("cancel")
    assert "tiles/s" in ended.seen["tasks"][0]
    assert ended.seen["seconds"] < 10
    assert ended.seen["layers"] == ["Flood of May"]
    assert ended.seen["messages"] == []
    assert ended.clean


def test_a_scene_that_lacks_bands_is_refused_in_the_form(qgis_session):
    ended = qgis_session.play("wrong_bands")
    assert "SWIR 1, SWIR 2 could not be found" in ended.seen["log"]
    assert ended.seen["layers"] == ["Aerial photo"]
    assert ended.clean


def test_a_part_taken_from_the_map_runs_and_its_command_from_the_history_runs_in_a_shell(qgis_session):
    ended = qgis_session.play("part_of_scene")
    assert {"Use Current Map Canvas Extent", "Calculate from Layer", "Draw on Map Canvas"} <= set(ended.seen["ways"])
    (whole_x, whole_y), (part_x, part_y) = ended.seen["sizes"]
    assert part_x < whole_x / 2 and part_y < whole_y
    command = ended.seen["command"]
    assert command.startswith("qgis_process run prithvi:segment") and "--EXTENT=" in command
    again = qgis_session.shell(
        command.replace("--OUTPUT=TEMPORARY_OUTPUT", f"--OUTPUT={qgis_session.folder}/again.tif")
    )
    assert again.returncode == 0, again.stdout + again.stderr
    mask = gdal.Open(f"{qgis_session.folder}/again.tif")
    assert [mask.RasterXSize, mask.RasterYSize] == [part_x, part_y]
    assert ended.clean
