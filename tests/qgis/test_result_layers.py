"""A finished run on the map: names, classes, colours, opacity, place in the tree, and all of it after reopening."""

from __future__ import annotations

import gc
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsLayerTreeModel,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsSettings,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QColor, qGray

from prithvi_qgis.algorithms.layers import layer_tree, result_layer, styles
from prithvi_qgis.algorithms.layers.result_layer import LayerKind, LoadedRun, ResultLayer, layer_name
from prithvi_qgis.core.models.model_card import Quantity
from prithvi_qgis.core.protocol.messages import ClassArea
from prithvi_qgis.core.system import paths
from prithvi_qgis.gui.result_layers import load_results
from support import rasters

pytestmark = pytest.mark.timeout(300)

LAND, WATER = ClassArea(0, "Land", "#d9c8a0", 90, 9000.0), ClassArea(1, "Water", "#0072b2", 10, 1000.0)
TWO = (LAND, WATER)
THREE = (*TWO, ClassArea(2, "Burnt", "#d55e00", 5, 500.0))
UNSURE = ClassArea(254, "Unsure", "#8c8c8c", 7, 700.0, True)
BIOMASS = Quantity("Biomass", "Mg/ha", 0.0, 100.0)


@pytest.fixture()
def project(qgis_new_project):
    yield QgsProject.instance()
    result_layer._waiting.clear()


@pytest.fixture()
def mask_file(tmp_path):
    values = np.zeros((1, 20, 30), np.uint8)
    values[0, 5:10, 5:15] = 1
    values[0, :, 25:] = 255
    return rasters.write(tmp_path / "mask.tif", values, names=("class",), nodata=255)


def add(project: QgsProject, path: str, name: str, group=None) -> QgsRasterLayer:
    layer = QgsRasterLayer(path, name)
    assert layer.isValid()
    project.addMapLayer(layer, False)
    (group or project.layerTreeRoot()).addLayer(layer)
    return layer


def dress(layer, source_id: str = "", kind: LayerKind = LayerKind.MASK, classes=TWO, mask: str = "run 1", heard=None):
    run = LoadedRun("scene", "demo-water", "", classes)
    processor = ResultLayer(kind, run, source_id, layer.source(), mask, (heard if heard is not None else []).append)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    processor.postProcessLayer(layer, context, QgsProcessingFeedback())


def legend(layer) -> list[str]:
    """What the layer tree lists beneath a layer."""
    model = QgsLayerTreeModel(QgsProject.instance().layerTreeRoot())
    nodes = model.layerLegendNodes(QgsProject.instance().layerTreeRoot().findLayer(layer.id()))
    return [node.data(Qt.ItemDataRole.DisplayRole) for node in nodes]


def names(group) -> list[str]:
    return [node.name() for node in group.children()]


