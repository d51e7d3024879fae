"""The rows of dates in the form: what was found for each scene, and what a person tells instead."""

from __future__ import annotations

import json
import shutil

import pytest
from qgis.core import QgsProcessingContext

from prithvi_qgis.core.system import paths
from prithvi_qgis.gui.widgets.date_table import DateTable
from prithvi_qgis.gui.widgets.message_line import Severity
from support import rasters
from support.processing_form import value_of, wait_for

pytestmark = pytest.mark.timeout(600)


@pytest.fixture()
def crops(tmp_path, monkeypatch):
    """A model of three dates."""
    monkeypatch.setattr(paths, "model_folders", lambda: [tmp_path / "models", paths.resources() / "models"])
    folder = tmp_path / "models" / "crops"
    shutil.copytree(paths.resources() / "models" / "demo-water", folder)
    card = json.loads((folder / "model.json").read_text())
    card.update(id="crops", title="Crops", frames=3)
    (folder / "model.json").write_text(json.dumps(card))
    return "crops"


@pytest.fixture()
def scenes(tmp_path):
    """Two scenes whose names tell the date, and one that tells nothing."""
    names = ("HLS.S30.T30TXM.2023140T110000.v2.0.tif", "LC08_L2SP_190024_20230314_20230320_02_T1.tif", "other.tif")
    return [rasters.write(tmp_path / name, rasters.scene(20, 20)) for name in names]


def dates_of(dialog) -> DateTable:
    table = dialog.findChild(DateTable)
    wait_for(lambda: table.line.text() != "Reading the scenes…")
    return table


def test_each_scene_shows_its_date_and_takes_another(form, crops, scenes):
    dialog = form(INPUT=scenes[0], FRAMES=scenes[1:], MODEL=crops)
    table = dates_of(dialog)
    assert [f.placeholderText() for f in table.fields] == [
        "2023-05-20 (its name)",
        "2023-03-14 (its name)",
        "not found, such as 2023-03-14",
    ]
    assert value_of(dialog, "DATES") in (None, "")
    assert table.line.severity == Severity.WARNING and "in this order" in table.line.text()
    table.fields[2].setText("2023-07-01")
    assert value_of(dialog, "DATES") == ",,2023-07-01"
    assert table.line.text() == "The scenes go to the model in the order of time."
    table.fields[2].setText("1.7.2023")
    assert table.line.severity == Severity.ERROR and '"1.7.2023" in DATES' in table.line.text()
    table.fields[2].setText("2023-03-14")
    assert table.line.text() == "Two scenes are of the same day."


def test_a_scene_that_cannot_be_read_is_named(form, crops, scenes, tmp_path):
    broken = tmp_path / "broken.tif"
    broken.write_text("hello")
    table = dates_of(form(INPUT=str(broken), FRAMES=scenes[1:], MODEL=crops))
    assert table.line.severity == Severity.ERROR and "broken.tif cannot be read" in table.line.text()


def test_models_of_one_date_show_no_rows(form, scenes):
    dialog = form(INPUT=scenes[0])
    assert dialog.findChild(DateTable).fields == []
    assert value_of(dialog, "DATES") in (None, "")


def test_dates_of_the_history_come_back_and_stay_with_their_scenes(form, crops, scenes):
    dialog = form(INPUT=scenes[0], FRAMES=scenes[1:], MODEL=crops, DATES="2023-01-01,,2023-07-01")
    table = dates_of(dialog)
    assert [f.text() for f in table.fields] == ["2023-01-01", "", "2023-07-01"]
    dialog.mainWidget().wrappers["FRAMES"].setParameterValue([scenes[2]], QgsProcessingContext())
    table = dates_of(dialog)
    assert [f.text() for f in table.fields] == ["2023-01-01", "2023-07-01"]
    dialog.mainWidget().wrappers["FRAMES"].setParameterValue([], QgsProcessingContext())
    assert value_of(dialog, "DATES") in (None, "")
