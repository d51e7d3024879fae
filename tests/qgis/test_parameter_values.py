"""What scripts, models, JSON and R send as parameters means what it says, or is refused by its parameter's name."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsExpressionContextUtils,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsProperty,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QTime, QVariant

from prithvi_qgis.algorithms.parameter_values import read_values
from prithvi_qgis.algorithms.segmentation.read_parameters import read_parameters
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from support.algorithm_runs import Listening, run

_EXPRESSION = QgsProperty.fromExpression


def _read(provider, context, algorithm="segment", **parameters):
    return read_values(provider.algorithm(algorithm), parameters, context)


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("BANDS", [6, 5, 4, 3, 2, 1], "6,5,4,3,2,1"),
        ("BANDS", (6, 5, 4), "6,5,4"),
        ("BANDS", ["6", "5"], "6,5"),
        ("BANDS", [6.0, 5.0], "6,5"),  # JSON and R have no other numbers
        ("BANDS", np.array([6, 5, 4]), "6,5,4"),
        ("BANDS", [np.int64(6), np.float32(5)], "6,5"),
        ("BANDS", range(1, 7), "1,2,3,4,5,6"),
        ("BANDS", 3, "3"),
        ("BANDS", "6,5,4", "6,5,4"),
        ("BANDS", _EXPRESSION("'6,' || (2 + 3)"), "6,5"),
        ("BANDS", _EXPRESSION("array(6, 5)"), "6,5"),
        ("BANDS", QgsProperty.fromValue([6, 5]), "6,5"),
        ("DATES", [datetime.date(2023, 3, 14), None, "2023-07-01"], "2023-03-14,,2023-07-01"),
        (
            "DATES",
            [datetime.datetime(2023, 3, 15, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))],
            "2023-03-14",
        ),
        ("DATES", [QDate(2023, 3, 14), QDateTime(QDate(2023, 3, 15), QTime(0, 30))], "2023-03-14,2023-03-15"),
        ("DATES", np.array(["2023-03-14T10:00", "2023-05-20T10:00"], "datetime64[ns]"), "2023-03-14,2023-05-20"),
        ("IGNORE_CLASSES", ["Land"], "Land"),
        ("IGNORE_CLASSES", [0], "0"),
        ("MIN_PROBABILITY", {"Water": 0.9, "0": 0.5}, "Water=0.9,0=0.5"),
        ("MIN_PROBABILITY", {1: np.float64(0.9)}, "1=0.9"),
        ("MIN_PROBABILITY", 0.6, "0.6"),
        ("MIN_PROBABILITY", ["Water=0.7", "0=0.5"], "Water=0.7,0=0.5"),
        ("MIN_AREA", 25.0, "25"),
        ("MODEL", Path("/models/mine"), "/models/mine"),
        ("MODEL", ["demo-water"], "demo-water"),
        ("SCALE", "1e-4", 1e-4),
        ("SCALE", [0.5], 0.5),
        ("SCALE", decimal.Decimal("0.5"), 0.5),
        ("SCALE", np.float32(0.5), 0.5),
        ("SCALE", " +.5 ", 0.5),
        ("STRIDE", 448.0, 448),
        ("STRIDE", "448", 448),
        ("STRIDE", np.int16(448), 448),
        ("DEVICE", "CPU", 2),
        ("DEVICE", "cuda", 1),
        ("DEVICE", "auto", 0),
        ("DEVICE", 2.0, 2),
        ("DEVICE", "2", 2),
        ("PIPELINE", "stock", 1),
        ("SENSOR", "hls-s30", 5),
        ("SENSOR", "HLS S30", 5),
        ("RESAMPLING", "Nearest", 1),
        ("FRAMES", "a.tif;b.tif", ["a.tif", "b.tif"]),
        ("FRAMES", (Path("a.tif"), "b.tif"), ["a.tif", "b.tif"]),
        ("FRAMES", "a.tif", ["a.tif"]),
        ("INPUT", Path("a.tif"), "a.tif"),
        ("INPUT", ["a.tif"], "a.tif"),
        ("INPUT", QgsProcessingFeatureSourceDefinition("a.tif"), "a.tif"),
        ("INPUT", QgsProcessingOutputLayerDefinition("a.tif"), "a.tif"),
        ("OUTPUT", Path("mask.tif"), "mask.tif"),
        ("OUTPUT", ["mask.tif"], "mask.tif"),
    ],
)
def test_a_value_means_what_it_says(provider, context, name, given, meant):
    found = _read(provider, context, **{name: given})[name]
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    "given",
    [
        "10,30,20,40",
        "10,30,20,40 [EPSG:32630]",
        [10, 30, 20, 40],
        ["10", "30", "20", "40"],
        (10.0, 30.0, 20.0, 40.0),
        np.array([10, 30, 20, 40]),
        {"xmin": 10, "xmax": 30, "ymin": 20, "ymax": 40},
        {"xmin": 10, "xmax": 30, "ymin": 20, "ymax": 40, "crs": "EPSG:32630"},
        QgsRectangle(10, 20, 30, 40),
        QgsReferencedRectangle(QgsRectangle(10, 20, 30, 40), QgsCoordinateReferenceSystem("EPSG:32630")),
    ],
)
def test_an_extent_is_xmin_xmax_ymin_ymax_in_every_form(provider, context, given):
    area = _read(provider, context, EXTENT=given)["EXTENT"]
    assert (area.xMinimum(), area.yMinimum(), area.xMaximum(), area.yMaximum()) == (10, 20, 30, 40)
    has_crs = "EPSG" in str(given) or isinstance(given, QgsReferencedRectangle)
    assert (area.crs().authid() if isinstance(area, QgsReferencedRectangle) else "") == (
        "EPSG:32630" if has_crs else ""
    )


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        *(("yes", True), ("no", False), (0, False), (1, True), ("false", False), ("TRUE", True), (0.0, False)),
        *(([True], True), (np.bool_(False), False), ("off", False), ("0", False)),
    ],
)
def test_a_flag_reads_the_usual_words(provider, context, value, meant):
    assert _read(provider, context, "segmentfolder", RECURSIVE=value)["RECURSIVE"] is meant


@pytest.mark.parametrize(
    ("algorithm", "name", "given", "word"),
    [
        ("segment", "SCALE", "0,0001", "decimal point"),
        ("segment", "SCALE", float("nan"), "nan"),
        ("segment", "SCALE", "1_000", "1_000"),
        ("segment", "SCALE", True, "True"),
        ("segment", "SCALE", [1, 2], "2 ([1, 2])"),
        ("segment", "STRIDE", 448.7, "448.7"),
        ("segment", "STRIDE", -1, "below 0"),
        ("segment", "GPU_MEMORY", 1.5, "above 1"),
        ("segment", "DEVICE", "tpu", "0 auto, 1 cuda, 2 cpu"),
        ("segment", "DEVICE", 3, "2 cpu"),
        ("segment", "DEVICE", -1, "2 cpu"),
        ("segment", "DEVICE", True, "True"),
        ("segment", "EXTENT", "abc,1,2,3", "four numbers"),
        ("segment", "EXTENT", [1, 2, 3], "four numbers"),
        ("segment", "EXTENT", [30, 10, 20, 40], "minimum above"),
        ("segment", "EXTENT", "1,2,3,4 [EPSG:999999]", "not a CRS"),
        ("segment", "EXTENT", {"left": 1}, "xmin"),
        ("segment", "EXTENT", QgsRectangle(), "empty"),
        ("segment", "BANDS", {"BLUE": 2}, "a list"),
        ("segment", "BANDS", [[6, 5]], "a list"),
        ("segment", "BANDS", [6, None], "an empty value"),
        ("segment", "BANDS", {6, 5}, "set"),
        ("segment", "BANDS", (band for band in (6, 5)), "only once"),
        ("segment", "BANDS", QgsCoordinateReferenceSystem("EPSG:4326"), "QgsCoordinateReferenceSystem"),
        ("segment", "BANDS", _EXPRESSION("1 +"), "1 +"),
        ("segment", "MODEL", ["a", "b"], "one value"),
        ("segment", "MODEL", b"demo-water", "bytes"),
        ("segment", "INPUT", ["a.tif", "b.tif"], "takes one value"),
        ("segment", "OUTPUT", True, "not a file"),
        ("segment", "OUTPUT", {"file": "a.tif"}, "takes one value"),
        ("segmentfolder", "RECURSIVE", "perhaps", "neither true nor false"),
        ("segmentfolder", "RECURSIVE", 2, "neither true nor false"),
        ("exportbundle", "PYTHON", 3.1, "auto"),
        ("evaluate", "REFERENCE", QgsProcessingFeatureSourceDefinition("a", True), "selected"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(provider, context, algorithm, name, given, word):
    with pytest.raises(PrithviError) as caught:
        _read(provider, context, algorithm, **{name: given})
    assert caught.value.code is ErrorCode.PARAMETER_INVALID
    assert name in caught.value.text
    assert word in caught.value.line
    assert "\n" not in caught.value.line


_FORMS = {
    "text": "a",
    "number": 7,
    "fraction": 0.5,
    "nan": float("nan"),
    "true": True,
    "list": ["a", "b"],
    "numbers": [1, 2, 3],
    "one": ["a"],
    "tuple": (1, 2),
    "array": np.arange(3),
    "set": {1, 2},
    "generator": lambda: (n for n in range(2)),
    "object": {"a": 1},
    "nested": [[1], {"a": 2}],
    "bytes": b"a",
    "path": Path("a"),
    "date": datetime.date(2023, 3, 14),
    "rectangle": QgsRectangle(1, 2, 3, 4),
    "crs": QgsCoordinateReferenceSystem("EPSG:4326"),
    "expression": _EXPRESSION("1 + 1"),
    "bad expression": _EXPRESSION("1 +"),
    "source": QgsProcessingFeatureSourceDefinition("a"),
    "selected": QgsProcessingFeatureSourceDefinition("a", True),
    "python": object(),
}


@pytest.mark.parametrize("form", _FORMS)
def test_no_parameter_of_any_algorithm_drops_a_value(provider, context, form):
    for algorithm in provider.algorithms():
        for definition in algorithm.parameterDefinitions():
            name, value = definition.name(), _FORMS[form]
            try:
                found = read_values(algorithm, {name: value() if callable(value) else value}, context)[name]
            except PrithviError as e:
                assert name in e.text, algorithm.id()
            else:
                assert found not in (None, "", []), (algorithm.id(), name)


@pytest.mark.parametrize("value", [None, QVariant(), QVariant(QVariant.Type.Int), "", [], {}, QgsProperty()])
def test_an_empty_value_is_as_none_given(provider, context, value):
    for algorithm in provider.algorithms():
        for definition in algorithm.parameterDefinitions():
            found = read_values(algorithm, {definition.name(): value}, context)
            assert found == ({definition.name(): found.get(definition.name())} if definition.isDestination() else {})
            assert not found.get(definition.name())


@pytest.mark.parametrize(
    ("given", "word"), [("BAND", "Did you mean BANDS?"), ("bands", "Did you mean BANDS?"), ("COLOUR", "It has: INPUT,")]
)
def test_an_unknown_parameter_is_refused_with_the_nearest_name(segment, context, scene_file, tmp_path, given, word):
    values = {"INPUT": scene_file, "OUTPUT": str(tmp_path / "m.tif"), given: "6,5,4,3,2,1"}
    good, line = segment.checkParameterValues(values, context)
    assert not good
    assert f'"{given}" is not a parameter of prithvi:segment' in line
    assert word in line


def test_a_list_is_used_by_a_run_and_not_only_by_the_check(segment, context, scene_file, tmp_path):
    # A model runs its steps without the check.
    log = Listening()
    run(segment, context, log, INPUT=scene_file, BANDS=[1, 2, 3, 4, 5, 6], OUTPUT=tmp_path / "m.tif", DEVICE="cpu")
    assert any("BANDS" in line or "Bands" in line for line in log.said)
    assert (tmp_path / "m.tif").exists()
    _, good = segment.create().run({"INPUT": scene_file, "BANDS": {"BLUE": 1}, "OUTPUT": "m.tif"}, context, log)
    assert not good
    assert "BANDS takes a list" in log.said[-1]


def test_an_expression_sees_the_variables_of_the_run(provider, context):
    scope = QgsExpressionContextUtils.projectScope(QgsProject.instance())
    scope.setVariable("wanted", "6,5,4")
    context.expressionContext().appendScope(scope)
    assert _read(provider, context, BANDS=_EXPRESSION("@wanted"))["BANDS"] == "6,5,4"


def test_the_layer_of_an_extent_has_to_exist(segment, context, scene_file, tmp_path):
    values = {"INPUT": scene_file, "OUTPUT": str(tmp_path / "m.tif"), "EXTENT": "no such layer"}
    good, line = segment.checkParameterValues(values, context)
    assert not good
    assert line.startswith("EXTENT no such layer is neither four numbers nor a layer.")


def test_an_extent_that_its_crs_cannot_hold_is_refused(segment, context, scene_file, tmp_path):
    values = {"INPUT": scene_file, "OUTPUT": str(tmp_path / "m.tif"), "EXTENT": "0,10,95,97 [EPSG:4326]"}
    good, line = segment.checkParameterValues(values, context)
    assert not good
    assert "cannot be transformed" in line


def test_corners_in_another_order_are_warned_of(segment, context, scene_file, tmp_path):
    given = {"INPUT": scene_file, "OUTPUT": str(tmp_path / "m.tif")}
    for extent, warned in (([500100, 4499700, 500300, 4499800], True), ([500100, 500300, 4499700, 4499800], False)):
        values = read_values(segment, {**given, "EXTENT": extent}, context)
        assert bool(read_parameters(segment, values, context).scene.warning) is warned


def test_a_layer_object_is_passed_on(provider, context, scene_file):
    layer = QgsRasterLayer(scene_file, "scene")
    assert _read(provider, context, INPUT=layer, FRAMES=[layer]) == {"INPUT": layer, "FRAMES": [layer]}
