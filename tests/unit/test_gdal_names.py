"""GDAL's names of rasters: relative parts, files, secrets."""

from __future__ import annotations

import pytest

from prithvi_qgis.core.folder_runs.fingerprint import fingerprint
from prithvi_qgis.core.folder_runs.scene_discovery import find_scenes
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.scenes.gdal_names import files_in, is_remote, locate, resolve, without_secrets
from prithvi_qgis.core.system.paths import resources

# With {} for the folder; the other column has the file that they are in.
NAMES = {
    "{}scene.tif": "scene.tif",
    "/vsizip/{}s.zip/scene.tif": "s.zip",
    "/vsizip/{{{}s.zip}}/scene.tif": "s.zip",
    "/vsitar/{}s.tar/a/scene.tif": "s.tar",
    "/vsigzip/{}scene.tif.gz": "scene.tif.gz",
    "/vsizip/{}s.zip": "s.zip",
    "/vsisubfile/0_99,{}scene.tif": "scene.tif",
    "zip://{}s.zip!/scene.tif": "s.zip",
    "tar://{}s.tar!/scene.tif": "s.tar",
    "vrt://{}scene.tif?bands=6,5,4": "scene.tif",
    'vrt://NETCDF:"{}x.nc":b?bands=1': "x.nc",
    'NETCDF:"{}x.nc":b': "x.nc",
    "NETCDF:{}x.nc:b": "x.nc",
    'NETCDF:"/vsizip/{}s.zip/x.nc":b': "s.zip",
    'HDF5:"{}x.h5"://d/e': "x.h5",
    'HDF4_EOS:EOS_GRID:"{}x.hdf":grid:field': "x.hdf",
    'ZARR:"{}x.zarr":/a': "x.zarr",
    "GTIFF_DIR:1:{}scene.tif": "scene.tif",
    "GTIFF_DIR:off:408:{}scene.tif": "scene.tif",
    "DERIVED_SUBDATASET:AMPLITUDE:{}scene.tif": "scene.tif",
    "SENTINEL2_L1C:{}x.xml:10m:EPSG_32630": "x.xml",
    '<VRTDataset><SourceFilename relativeToVRT="1">{}a &amp; b.tif</SourceFilename></VRTDataset>': "a & b.tif",
    '<VRTDataset><SourceDataset relativeToVRT="0">{}scene.tif</SourceDataset></VRTDataset>': "scene.tif",
}
UNCHANGED = (
    "/vsizip//vsicurl/https://host/s.zip/scene.tif",
    "/vsicurl/https://host/scene.tif",
    "/vsis3/bucket/scene.tif",
    "https://host/scene.tif",
    "WMS:https://host/x",
    'NETCDF:"https://host/x.nc":b',
    "none.tif",
    "NETCDF:none.nc:b",
    "prithvi-stack:[]",
)


@pytest.fixture
def folder(tmp_path):
    files = {*NAMES.values(), "1"}  # "1" must not be taken for GTIFF_DIR's file
    for file in files:
        (tmp_path / file).write_text(file)
    return f"{tmp_path}/"


@pytest.mark.parametrize("name", NAMES)
def test_relative_parts_start_at_the_folder(name, folder):
    absolute = name.format(folder.replace("&", "&amp;"))
    assert resolve(name.format(""), folder) == absolute
    assert resolve(absolute, "/elsewhere") == absolute
    assert files_in(absolute) == [folder + NAMES[name]]


@pytest.mark.parametrize("name", UNCHANGED)
def test_other_names_stay_as_they_are(name, folder):
    assert resolve(name, folder) == name


def test_a_file_url_becomes_its_path(folder):
    assert resolve("file:///data/a%20b.tif", folder) == "/data/a b.tif"
    assert resolve("file://localhost/data/a.tif", folder) == "/data/a.tif"


