"""What is said of a name that QGIS does not open: GDAL's reason, and no secret."""

from __future__ import annotations

import threading

from osgeo import gdal

from prithvi_qgis.algorithms.scenes.scene_layer import unreadable
from support import rasters
from support.range_server import Server


def test_a_server_that_refuses_is_not_said_to_lack_the_file(good_scene):
    server = Server(rasters.Path(good_scene), header=("Authorization", "x"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        error = unreadable(f"{server.url}?sig=secret")
    finally:
        server.shutdown()
    assert "does not exist" not in error.text
    assert "secret" not in error.text
    assert "credentials" in error.hint


def test_a_container_in_an_archive_lists_its_subdatasets(good_scene, tmp_path):
    gdal.Translate(str(tmp_path / "scene.h5.nc"), good_scene, format="netCDF")
    error = unreadable(f"vrt://{tmp_path / 'scene.h5.nc'}")
    assert error.line.count("\n") == 0
    assert "does not exist" not in error.text