def colour_at(layer, fraction_x: float, fraction_y: float) -> QColor:
    """What is drawn there over magenta."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(300, 200))
    settings.setBackgroundColor(QColor("#ff00ff"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage().pixelColor(int(300 * fraction_x), int(200 * fraction_y))


def test_the_mask_shows_its_classes_and_the_scene_through_them(project, mask_file):
    layer = add(project, mask_file, "mask")
    dress(layer)
    assert styles.shown_classes(layer) == [(0, "Land"), (1, "Water")]
    assert layer.opacity() == pytest.approx(0.7)
    water, land, nothing = colour_at(layer, 0.3, 0.4), colour_at(layer, 0.1, 0.9), colour_at(layer, 0.95, 0.5)
    assert nothing == QColor("#ff00ff")  # no data is see-through
    assert 40 < water.red() < 120 and water.blue() > 150  # much of the class, some of what lies beneath
    assert land.red() > 220 and 10 < land.green() < 80  # a tint: the scene is read through the background


def test_with_more_than_two_classes_none_is_background(project, mask_file):
    layer = add(project, mask_file, "mask")
    dress(layer, classes=THREE)
    assert [c.color.alpha() for c in layer.renderer().classes()] == [255, 255, 255]


def test_unsure_stands_in_the_legend_with_its_own_colour_and_makes_no_class_a_background(project, mask_file):
    values = np.zeros((1, 20, 30), np.uint8)
    values[0, 5:10, 5:15], values[0, 12:18, 5:15], values[0, :, 25:] = 1, 254, 255
    rasters.write(mask_file, values, names=("class",), nodata=255)
    for classes in ((*TWO, UNSURE), (*THREE, UNSURE)):
        layer = add(project, mask_file, "mask")
        dress(layer, classes=classes)
        assert styles.shown_classes(layer) == [(c.value, c.name) for c in classes]
        assert [name for name in legend(layer) if not name.startswith("Band 1")] == [c.name for c in classes]
        alphas = [c.color.alpha() for c in layer.renderer().classes()]
        assert alphas == [64 if len(classes) == 3 else 255, *[255] * (len(classes) - 1)]
        unsure = colour_at(layer, 0.3, 0.75)
        assert abs(unsure.red() - round(0.7 * 0x8C + 0.3 * 255)) < 5 and abs(unsure.green() - round(0.7 * 0x8C)) < 5
        assert styles.class_of_interest(classes).name == "Water"


def test_after_ignoring_a_background_the_next_class_is_none(project, mask_file):
    layer = add(project, mask_file, "mask")
    dress(layer, classes=THREE[1:])
    assert [c.color.alpha() for c in layer.renderer().classes()] == [255, 255]


def test_a_mask_of_three_hundred_classes_in_two_bytes_shows_each(project, tmp_path):
    values = np.arange(600, dtype=np.uint16).reshape(1, 20, 30)
    values[values >= 300] = 65535
    values[0, 19] = 65534
    many = tuple(ClassArea(v, f"c{v}", f"#{v % 256:02x}{v // 2:02x}40", 1, 1.0) for v in range(300))
    classes = (*many, ClassArea(65534, "Unsure", "#8c8c8c", 30, 30.0, True))
    layer = add(project, rasters.write(tmp_path / "m.tif", values, names=("class",), nodata=65535,
                                       kind=gdal.GDT_UInt16), "mask")  # fmt: skip
    dress(layer, classes=classes)
    assert styles.shown_classes(layer)[-2:] == [(299, "c299"), (65534, "Unsure")]
    drawn = colour_at(layer, 0.99, 0.475)  # row 9, column 29: class 299
    assert abs(drawn.green() - 0.7 * 149) < 5
    assert colour_at(layer, 0.5, 0.7) == QColor("#ff00ff")


def test_numbers_of_a_regression_are_drawn_from_dark_to_light_with_a_colour_bar(project, tmp_path):
    values = np.tile(np.linspace(0, 100, 30, dtype=np.float32), (1, 20, 1))
    values[0, :10, :5] = -9999
    layer = add(project, rasters.write(tmp_path / "v.tif", values, names=("Biomass",), nodata=-9999), "values")
    run = LoadedRun("scene", "biomass", "", (), "", BIOMASS, {"mean": 50.0, "std": 30.0, "min": 0.0, "max": 100.0})
    processor = ResultLayer(LayerKind.MASK, run, "", layer.source(), "run 1", [].append)
    context = QgsProcessingContext()
    context.setProject(project)
    processor.postProcessLayer(layer, context, QgsProcessingFeedback())
    assert colour_at(layer, 0.02, 0.9).name() == "#440154" and colour_at(layer, 0.99, 0.9).name() == "#fde725"
    grey = [qGray(colour_at(layer, x, 0.9).rgb()) for x in (0.02, 0.25, 0.5, 0.75, 0.98)]
    assert grey == sorted(grey)
    assert colour_at(layer, 0.05, 0.2) == QColor("#ff00ff")
    assert layer.renderer().shader().rasterShaderFunction().legendSettings().suffix() == " Mg/ha"
    # The sidecar that the engine writes looks the same.
    (tmp_path / "v.qml").write_text(value_qml_of_the_engine(BIOMASS, run.values))
    by_sidecar = QgsRasterLayer(str(tmp_path / "v.tif"), "again")
    assert type(by_sidecar.renderer()).__name__ == "QgsSingleBandPseudoColorRenderer"
    for x in (0.02, 0.3, 0.6, 0.98):
        assert colour_at(by_sidecar, x, 0.9) == colour_at(layer, x, 0.9)
    one, two = (r.renderer().shader().rasterShaderFunction() for r in (layer, by_sidecar))
    assert [(i.value, i.label) for i in one.colorRampItemList()] == [
        (pytest.approx(i.value), i.label) for i in two.colorRampItemList()
    ]
    assert two.legendSettings().suffix() == " Mg/ha" and two.legendSettings().useContinuousLegend()


def value_qml_of_the_engine(quantity, values) -> str:
    """From the engine's Python: this one lacks rasterio."""
    code = (
        "import json, sys; from prithvi_qgis.core.models.model_card import Quantity;"
        "from prithvi_qgis.engine.writing.sidecars import value_qml;"
        "a = json.loads(sys.argv[1]); print(value_qml(Quantity(*a[0]), a[1]))"
    )
    asked = json.dumps([[quantity.name, quantity.unit, quantity.low, quantity.high], values])
    python = paths.venv_python("cpu")
    package = str(Path(__file__).parents[2])
    done = subprocess.run(
        [str(python), "-c", code, asked], capture_output=True, text=True, check=True, cwd=package,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": package},
    )  # fmt: skip
    return done.stdout


