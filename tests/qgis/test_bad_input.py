"""What bad input gets: one line that names it, and nothing written. The suite headless has the exit codes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from support import rasters
from support.refusals import assert_refused


@pytest.fixture()
def folder(tmp_path):
    """Where the mask would go; the scene lies elsewhere, since QGIS itself may leave statistics beside it."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_a_file_that_does_not_exist(qgis, folder, tmp_path):
    assert_refused(qgis.segment(f"{tmp_path}/gone.tif", folder / "mask.tif"), folder, "gone.tif", "does not exist")


def test_too_few_bands(qgis, folder, tmp_path):
    source = rasters.write(tmp_path / "four.tif", rasters.scene(bands=4), names=("B02", "B03", "B04", "B8A"))
    assert_refused(qgis.segment(source, folder / "mask.tif"), folder, "four", "SWIR")


def test_values_that_cannot_be_reflectance(qgis, folder, tmp_path):
    source = rasters.write(tmp_path / "hot.tif", np.full((6, 40, 40), 5e7, np.float32))
    assert_refused(qgis.segment(source, folder / "mask.tif"), folder, "hot")


def test_complex_pixels(qgis, folder, tmp_path):
    source = rasters.write(tmp_path / "sar.tif", rasters.scene(), kind=gdal.GDT_CFloat32)
    assert_refused(qgis.segment(source, folder / "mask.tif"), folder, "sar", "complex")


def test_a_palette_image(qgis, folder, tmp_path):
    source = rasters.write_palette(tmp_path / "map.tif")
    assert_refused(qgis.segment(source, folder / "mask.tif"), folder, "map")


@pytest.mark.parametrize("way", ["same", "symlink", "hardlink", "relative"])
def test_output_equal_to_input(qgis, tmp_path, way):
    source = Path(rasters.write(tmp_path / "scene.tif", rasters.scene()))
    before = source.read_bytes()
    output = tmp_path / f"{way}.tif"
    if way == "symlink":
        output.symlink_to(source)
    elif way == "hardlink":
        os.link(source, output)
    elif way == "relative":
        output = tmp_path / "." / ".." / tmp_path.name / "scene.tif"
    else:
        output = source
    done = qgis.segment(str(source), output)
    assert done.code == 1
    assert len(done.error_lines) == 1
    assert "is the scene itself" in done.error_lines[0]
    assert source.read_bytes() == before


def test_output_that_a_virtual_raster_reads_from(qgis, tmp_path):
    source = rasters.write(tmp_path / "scene.tif", rasters.scene())
    gdal.BuildVRT(str(tmp_path / "scene.vrt"), [source])
    done = qgis.segment(str(tmp_path / "scene.vrt"), source)
    assert done.code == 1
    assert "is the scene itself" in done.error_lines[0]


def test_a_model_that_is_unknown_names_the_known_ones(qgis, folder, good_scene):
    done = qgis.segment(good_scene, folder / "mask.tif", "--MODEL=flood-9000")
    assert_refused(done, folder, '"flood-9000"', "demo-water")


def test_an_output_folder_that_does_not_exist(qgis, folder, good_scene):
    done = qgis.segment(good_scene, folder / "deeper" / "mask.tif")
    assert_refused(done, folder, str(folder / "deeper"), "does not exist")


def test_an_output_folder_that_cannot_be_written(qgis, folder, good_scene):
    assert_refused(qgis.segment(good_scene, "/proc/mask.tif"), folder, "/proc")


def test_an_output_of_another_format(qgis, folder, good_scene):
    assert_refused(qgis.segment(good_scene, folder / "mask.png"), folder, "mask.png", "mask.tif")


def test_two_outputs_in_one_file(qgis, folder, good_scene):
    mask = folder / "mask.tif"
    assert_refused(qgis.segment(good_scene, mask, f"--PROBABILITY={mask}"), folder, "same file")


def test_a_device_that_is_not_there(qgis, folder, good_scene):
    from prithvi_qgis.client.runtime.hardware import find_gpus

    if find_gpus()[0]:
        pytest.skip("this machine has a GPU")
    assert_refused(qgis.segment(good_scene, folder / "mask.tif", "--DEVICE=1"), folder, "DEVICE", "CPU")


@pytest.mark.parametrize(
    ("bands", "word"),
    [("1,2,3", "3 numbers"), ("1,2,3,4,5,9", '"9"'), ("B02,2,3,4,5,6", '"B02"'), ("0,1,2,3,4,5", '"0"')],
)
def test_band_numbers_that_do_not_fit(qgis, folder, good_scene, bands, word):
    assert_refused(qgis.segment(good_scene, folder / "mask.tif", f"--BANDS={bands}"), folder, word, "BANDS")


def test_further_dates_for_a_model_of_one_date(qgis, folder, good_scene):
    done = qgis.segment(good_scene, folder / "mask.tif", f"--FRAMES={good_scene}")
    assert_refused(done, folder, "FRAMES", "one date")


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--DATES=2023-03-14,2023-05-20", ("DATES", "2 dates")),
        ("--DATES=14.03.2023", ("DATES", '"14.03.2023"')),
        ("--RESOLUTION=0", ("RESOLUTION", "0 is no pixel size")),
        ("--RESOLUTION=wide", ("RESOLUTION", "wide")),
    ],
)
def test_dates_and_sizes_that_cannot_be_used(qgis, folder, good_scene, argument, words):
    assert_refused(qgis.segment(good_scene, folder / "mask.tif", argument), folder, *words)


@pytest.mark.parametrize("value", ["abc", "nan", "inf"])
def test_a_scale_that_is_no_number(qgis, folder, good_scene, value):
    assert_refused(qgis.segment(good_scene, folder / "mask.tif", f"--SCALE={value}"), folder, "SCALE", value)


def test_an_extent_outside_the_scene(qgis, folder, good_scene):
    done = qgis.segment(good_scene, folder / "mask.tif", "--EXTENT=100000,101000,100000,101000 [EPSG:32630]")
    assert_refused(done, folder, "scene")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("--MIN_PROBABILITY=Snow=0.5", ("MIN_PROBABILITY", "Snow", "1 Water")),
        ("--MIN_PROBABILITY=60", ("MIN_PROBABILITY", "60")),
        ("--MIN_AREA=5 acres", ("MIN_AREA", "5 acres", "0.5 ha")),
        ("--IGNORE_CLASSES=0,1", ("IGNORE_CLASSES", "every class")),
    ],
)
def test_what_cannot_be_asked_of_a_mask(qgis, folder, good_scene, asked, words):
    assert_refused(qgis.segment(good_scene, folder / "mask.tif", asked), folder, *words)
