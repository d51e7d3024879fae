"""``prithvi:evaluate`` on real layers: rasters on any grid, polygons, points, and what it refuses."""

from __future__ import annotations

import json
import math
import re
import sys
import unicodedata

import numpy as np
import pytest
from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)
from qgis.gui import QgsGui, QgsProcessingGui
from qgis.PyQt.QtWidgets import QComboBox

from prithvi_qgis.accuracy.stratified import estimate
from prithvi_qgis.algorithms.evaluation.class_table import ClassTable
from prithvi_qgis.algorithms.reports import html_renderer
from prithvi_qgis.core.protocol.messages import ClassArea
from prithvi_qgis.engine.writing.sidecars import aux_xml
from support import rasters

ROWS, COLUMNS = 60, 80
CLASSES = (ClassArea(0, "Land", "#d9c8a0", 1, None), ClassArea(1, "Water & ice", "#0072b2", 1, None))
UTM_M2 = 100 / 0.9996**2  # a pixel of 10 m on the ellipsoid, next to the central meridian
ROTATED = (500000.0, 9.0, 3.0, 4500000.0, 3.0, -9.0)


def values() -> tuple[np.ndarray, np.ndarray]:
    """(mask, reference) that differ in some pixels; the mask has a stripe without data."""
    random = np.random.default_rng(5)
    reference = np.zeros((ROWS, COLUMNS), np.uint8)
    reference[20:45, 10:50] = 1
    mask = np.where(random.random(reference.shape) < 0.1, 1 - reference, reference).astype(np.uint8)
    mask[:5] = 255
    return mask, reference


@pytest.fixture()
def place(tmp_path, provider):
    """Writes rasters and layers into one folder, and evaluates them."""
    return Place(tmp_path)


class Place:
    def __init__(self, folder):
        self.folder = folder
        self.lines: list[str] = []
        self.errors: list[str] = []

    def raster(self, name, pixels, *, named=False, nodata=None, transform=rasters.TRANSFORM, **more) -> str:
        path = rasters.write(
            self.folder / name, pixels[None], names=("class",), nodata=nodata, transform=transform, **more
        )
        if named:
            (self.folder / f"{name}.aux.xml").write_text(aux_xml(CLASSES))
        return path

    def layer(self, kind, features, *, epsg=32630, field=ogr.OFTString) -> str:
        """``features``: (geometry as WKT in EPSG:32630, class)."""
        path = self.folder / "labels.gpkg"
        utm, own = osr.SpatialReference(), osr.SpatialReference()
        utm.ImportFromEPSG(32630)
        own.ImportFromEPSG(epsg)
        for system in (utm, own):
            system.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        file = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
        layer = file.CreateLayer("labels", own, kind)
        layer.CreateField(ogr.FieldDefn("label", field))
        for text, label in features:
            feature = ogr.Feature(layer.GetLayerDefn())
            geometry = ogr.CreateGeometryFromWkt(text)
            if epsg != 32630:
                geometry.Transform(osr.CoordinateTransformation(utm, own))
            feature.SetGeometry(geometry)
            if label is not None:
                feature["label"] = label
            layer.CreateFeature(feature)
        del feature, layer, file
        return str(path)

    def run(self, mask, reference, **more) -> dict:
        import processing

        place = self

        class Feedback(QgsProcessingFeedback):
            def pushInfo(self, info):
                place.lines.append(info)

            def reportError(self, error, fatal=False):
                place.errors.append(error)

            def pushWarning(self, warning):
                place.lines.append(warning)

        out = {"OUTPUT": str(self.folder / "figures.json"), "REPORT": str(self.folder / "report.html")}
        asked = {"INPUT": mask, "REFERENCE": reference, **out, **more}
        feedback = Feedback()
        self.results = processing.run("prithvi:evaluate", asked, context=QgsProcessingContext(), feedback=feedback)
        return json.loads((self.folder / "figures.json").read_text())

    def page(self) -> str:
        return (self.folder / "report.html").read_text(encoding="utf-8")


