"""Scenes and products that are given as files, from the parameters to the mask."""

from __future__ import annotations

import gzip
import shutil
import zipfile

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsRasterLayer

from prithvi_qgis.algorithms.scenes.scene_layer import as_path
from prithvi_qgis.algorithms.scenes.scene_preview import read_facts
from support import granules, rasters, sentinel2

gdal.UseExceptions()
pytestmark = pytest.mark.timeout(600)


def test_an_extent_in_another_crs_cuts_to_whole_pixels(qgis, good_scene, tmp_path):
    # 20 by 10 pixels of the scene, a little inside, in degrees.
    done = qgis.segment(
        good_scene, tmp_path / "part.tif", "--EXTENT=500103,500297,4499703,4499797 [EPSG:32630]", "--DEVICE=2"
    )
    assert done.code == 0, done.stderr
    part = gdal.Open(done.results["OUTPUT"])
    assert part.GetGeoTransform() == (500100.0, 10.0, 0.0, 4499800.0, 0.0, -10.0)
    assert (part.RasterXSize, part.RasterYSize) == (20, 10)


def test_a_scene_without_georeference_is_segmented_with_a_warning(qgis, tmp_path):
    source = rasters.write(tmp_path / "plain.tif", rasters.scene(), transform=None)
    done = qgis.segment(source, tmp_path / "mask.tif")
    assert done.code == 0, done.stderr
    assert any("no georeference" in w for w in done.log["warning"])
    assert done.results["CLASS_AREAS"] == {"Land": None, "Water": None}


def test_an_output_that_was_there_is_replaced_with_its_sidecars(qgis, good_scene, tmp_path):
    mask = tmp_path / "mask.tif"
    mask.write_text("an older file")
    (tmp_path / "mask.tif.ovr").write_text("its overviews")
    done = qgis.segment(good_scene, mask)
    assert done.code == 0, done.stderr
    assert gdal.Open(str(mask)).RasterXSize == 96
    assert not (tmp_path / "mask.tif.ovr").exists()


@pytest.mark.parametrize("name", [granules.S30, granules.LANDSAT])
def test_a_product_of_one_file_a_band_is_segmented_as_its_bands_in_one_file(name, qgis, tmp_path):
    folder = granules.write_granule(tmp_path / "product", name)
    done = qgis.segment(str(folder), tmp_path / "mask.tif")
    assert done.code == 0, done.stderr
    whole = qgis.segment(str(granules.write_whole(tmp_path / "whole.tif", name)), tmp_path / "whole_mask.tif")
    masks = [gdal.Open(d.results["OUTPUT"]) for d in (done, whole)]
    assert np.array_equal(*(mask.ReadAsArray() for mask in masks))
    assert np.array_equal(masks[0].ReadAsArray() == 255, granules.pixels(name, granules.SIX[name][0]) <= 0)
    assert 1500 < done.results["CLASS_PIXELS"]["Water"] < 1700  # a lake of 45 x 35 pixels
    assert masks[0].GetMetadataItem("PRITHVI_SOURCE") == str(folder / name)


def test_one_band_of_a_product_is_one_line_that_names_the_folder(qgis, tmp_path):
    folder = granules.write_granule(tmp_path / "product", granules.S30)
    done = qgis.segment(str(granules.file_of(folder, granules.S30, "B02")), tmp_path / "mask.tif")
    assert done.code == 1
    assert len(done.error_lines) == 1
    assert done.error_lines[0].endswith(f"This is one file of {granules.S30}: give all of it, as {folder}.")


def test_a_sensor_that_the_scene_cannot_be_is_one_line(qgis, tmp_path):
    scene = rasters.write(tmp_path / "six.tif", rasters.scene(), names=())
    done = qgis.segment(scene, tmp_path / "mask.tif", "--SENSOR=1")
    assert done.code == 1
    assert len(done.error_lines) == 1
    assert "Sentinel-2 L1C before baseline 04.00 (SENSOR) has 13 bands" in done.error_lines[0]
    assert "six.tif has 6" in done.error_lines[0]
    assert not (tmp_path / "mask.tif").exists()


@pytest.mark.parametrize("given", ["folder", "metadata"])
def test_a_sentinel2_product_is_segmented_as_it_is_downloaded(given, qgis, tmp_path):
    root = sentinel2.write_product(tmp_path, "L2A", "05.09")
    source = {"folder": root, "metadata": root / "MTD_MSIL2A.xml"}[given]
    done = qgis.segment(str(source), tmp_path / "mask.tif")
    sentinel2.assert_product_mask(done)


@pytest.mark.parametrize(
    "name", ["scene.tif", "/vsizip/s.zip/scene.tif", "scene.tif.gz", "GTIFF_DIR:1:scene.tif", "vrt://scene.tif?bands=1"]
)
def test_a_relative_name_means_for_the_engine_what_it_means_in_qgis(name, qgis, good_scene, tmp_path, monkeypatch):
    scene = tmp_path / "scene.tif"
    shutil.copy(good_scene, scene)
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.write(scene, "scene.tif")
    (tmp_path / "scene.tif.gz").write_bytes(gzip.compress(scene.read_bytes()))
    monkeypatch.chdir(tmp_path)
    layer = QgsRasterLayer(name, "scene")
    assert layer.isValid()
    path, _ = as_path(layer.source())
    monkeypatch.chdir("/")
    assert gdal.Open(path).RasterXSize == 96


def test_a_file_with_a_variable_per_band_is_segmented_like_its_bands(qgis, good_scene, tmp_path):
    gdal.Translate(str(tmp_path / "scene.nc"), good_scene, format="netCDF")
    done = qgis.segment(str(tmp_path / "scene.nc"), tmp_path / "mask.tif")
    assert done.code == 0, done.stderr
    plain = qgis.segment(good_scene, tmp_path / "plain.tif")
    masks = [gdal.Open(d.results["OUTPUT"]).ReadAsArray() for d in (done, plain)]
    assert np.array_equal(*masks)
    facts = read_facts(str(tmp_path / "scene.nc"), "")
    assert (len(facts.bands), facts.name) == (6, "scene.nc")
