"""Scenes in unusual CRSs, as the QGIS side reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from osgeo import osr

from prithvi_qgis.algorithms.folder_runs.gdal_tool import GdalTool
from prithvi_qgis.algorithms.scenes.scene_preview import read_facts
from support import rasters

LOCAL = 'LOCAL_CS["site",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
ROTATED_POLE = "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18 +R=6371229"
METRES, DEGREES = (200000.0, 10.0, 0, 500000.0, 0, -10.0), (2.0, 1e-4, 0, 50.0, 0, -1e-4)


def scene(tmp_path, crs, transform):
    return rasters.write(tmp_path / "scene.tif", rasters.scene(), crs=crs, transform=transform)


@pytest.mark.parametrize(
    ("crs", "transform", "size"),
    [
        (LOCAL, METRES, (10, 10)),
        ("EPSG:4979", DEGREES, (7.17, 11.12)),
        ("EPSG:4807", DEGREES, (7.09, 10.00)),  # grads
        ("IAU_2015:49900", (2.0, 1e-4, 0, 0.0, 0, -1e-4), (5.93, 5.93)),  # Mars
        (ROTATED_POLE, DEGREES, (7.15, 11.12)),
        ("+proj=tpers +h=35786000 +lat_0=40 +lon_0=-3 +datum=WGS84", METRES, (10, 10)),
    ],
)
def test_pixels_are_measured_on_the_ellipsoid_of_the_scene_without_messages_of_proj(
    crs, transform, size, tmp_path, capfd
):
    source = scene(tmp_path, crs, transform)
    capfd.readouterr()
    assert read_facts(source, "scene.tif").pixel_m == pytest.approx(size, rel=5e-3)
    assert "CoordinateTransformation" not in capfd.readouterr().err


@pytest.mark.parametrize(("crs", "transform"), [(ROTATED_POLE, DEGREES), ("EPSG:4979", DEGREES), (LOCAL, METRES)])
def test_a_mosaic_refers_to_the_crs_of_its_masks_without_loss(crs, transform, tmp_path):
    grid = GdalTool().grid(Path(scene(tmp_path, crs, transform)))
    found, wanted = osr.SpatialReference(), osr.SpatialReference()
    found.ImportFromWkt(grid.crs)
    wanted.SetFromUserInput(crs)
    assert found.IsSame(wanted, ["IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES"])