def point(row: int, column: int) -> str:
    x, y = gdal.ApplyGeoTransform(list(rasters.TRANSFORM), column + 0.5, row + 0.5)
    return f"POINT ({x} {y})"


def box(top: float, bottom: float, left: float, right: float) -> str:
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    corner_text = ", ".join("{} {}".format(*gdal.ApplyGeoTransform(list(rasters.TRANSFORM), c, r)) for c, r in corners)
    return f"POLYGON (({corner_text}))"


def test_a_raster_on_the_masks_grid_is_compared_pixel_by_pixel(place):
    mask, reference = values()
    found = place.run(place.raster("mask.tif", mask, named=True, nodata=255), place.raster("truth.tif", reference))
    pairs = [[int(((mask == m) & (reference == r)).sum()) for r in (0, 1)] for m in (0, 1)]
    assert found["confusion"]["counts"] == pairs
    assert found["pixels"]["compared"] == 55 * COLUMNS and found["pixels"]["mask_nodata"] == 5 * COLUMNS
    assert place.results["ACCURACY"] == pytest.approx((pairs[0][0] + pairs[1][1]) / (55 * COLUMNS))
    assert place.results["MEAN_IOU"] == pytest.approx(np.mean([c["iou"] for c in found["classes"]]))
    assert [(c["name"], c["color"]) for c in found["classes"]] == [("Land", "#d9c8a0"), ("Water & ice", "#0072b2")]
    assert found["agreement"]["false_alarm"] == pairs[1][0] and found["agreement"]["miss"] == pairs[0][1]
    areas = found["areas"]
    assert areas["design"] == "all" and areas["classes"][1]["estimated"]["half_width_95"] is None
    assert areas["classes"][1]["estimated"]["value"] == pytest.approx(UTM_M2 * (reference[5:] == 1).sum(), rel=1e-5)
    assert areas["classes"][1]["mapped"] == pytest.approx(UTM_M2 * (mask == 1).sum(), rel=1e-5)


def test_the_page_needs_nothing_beside_it_and_tells_what_was_done(place):
    mask, reference = values()
    place.run(place.raster("mask.tif", mask, named=True, nodata=255), place.raster("truth <1>.tif", reference))
    page = place.page()
    assert "data:image/png;base64," in page and "<script" not in page
    assert "http" not in re.sub(r"base64,[^\"]+", "", page)
    assert "truth &lt;1&gt;" in page and "<1>" not in page
    for words in (
        "Water &amp; ice",
        "false alarm: mask Water &amp; ice, reference Land",
        "intervals would mean nothing",
        "on the mask&#39;s grid",
    ):
        assert words in page


def test_a_raster_with_another_crs_and_grid_is_brought_to_the_mask_and_said(place):
    mask, reference = values()
    source = place.raster("mask.tif", mask, named=True, nodata=255)
    fine = np.kron(reference, np.ones((3, 3), np.uint8))
    near = place.raster("fine.tif", fine, transform=(500000, 10 / 3, 0, 4500000, 0, -10 / 3))
    gdal.Warp(str(place.folder / "degrees.tif"), near, dstSRS="EPSG:4326", dstNodata=255)
    exact = place.run(source, near)
    assert "nearest pixel" in exact["reference"]["how"]
    resampled = place.run(source, str(place.folder / "degrees.tif"))
    assert "EPSG:4326 - WGS 84 > EPSG:32630" in resampled["reference"]["how"]
    assert any("EPSG:4326 - WGS 84 > EPSG:32630" in line for line in place.lines)
    assert np.abs(np.subtract(exact["confusion"]["counts"], resampled["confusion"]["counts"])).max() < 25
    pairs = [[int(((mask == m) & (reference == r)).sum()) for r in (0, 1)] for m in (0, 1)]
    assert exact["confusion"]["counts"] == pairs


