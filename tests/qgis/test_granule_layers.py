"""HLS granules and Landsat products in QGIS: as paths, in the form, and their bands as layers."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from prithvi_qgis.algorithms.segmentation.read_parameters import read_parameters
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.gui import open_dialog
from support import granules
from support.algorithm_runs import Listening, run
from support.granules import L30, LANDSAT, S30
from support.layer_menu import layer_of, names
from support.layer_menu import segment as click_now
from support.processing_form import settle

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """A folder as downloads leave it: two granules and a Landsat product."""
    folder = tmp_path_factory.mktemp("products")
    for name in (S30, L30, LANDSAT):
        granules.write_granule(folder, name)
    return folder


@pytest.mark.parametrize("name", [S30, L30, LANDSAT])
def test_a_folder_and_a_products_name_are_scenes_though_they_are_no_layers(name, flat, context, segment, tmp_path):
    alone = granules.write_granule(tmp_path / "alone", name)
    for text in (flat / name, alone):
        values = {"INPUT": str(text), "OUTPUT": str(tmp_path / "mask.tif"), "EXTENT": "600300,601800,4298100,4299900"}
        assert segment.checkParameterValues(values, context) == (True, "")
        prepared = read_parameters(segment, values, context)
        assert prepared.request.source == str(text if text.name == name else text / name)
        assert prepared.request.extent == (600300, 4298100, 601800, 4299900)  # in the product's own CRS
        assert (prepared.request.source_name, prepared.scene.title) == (name, name)
        assert prepared.scene.band_names[:6] == list(granules.SIX[name])


def test_granules_are_the_dates_of_a_model_of_several(flat, context, segment, tmp_path, monkeypatch):
    monkeypatch.setattr("prithvi_qgis.core.scenes.dates.check_frames", lambda *_: None)  # the demo model looks at one
    values = {"INPUT": str(flat / S30), "FRAMES": [str(flat / L30)], "OUTPUT": str(tmp_path / "mask.tif")}
    assert segment.checkParameterValues(values, context) == (True, "")
    assert read_parameters(segment, values, context).request.frames == (str(flat / L30),)


def test_several_products_in_a_folder_are_one_line_that_names_them(flat, context, segment, tmp_path):
    fine, text = segment.checkParameterValues({"INPUT": str(flat), "OUTPUT": str(tmp_path / "mask.tif")}, context)
    assert not fine
    assert f"holds 3 products: {L30}, {S30}, {LANDSAT}." in text and "\n" not in text


def test_a_band_of_the_scene_is_no_output(flat, context, segment):
    with pytest.raises(PrithviError) as e:
        values = {"INPUT": str(flat / S30), "OUTPUT": str(granules.file_of(flat, S30, "B02"))}
        read_parameters(segment, values, context)
    assert e.value.code is ErrorCode.OUTPUT_IS_INPUT


def test_the_form_shows_the_product(form, flat):
    dialog = form(INPUT=str(flat / L30))
    panel = settle(dialog)
    assert panel.table.choice() == (1, 2, 3, 4, 5, 6)
    assert panel.table.lists()[3].currentText() == "4: B05 (narrow NIR)"
    assert f"HLS L30 granule {L30}, one file a band" in panel.scaling.text()


def test_a_product_is_segmented_with_picture_and_report(flat, context, segment, tmp_path):
    target, report = tmp_path / "mask.tif", tmp_path / "report.html"
    feedback = Listening()
    run(segment, context, feedback, INPUT=str(flat / LANDSAT), OUTPUT=str(target), REPORT=str(report))
    mask = gdal.Open(str(target))
    values = mask.ReadAsArray()
    assert np.array_equal(values == 255, granules.pixels(LANDSAT, "SR_B2") == 0)
    assert (values[granules.LAKE] == 1).mean() > 0.9
    assert "Landsat 8/9 Collection 2 Level 2, as its name says" in mask.GetMetadataItem("PRITHVI_SCALING")
    assert "data:image/png" in report.read_text()


def test_bands_as_layers_stand_for_their_product_once(desktop, menu, flat, monkeypatch, qgis_iface):
    bands = [layer_of(str(granules.file_of(flat, S30, band)), f"{S30}.{band}") for band in ("B02", "Fmask", "B8A")]
    red = layer_of(str(granules.file_of(flat, LANDSAT, "SR_B4")), "red")
    opened = []
    show = open_dialog.show
    monkeypatch.setattr(open_dialog, "show", lambda iface, layers: opened.append(show(qgis_iface, layers)))
    desktop.select(*bands)
    desktop.click("Prithvi segment...")
    assert opened[0].createProcessingParameters()["INPUT"] == str(flat / S30)
    desktop.select(*bands, red)
    desktop.click("Prithvi segment...")
    panel = opened[1].mainWidget()
    rows = [panel.valueForParameter(row, "INPUT") for row in range(panel.batchRowCount())]
    assert rows == [str(flat / S30), str(flat / LANDSAT)]
    for dialog in opened:
        dialog.close()
    said = click_now(desktop, *bands, red)
    assert said.startswith("2 layers segmented")
    # A mask stands directly above the topmost band of its product: later layers are put on top.
    expected = [f"{LANDSAT} - demo-water", "red", f"{S30} - demo-water", f"{S30}.B8A", f"{S30}.Fmask", f"{S30}.B02"]
    assert names() == expected


def test_selected_layers_keep_their_order_and_a_product_stands_where_its_first_band_is(
    desktop, menu, flat, monkeypatch
):
    opened = []
    monkeypatch.setattr(open_dialog, "show", lambda iface, layers: opened.append([layer.name() for layer in layers]))
    third = layer_of(str(granules.file_of(flat, S30, "B02")), "third")
    second = layer_of(str(granules.file_of(flat, LANDSAT, "SR_B4")), "second")
    first = layer_of(str(granules.file_of(flat, S30, "B03")), "first")
    desktop.select(first, second, third)
    desktop.click("Prithvi segment...")
    assert opened == [["first", "second"]]
