"""A real ``qgis_process``, and one warm engine for all tests."""

from __future__ import annotations

import pytest

from support import rasters
from support.qgis_process import Qgis


@pytest.fixture(scope="session")
def qgis(tmp_path_factory):
    qgis = Qgis(tmp_path_factory.mktemp("profile"))
    yield qgis
    qgis.run("run", "prithvi:stopengine")


@pytest.fixture(scope="session")
def good_scene(tmp_path_factory):
    """A small scene that every good run can use."""
    return rasters.write(tmp_path_factory.mktemp("scene") / "scene.tif", rasters.scene())