def test_a_part_of_the_mask_and_nodata_on_both_sides(place):
    mask, reference = values()
    part = reference[30:50, 20:60].astype(np.float32)
    part[0] = np.nan
    part[1] = -9999
    where = (500200.0, 10.0, 0.0, 4499700.0, 0.0, -10.0)
    found = place.run(
        place.raster("mask.tif", mask, named=True, nodata=255),
        place.raster("part.tif", part, nodata=-9999, transform=where),
    )
    inside = np.s_[32:50, 20:60]
    pairs = [[int(((mask[inside] == m) & (reference[inside] == r)).sum()) for r in (0, 1)] for m in (0, 1)]
    assert found["confusion"]["counts"] == pairs
    assert found["areas"]["design"] == "patches" and found["areas"]["classes"][0]["estimated"]["half_width_95"] > 0
    assert any("pixels beside each other are alike" in w for w in found["warnings"])


@pytest.mark.parametrize("shift", [0, 3])  # metres: on the mask's grid, and brought to it
@pytest.mark.parametrize("how", ["nodata and a mask", "alpha of floats", "alpha of integers", "mosaic", "fill"])
def test_every_kind_of_nodata_of_a_reference_is_no_label(how, shift, place):
    mask, reference = values()
    hidden, transform = np.zeros(mask.shape, bool), (500000.0 + shift, *rasters.TRANSFORM[1:])
    hidden[:, 30:40] = True
    if how == "mosaic":
        for name, part in (("left.tif", np.s_[:, :30]), ("right.tif", np.s_[:, 40:])):
            place.raster(name, reference[part], transform=(transform[0] + 10 * (part[1].start or 0), *transform[1:]))
        truth = str(place.folder / "truth.vrt")
        gdal.BuildVRT(truth, [str(place.folder / name) for name in ("left.tif", "right.tif")])
    elif how == "fill":
        truth = place.raster("truth.tif", np.where(hidden, -9999, reference).astype(np.int16), transform=transform)
    elif how == "nodata and a mask":
        hidden[7] = True
        truth = place.raster(
            "truth.tif", np.where(hidden & (np.arange(80) > 34), 9, reference), nodata=9, transform=transform
        )
        dataset = gdal.OpenEx(truth, gdal.OF_UPDATE)
        dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
        dataset.GetRasterBand(1).GetMaskBand().WriteArray(
            np.where(hidden & (np.arange(80) <= 34), 0, 255).astype(np.uint8)
        )
        del dataset
    else:
        kind = np.float32 if how == "alpha of floats" else np.uint16
        opaque = np.where(hidden, 0, 0.2 if kind is np.float32 else 1)
        truth = rasters.write(
            place.folder / "truth.tif",
            np.stack([reference, opaque]).astype(kind),
            names=("class",),
            transform=transform,
            kind=gdal.GDT_Float32 if kind is np.float32 else gdal.GDT_UInt16,
        )
        dataset = gdal.OpenEx(truth, gdal.OF_UPDATE)
        dataset.GetRasterBand(2).SetColorInterpretation(gdal.GCI_AlphaBand)
        del dataset
    found = place.run(place.raster("mask.tif", mask, named=True, nodata=255), truth)
    kept = (mask != 255) & ~hidden
    pairs = [[int(((mask == m) & (reference == r) & kept).sum()) for r in (0, 1)] for m in (0, 1)]
    assert found["confusion"]["counts"] == pairs
    assert any("REFERENCE holds -9999" in w for w in found["warnings"]) == (how == "fill")


