"""The form's list of models, and what the form is in batch mode, in the model designer and when it is run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from unittest import mock

import processing
import pytest
from osgeo import gdal
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
from processing.gui.BatchPanel import BatchPanel
from processing.modeler.ModelerParametersDialog import ModelerParametersDialog
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterRasterLayer,
)
from qgis.PyQt.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget

from prithvi_qgis.core.system import paths
from prithvi_qgis.gui.widgets.band_panel import BandPanel
from prithvi_qgis.gui.widgets.message_line import Severity
from prithvi_qgis.gui.widgets.model_chooser import ModelChooser
from support import rasters
from support.processing_form import SENTINEL2, add_scene, chooser_of, settle, wait_for

pytestmark = pytest.mark.timeout(600)


@pytest.fixture()
def models(tmp_path, monkeypatch):
    """The user's folder of models, with a model of three bands."""
    monkeypatch.setattr(paths, "model_folders", lambda: [tmp_path / "models", paths.resources() / "models"])
    return copy_model(tmp_path / "models" / "three")


def copy_model(folder: Path) -> Path:
    """A card of its own in a folder of its own."""
    shutil.copytree(paths.resources() / "models" / "demo-water", folder)
    card = json.loads((folder / "model.json").read_text())
    card.update(id=folder.name, title="Burnt land", bands=["RED", "NIR_NARROW", "SWIR_2"], resolution_m=30)
    card.update(mean=[0.1] * 3, std=[0.1] * 3)
    (folder / "model.json").write_text(json.dumps(card))
    return folder


def titles(dialog) -> list[str]:
    box = chooser_of(dialog).findChild(QComboBox)
    return [box.itemText(i) for i in range(box.count())]


# -- the list of models


def test_models_are_chosen_by_title_and_the_value_is_the_id(form, models):
    dialog = form()
    assert titles(dialog)[:2] == ["Burnt land", "Water (demonstration)"]
    assert chooser_of(dialog).value() == "demo-water"
    chooser_of(dialog).findChild(QComboBox).setCurrentIndex(0)
    assert dialog.mainWidget().wrappers["MODEL"].parameterValue() == "three"


def test_models_to_download_come_last_and_say_how_to_get_them(form, models):
    dialog = form(MODEL="flood-300m")
    later = titles(dialog)[2:]
    assert "Flood water, Sentinel-2 (to download)" in later
    assert all(title.endswith("(to download)") for title in later)
    assert chooser_of(dialog).value() == "flood-300m"
    said = chooser_of(dialog).line().text()
    assert said.startswith(
        "Not on this machine yet. Fetch it with Prithvi EO > Models > Download model in the Toolbox: flood-300m."
    )
    assert "About 1.3 GB." in said and "Maps: No water, Water." in said


def test_a_line_tells_what_the_model_maps_and_needs(form, models):
    dialog = form(MODEL="three")
    assert chooser_of(dialog).line().text() == (
        "Maps: Land, Water. Needs: red, narrow NIR, SWIR 2. Made for pixels of about 30 m."
    )


def test_another_model_gives_another_table(form, models, tmp_path):
    dialog = form(INPUT=add_scene(tmp_path / "s2.tif", rasters.scene(bands=13), SENTINEL2))
    assert len(settle(dialog).table.choice()) == 6
    dialog.setParameters({"MODEL": "three"})
    assert settle(dialog).table.choice() == (4, 9, 13)


def test_a_model_may_lie_in_any_folder(form, tmp_path):
    folder = copy_model(tmp_path / "elsewhere")
    dialog = form()
    (button,) = chooser_of(dialog).findChildren(QPushButton)
    with mock.patch(
        "prithvi_qgis.gui.widgets.model_chooser.QFileDialog.getExistingDirectory", return_value=str(folder)
    ):
        button.click()
    assert dialog.mainWidget().wrappers["MODEL"].parameterValue() == str(folder)
    assert chooser_of(dialog).findChild(QComboBox).currentText() == "Burnt land"


def test_a_folder_without_a_model_is_told(form, tmp_path):
    dialog = form(MODEL=str(tmp_path))
    assert chooser_of(dialog).line().severity == Severity.ERROR
    assert f'There is no model "{tmp_path}"' in chooser_of(dialog).line().text()
    assert chooser_of(dialog).value() == str(tmp_path)


def test_a_broken_model_is_listed_with_what_is_wrong(form, models):
    (models / "model.json").write_text("{")
    dialog = form(MODEL="three")
    assert "three" in titles(dialog)
    assert "is not a usable model card" in chooser_of(dialog).line().text()


# -- other forms


def test_rarely_used_parameters_are_folded_away(form):
    box = form().findChild(QWidget, "grpAdvanced")
    assert box.isVisible()
    assert box.property("collapsed")


