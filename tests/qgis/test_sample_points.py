"""``prithvi:samplepoints``: a stratified random sample that ``prithvi:evaluate`` weights by its design."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import processing
import pytest
from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVariantUtils,
    QgsVectorLayer,
)

from prithvi_qgis.core.protocol.messages import ClassArea
from prithvi_qgis.engine.writing.sidecars import aux_xml
from support import rasters

NAMED = aux_xml((ClassArea(0, "Land", "#d9c8a0", 1, None), ClassArea(1, "Water", "#0072b2", 1, None)))


@pytest.fixture
def place(tmp_path, provider):
    return Place(tmp_path)


class Lines(QgsProcessingFeedback):
    def __init__(self):
        super().__init__(False)
        self.lines: list[str] = []

    def pushInfo(self, info):
        self.lines.append(info)

    def pushWarning(self, warning):
        self.lines.append(f"warning: {warning}")


class Place:
    def __init__(self, folder: Path):
        self.folder, self.lines = folder, []

    def mask(self, pixels: np.ndarray, transform=rasters.TRANSFORM) -> str:
        path = rasters.write(self.folder / "mask.tif", pixels[None], names=("class",), nodata=255, transform=transform)
        (self.folder / "mask.tif.aux.xml").write_text(NAMED)
        return path

    def draw(self, mask: str, name="points.gpkg", **more) -> QgsVectorLayer:
        path = str(self.folder / name)
        feedback = Lines()
        context = QgsProcessingContext()
        asked = {"INPUT": mask, "OUTPUT": path, "SEED": 1, **more}
        processing.run("prithvi:samplepoints", asked, context=context, feedback=feedback)
        self.lines = feedback.lines
        return QgsVectorLayer(path, "points", "ogr")

    def label(self, layer: QgsVectorLayer, truth: np.ndarray, every=lambda number: True) -> None:
        """Give each point the class of ``truth`` in its pixel."""
        index = layer.fields().indexOf("label")
        changes = {}
        for number, feature in enumerate(layer.getFeatures()):
            if every(number):
                row, column = pixel_of(feature)
                changes[feature.id()] = {index: int(truth[row, column])}
        assert layer.dataProvider().changeAttributeValues(changes)

    def evaluate(self, mask: str, layer: QgsVectorLayer) -> dict:
        out = str(self.folder / "figures.json")
        asked = {"INPUT": mask, "REFERENCE": layer.source(), "FIELD": "label", "OUTPUT": out}
        processing.run("prithvi:evaluate", asked, feedback=Lines())
        return json.loads(Path(out).read_text())


def pixel_of(feature) -> tuple[int, int]:
    point = feature.geometry().asPoint()
    column, row = gdal.ApplyGeoTransform(gdal.InvGeoTransform(list(rasters.TRANSFORM)), point.x(), point.y())
    return int(row), int(column)


def striped(rows=120, columns=160, water=20) -> np.ndarray:
    """Land, a stripe of water, and a stripe without data."""
    mask = np.zeros((rows, columns), np.uint8)
    mask[:, :water] = 1
    mask[:5] = 255
    return mask


def test_points_lie_in_the_middle_of_different_pixels_of_the_class_that_they_name(place):
    mask = striped()
    layer = place.draw(place.mask(mask), COUNT=100, ALLOCATION=1)
    features = list(layer.getFeatures())
    pixels = [pixel_of(f) for f in features]
    assert len(set(pixels)) == len(features) == 100
    assert [f["stratum"] for f in features] == [int(mask[p]) for p in pixels]
    assert {(f["stratum"], f["stratum_name"], f["stratum_points"]) for f in features} == {
        (0, "Land", 50),
        (1, "Water", 50),
    }
    counted = {f["stratum"]: f["stratum_pixels"] for f in features}
    assert counted == {v: int((mask == v).sum()) for v in (0, 1)}
    assert all(QgsVariantUtils.isNull(f["label"]) for f in features)
    assert any("SEED 1" in line for line in place.lines)


def test_a_seed_draws_the_same_points_and_none_draws_others(place):
    mask = place.mask(striped())

    def drawn(name, **more):
        return [f.geometry().asWkt() for f in place.draw(mask, name, COUNT=40, **more).getFeatures()]

    first = drawn("1.gpkg", SEED=7)
    assert drawn("2.gpkg", SEED=7) == first
    assert drawn("3.gpkg", SEED=8) != first
    assert drawn("4.gpkg", SEED=None) != drawn("5.gpkg", SEED=None)


def test_every_pixel_of_a_class_has_the_same_chance(place):
    mask = place.mask(np.zeros((40, 40), np.uint8))
    rows = [pixel_of(f)[0] for s in range(30) for f in place.draw(mask, f"{s}.gpkg", COUNT=20, SEED=s).getFeatures()]
    quarters = np.bincount(np.array(rows) // 10, minlength=4)
    assert (np.abs(quarters - 150) < 4 * np.sqrt(150)).all(), quarters


def test_points_keep_a_distance_and_a_shortage_is_reported(place):
    mask = place.mask(striped(60, 60))
    layer = place.draw(mask, COUNT=200, MIN_DISTANCE=60)
    xy = np.array([(f.geometry().asPoint().x(), f.geometry().asPoint().y()) for f in layer.getFeatures()])
    gaps = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    assert 20 < len(xy) < 200
    assert gaps[~np.eye(len(xy), dtype=bool)].min() >= 59.9
    assert any("in place of 200" in line for line in place.lines if line.startswith("warning"))


def test_an_area_of_interest_limits_points_and_areas(place):
    mask = striped()
    path = str(place.folder / "aoi.gpkg")
    utm = osr.SpatialReference()
    utm.ImportFromEPSG(32630)
    file = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = file.CreateLayer("aoi", utm, ogr.wkbPolygon)
    feature = ogr.Feature(layer.GetLayerDefn())
    x, y = rasters.TRANSFORM[0], rasters.TRANSFORM[3]
    ring = f"{x} {y}, {x + 400} {y}, {x + 400} {y - 600}, {x} {y - 600}, {x} {y}"
    feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
    layer.CreateFeature(feature)
    del feature, layer, file
    points = place.draw(place.mask(mask), COUNT=60, AOI=path)
    assert all(max(pixel_of(f)[0] - 60, pixel_of(f)[1] - 40) < 0 for f in points.getFeatures())
    counted = {f["stratum"]: f["stratum_pixels"] for f in points.getFeatures()}
    assert counted == {v: int((mask[:60, :40] == v).sum()) for v in (0, 1)}
    place.label(points, mask)
    found = place.evaluate(str(place.folder / "mask.tif"), points)
    mapped = {c["name"]: c["mapped"] for c in found["areas"]["classes"]}
    assert mapped["Water"] == pytest.approx(100 * counted[1], rel=1e-2)


def test_the_label_offers_the_classes_and_no_point_shows_its_own(place):
    layer = place.draw(place.mask(striped()), COUNT=20)
    widget = layer.editorWidgetSetup(layer.fields().indexOf("label"))
    assert widget.type() == "ValueMap"
    assert widget.config()["map"] == [{"Land": "0"}, {"Water": "1"}] or widget.config()["map"] == [
        {"Land": 0},
        {"Water": 1},
    ]
    assert layer.editorWidgetSetup(layer.fields().indexOf("stratum_name")).type() == "Hidden"
    assert layer.renderer().type() == "singleSymbol"


def test_an_area_is_within_its_interval_where_the_mask_misses_most_of_it(place):
    # 900 ha of water, of which the mask finds 700 ha, and 200 ha of false alarms in specks all over the land.
    random = np.random.default_rng(11)
    truth = np.zeros((1000, 1000), np.uint8)
    truth[100:400, 100:400] = 1
    mask = truth.copy()
    mask[100:167, 100:400] = 0
    specks = random.permutation(np.argwhere(truth == 0))[:20000]
    mask[tuple(specks.T)] = 1
    path = place.mask(mask)
    held = 0
    for seed in range(8):
        layer = place.draw(path, f"{seed}.gpkg", COUNT=500, SEED=seed)
        place.label(layer, truth)
        water = place.evaluate(path, layer)["areas"]["classes"][1]["estimated"]
        held += abs(water["value"] / 1e4 - 900) <= water["half_width_95"] / 1e4
        assert water["half_width_95"] / 1e4 < 200
    assert held >= 6


def test_points_that_do_not_fit_the_mask_or_are_not_labelled_are_reported(place):
    mask = striped()
    path = place.mask(mask)
    layer = place.draw(path, COUNT=60)
    place.label(layer, mask, every=lambda number: number % 3)
    found = place.evaluate(path, layer)
    assert any("40 of the 60 points drawn are compared" in w for w in found["warnings"])
    place.mask(np.where(mask == 255, mask, 1 - mask))
    found = place.evaluate(path, layer)
    assert any("not the mask of the sample" in w for w in found["warnings"])


@pytest.mark.parametrize(("count", "line"), [(3, "COUNT 3 is too few for 2 classes")])
def test_too_few_points_are_refused(place, count, line):
    with pytest.raises(QgsProcessingException, match=line):
        place.draw(place.mask(striped()), COUNT=count)


def test_a_mask_without_classes_is_refused(place):
    with pytest.raises(QgsProcessingException, match="No pixel of INPUT mask.tif has a class"):
        place.draw(place.mask(np.full((20, 20), 255, np.uint8)))


def test_the_layer_in_the_project_offers_the_classes(place):
    mask = place.mask(striped())
    asked = {"INPUT": mask, "OUTPUT": str(place.folder / "p.gpkg"), "COUNT": 20, "SEED": 1}
    processing.runAndLoadResults("prithvi:samplepoints", asked, feedback=Lines())
    try:
        (layer,) = QgsProject.instance().mapLayers().values()
        assert layer.editorWidgetSetup(layer.fields().indexOf("label")).type() == "ValueMap"
    finally:
        QgsProject.instance().clear()