def test_style_legend_and_place_survive_closing_the_project(project, mask_file, tmp_path):
    scene = add(project, mask_file, "scene")
    mask = add(project, mask_file, "scene - demo-water")
    source_id = scene.id()
    dress(mask, source_id)
    saved = str(tmp_path / "flood.qgz")
    assert project.write(saved)
    project.clear()
    assert project.read(saved)
    reopened = project.mapLayersByName("scene - demo-water")[0]
    assert styles.shown_classes(reopened) == [(0, "Land"), (1, "Water")]
    assert [c.color.name() for c in reopened.renderer().classes()] == ["#d9c8a0", "#0072b2"]
    assert [c.color.alpha() for c in reopened.renderer().classes()] == [64, 255]
    assert reopened.opacity() == pytest.approx(0.7)
    assert names(project.layerTreeRoot()) == ["scene - demo-water", "scene"]
    assert reopened.customProperty(layer_tree.SOURCE) == source_id  # later results find their place by it


def test_the_mask_stands_directly_above_its_scene_in_whatever_group(project, mask_file):
    root = project.layerTreeRoot()
    add(project, mask_file, "other")
    group = root.addGroup("May")
    inner = group.addGroup("tiles")
    add(project, mask_file, "roads", inner)
    scene = add(project, mask_file, "scene", inner)
    add(project, mask_file, "base", inner)
    mask = add(project, mask_file, "mask")
    dress(mask, scene.id())
    assert names(inner) == ["roads", "mask", "scene", "base"]
    assert names(root) == ["other", "May"]
    assert project.mapLayer(mask.id()) is not None


def test_results_of_one_scene_stay_together_the_newest_run_on_top(project, mask_file):
    root = project.layerTreeRoot()
    scene = add(project, mask_file, "scene")
    for number, kinds in enumerate([(LayerKind.MASK,), (LayerKind.POLYGONS, LayerKind.PROBABILITY, LayerKind.MASK)], 1):
        for kind in kinds:
            dress(add(project, mask_file, f"{kind.name} {number}"), scene.id(), kind, mask=f"run {number}")
    assert names(root) == ["POLYGONS 2", "MASK 2", "PROBABILITY 2", "MASK 1", "scene"]


def test_a_mask_whose_scene_was_removed_stays_where_it_is(project, mask_file):
    scene = add(project, mask_file, "scene")
    add(project, mask_file, "first")
    gone = scene.id()
    project.removeMapLayer(gone)
    mask = add(project, mask_file, "mask")
    dress(mask, gone)
    assert names(project.layerTreeRoot()) == ["first", "mask"]


def test_a_results_group_chosen_in_processing_is_respected(project, mask_file):
    scene = add(project, mask_file, "scene")
    group = project.layerTreeRoot().addGroup("Results")
    mask = add(project, mask_file, "mask", group)
    QgsSettings().setValue(layer_tree.RESULTS_GROUP, "Results")
    try:
        dress(mask, scene.id())
    finally:
        QgsSettings().remove(layer_tree.RESULTS_GROUP)
    assert names(group) == ["mask"]


