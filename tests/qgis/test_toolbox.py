"""Finding the algorithms in the Toolbox, their help, and taking a run from the form to a script or a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import QgsApplication, QgsProcessingContext, QgsProject, QgsRasterLayer
from qgis.gui import QgsProcessingToolboxModel, QgsProcessingToolboxProxyModel
from qgis.PyQt.QtCore import QModelIndex, QUrl

from support import ROOT, rasters

pytestmark = pytest.mark.timeout(600)


def shown(model, parent: QModelIndex | None = None, above: str = "") -> dict[str, str]:
    """Algorithm id to the titles above it, of all that a Toolbox shows."""
    found = {}
    parent = parent or QModelIndex()
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        algorithm = model.data(index, QgsProcessingToolboxModel.CustomRole.AlgorithmId)
        if not algorithm:
            found.update(shown(model, index, f"{above}/{index.data()}"))
        elif "/Recent" not in above:
            found[algorithm] = above
    return found


@pytest.fixture()
def toolbox(provider):
    model = QgsProcessingToolboxProxyModel(None, QgsApplication.processingRegistry())
    yield model


def test_the_toolbox_groups_work_and_engine(toolbox):
    groups = {k: v for k, v in shown(toolbox).items() if k.startswith("prithvi:")}
    assert groups == {
        "prithvi:segment": "/Prithvi EO/Segmentation",
        "prithvi:evaluate": "/Prithvi EO/Segmentation",
        "prithvi:samplepoints": "/Prithvi EO/Segmentation",
        "prithvi:segmentfolder": "/Prithvi EO/Segmentation",
        "prithvi:downloadmodel": "/Prithvi EO/Models",
        "prithvi:importmodel": "/Prithvi EO/Models",
        "prithvi:installengine": "/Prithvi EO/Engine",
        "prithvi:enginestatus": "/Prithvi EO/Engine",
        "prithvi:stopengine": "/Prithvi EO/Engine",
        "prithvi:benchmark": "/Prithvi EO/Engine",
        "prithvi:exportbundle": "/Prithvi EO/Engine",
    }


@pytest.mark.parametrize(
    "words",
    ["flood", "water", "burn", "fire", "segmentation", "Prithvi", "deep learning", "wildfire", "sentinel-2 mask"],
)
def test_a_search_finds_prithvi_segment(toolbox, words):
    toolbox.setFilterString(words)
    assert "prithvi:segment" in shown(toolbox)


@pytest.mark.parametrize("words", ["flood", "water", "burn", "segmentation", "Prithvi"])
def test_a_search_for_the_subject_finds_every_algorithm(toolbox, provider, words):
    toolbox.setFilterString(words)
    assert {a.id() for a in provider.algorithms()} <= set(shown(toolbox))


def test_a_search_for_something_else_does_not(toolbox):
    toolbox.setFilterString("voronoi")
    assert not any(k.startswith("prithvi:") for k in shown(toolbox))


def test_the_help_button_opens_a_page_that_comes_with_the_plugin(provider):
    for algorithm in provider.algorithms():
        page = Path(QUrl(algorithm.helpUrl()).toLocalFile())
        text = page.read_text(encoding="utf-8")
        assert f"<h1>{algorithm.displayName()}</h1>" in text
        for target in text.split('href="')[1:]:
            assert (page.parent / target.split('"')[0]).is_file()


def test_help_beside_the_form_has_a_paragraph_a_thought(segment):
    lines = segment.shortHelpString().split("\n")
    assert len(lines) >= 4
    assert all(len(line) > 40 and line.endswith((".", ":")) for line in lines)


@pytest.fixture()
def scene(provider, qgis_new_project, tmp_path):
    path = rasters.write(tmp_path / "Río & scene.tif", rasters.scene())
    layer = QgsRasterLayer(path, "scene")
    QgsProject.instance().addMapLayer(layer)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    return layer, context


def test_the_command_that_the_history_copies_runs_in_a_shell(segment, scene, tmp_path):
    layer, context = scene
    values = {"INPUT": layer.id(), "MODEL": "demo-water", "BANDS": "", "OUTPUT": str(tmp_path / "mask.tif")}
    command, ok = segment.asQgisProcessCommand(values, context)
    assert ok
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    environment.update(
        PATH="/usr/local/bin:/usr/bin:/bin",
        QGIS_PLUGINPATH=os.environ.get("QGIS_PLUGINPATH", str(ROOT / "build" / "plugins")),
        QGIS_CUSTOM_CONFIG_PATH=str(tmp_path / "profile"),
        QT_QPA_PLATFORM="offscreen",
    )
    whole = f"qgis_process plugins enable prithvi_qgis && {command}"
    done = subprocess.run(["bash", "-c", whole], env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    mask = gdal.Open(str(tmp_path / "mask.tif"))
    assert (mask.RasterXSize, mask.RasterYSize) == (96, 64)


def test_the_python_that_the_history_copies_runs_in_the_console(segment, scene, tmp_path):
    import processing

    layer, context = scene
    values = {"INPUT": layer.id(), "MODEL": "demo-water", "BANDS": "", "OUTPUT": str(tmp_path / "mask.tif")}
    line = segment.asPythonCommand(values, context)
    assert line.startswith('processing.run("prithvi:segment", {')
    assert "CLASS_AREAS" in eval(line, {"processing": processing})


def test_without_a_window_no_widget_is_ever_imported(scene_file):
    code = f"""
import sys
from qgis.core import QgsApplication, QgsProcessingContext
app = QgsApplication([], False)
app.initQgis()
from prithvi_qgis.plugin import PrithviPlugin
plugin = PrithviPlugin(None)
plugin.initProcessing()
algorithm = QgsApplication.processingRegistry().createAlgorithmById("prithvi:segment")
print(algorithm.checkParameterValues({{"INPUT": {scene_file!r}, "OUTPUT": "TEMPORARY_OUTPUT"}}, QgsProcessingContext())[0])
print([m for m in sys.modules if m.startswith(("prithvi_qgis.gui", "processing.gui"))])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["True", "[]"], done.stdout + done.stderr
