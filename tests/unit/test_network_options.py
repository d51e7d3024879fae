"""How a run reaches servers: what is taken along, and what is left behind."""

from __future__ import annotations

import os

import pytest

from prithvi_qgis.client.runtime import environment
from prithvi_qgis.core.system import network_options


@pytest.fixture
def bare(monkeypatch):
    """An environment without any of the options."""
    for name in network_options.NAMES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_caller_takes_its_options_along_and_nothing_else(bare):
    bare.setenv("AWS_PROFILE", "flood")
    bare.setenv("https_proxy", "http://proxy:3128")
    bare.setenv("MY_OWN_OPTION", "x")
    assert environment.caller_options() == {"AWS_PROFILE": "flood", "https_proxy": "http://proxy:3128"}


def test_options_set_in_gdal_itself_are_taken_along(bare):
    gdal = pytest.importorskip("osgeo.gdal")
    bare.setattr(environment, "_config_option", gdal.GetConfigOption)
    login = "me:word"
    gdal.SetConfigOption("GDAL_HTTP_USERPWD", login)
    try:
        assert environment.caller_options() == {"GDAL_HTTP_USERPWD": login}
        assert environment.engine_environment(environment.Path("/code"))["GDAL_HTTP_USERPWD"] == login
    finally:
        gdal.SetConfigOption("GDAL_HTTP_USERPWD", None)


def test_options_of_a_run_end_with_it(bare):
    bare.setenv("GDAL_HTTP_TIMEOUT", "5")
    with network_options.applied({"GDAL_HTTP_TIMEOUT": "9", "GS_ACCESS_KEY_ID": "x", "LD_PRELOAD": "y"}):
        assert os.environ["GDAL_HTTP_TIMEOUT"] == "9"
        assert os.environ["GS_ACCESS_KEY_ID"] == "x"
        assert os.environ.get("LD_PRELOAD") != "y"
    assert os.environ["GDAL_HTTP_TIMEOUT"] == "5"
    assert "GS_ACCESS_KEY_ID" not in os.environ


def test_the_warm_engine_drops_those_of_whoever_started_it(bare):
    bare.setenv("AWS_SECRET_ACCESS_KEY", "x")
    network_options.drop_network_options()
    assert "AWS_SECRET_ACCESS_KEY" not in os.environ


def test_a_file_that_an_option_names_is_found_from_another_folder(bare, tmp_path):
    (tmp_path / "headers").write_text("")
    bare.chdir(tmp_path)
    bare.setenv("GDAL_HTTP_HEADER_FILE", "headers")
    bare.setenv("AWS_PROFILE", "headers")
    options = {"GDAL_HTTP_HEADER_FILE": str(tmp_path / "headers"), "AWS_PROFILE": "headers"}
    assert environment.caller_options() == options
