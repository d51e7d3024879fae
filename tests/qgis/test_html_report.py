"""The report of a run: one page that tells everything without a network, to every reader."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from osgeo import gdal

from prithvi_qgis.algorithms.layers.result_layer import LoadedRun
from prithvi_qgis.algorithms.reports.bar_chart import class_chart
from prithvi_qgis.algorithms.reports.html_report import write_report
from prithvi_qgis.algorithms.run_status import Status
from prithvi_qgis.algorithms.segmentation.reporter import summary
from prithvi_qgis.algorithms.segmentation.validation import find_model
from prithvi_qgis.core.models.model_card import Quantity
from prithvi_qgis.core.protocol import messages
from prithvi_qgis.core.protocol.messages import ClassArea
from prithvi_qgis.gui.result_message import done_text
from support import rasters

LAND, WATER = ClassArea(0, "Land", "#d9c8a0", 4500, 450000.0), ClassArea(1, "Water & <ice>", "#0072b2", 1500, 150000.0)


@pytest.fixture()
def page(tmp_path, qgis_app):
    def make(classes=(LAND, WATER), **asked) -> str:
        source = rasters.write(tmp_path / "scene.tif", rasters.scene(100, 60))
        values = np.zeros((1, 60, 100), np.uint8)
        values[0, :, 75:] = 1
        mask = rasters.write(tmp_path / "mask.tif", values, names=("class",), nodata=255)
        request = messages.Segment(f"{source}", "demo-water", mask, source_name="scene <1>.tif", **asked)
        result = messages.Result(
            mask, "demo-water", "cpu", "a processor", "vLLM 0", 1, 1.0, {"total": 1.0}, 100, 60, 7, classes,
            (1, 2, 3, 4, 5, 6), "reflectance = DN x 0.0001", ("Bands were guessed.",),
        )  # fmt: skip
        report = tmp_path / "report.html"
        write_report(str(report), request, result, find_model("demo-water"))
        return report.read_text(encoding="utf-8")

    return make


def test_areas_stand_in_hectares_and_square_kilometres(page):
    text = page()
    for words in ("45.00 ha", "0.4500 km2", "15.00 ha", "0.1500 km2", "75.00 %", "25.00 %", "7 pixels have none"):
        assert words in text


def test_names_of_scenes_and_classes_cannot_break_the_page(page):
    text = page()
    assert "Water &amp; &lt;ice&gt;" in text and "<ice>" not in text
    assert "scene &lt;1&gt;.tif" in text


def test_the_page_needs_no_network_and_no_script(page):
    text = re.sub(r"base64,[^\"]+", "", page())
    assert "http" not in text
    assert "<script" not in text


def test_parameters_and_provenance_are_told_and_defaults_called_automatic(page, tmp_path):
    text = page(extent=(1.0, 2.0, 3.0, 4.0), stride=256, scale=0.0002)
    for words in ("1, 2, 3, 4", "<td>256</td>", "<td>0.0002</td>", "<td>automatic</td>", "Bands were guessed."):
        assert words in text
    assert json.loads((tmp_path / "report.html.json").read_text())["parameters"]["stride"] == 256


def test_the_chart_tells_its_figures_in_words_and_by_length(page):
    chart = ElementTree.fromstring(class_chart((LAND, WATER)))
    assert chart.get("role") == "img"
    described = chart.find("desc").text
    assert "Land: 75.0 %, 45.00 ha" in described and "Water & <ice>: 25.0 %, 15.00 ha" in described
    bars = [float(r.get("width")) for r in chart.iter("rect") if r.get("class") == "bar"]
    assert bars[0] / bars[1] == pytest.approx(3, rel=0.01)
    fills = [r.get("fill") for r in chart.iter("rect") if r.get("class") == "bar"]
    assert fills == ["#d9c8a0", "#0072b2"]


def test_the_chart_tells_all_areas_in_one_unit(page):
    large = ClassArea(0, "Land", "#d9c8a0", 1393054, 139305400.0)
    small = ClassArea(1, "Water", "#0072b2", 200357, 20035700.0)
    described = ElementTree.fromstring(class_chart((large, small))).find("desc").text
    assert described == "Land: 87.4 %, 139.31 km2; Water: 12.6 %, 20.04 km2"


def test_without_georeference_there_are_pixels_and_no_areas(page):
    text = page(classes=(ClassArea(0, "Land", "#d9c8a0", 4500, None), ClassArea(1, "Water", "#0072b2", 1500, None)))
    assert "4,500" in text
    assert "ha<" not in text and "km2" not in text


def test_a_status_tells_stage_tiles_rate_and_time_left():
    assert Status("waiting", ahead=2).text() == "Waiting, 2 before it"
    assert Status("segmenting", 20, 100, 4.0).text() == "Segmenting: 20 of 100 tiles, 4.0 tiles/s, 20 s left"
    assert Status("segmenting", 0, 72000, 4.0).text().endswith("5.0 h left")
    assert Status("loading").text() == "Loading the model"


def test_of_very_many_classes_the_chart_draws_the_largest_and_the_table_lists_all(page):
    many = tuple(ClassArea(v, f"c{v}", "#0072b2", 10 * v, 1000.0 * v) for v in range(300))
    text = page(classes=(*many, ClassArea(65534, "Unsure", "#8c8c8c", 5, 500.0, True)))
    assert text.count('class="bar"') == 25
    assert text.count('class="swatch"') == 301
    assert "<td>Unsure</td>" in text


def test_what_was_asked_of_the_mask_is_told(page):
    text = page(min_probability={"1": 0.7}, min_area="0.5 ha", ignore_classes=(0,))
    for words in ("1=0.7", "0.5 ha", "IGNORE_CLASSES"):
        assert words in text


def test_the_report_of_a_regression_has_a_colour_bar_and_its_numbers(tmp_path, qgis_app):
    source = rasters.write(tmp_path / "scene.tif", rasters.scene(100, 60))
    values = np.tile(np.linspace(0, 280, 100, dtype=np.float32), (1, 60, 1))
    values[0, :, :20] = -9999
    output = rasters.write(tmp_path / "v.tif", values, names=("Biomass",), nodata=-9999)
    card = dataclasses.replace(
        find_model("demo-water"), task="regression", classes=(), quantity=Quantity("Biomass <AGB>", "Mg/ha", 0, 300)
    )
    statistics = {"mean": 170.123, "std": 65.4, "min": 56.6, "max": 280.0, "pixels": 4800}
    request = messages.Segment(source, "m", output, source_name="scene.tif")
    result = messages.Result(
        output, "m", "cpu", "a processor", "vLLM 0", 1, 1.0, {"total": 1.0}, 100, 60, 1200, (),
        (1, 2, 3, 4, 5, 6), "reflectance = DN x 0.0001", values=statistics,
    )  # fmt: skip
    report = tmp_path / "report.html"
    write_report(str(report), request, result, card)
    text = report.read_text(encoding="utf-8")
    for words in ("170.12 Mg/ha", "280 Mg/ha", "4,800", "1,200", "Biomass &lt;AGB&gt;", "linearGradient", "#fde725"):
        assert words in text
    assert "<AGB>" not in text and "Areas" not in text
    assert json.loads((tmp_path / "report.html.json").read_text())["values"] == statistics
    picture = base64.b64decode(re.search(r"base64,([^\"]+)", text).group(1))
    (tmp_path / "p.png").write_bytes(picture)
    drawn = gdal.Open(str(tmp_path / "p.png")).ReadAsArray()
    right = drawn[:, 30, 112:]
    assert (right[:, 5] == 255).all()  # no data is paper
    assert right[1, 25] < right[1, 60] < right[1, 95]  # green grows all along the ramp
    assert summary(result, 0.1, card.quantity)[1] == "Biomass <AGB>: mean 170.1, from 56.6 to 280 Mg/ha"


def test_the_message_tells_what_a_regression_found():
    run = LoadedRun("scene", "m", "", (), "", Quantity("Biomass", "Mg/ha"), {"mean": 1.5, "min": 1, "max": 2})
    assert done_text([run]) == "scene: Biomass, mean 1.5, from 1 to 2 Mg/ha."
    assert done_text([run, run]) == "2 layers done."
    known = (LAND, ClassArea(1, "Water", "#0072b2", 1500, 150000.0))
    unsure = ClassArea(254, "Unsure", "#8c8c8c", 3000, 300000.0, True)
    assert done_text([LoadedRun("scene", "m", "", (*known, unsure))]).startswith("scene: Water 15.00 ha")
