"""The algorithm inside QGIS: loading, styling, cancelling, layers that are no files."""

from __future__ import annotations

import gc
import time

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingException,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

from prithvi_qgis.algorithms.layers.result_layer import ResultLayer
from prithvi_qgis.algorithms.layers.styles import shown_classes
from prithvi_qgis.algorithms.scenes import scene_layer
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from support import rasters
from support.algorithm_runs import Listening, run

pytestmark = pytest.mark.timeout(600)


def test_a_loaded_mask_shows_exactly_the_classes(segment, context, scene_file, tmp_path):
    results = run(segment, context, INPUT=scene_file, OUTPUT=str(tmp_path / "mask.tif"))
    layer = QgsRasterLayer(results["OUTPUT"], "mask")
    assert shown_classes(layer) == [(0, "Land"), (1, "Water")]


def test_progress_rises_to_the_end_and_stages_are_told(segment, context, scene_file, tmp_path):
    feedback = Listening()
    run(segment, context, feedback, INPUT=scene_file, OUTPUT=str(tmp_path / "mask.tif"))
    assert feedback.percent == sorted(feedback.percent)
    assert feedback.percent[-1] == 100
    said = "\n".join(feedback.said)
    assert "Segmenting" in said
    assert "Water: " in said


def test_the_toolbox_loads_one_mask_named_after_scene_and_model(provider, context, scene_file, tmp_path):
    algorithm = provider.algorithm("segment")
    layer = QgsRasterLayer(scene_file, "Flood of May")
    QgsProject.instance().addMapLayer(layer)
    output = QgsProcessingOutputLayerDefinition(str(tmp_path / "mask.tif"), QgsProject.instance())
    parameters = {"INPUT": layer.id(), "OUTPUT": output}
    ok, message = algorithm.checkParameterValues(parameters, context)
    assert ok, message
    finished, feedback = [], Listening()
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)

    def done(successful, results):
        # The Toolbox post-processes here; a post-processor that only QGIS knew would be gone by now.
        gc.collect()
        details = list(context.layersToLoadOnCompletion().values())
        finished.append((successful, [type(d.postProcessor()) for d in details]))

    task.executed.connect(done)
    QgsApplication.taskManager().addTask(task)
    deadline = time.monotonic() + 300
    while not finished:
        assert time.monotonic() < deadline
        QCoreApplication.processEvents()
        time.sleep(0.02)
    assert finished == [(True, [ResultLayer])]
    ((path, details),) = context.layersToLoadOnCompletion().items()
    assert details.name == "Flood of May - demo-water"
    assert details.forceName
    assert path == str(tmp_path / "mask.tif")


def test_a_post_processor_is_held_until_qgis_calls_it(segment, context, scene_file, tmp_path):
    output = QgsProcessingOutputLayerDefinition(str(tmp_path / "mask.tif"), QgsProject.instance())
    run(segment, context, INPUT=scene_file, OUTPUT=output)
    ((_, details),) = context.layersToLoadOnCompletion().items()
    gc.collect()
    assert details.postProcessor() is not None


def test_checking_the_parameters_loads_and_writes_nothing(segment, context, scene_file, tmp_path):
    output = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", QgsProject.instance())
    ok, message = segment.checkParameterValues({"INPUT": scene_file, "OUTPUT": output}, context)
    assert ok, message
    assert context.layersToLoadOnCompletion() == {}


def test_a_wrong_value_is_told_by_the_form_in_one_line(segment, context, scene_file, tmp_path):
    ok, message = segment.checkParameterValues(
        {"INPUT": scene_file, "OUTPUT": str(tmp_path / "m.tif"), "MODEL": "nothing"}, context
    )
    assert not ok
    assert message.startswith('There is no model "nothing".')
    assert "\n" not in message


def test_cancel_leaves_no_file_and_the_engine_warm(segment, context, tmp_path):
    large = rasters.write(tmp_path / "large.tif", rasters.scene(2000, 2000))
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        run(segment, context, Listening("Segmenting"), INPUT=large, OUTPUT=str(folder / "mask.tif"))
    assert list(folder.iterdir()) == []


def test_a_layer_that_a_server_draws_is_refused(context):
    layer = QgsRasterLayer("type=xyz&url=http://localhost/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=3&zmin=0", "tiles", "wms")
    assert layer.isValid()
    with pytest.raises(PrithviError) as caught:
        scene_layer.scene_of(layer, context)
    assert caught.value.code == ErrorCode.SOURCE_UNSUPPORTED
    assert "tiles" in caught.value.text


def test_an_unforeseen_error_is_one_line_and_its_details_are_in_the_log(
    segment, context, scene_file, tmp_path, monkeypatch
):
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path))

    def broken(*_):
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("prithvi_qgis.algorithms.segmentation.read_parameters.read_parameters", broken)
    feedback = Listening()
    _, ok = segment.run({"INPUT": scene_file, "OUTPUT": str(tmp_path / "m.tif")}, context, feedback)
    assert not ok
    assert "ZeroDivisionError: division by zero" in feedback.said[-1]
    assert "\n" not in feedback.said[-1]
    assert "Traceback" in (tmp_path / "engine.log").read_text()
