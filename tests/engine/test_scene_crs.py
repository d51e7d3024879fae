"""Scenes in unusual CRSs: masks keep them, extents are transformed right, and errors of PROJ are one line."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform as transform_points

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.failures import failure
from prithvi_qgis.engine.gdal_errors import GDAL_ERRORS
from prithvi_qgis.engine.many.rasterio_tool import RasterioTool
from prithvi_qgis.engine.reading.open_source import open_source
from prithvi_qgis.engine.reading.raster_source import Grid
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.reading.target_grid import grid_at, pixel_size_m

LOCAL = 'LOCAL_CS["site",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
UNITLESS = 'LOCAL_CS["site",UNIT["unknown",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
ROTATED_POLE = "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18 +R=6371229"
PERSPECTIVE = "+proj=tpers +h=35786000 +lat_0=40 +lon_0=-3 +datum=WGS84"
METRES, DEGREES = Affine(10, 0, 200000, 0, -10, 500000), Affine(0.0001, 0, -1, 0, -0.0001, 9.9)


@pytest.mark.parametrize(
    ("crs", "transform", "beside"),
    [(PERSPECTIVE, METRES, True), (ROTATED_POLE, DEGREES, True), (LOCAL, METRES, False), ("EPSG:4979", DEGREES, False)],
)
def test_every_output_keeps_the_crs_and_nothing_else_is_left(crs, transform, beside, make_scene, segment, tmp_path):
    (tmp_path / "mask.tif.aux.xml").write_text("of an older mask")
    scene = make_scene(100, 150, crs=crs, transform=transform)
    outputs = {"probability": str(tmp_path / "p.tif"), "polygons": str(tmp_path / "p.gpkg"), "min_area": "3 px"}
    (_, classes), _ = segment(scene, **outputs)
    wanted = CRS.from_user_input(crs)
    for name in ("mask.tif", "p.tif"):
        with rasterio.open(tmp_path / name) as src:
            assert src.crs == wanted and src.transform == transform
    table = (tmp_path / "mask.tif.aux.xml").read_text()
    assert ("<SRS" in table) == beside and table.count("<Row ") == len(classes)
    assert (tmp_path / "p.tif.aux.xml").exists() == beside
    assert CRS.from_user_input(pyogrio.read_info(tmp_path / "p.gpkg")["crs"]) == wanted
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("+proj=utm +zone=30 +datum=WGS84 +units=km", Affine(0.01, 0, 500, 0, -0.01, 4500)),
        ("+proj=longlat +ellps=WGS84 +pm=jakarta", DEGREES),
        ("+proj=laea +lat_0=52 +lon_0=10 +ellps=GRS80 +units=km", Affine(0.01, 0, 50, 0, -0.01, 45)),
        ("EPSG:8857", METRES),
        (LOCAL, METRES),
    ],
)
def test_polygons_are_in_the_crs_of_the_scene_and_in_no_similar_one(crs, transform, make_scene, segment, tmp_path):
    segment(make_scene(50, 60, crs=crs, transform=transform), polygons=str(tmp_path / "p.gpkg"))
    _, _, geometry, _ = pyogrio.raw.read(tmp_path / "p.gpkg")
    with closing(sqlite3.connect(tmp_path / "p.gpkg")) as database:  # pyogrio looks for codes of EPSG as well
        query = "SELECT organization, organization_coordsys_id, definition FROM gpkg_geometry_columns JOIN "
        organization, code, definition = database.execute(f"{query} gpkg_spatial_ref_sys USING (srs_id)").fetchone()
    found = definition if organization == "NONE" else f"{organization}:{code}"
    with rasterio.open(tmp_path / "scene.tif") as src:
        assert CRS.from_user_input(found) == src.crs
    bounds = shapely.total_bounds(shapely.from_wkb(geometry))
    assert bounds == pytest.approx((*(transform @ (0, 50)), *(transform @ (60, 0))))


def test_a_mosaic_refers_to_the_crs_of_its_masks_without_loss(make_scene):
    for crs, transform in ((ROTATED_POLE, DEGREES), ("EPSG:4979", DEGREES), (PERSPECTIVE, METRES)):
        grid = RasterioTool().grid(make_scene(20, 30, crs=crs, transform=transform))
        assert CRS.from_wkt(grid.crs) == CRS.from_user_input(crs)


def test_a_local_crs_is_named_in_a_warning_and_has_no_areas(make_scene, segment):
    path = make_scene(50, 60, crs=LOCAL, transform=METRES)
    scene = RasterioSource(str(path))
    assert "a CRS without a place on Earth" in scene.warnings[0] and "the mask keeps it" in scene.warnings[0]
    assert scene.location([0], [0]) is None
    scene.close()
    (_, classes), _ = segment(path)
    assert {c.area_m2 for c in classes} == {None}
    with pytest.raises(PrithviError, match="no place on Earth") as e:
        segment(path, min_area="1 ha")
    assert e.value.code is ErrorCode.PARAMETER_INVALID


def test_a_scene_on_another_planet_has_areas_and_no_location(make_scene, segment):
    path = make_scene(50, 60, crs="IAU_2015:49910", transform=METRES)
    scene = RasterioSource(str(path))
    assert scene.full_grid.located and scene.location([0], [0]) is None
    with pytest.raises(PrithviError) as e:
        scene.set_extent((500000, 4000000, 600000, 4100000), "EPSG:32630")
    assert e.value.code is ErrorCode.EXTENT_OUTSIDE and "\n" not in e.value.line
    scene.close()
    (_, classes), _ = segment(path)
    # On the sphere, by the longitudes and latitudes of the corners.
    lat = [y / 3396190 for y in (500000, 499500)]
    area = 3396190 * 600 * (math.sin(lat[0]) - math.sin(lat[1]))
    assert sum(c.area_m2 for c in classes) == pytest.approx(area, rel=1e-5)


def extent_of(grid, crs, col, row, width, height):
    """Return the bounding box in another CRS of a window."""
    cols, rows = np.array([col, col + width]), np.array([row, row + height])
    xs, ys = grid.transform @ (np.repeat(cols, 2), np.tile(rows, 2))
    xs, ys = transform_points(grid.crs, crs, xs, ys)[:2]
    return min(xs), min(ys), max(xs), max(ys)


@pytest.mark.parametrize(
    ("crs", "transform", "other"),
    [
        ("EPSG:4979", Affine(0.0001, 0, -1, 0, -0.0001, 39.9), "EPSG:32630"),
        ("EPSG:4326+5773", Affine(0.0001, 0, -1, 0, -0.0001, 39.9), "EPSG:3857"),
        ("EPSG:32630", Affine(10, 0, 600000, 0, -10, 4500000), "EPSG:4979"),
        (ROTATED_POLE, DEGREES, "EPSG:4326"),
        ("EPSG:4807", Affine(0.0001, 0, 2, 0, -0.0001, 54), "EPSG:2154"),
        ("EPSG:4326", Affine(0.0001, 0, 179.98, 0, -0.0001, -16.8), "EPSG:32760"),
        ("EPSG:4326", Affine(0.0001, 0, -180.02, 0, -0.0001, -16.8), "EPSG:32760"),
    ],
)
def test_an_extent_in_another_crs_covers_the_same_ground(crs, transform, other, make_scene):
    scene = RasterioSource(str(make_scene(300, 400, crs=crs, transform=transform)))
    scene.set_extent(extent_of(scene.full_grid, other, 150, 100, 100, 80), other)
    w = scene.window
    scene.close()
    # A box around a turned rectangle is larger than it.
    assert w.col_off in range(120, 151) and w.width in range(100, 160)
    assert w.row_off in range(75, 101) and w.height in range(80, 140)


def test_longitudes_that_differ_by_a_turn_are_the_same_place(make_scene):
    scene = RasterioSource(str(make_scene(300, 400, crs="EPSG:4326", transform=Affine(0.1, 0, 180, 0, -0.1, 40))))
    scene.set_extent((-175.05, 20.05, -170.05, 30.05))
    assert (scene.window.col_off, scene.window.width) == (49, 51)
    scene.close()


def test_an_extent_in_the_local_crs_of_the_scene_needs_no_transformation(make_scene):
    scene = RasterioSource(str(make_scene(50, 60, crs=LOCAL, transform=METRES)))
    scene.set_extent((200100, 499700, 200200, 499800), CRS.from_user_input(LOCAL).to_wkt(version="WKT2_2019"))
    assert (scene.window.col_off, scene.window.row_off, scene.window.width) == (10, 20, 10)
    with pytest.raises(PrithviError, match="no georeference on Earth"):
        scene.set_extent((0, 0, 1, 1), "EPSG:4326")
    scene.close()


def test_resolution_in_metres_works_in_every_crs_with_lengths(make_scene):
    def size(crs, transform):
        scene = RasterioSource(str(make_scene(50, 60, crs=crs, transform=transform)))
        scene.close()
        return pixel_size_m(scene.full_grid), scene.full_grid

    three, grid = size("EPSG:4979", Affine(0.0001, 0, -1, 0, -0.0001, 39.9))
    assert three == pytest.approx((8.55, 11.10), rel=1e-3)
    assert grid_at(grid, 20, "scene").width == pytest.approx(60 * 8.55 / 20, abs=1)
    assert size(LOCAL, METRES)[0] == (10, 10)
    assert pixel_size_m(Grid(60, 50, CRS.from_wkt(UNITLESS), METRES)) is None
    assert size("EPSG:4807", Affine(0.0001, 0, 2, 0, -0.0001, 50))[0][1] == pytest.approx(10.0, rel=2e-3)
    assert size("IAU_2015:49900", Affine(0.0001, 0, 2, 0, -0.0001, 0))[0][0] == pytest.approx(5.93, rel=1e-3)


def test_dates_align_in_a_local_crs_and_not_between_unrelated_ones(make_scene, card):
    one = make_scene(50, 60, "one.tif", crs=LOCAL, transform=METRES)
    other = make_scene(50, 60, "other.tif", crs="EPSG:32630", transform=METRES)
    with pytest.raises(PrithviError, match="no transformation leads from the CRS of one") as e:
        open_source(Segment(str(one), str(card.folder), "", frames=(str(other),)), card)
    assert e.value.code is ErrorCode.SOURCE_UNSUPPORTED
    moved = make_scene(50, 60, "moved.tif", crs=LOCAL, transform=METRES @ Affine.translation(0, 5))
    open_source(Segment(str(one), str(card.folder), "", frames=(str(moved),)), card).close()


def test_an_error_of_gdal_or_proj_that_nothing_foresaw_is_one_line_about_the_scene():
    try:
        transform_points(CRS.from_user_input(LOCAL), "EPSG:4326", [0.0], [0.0])
    except GDAL_ERRORS as e:
        failed = failure(e, Segment("/data/scene.tif", "demo", "mask.tif", source_name="scene.tif"))
    assert failed.code == ErrorCode.SOURCE_UNREADABLE.value
    assert failed.text.startswith("scene.tif cannot be processed") and "\n" not in failed.text
    assert "CPLE" not in failed.text