def test_a_vrt_that_names_files_by_the_folder_of_its_maker_becomes_text(folder, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "near.tif").write_text("")
    source = "<SourceFilename{}>{}</SourceFilename>".format
    plain = source(' relativeToVRT="1"', "near.tif")
    (tmp_path / "sub" / "a.vrt").write_text(plain)
    (tmp_path / "sub" / "b.vrt").write_text(plain + source(' relativeToVRT="0"', "scene.tif") + source("", "scene.tif"))
    assert resolve("sub/a.vrt", folder) == f"{folder}sub/a.vrt"
    assert files_in(resolve("sub/b.vrt", folder)) == [f"{folder}sub/near.tif", *[f"{folder}scene.tif"] * 2]


def test_what_lies_on_a_server_is_recognised_inside_an_archive():
    assert is_remote("/vsizip//vsicurl/https://host/s.zip/scene.tif")
    assert is_remote("/vsigzip//vsis3/bucket/scene.tif.gz")
    assert not is_remote("/vsizip//data/s.zip/scene.tif")
    assert files_in("/vsizip//vsis3/bucket/s.zip/a.tif") == ["/vsis3/bucket/s.zip"]


def test_secrets_of_urls_are_not_shown():
    login = "me:pw"
    assert without_secrets(f"https://{login}@host/a.tif?sig=x") == "https://host/a.tif"
    assert without_secrets("/vsicurl/https://host/a.tif?sig=x: 403 of https://me@h/b") == (
        "/vsicurl/https://host/a.tif 403 of https://h/b"
    )
    assert without_secrets("/vsicurl?header.Authorization=Bearer%20x&url=https%3A%2F%2Fhost%2Fa.tif%3Fsig%3D1") == (
        "/vsicurl/https://host/a.tif"
    )
    assert without_secrets("vrt:///a.tif?bands=1,2") == "vrt:///a.tif?bands=1,2"
    assert without_secrets("/home/a?b@c.tif") == "/home/a?b@c.tif"


def test_names_in_a_list_start_at_the_list(folder, tmp_path):
    names = [name.format("") for name in NAMES if not name.startswith("<")]
    (tmp_path / "list.txt").write_text("\n".join([*names, "none.tif", "scene.tif.gz"]))
    found = [scene.source for scene in find_scenes(f"{folder}list.txt", "", False, tmp_path / "out")]
    expected = [name.format(folder) for name in NAMES if not name.startswith("<")]
    assert found == [*expected, f"{folder}none.tif"]  # scene.tif.gz is what /vsigzip/ names


def test_a_reference_with_escaped_letters_finds_its_file(folder, tmp_path):
    (tmp_path / "a b.tif").write_text("")
    assert locate("a%20b.tif", folder) == f"{folder}a b.tif"
    assert locate("c%20d.tif", folder) == f"{folder}c%20d.tif"


@pytest.mark.parametrize("name", NAMES)
def test_a_mask_depends_on_the_file_inside_a_name(name, folder, tmp_path):
    card = read_card(resources() / "models" / "demo-water")
    request = Segment(name.format(folder.replace("&", "&amp;")), "", "")
    before = fingerprint(request, card)
    (tmp_path / NAMES[name]).write_text("another")
    assert fingerprint(request, card) != before


def test_other_bands_of_a_file_are_another_mask(folder):
    card = read_card(resources() / "models" / "demo-water")
    one, other = (fingerprint(Segment(f"vrt://{folder}scene.tif?bands={b}", "", ""), card) for b in ("1,2", "2,1"))
    assert one != other


@pytest.mark.parametrize(
    "chained", ["/vsizip/vsicurl/https://host/a.zip/b.tif", "/vsizip//vsicurl/https://host/a.zip/b.tif"]
)
def test_an_archive_on_a_server_keeps_its_address(chained, tmp_path):
    assert resolve(chained, str(tmp_path)) == "/vsizip//vsicurl/https://host/a.zip/b.tif"
    assert is_remote(chained)
    assert files_in(chained) == ["/vsicurl/https://host/a.zip"]
