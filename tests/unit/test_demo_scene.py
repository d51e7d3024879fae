"""The made scene that the demonstration segments, and the made landscapes behind it."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from osgeo import gdal, osr

from demo_model import make_demo_scene
from demo_model.scene import LAND, WATER, make_scene, observe
from demo_model.sky import draw_air
from demo_model.spectra import SOILS, WATERS
from demo_model.water import through_water

gdal.UseExceptions()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    scene, truth = folder / "scene.tif", folder / "truth.tif"
    sys.argv = ["make_demo_scene.py", str(scene), "--truth", str(truth)]
    make_demo_scene.main()
    return gdal.Open(str(scene)), gdal.Open(str(truth))


def test_demo_scene_is_larger_than_a_tile_and_no_multiple_of_one(written):
    for side in (written[0].RasterXSize, written[0].RasterYSize):
        assert side >= 1024 and side % 512


def test_demo_scene_lies_on_a_metric_grid_in_utm(written):
    system = osr.SpatialReference(wkt=written[0].GetProjection())
    assert system.GetUTMZone() == 33
    assert written[0].GetGeoTransform()[1::4] == (10.0, -10.0)


def test_demo_scene_names_its_bands_and_has_more_than_a_model_needs(written):
    names = [written[0].GetRasterBand(i + 1).GetDescription() for i in range(written[0].RasterCount)]
    assert {"B02", "B03", "B04", "B8A", "B11", "B12"} < set(names)
    assert names[:6] != ["B02", "B03", "B04", "B8A", "B11", "B12"]


def test_demo_scene_is_stored_in_compressed_tiles(written):
    assert written[0].GetRasterBand(1).GetBlockSize() == [256, 256]
    assert written[0].GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE") == "DEFLATE"


def test_demo_scene_holds_plausible_reflectance(written):
    pixels = written[0].ReadAsArray()
    assert pixels.dtype == np.uint16
    middle = np.median(pixels[:, pixels[0] > 0], axis=1) / 10000
    assert (middle > 0.01).all() and (middle < 0.5).all()


def test_demo_scene_ends_in_a_slanted_edge_without_data_in_all_bands_alike(written):
    gone = written[0].ReadAsArray() == 0
    assert 0.01 < gone[0].mean() < 0.2
    assert (gone == gone[0]).all()
    first = gone[0].argmax(axis=1)[gone[0].any(axis=1)]
    assert (np.diff(first) >= 0).all() and first.max() - first.min() > 100
    assert written[0].GetRasterBand(1).GetNoDataValue() == 0


def test_truth_of_the_demo_scene_has_its_grid_and_both_classes(written):
    scene, truth = written
    assert truth.GetGeoTransform() == scene.GetGeoTransform()
    assert (truth.RasterXSize, truth.RasterYSize) == (scene.RasterXSize, scene.RasterYSize)
    values = truth.ReadAsArray()
    assert 0.03 < (values == WATER).mean() < 0.4
    assert (values == LAND).mean() > 0.4


def test_a_seed_makes_the_same_scene_again():
    first, second, other = (make_scene(seed, (96, 120)) for seed in (5, 5, 6))
    assert np.array_equal(first.surface, second.surface) and np.array_equal(first.truth, second.truth)
    assert not np.array_equal(first.surface, other.surface)


@pytest.mark.parametrize("seed", range(40, 46))
def test_any_scene_is_finite_and_its_water_dark_in_the_swir(seed):
    scene = make_scene(seed, (160, 224), {"lakes": 2, "flood": 0.3, "clouds": 0.0, "patches": 0, "sun_zenith": 30.0})
    assert np.isfinite(scene.surface).all() and scene.surface.shape == (6, 160, 224)
    water, land = scene.truth == WATER, scene.truth == LAND
    assert water.any()
    assert np.median(scene.surface[4][water]) < 0.6 * np.median(scene.surface[4][land])


def test_a_sky_full_of_clouds_hides_the_water():
    recipe = {"lakes": 3, "flood": 0.3, "relief_m": 5.0}
    clear = make_scene(77, (160, 160), {**recipe, "clouds": 0.0})
    covered = make_scene(77, (160, 160), {**recipe, "clouds": 0.9})
    assert (covered.truth == WATER).sum() < 0.5 * (clear.truth == WATER).sum()


def test_the_bottom_fades_with_depth_and_never_shows_in_the_swir():
    deep, bottom = (np.array(s, np.float32)[:, None, None] for s in (WATERS["clear"], SOILS["sand"]))
    at = [through_water(deep, bottom, np.array([[d]], np.float32), 0.0)[:, 0, 0] for d in (0.05, 1.0, 20.0)]
    assert at[0][1] > at[1][1] > at[2][1]
    assert at[0][4] < 1.5 * deep[4, 0, 0]
    assert np.allclose(at[2], deep[:, 0, 0], atol=0.006)


def test_the_uncorrected_atmosphere_brightens_blue_most():
    scene = make_scene(9, (64, 64), {"clouds": 0.0})
    rng = np.random.default_rng(0)
    added = np.mean([draw_air(rng, corrected=False).path for _ in range(200)], axis=0)
    assert (np.diff(added) < 0).all() and 0.06 < added[0] < 0.14
    assert observe(scene, rng, draw_air(rng, corrected=False)).shape == (6, 64, 64)