def test_each_parameter_has_a_tooltip(form):
    dialog = form()
    for name, wrapper in dialog.mainWidget().wrappers.items():
        definition = dialog.algorithm().parameterDefinition(name)
        assert definition.help() in wrapper.wrappedWidget().toolTip(), name


@pytest.fixture()
def batch(provider, qgis_new_project):
    dialog = BatchAlgorithmDialog(provider.algorithm("segment").create())
    dialog.show()
    yield dialog
    dialog.close()


def test_in_batch_mode_bands_are_a_text_and_models_a_list(batch):
    panel = batch.findChild(BatchPanel)
    row = {
        p.name(): panel.wrappers[0][panel.parameter_to_column[p.name()]]
        for p in batch.algorithm().parameterDefinitions()
    }
    assert not batch.findChildren(BandPanel)
    assert isinstance(row["BANDS"].wrappedWidget(), QLineEdit)
    assert row["MODEL"].wrappedWidget().findChild(ModelChooser) is not None
    assert not row["MODEL"].wrappedWidget().findChild(ModelChooser).line().isVisible()
    row["BANDS"].setParameterValue("1,2,3,4,5,6", QgsProcessingContext())
    assert row["BANDS"].parameterValue() == "1,2,3,4,5,6"


def test_batch_mode_segments_one_scene_after_the_other(batch, tmp_path):
    panel = batch.findChild(BatchPanel)
    panel.addRow()
    for number in range(2):
        source = rasters.write(tmp_path / f"scene{number}.tif", rasters.scene())
        for name, value in (("INPUT", source), ("OUTPUT", str(tmp_path / f"mask{number}.tif"))):
            column = panel.parameter_to_column[name]
            if panel.wrappers[number][column] is not None:
                panel.wrappers[number][column].setParameterValue(value, QgsProcessingContext())
            else:
                panel.tblParameters.cellWidget(number + 1, column).setValue(value)
    batch.runAlgorithm()
    wait_for(lambda: (tmp_path / "mask1.tif").exists(), 300)
    assert (tmp_path / "mask0.tif").exists()


def flood_model() -> QgsProcessingModelAlgorithm:
    """A model with one input, a scene."""
    model = QgsProcessingModelAlgorithm("flood", "flood")
    model.addModelParameter(QgsProcessingParameterRasterLayer("scene"), QgsProcessingModelParameter("scene"))
    return model


def test_the_model_designer_shows_its_own_widgets_and_the_model_runs(provider, qgis_new_project, scene_file, tmp_path):
    model = flood_model()
    dialog = ModelerParametersDialog(provider.algorithm("segment").create(), model)
    dialog.show()
    assert not dialog.findChildren(BandPanel)
    assert not dialog.findChildren(ModelChooser)
    child = dialog.createAlgorithm()
    dialog.close()
    sources = child.parameterSources()
    assert sources["MODEL"][0].staticValue() == "demo-water"
    child.addParameterSources("INPUT", [QgsProcessingModelChildParameterSource.fromModelParameter("scene")])
    mask = QgsProcessingModelOutput("mask", "mask")
    mask.setChildOutputName("OUTPUT")
    child.setModelOutputs({"mask": mask})
    name = model.addChildAlgorithm(child)
    output = f"{name}:mask"
    model.updateDestinationParameters()
    (destination,) = model.destinationParameterDefinitions()
    _, ok = model.run(
        {"scene": scene_file, destination.name(): str(tmp_path / "mask.tif")},
        QgsProcessingContext(),
        QgsProcessingFeedback(),
    )
    assert ok, output
    assert gdal.Open(str(tmp_path / "mask.tif")).RasterCount == 1


def test_processing_run_takes_the_values_of_the_form(form, tmp_path):
    dialog = form(INPUT=add_scene(tmp_path / "s2.tif", rasters.scene(bands=13), SENTINEL2))
    settle(dialog)
    parameters = {**dialog.mainWidget().createProcessingParameters(), "OUTPUT": str(tmp_path / "mask.tif")}
    results = processing.run("prithvi:segment", parameters)
    assert set(results["CLASS_AREAS"]) == {"Land", "Water"}


def test_the_engine_does_what_the_form_foretold(form, tmp_path):
    """Run by the form's own button: bands and scaling in its log are those that it showed before."""
    dialog = form(
        INPUT=add_scene(tmp_path / "s2.tif", rasters.scene(bands=13), SENTINEL2), OUTPUT=str(tmp_path / "mask.tif")
    )
    panel = settle(dialog)
    shown = panel.scaling.text().removeprefix("Scaling: ")
    dialog.runAlgorithm()
    feedback = dialog.feedback
    wait_for(lambda: "Water: " in feedback.textLog(), 300)
    assert f"Bands 2, 3, 4, 9, 12, 13; {shown}" in feedback.textLog()
    wait_for(lambda: dialog.feedback is None)