def test_polygons_by_class_name_take_the_pixels_whose_centres_they_hold(place):
    mask, reference = values()
    source = place.raster("mask.tif", mask, named=True, nodata=255)
    edges = box(19.6, 44.6, 9.6, 49.6)  # whose pixels' centres are exactly the reference's
    labels = place.layer(ogr.wkbPolygon, [(edges, "water & ICE"), (box(50, 52, 0, 9), None)])
    found = place.run(source, labels, FIELD="label", OUTSIDE="land")
    pairs = [[int(((mask == m) & (reference == r)).sum()) for r in (0, 1)] for m in (0, 1)]
    assert found["confusion"]["counts"] == pairs
    assert any("1 features without a class" in w for w in found["warnings"])
    alone = place.run(source, labels, FIELD="label")
    assert alone["confusion"]["counts"] == [[0, pairs[0][1]], [0, pairs[1][1]]]
    assert any("knows the class Water & ice only" in w for w in alone["warnings"])
    assert "pixels in none are left out" in alone["reference"]["how"]


def classes_of(*names: str) -> str:
    return aux_xml(tuple(ClassArea(v, name, "#808080", 1, None) for v, name in enumerate(names)))


def test_where_polygons_overlap_the_later_one_counts_whatever_the_spatial_index_returns_first(place):
    random = np.random.default_rng(4)
    expected = np.full((ROWS, COLUMNS), -1)
    features = []
    for number in range(60):
        top, left = int(random.integers(0, ROWS - 12)), int(random.integers(0, COLUMNS - 12))
        height, width = map(int, random.integers(4, 12, 2))
        expected[top : top + height, left : left + width] = number % 4
        features.append((box(top, top + height, left, left + width), number % 4))
    mask = random.integers(0, 4, (ROWS, COLUMNS)).astype(np.uint8)
    labels = place.layer(ogr.wkbPolygon, features, field=ogr.OFTInteger)
    found = place.run(place.raster("mask.tif", mask), labels, FIELD="label")
    counts = [[int(((mask == m) & (expected == r)).sum()) for r in range(4)] for m in range(4)]
    assert found["confusion"]["counts"] == counts


