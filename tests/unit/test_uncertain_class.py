"""What is unsure has a place wherever a folder run lists classes."""

from __future__ import annotations

import csv
import json

from prithvi_qgis.core.folder_runs import folder_run
from prithvi_qgis.core.folder_runs.folder_run import FolderRun, FolderRunOptions
from prithvi_qgis.core.folder_runs.mosaic import VRT, Mosaic
from prithvi_qgis.core.folder_runs.scene_discovery import SceneSource
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.protocol.messages import ClassArea, Result, SceneDone, Segment
from prithvi_qgis.core.system.paths import resources
from prithvi_qgis.engine.html_renderer import render

CARD = read_card(resources() / "models" / "demo-water")


class Rasters:
    """Masks without tags."""

    def tags(self, path):
        return {}


def test_unsure_is_in_summary_overview_and_mosaic_too(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(folder_run, "write_mosaic", lambda *a: given.append(a[2]) or Mosaic())
    template = Segment("", str(CARD.folder), "", min_probability={"1": 0.9})
    scene = SceneSource("s.tif", "s.tif", "s.tif", "s")
    run = FolderRun(tmp_path, [scene], template, CARD, FolderRunOptions(mosaic=VRT), Rasters(), render)
    unsure = (ClassArea(254, "Unsure", "#8c8c8c", 9, 20000.0, True),)
    result = Result(run.todo[0].output, CARD.id, "cpu", "x", "e", 2, 1.0, {"segment": 1.0}, 4, 2, 1, unsure, (1,), "s")
    run.take(SceneDone(0, result, "now"))
    run.finish()
    run.close()
    with open(tmp_path / "results.csv", newline="") as f:
        assert next(csv.DictReader(f))["area_m2_Unsure"] == "20000.00"
    assert json.loads((tmp_path / "summary.json").read_text())["area_m2"]["Unsure"] == 20000.0
    page = (tmp_path / "overview.html").read_text()
    assert "> Unsure</th>" in page
    assert ">2.00 ha<" in page
    assert [(c.value, c.name) for c in given[0]][-1] == (254, "Unsure")
