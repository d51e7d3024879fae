"""Areas on the ellipsoid, against the geodesics of PROJ; CRSs without a place on Earth have none."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest
import rasterio.features
import shapely
from rasterio.crs import CRS
from rasterio.transform import Affine

from prithvi_qgis.engine.mask.pixel_area import area_warnings, ground_areas, polygon_areas
from prithvi_qgis.engine.reading.geodetic_base import geodetic_base
from prithvi_qgis.engine.reading.raster_source import Grid

LOCAL = 'LOCAL_CS["site",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
ENGINEERING = 'ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
UNKNOWN = (
    'PROJCS["x",GEOGCS["x",DATUM["x",SPHEROID["x",6378137,298.257]],PRIMEM["Greenwich",0],UNIT["degree",0.01745329]],'
    'PROJECTION["of_nobody"],UNIT["metre",1]]'
)
ROTATED_POLE = "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18 +R=6371229"


def upright(x, y, pixel, height=None):
    return Affine(pixel, 0, x, 0, -(height or pixel), y)


GRIDS = {
    "UTM": ("EPSG:32630", upright(400000, 4500000, 10)),
    "UTM at the edge of its zone, south-up": ("EPSG:32733", Affine(30, 0, 800000, 0, 30, 7000000)),
    "Web Mercator": ("EPSG:3857", upright(2.2e6, 9.0e6, 20)),
    "equal-area": ("EPSG:3035", upright(4321000, 3210000, 100)),
    "over the North Pole": ("EPSG:3413", upright(-15000, 15000, 30)),
    "Antarctica": ("EPSG:3031", upright(1000000, 1000000, 100)),
    "degrees": ("EPSG:4326", upright(10, 61, 0.0045)),
    "degrees, rotated": ("EPSG:4326", Affine(0.001, 0.0004, 10, 0.0004, -0.001, 61)),
    "degrees over the antimeridian": ("EPSG:4326", upright(179.5, -16, 0.001)),
    "degrees to the pole": ("EPSG:4326", upright(-180, 90, 0.36, 0.001)),
    "grads from Paris": ("EPSG:4807", upright(2, 54, 0.001)),
    "feet": ("EPSG:2263", upright(980000, 200000, 30)),
    "northing first": ("EPSG:31467", upright(3500000, 5500000, 10)),
    "three-dimensional": ("EPSG:4979", upright(-1, 39.9, 0.0001)),
    "with heights": ("EPSG:25832+5783", upright(400000, 5500000, 20)),
    "bound": ("+proj=tmerc +lon_0=9 +x_0=3500000 +ellps=bessel +towgs84=598,74,418,0,0,0,0", upright(3.5e6, 5.5e6, 10)),
    "rotated pole": (ROTATED_POLE, upright(-1, 9.9, 0.01)),
    "Mars": ("IAU_2015:49910", upright(100000, 3000000, 100)),
}


def grid_of(crs, transform, width=1000, height=900):
    return Grid(width, height, CRS.from_user_input(crs), transform)


def geodesic_area(grid, col, row, parts=16):
    """The area of a pixel whose edges are cut into short geodesics, in m2."""
    s = np.linspace(0, 1, parts, endpoint=False)
    cols = col + np.concatenate([s, np.ones(parts), 1 - s, np.zeros(parts)])
    rows = row + np.concatenate([np.zeros(parts), s, np.ones(parts), 1 - s])
    lon, lat = grid.base.lon_lat(*(grid.transform @ (cols, rows)))
    geod = pyproj.Geod(a=grid.base.semi_major_m, f=grid.base.flattening)
    return abs(geod.polygon_area_perimeter(np.degrees(lon), np.degrees(lat))[0])


@pytest.mark.parametrize("name", GRIDS)
def test_areas_of_pixels_are_geodesic_ones(name):
    grid = grid_of(*GRIDS[name])
    ground = ground_areas(grid)
    assert ground.outside == 0
    for col, row in ((0, 0), (999, 0), (0, 899), (999, 899), (499, 450), (123, 700)):
        area = float(ground.window(col, row, 1, 1)[0, 0])
        assert area == pytest.approx(geodesic_area(grid, col, row), rel=5e-5)


@pytest.mark.parametrize("name", ["UTM", "Web Mercator", "degrees, rotated", "over the North Pole"])
def test_polygons_with_holes_have_the_areas_of_their_pixels(name):
    grid = grid_of(*GRIDS[name])
    values = (np.random.default_rng(0).random((90, 100)) < 0.7).repeat(10, 0).repeat(10, 1).astype(np.uint8)
    found = [(shapely.geometry.shape(s), v) for s, v in rasterio.features.shapes(values, connectivity=4)]
    polygons = np.array([s for s, _ in found], object)
    assert shapely.get_num_interior_rings(polygons).max() > 3
    ground = ground_areas(grid)
    areas, pixels = polygon_areas(ground, polygons), ground.window(0, 0, 1000, 900)
    for value in (0, 1):
        chosen = [v == value for _, v in found]
        assert areas[chosen].sum() == pytest.approx(pixels[values == value].sum(), rel=1e-9)
    one = rasterio.features.rasterize([polygons[5]], values.shape) == 1
    assert areas[5] == pytest.approx(pixels[one].sum(), rel=1e-6)


@pytest.mark.parametrize("crs", [LOCAL, ENGINEERING, UNKNOWN, "EPSG:4978"])
def test_a_crs_without_a_place_on_earth_has_no_areas_and_stays(crs):
    grid = grid_of(crs, upright(1000, 2000, 10))
    assert grid.georeferenced and not grid.located
    assert ground_areas(grid) is None
    assert CRS.from_wkt(grid.wkt) == grid.crs


def test_coordinates_outside_of_their_crs_have_no_areas_and_a_warning():
    grid = grid_of("EPSG:4326", upright(500000, 4500000, 10))  # metres taken for degrees
    assert ground_areas(grid) is None
    assert "scene.tif lies outside of where its CRS is defined" in area_warnings(grid, "scene.tif")[0]
    half = grid_of("EPSG:4326", upright(0, 90.45, 0.001))
    assert "50.0% of scene.tif lies outside" in area_warnings(half, "scene.tif")[0]
    assert area_warnings(grid_of(*GRIDS["UTM"]), "scene.tif") == []


@pytest.mark.parametrize("crs", [ROTATED_POLE, "EPSG:4979", "EPSG:8857", "+proj=tpers +h=35786000 +datum=WGS84"])
def test_well_known_text_of_a_grid_loses_nothing(crs):
    grid = grid_of(crs, upright(0, 0, 0.1))
    assert CRS.from_wkt(grid.wkt) == grid.crs
    assert geodetic_base(grid.wkt).semi_major_m == pytest.approx(6.37e6, rel=2e-3)
    assert math.isfinite(ground_areas(grid).mean)