def test_probability_fades_from_nothing_to_the_colour_of_the_class_of_interest(project, tmp_path):
    percent = np.tile(np.arange(100, dtype=np.uint8), (2, 20, 1))
    percent[0] = 100 - percent[1]
    path = rasters.write(tmp_path / "p.tif", percent, names=("Land", "Water"), nodata=255)
    layer = add(project, path, "probability")
    dress(layer, kind=LayerKind.PROBABILITY)
    renderer = layer.renderer()
    assert isinstance(renderer, QgsSingleBandPseudoColorRenderer)
    assert renderer.inputBand() == 2
    assert [label for label, _ in renderer.legendSymbologyItems()][-5:] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    # Over magenta: nothing at the left, all of the water's blue at the right, in between in order.
    reds = [colour_at(layer, x, 0.5).red() for x in (0.01, 0.25, 0.5, 0.75, 0.99)]
    assert reds == sorted(reds, reverse=True)
    assert reds[0] > 240 and reds[-1] < 15
    assert not project.layerTreeRoot().findLayer(layer.id()).itemVisibilityChecked()
    assert layer_name("scene", "m", LayerKind.PROBABILITY, TWO) == "scene - m - probability of Water"


def test_the_listener_hears_of_the_mask_only(project, mask_file):
    heard = []
    dress(add(project, mask_file, "p"), kind=LayerKind.PROBABILITY, heard=heard)
    assert heard == []
    dress(add(project, mask_file, "m"), heard=heard)
    assert [run.model for run in heard] == ["demo-water"]


def test_a_run_with_everything_is_loaded_named_styled_and_placed(segment, project, scene_file, tmp_path):
    add(project, scene_file, "above")
    scene = add(project, scene_file, "Flood of May")
    context = QgsProcessingContext()
    context.setProject(project)
    outputs = {"OUTPUT": "mask.tif", "PROBABILITY": "p.tif", "POLYGONS": "p.gpkg"}
    parameters = {k: QgsProcessingOutputLayerDefinition(str(tmp_path / v), project) for k, v in outputs.items()}
    heard = []
    result_layer.listeners.append(heard.append)
    try:
        _, ok = segment.run({"INPUT": scene.id(), **parameters}, context, QgsProcessingFeedback(), {}, False)
        assert ok
        gc.collect()  # QGIS holds no reference to the post-processors
        assert load_results(context, QgsProcessingFeedback(), project) == []
    finally:
        result_layer.listeners.remove(heard.append)
    assert names(project.layerTreeRoot()) == [
        "above",
        "Flood of May - demo-water - polygons",
        "Flood of May - demo-water",
        "Flood of May - demo-water - probability of Water",
        "Flood of May",
    ]
    polygons = project.mapLayersByName("Flood of May - demo-water - polygons")[0]
    renderer = polygons.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    assert [(c.value(), c.label()) for c in renderer.categories()] == [(0, "Land"), (1, "Water")]
    assert renderer.categories()[1].symbol().color().name() == "#0072b2"
    mask = project.mapLayersByName("Flood of May - demo-water")[0]
    assert mask.opacity() == pytest.approx(0.7)
    assert [run.scene for run in heard] == ["Flood of May"]
    assert heard[0].classes[1].area_m2 > 0


def test_the_sidecar_of_the_mask_says_the_same_as_the_style_in_the_project(segment, project, scene_file, tmp_path):
    path = str(tmp_path / "mask.tif")
    _, ok = segment.run({"INPUT": scene_file, "OUTPUT": path}, QgsProcessingContext(), QgsProcessingFeedback())
    assert ok
    by_sidecar, by_plugin = QgsRasterLayer(path, "a"), QgsRasterLayer(path, "b")
    styles.style_mask(
        by_plugin, [ClassArea(c.value, c.label, c.color.name(), 0, None) for c in by_sidecar.renderer().classes()]
    )
    looks = [
        (
            layer.opacity(),
            [(c.value, c.label, c.color.name(QColor.NameFormat.HexArgb)) for c in layer.renderer().classes()],
        )
        for layer in (by_sidecar, by_plugin)
    ]
    assert looks[0] == looks[1]
    assert gdal.Open(path) is not None
