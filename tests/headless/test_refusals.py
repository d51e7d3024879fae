"""What bad input gets from ``qgis_process``: one line, exit code 1, nothing written. The suite qgis has the other cases."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from support import rasters
from support.refusals import assert_refused


@pytest.fixture()
def folder(tmp_path):
    """Where the mask would go; the scene lies elsewhere, since QGIS itself may leave statistics beside it."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_a_file_that_is_no_raster(qgis, folder, tmp_path):
    text = tmp_path / "notes.tif"
    text.write_text("no raster at all")
    assert_refused(qgis.segment(str(text), folder / "mask.tif"), folder, str(text))


def test_a_truncated_scene(qgis, folder, tmp_path):
    source = rasters.write_truncated(tmp_path / "short.tif")
    done = qgis.segment(source, folder / "mask.tif")
    # QGIS 3.44 reads some pixels when it opens the layer, and GDAL prints what it cannot read.
    assert_refused(
        replace(done, stderr=re.sub(r"^ERROR 1: .*\n", "", done.stderr, flags=re.MULTILINE)), folder, "short"
    )


def test_an_engine_that_is_not_installed_names_the_command(qgis, folder, good_scene, tmp_path):
    done = qgis.segment(good_scene, folder / "mask.tif", PRITHVI_QGIS_HOME=str(tmp_path / "empty"))
    assert_refused(done, folder, "not installed", "qgis_process run prithvi:installengine")


def test_a_further_date_that_does_not_exist(qgis, folder, good_scene):
    done = qgis.segment(good_scene, folder / "mask.tif", "--FRAMES=nowhere.tif")
    assert done.code == 1 and "Traceback" not in done.stderr
    # QGIS itself looks for a mesh of that name first, and says that it found none.
    assert done.error_lines[-1] == "FRAMES nowhere.tif is no layer. Choose a raster such as a GeoTIFF."
    assert list(folder.iterdir()) == []


def test_a_setting_that_is_no_number(qgis, folder, good_scene):
    done = qgis.segment(good_scene, folder / "mask.tif", PRITHVI_QGIS_KEEP_WARM="long")
    assert_refused(done, folder, "PRITHVI_QGIS_KEEP_WARM", '"long"')
