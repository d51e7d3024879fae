"""Sentinel-2 products and presets of sensors in QGIS: as layers, as paths, and in the form."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProject, QgsRasterLayer

from prithvi_qgis.algorithms.scenes import scene_layer
from prithvi_qgis.algorithms.segmentation.parameters import sensor_titles
from prithvi_qgis.algorithms.segmentation.read_parameters import read_parameters
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.scenes.sensors import SENSORS
from support import rasters, sentinel2
from support.algorithm_runs import Listening, run
from support.processing_form import add_scene, bands_of, settle, wait_for

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    """An L1C product of baseline 05.09; its zip lies beside it."""
    root = sentinel2.write_product(tmp_path_factory.mktemp("products"), "L1C", "05.09")
    sentinel2.pack(root)
    return root


def part_of(product: Path, kind: str = "10m") -> str:
    """The driver's name of a part of the zipped product, as QGIS adds it to the project."""
    return f"SENTINEL2_L1C:/vsizip/{product.with_suffix('.zip')}/{product.name}/MTD_MSIL1C.xml:{kind}:EPSG_32630"


def test_products_made_for_tests_are_opened_by_gdals_own_driver(product):
    """Or the tests would prove nothing about real ones."""
    for source in (product / "MTD_MSIL1C.xml", product.with_suffix(".zip")):
        info = subprocess.run(["gdalinfo", str(source)], capture_output=True, text=True, check=True, timeout=60).stdout
        assert "Driver: SENTINEL2/Sentinel 2" in info
        assert "Bands B5, B6, B7, B8A, B11, B12 with 20m resolution, UTM 30N" in info
    assert np.array_equal(gdal.Open(part_of(product)).GetRasterBand(4).ReadAsArray(), sentinel2.pixels("B08", 1000))


def test_qgis_lists_the_parts_of_a_dropped_zip_under_names_that_are_known(product):
    from qgis.core import QgsProviderRegistry

    parts = [d.uri() for d in QgsProviderRegistry.instance().querySublayers(str(product.with_suffix(".zip")))]
    ours = [p for p in parts if p.startswith("SENTINEL2_")]
    assert ours
    assert {scene_layer.as_path(p)[0] for p in ours} == {str(product.with_suffix(".zip"))}


@pytest.mark.parametrize("kind", ["10m", "20m", "TCI"])
def test_a_layer_of_a_part_stands_for_the_whole_product_and_it_is_said(kind, product, context):
    layer = QgsRasterLayer(part_of(product, kind), "Sentinel")
    assert layer.isValid()
    scene = scene_layer.scene_of(layer, context)
    assert scene.path == str(product.with_suffix(".zip"))
    assert scene.band_names[:6] == ["B02", "B03", "B04", "B8A", "B11", "B12"]
    assert "the whole product is used" in scene.note
    assert (scene.title, scene.layer_id) == ("Sentinel", layer.id())


def test_a_folder_and_its_metadata_are_scenes_though_they_are_no_layers(product, context, segment, tmp_path):
    for text in (product, product / "MTD_MSIL1C.xml", product.with_suffix(".zip")):
        values = {"INPUT": str(text), "OUTPUT": str(tmp_path / "mask.tif"), "EXTENT": "600200,600500,4299300,4299900"}
        assert segment.checkParameterValues(values, context) == (True, "")
        request = read_parameters(segment, values, context).request
        assert request.source == str(product if text.suffix != ".zip" else text)
        assert request.extent == (600200, 4299300, 600500, 4299900)  # in the product's own CRS
        assert request.source_name == Path(request.source).name


def test_a_broken_product_is_one_line_before_anything_starts(context, segment, tmp_path):
    root = sentinel2.write_product(tmp_path, "L2A", "05.09")
    sentinel2.image(root, "B04").unlink()
    with pytest.raises(PrithviError, match="is incomplete: its band B04 is missing") as e:
        read_parameters(segment, {"INPUT": str(root), "OUTPUT": str(tmp_path / "mask.tif")}, context)
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE


def test_a_layer_of_a_part_is_segmented_as_the_product(product, context, segment, tmp_path):
    layer = QgsRasterLayer(part_of(product), "Sentinel")
    QgsProject.instance().addMapLayer(layer)
    target, report = tmp_path / "mask.tif", tmp_path / "report.html"
    feedback = Listening()
    run(segment, context, feedback, INPUT=layer, OUTPUT=str(target), REPORT=str(report))
    mask = gdal.Open(str(target))
    values = mask.ReadAsArray()
    assert np.array_equal(values == 255, sentinel2.stacked(("B02",))[0] == 0)
    lake = np.zeros(values.shape, bool)
    lake[45:75, 35:55] = True
    assert (values[lake] == 1).mean() > 0.9
    said = "\n".join(feedback.said)
    assert "the whole product is used" in said
    assert "Sentinel-2 L1C product, processing baseline 05.09" in said
    assert "processing baseline 05.09" in mask.GetMetadataItem("PRITHVI_SENSOR")
    assert "data:image/png" in report.read_text()


def test_the_form_shows_the_product_behind_a_layer(form, product, qgis_new_project):
    layer = QgsRasterLayer(part_of(product), "Sentinel")
    QgsProject.instance().addMapLayer(layer)
    panel = settle(form(INPUT=layer.id()))
    assert panel.table.choice() == (1, 2, 3, 4, 5, 6)
    assert panel.table.lists()[3].currentText() == "4: B8A (narrow NIR)"
    shown = panel.scaling.text()
    assert "the file's own scale 0.0001 offset -0.1" in shown
    assert "the whole product is used" in shown
    assert "each pixel repeated (nearest neighbour)" in shown


def test_the_form_follows_the_sensor(form, tmp_path, qgis_new_project):
    layer = add_scene(tmp_path / "thirteen.tif", rasters.scene(bands=13))
    dialog = form(INPUT=layer)
    panel = settle(dialog)
    assert "could not be found" in panel.scaling.text()
    dialog.setParameters({"SENSOR": 1})
    wait_for(lambda: "Sentinel-2 L1C before baseline 04.00, as SENSOR says" in panel.scaling.text())
    assert panel.table.choice() == (2, 3, 4, 9, 12, 13)
    assert panel.state.text() == "In the order of Sentinel-2 L1C before baseline 04.00."
    assert "no nodata; 0 is taken as nodata" in panel.scaling.text()
    dialog.setParameters({"SENSOR": 7})
    wait_for(lambda: "Landsat 8/9 Collection 2 Level 2 (SENSOR) has 7 bands" in bands_of(dialog).scaling.text())
    dialog.setParameters({"SENSOR": 0})
    wait_for(lambda: "could not be found" in panel.scaling.text())


def test_the_list_in_the_form_is_that_of_the_presets():
    assert sensor_titles() == [s.title for s in SENSORS]