@pytest.mark.parametrize("field", [ogr.OFTInteger, ogr.OFTInteger64, ogr.OFTReal])
def test_a_numeric_field_holds_values_even_where_classes_are_named_by_numbers(place, field):
    mask = np.repeat(np.arange(4, dtype=np.uint8), ROWS * COLUMNS // 4).reshape(ROWS, COLUMNS)
    source = place.raster("mask.tif", mask)
    (place.folder / "mask.tif.aux.xml").write_text(classes_of("1", "2", "3", "4"))
    features = [(point(r, c), int(mask[r, c])) for r in range(0, ROWS, 7) for c in range(0, COLUMNS, 9)]
    assert place.run(source, place.layer(ogr.wkbPoint, features, field=field), FIELD="label")["accuracy"] == 1


def test_a_text_field_holds_names_in_any_spelling_of_accents(place):
    names = ("Forêt", "Água")
    mask, _ = values()
    mask[:5] = 0
    source = place.raster("mask.tif", mask)
    (place.folder / "mask.tif.aux.xml").write_text(classes_of(*names), encoding="utf-8")
    decomposed = [unicodedata.normalize("NFD", name) for name in names]
    features = [(point(r, c), decomposed[mask[r, c]]) for r in range(0, ROWS, 7) for c in range(0, COLUMNS, 9)]
    assert place.run(source, place.layer(ogr.wkbPoint, features), FIELD="label")["accuracy"] == 1


def test_ignore_takes_names_with_commas_of_the_mask_and_of_the_field_and_refuses_others(place):
    mask, _ = values()
    source = place.raster("mask.tif", mask, nodata=255)
    (place.folder / "mask.tif.aux.xml").write_text(classes_of("Land", "Beaches, dunes, sands"))
    labels = ("Land", "Beaches, dunes, sands", "Cloud, shadow")
    spots = [(r, c) for r in range(6, ROWS, 6) for c in range(0, COLUMNS, 9)]
    features = [(point(r, c), labels[n % 3]) for n, (r, c) in enumerate(spots)]
    layer = place.layer(ogr.wkbPoint, features)
    found = place.run(source, layer, FIELD="label", IGNORE="beaches, dunes, sands, cloud,shadow")
    left = sum(n % 3 == 0 and mask[r, c] == 0 for n, (r, c) in enumerate(spots))
    assert (found["ignore"], found["pixels"]["compared"]) == ([1], left)
    with pytest.raises(QgsProcessingException, match="Beeches is no class and no label in FIELD label"):
        place.run(source, layer, FIELD="label", IGNORE="Beeches, Cloud, shadow")


@pytest.mark.parametrize("kind", ["Int64", "UInt64", "Int32", "UInt32"])
def test_a_mask_of_any_integer_type_is_compared(place, kind):
    mask, reference = values()
    mask[:5] = 0
    wide = place.raster("wide.tif", mask, named=True, kind=gdal.GetDataTypeByName(kind))
    narrow = place.raster("reference.tif", reference)
    assert place.run(wide, narrow)["accuracy"] == pytest.approx((mask == reference).mean())


def test_points_beside_the_mask_are_counted_and_reported(place):
    mask, _ = values()
    spots = [(10, 10), (20, 30), (-3, 5), (10, COLUMNS + 2), (ROWS + 1, 1)]
    features = [(point(r, c), "Land") for r, c in spots]
    source = place.raster("mask.tif", mask, named=True, nodata=255)
    found = place.run(source, place.layer(ogr.wkbPoint, features), FIELD="label")
    assert found["pixels"]["points_outside"] == 3
    assert any("3 points lie beside the mask" in w for w in found["warnings"])
    assert "points beside the mask: 3" in place.page()


def test_polygons_that_hold_no_pixels_centre_are_counted_and_reported(place):
    mask, _ = values()
    holding = [box(10.4, 10.6, 10.4, 10.6), box(20, 22, 20, 22), box(30.45, 30.55, 0, 70)]
    missing = [box(10.6, 10.9, 10.6, 10.9), box(30.1, 30.4, 0, 70), box(15.6, 16.4, 5.6, 6.4)]
    source = place.raster("mask.tif", mask, named=True, nodata=255)
    labels = place.layer(ogr.wkbPolygon, [(one, "Land") for one in [*holding, *missing]])
    found = place.run(source, labels, FIELD="label")
    assert found["pixels"]["polygons_without_pixel"] == 3
    assert any("3 of 6 polygons hold no pixel's centre" in w for w in found["warnings"])
    assert "polygons without a pixel" in place.page()


@pytest.mark.parametrize("epsg", [32630, 4326])
def test_points_are_one_sample_each_and_the_masks_areas_weigh_them(place, epsg):
    mask, reference = values()
    random = np.random.default_rng(2)
    chosen = [(int(r), int(c)) for k in (0, 1) for r, c in random.permutation(np.argwhere(mask == k))[:60]]
    features = [(point(r, c), ("Land", "Water & ice")[reference[r, c]]) for r, c in chosen]
    features += [features[0], (point(2, 2), "Land"), (point(-50, 2), "Land")]  # the same again, no data, outside
    source = place.raster("mask.tif", mask, named=True, nodata=255)
    found = place.run(source, place.layer(ogr.wkbPoint, features, epsg=epsg), FIELD="label")
    counts = np.zeros((2, 2), int)
    for r, c in [*chosen, chosen[0]]:
        counts[mask[r, c], reference[r, c]] += 1
    assert found["confusion"]["counts"] == counts.tolist()
    expected = estimate(counts, [UTM_M2 * (mask == k).sum() for k in (0, 1)], [0, 1])
    water = found["areas"]["classes"][1]["estimated"]
    assert found["areas"]["design"] == "points"
    assert water["value"] == pytest.approx(expected.classes[1].area.value, rel=1e-5)
    assert water["half_width_95"] == pytest.approx(expected.classes[1].area.half_width, rel=1e-5)
    assert "121 points compared" in place.page()


def test_a_rotated_mask_is_met_by_polygons_and_rasters_alike(place):
    mask, reference = values()
    source = place.raster("mask.tif", mask, nodata=255, transform=ROTATED)
    t = list(ROTATED)
    corners = [(10, 20), (50, 20), (50, 45), (10, 45), (10, 20)]
    text = ", ".join("{} {}".format(*gdal.ApplyGeoTransform(t, c, r)) for c, r in corners)
    labels = place.layer(ogr.wkbPolygon, [(f"POLYGON (({text}))", 1)], field=ogr.OFTInteger)
    pairs = [[int(((mask == m) & (reference == r)).sum()) for r in (0, 1)] for m in (0, 1)]
    assert place.run(source, labels, FIELD="LABEL", OUTSIDE="0")["confusion"]["counts"] == pairs
    assert place.run(source, place.raster("t.tif", reference, transform=ROTATED))["confusion"]["counts"] == pairs
    fine = np.kron(reference, np.ones((3, 3), np.uint8))
    third = (ROTATED[0], 3.0, 1.0, ROTATED[3], 1.0, -3.0)
    assert place.run(source, place.raster("f.tif", fine, transform=third))["confusion"]["counts"] == pairs


def test_unsure_pixels_are_never_correct_unless_ignored(place):
    mask, reference = values()
    mask[50:] = 254
    source, truth = place.raster("mask.tif", mask, named=True, nodata=255), place.raster("truth.tif", reference)
    found = place.run(source, truth)
    assert found["unsure"] == [254] and found["confusion"]["names"] == ["Land", "Water & ice", "unsure"]
    assert found["agreement"]["unsure"] == 10 * COLUMNS == found["confusion"]["counts"][2][0]
    assert found["accuracy"] == pytest.approx((mask[5:] == reference[5:]).mean())
    assert any("unsure" in w for w in found["warnings"])
    ignoring = place.run(source, truth, IGNORE="254")
    assert ignoring["unsure"] == [] and ignoring["accuracy"] > found["accuracy"]
    assert ignoring["pixels"]["mask_ignored"] == 10 * COLUMNS


def test_without_any_georeference_grids_of_one_size_are_compared_in_pixels(place):
    mask, reference = values()
    found = place.run(
        place.raster("mask.tif", mask, nodata=255, transform=None), place.raster("t.tif", reference, transform=None)
    )
    assert found["areas"]["unit"] == "pixels" and found["pixels"]["compared"] == 55 * COLUMNS


LOCAL = 'LOCAL_CS["site",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
ROTATED_POLE = "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18 +R=6371229"


def ground_m2(latitude, east_rad, north_rad, semi_major=6378137.0, inverse_flattening=298.257223563):
    """The area of a small box in degrees, by the radii of curvature."""
    e2 = 2 / inverse_flattening - 1 / inverse_flattening**2 if inverse_flattening else 0
    w = 1 - e2 * math.sin(latitude) ** 2
    return east_rad * math.cos(latitude) * north_rad * semi_major**2 * (1 - e2) / w**2


def mercator_m2(y, plane_m2):
    latitude = 2 * math.atan(math.exp(y / 6378137)) - math.pi / 2
    return ground_m2(latitude, plane_m2 / 6378137, math.cos(latitude) / 6378137)


@pytest.mark.parametrize(
    ("crs", "transform", "pixel_m2"),
    [
        ("EPSG:3857", (-50000.0, 13.0, 0, 4850000.0, 0, -13.0), mercator_m2(4849610, 169)),
        ("EPSG:3857", (-50000.0, 9.0, 3.0, 4850000.0, 3.0, -9.0), mercator_m2(4849850, 90)),
        ("EPSG:4326", (10.0, 1e-4, 0, 60.0, 0, -1e-4), ground_m2(math.radians(59.997), *[math.radians(1e-4)] * 2)),
        ("EPSG:4979", (10.0, 1e-4, 0, 60.0, 0, -1e-4), ground_m2(math.radians(59.997), *[math.radians(1e-4)] * 2)),
        (
            "EPSG:4807",  # grads
            (2.0, 1e-4, 0, 54.0, 0, -1e-4),
            ground_m2(53.997 * math.pi / 200, *[math.pi / 2e6] * 2, 6378249.2, 293.4660212936269),
        ),
        (
            ROTATED_POLE,
            (-1.0, 1e-4, 0, 9.9, 0, -1e-4),
            ground_m2(math.radians(9.897), *[math.radians(1e-4)] * 2, 6371229.0, 0),
        ),
    ],
)
def test_areas_are_on_the_ellipsoid_in_every_crs(crs, transform, pixel_m2, place):
    mask, reference = values()
    kind = {"crs": crs, "transform": transform}
    found = place.run(place.raster("mask.tif", mask, nodata=255, **kind), place.raster("t.tif", reference, **kind))
    assert found["areas"]["unit"] == "m2"
    assert found["areas"]["classes"][1]["mapped"] == pytest.approx(pixel_m2 * (mask == 1).sum(), rel=2e-4)


def test_a_mask_in_a_local_crs_is_counted_in_pixels(place):
    mask, reference = values()
    found = place.run(
        place.raster("mask.tif", mask, nodata=255, crs=LOCAL), place.raster("t.tif", reference, crs=LOCAL)
    )
    assert found["areas"]["unit"] == "pixels" and found["pixels"]["compared"] == 55 * COLUMNS


def test_points_in_degrees_meet_a_mask_over_the_antimeridian(place):
    mask, reference = values()
    transform = (819600.0, 10.0, 0, 8140000.0, 0, -10.0)  # Taveuni, Fiji
    source = place.raster("mask.tif", mask, nodata=255, crs="EPSG:32760", transform=transform)
    chosen = [(r, c) for r in range(6, ROWS, 6) for c in range(1, COLUMNS, 4)]
    own, degrees = osr.SpatialReference(), osr.SpatialReference()
    own.ImportFromEPSG(32760), degrees.ImportFromEPSG(4326)
    degrees.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    forward = osr.CoordinateTransformation(own, degrees)
    places = [forward.TransformPoint(*gdal.ApplyGeoTransform(list(transform), c + 0.5, r + 0.5))[:2] for r, c in chosen]
    assert {lon > 0 for lon, _ in places} == {True, False}
    labels = place.folder / "points.csv"
    rows = [f"{x:.9f},{y:.9f},{reference[at]}" for (x, y), at in zip(places, chosen)]
    labels.write_text("\n".join(["x,y,label", *rows]))
    layer = QgsVectorLayer(f"file://{labels}?xField=x&yField=y&crs=EPSG:4326", "points", "delimitedtext")
    found = place.run(source, layer, FIELD="label")
    assert found["pixels"]["compared"] == len(chosen)
    assert found["accuracy"] == pytest.approx(np.mean([mask[at] == reference[at] for at in chosen]))


def refused(place, *arguments, **more) -> str:
    place.errors.clear()
    with pytest.raises(QgsProcessingException) as caught:
        place.run(*arguments, **more)
    assert not list(place.folder.glob("figures.json")) and not list(place.folder.glob("report.html"))
    line = (place.errors or [str(caught.value)])[0].removeprefix("Unable to execute algorithm\n")  # QGIS's heading
    assert "\n" not in line and "should not happen" not in line
    return line


def test_each_bad_input_has_a_line_of_its_own(place):
    mask, reference = values()
    good = place.raster("mask.tif", mask, named=True, nodata=255)
    truth = place.raster("truth.tif", reference)
    far = place.raster("far.tif", reference, transform=(900000.0, 10.0, 0.0, 4500000.0, 0.0, -10.0))
    assert "does not overlap" in refused(place, good, far)
    empty = place.raster("empty.tif", np.full_like(reference, 9), nodata=9)
    assert "No pixel has both a class" in refused(place, good, empty)
    assert "has no coordinate reference system" in refused(
        place, good, place.raster("u.tif", reference, transform=None)
    )
    assert "Float32 numbers, no classes" in refused(place, place.raster("f.tif", reference.astype(np.float32)), truth)
    assert "holds 0.5, which" in refused(place, good, place.raster("h.tif", reference.astype(np.float32) + 0.5))
    wild = np.arange(ROWS * COLUMNS, dtype=np.uint16).reshape(ROWS, COLUMNS)
    assert "more than 256 different values" in refused(place, good, place.raster("w.tif", wild))
    labels = place.layer(ogr.wkbPolygon, [(box(20, 45, 10, 50), "swamp")])
    assert "FIELD is not given" in refused(place, good, labels)
    assert "has no field depth" in refused(place, good, labels, FIELD="depth")
    assert "holds swamp: no class of the mask's" in refused(place, good, labels, FIELD="label")
    assert "IGNORE cloud is no class" in refused(place, good, truth, IGNORE="cloud")
    assert "OUTSIDE 0 is for polygons" in refused(place, good, truth, OUTSIDE="0")
    assert "is an input" in refused(place, good, truth, OUTPUT=truth)
    assert "has 6 bands" in refused(place, rasters.write(place.folder / "s.tif", rasters.scene()), truth)
    assert "none.gpkg is no raster" in refused(place, good, str(place.folder / "none.gpkg"))
    plain = QgsVectorLayer("Polygon?field=label:string", "plain", "memory")
    plain.setCrs(QgsCoordinateReferenceSystem())  # a memory layer has one by default
    assert "has no coordinate reference system" in refused(place, good, plain, FIELD="label")


def test_the_form_offers_the_fields_of_the_reference(provider, place):
    algorithm = provider.algorithm("evaluate").create()
    context = QgsProcessingContext()
    kind = QgsProcessingGui.WidgetType.Standard
    make = QgsGui.processingGuiRegistry().createParameterWidgetWrapper
    above, below = (make(algorithm.parameterDefinition(name), kind) for name in ("REFERENCE", "FIELD"))
    widgets = [wrapper.createWrappedWidget(context) for wrapper in (above, below)]
    for wrapper in (above, below):
        wrapper.postInitialize([above, below])
    above.setWidgetValue(place.layer(ogr.wkbPoint, [(point(9, 9), "Land")]), context)
    fields = widgets[1].findChild(QComboBox) or widgets[1]
    assert "label" in [fields.itemText(i) for i in range(fields.count())]
    for widget in widgets:
        widget.deleteLater()


@pytest.mark.parametrize(("kind", "name", "unsure"), [("UInt16", "Unsure", {254, 65534}), ("Byte", "", {254})])
def test_unsure_has_the_value_that_masks_of_this_type_have(kind, name, unsure):
    mask = gdal.GetDriverByName("MEM").Create("", 2, 2, 1, gdal.GetDataTypeByName(kind))  # a band dies with it
    band = mask.GetRasterBand(1)
    if name:
        table = gdal.RasterAttributeTable()
        table.CreateColumn("value", gdal.GFT_Integer, gdal.GFU_MinMax)
        table.CreateColumn("class", gdal.GFT_String, gdal.GFU_Name)
        table.SetValueAsInt(0, 0, 65534)
        table.SetValueAsString(0, 1, name)
        band.SetDefaultRAT(table)
    assert ClassTable(band).uncertain == unsure


def test_without_jinja2_the_figures_are_written_and_the_error_names_the_package(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    html_renderer._environment.cache_clear()
    mask, reference = values()
    files = place.raster("mask.tif", mask, named=True, nodata=255), place.raster("truth.tif", reference)
    with pytest.raises(QgsProcessingException, match="python3-jinja2"):
        place.run(*files)
    assert json.loads((place.folder / "figures.json").read_text())["accuracy"] > 0.8
    assert not (place.folder / "report.html").exists()
