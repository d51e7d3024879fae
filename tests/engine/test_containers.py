"""netCDF, HDF5 and Zarr files whose variables are the bands of one scene."""

from __future__ import annotations

import shlex

import h5py
import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasterio.crs import CRS

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from support.sources import pixels
from support.synthetic_scenes import NAMES, UTM, blobs


def write_variables(path, names, values, *, layers=0, group="", further=()):
    """Write a variable per band as xarray does: CF coordinates, scale, offset and fill value."""
    height, width = values.shape[1:]
    with h5py.File(path, "a") as root:
        file = root.require_group(group) if group else root
        axes = {
            "y": UTM.f + UTM.e * (np.arange(height) + 0.5),
            "x": UTM.c + UTM.a * (np.arange(width) + 0.5),
            **({"time": np.arange(float(layers))} if layers else {}),
        }
        for axis, numbers in axes.items():
            file[axis] = numbers
            file[axis].make_scale(axis)
            file[axis].attrs["units"] = "days since 2024-06-01" if axis == "time" else "metre"
            if axis != "time":
                file[axis].attrs["standard_name"] = f"projection_{axis}_coordinate"
        file["spatial_ref"] = 0
        file["spatial_ref"].attrs["spatial_ref"] = CRS.from_epsg(32630).to_wkt()
        for name, band in zip(names, values):
            file[name] = np.stack([band] * layers) if layers else band
            facts = {"_FillValue": band.dtype.type(0), "scale_factor": 2e-4, "add_offset": -0.1}
            file[name].attrs.update({"grid_mapping": "spatial_ref", **facts})
            for number, axis in enumerate([*(["time"] if layers else []), "y", "x"]):
                file[name].dims[number].attach_scale(file[axis])
        for name, data in dict(further).items():
            file[name] = data
    return path


@pytest.fixture
def values():
    return blobs(90, 130, 6)


@pytest.mark.parametrize("layers", [0, 1])
def test_variables_of_a_netcdf_file_are_bands_with_scale_nodata_and_crs(layers, values, segment, make_scene, tmp_path):
    names = [f"{name}" for name in NAMES]
    values[:, :9] = 0
    path = write_variables(tmp_path / "scene.nc", names, values, layers=layers)
    segment(path)
    mask = pixels(tmp_path / "mask.tif")
    with rasterio.open(tmp_path / "mask.tif") as src:
        assert (src.crs, src.transform) == (CRS.from_epsg(32630), UTM)
    plain = make_scene(values=values, nodata=0)
    with rasterio.open(plain, "r+") as src:
        src.scales, src.offsets = [2e-4] * 6, [-0.1] * 6
    segment(plain)
    assert np.array_equal(mask, pixels(tmp_path / "mask.tif"))
    assert (mask[0, :9] == 255).all()


def test_what_is_not_an_image_of_the_scenes_grid_is_left_out(values, tmp_path):
    further = {"SCL_20m": np.ones((45, 65), np.uint8), "quality": np.ones(7), "text": np.ones((90, 130), np.int64)}
    scene = RasterioSource(str(write_variables(tmp_path / "scene.nc", NAMES, values, further=further)))
    assert sorted(scene.band_names()) == sorted(NAMES)
    assert "SCL_20m" in scene.notes[0]
    scene.close()


def test_bands_that_gdal_numbered_keep_their_order_and_have_no_name(make_scene, segment, tmp_path):
    scene = make_scene(90, 130, values=np.concatenate([blobs(90, 130, 6)] * 2), names=())
    rasterio.shutil.copy(scene, tmp_path / "scene.nc", driver="netCDF")
    container = RasterioSource(str(tmp_path / "scene.nc"))
    assert container.band_names() == [""] * 12
    container.close()
    segment(tmp_path / "scene.nc", bands=(2, 3, 4, 10, 11, 12))
    mask = pixels(tmp_path / "mask.tif")
    segment(scene, bands=(2, 3, 4, 10, 11, 12))
    assert np.array_equal(mask, pixels(tmp_path / "mask.tif"))


@pytest.mark.parametrize("kind", ["dates", "groups"])
def test_several_dates_are_refused_with_a_command_that_stacks_one(kind, values, tmp_path):
    path = tmp_path / "scene.nc"
    if kind == "dates":
        write_variables(path, NAMES, values, layers=3)
    else:
        for group in ("june", "july"):
            write_variables(path, NAMES, values, group=group)
    with pytest.raises(PrithviError) as e:
        RasterioSource(str(path))
    assert e.value.code is ErrorCode.SOURCE_UNSUPPORTED
    assert f"subdatasets (variables): {'B02 (3 layers)' if kind == 'dates' else 'B02'}, " in e.value.text
    command = shlex.split(e.value.hint.partition(": ")[2])
    assert command[:3] == ["gdalbuildvrt", "-separate", "stack.vrt"]
    for name in command[3:]:
        with rasterio.open(name) as src:
            assert (src.count, src.shape) == (1, (90, 130))


def test_one_variable_is_refused_with_a_hint_to_its_file(values, segment, tmp_path):
    path = write_variables(tmp_path / "scene.nc", NAMES, values)
    with pytest.raises(PrithviError) as e:
        segment(f'NETCDF:"{path}":B02')
    assert e.value.code is ErrorCode.BANDS_MISSING
    assert e.value.hint == f"This is one variable of {path}: give the file itself."


def test_one_variable_with_bands_opens_as_it_is(tmp_path, values):
    path = tmp_path / "scene.nc"
    write_variables(path, ["reflectance"], values[:1], layers=6)
    scene = RasterioSource(str(path))
    assert len(scene.band_names()) == 6
    scene.close()
