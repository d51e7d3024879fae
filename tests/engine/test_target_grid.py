"""Pixels of another size than the model's: said, and resampled on demand."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.inference import streaming
from prithvi_qgis.engine.inference.segment_scene import run_segment
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading.open_source import open_source
from prithvi_qgis.engine.reading.raster_source import Grid
from prithvi_qgis.engine.reading.target_grid import pixel_size_m
from support.sources import NoLoader, read
from support.synthetic_scenes import UTM, blobs

DEGREES = Affine(0.0001, 0, 10.0, 0, -0.0001, 60.0)


def opened(path, card, tmp_path, **fields):
    return open_source(Segment(str(path), "", str(tmp_path / "mask.tif"), **fields), card)


@pytest.mark.parametrize(
    ("crs", "transform", "size"),
    [
        ("EPSG:32630", UTM, (10, 10)),
        ("EPSG:4326", DEGREES, (5.58, 11.14)),  # a degree at 60 north: 55.8 km across, 111.4 km along
        ("EPSG:3857", Affine(10, 0, 0, 0, -10, 8_399_737), (5.0, 5.0)),  # Mercator doubles at 60 north
        ("EPSG:2225", Affine(32.8083, 0, 6_500_000, 0, -32.8083, 2_000_000), (10, 10)),  # US survey feet
        ("EPSG:32630", UTM @ Affine.rotation(30), (10, 10)),
        ("EPSG:4326", Affine(0.0001, 0, 179.995, 0, -0.0001, 0.005), (11.13, 11.06)),  # across the date line
    ],
)
def test_pixels_are_measured_in_metres_in_every_crs(crs, transform, size):
    found = pixel_size_m(Grid(100, 100, rasterio.crs.CRS.from_string(crs), transform))
    assert found == pytest.approx(size, rel=0.01)


@pytest.mark.parametrize(("wanted", "warned"), [(10, 0), (20, 0), (5, 0), (21, 1), (4.9, 1), (30, 1), (0, 0)])
def test_pixels_more_than_twice_off_are_warned_of_with_both_sizes_and_the_way_out(
    wanted, warned, make_scene, card, tmp_path
):
    source = opened(make_scene(), dataclasses.replace(card, resolution_m=float(wanted)), tmp_path)
    source.close()
    found = [w for w in source.warnings if "RESOLUTION" in w]
    assert len(found) == warned
    if warned:
        assert "has pixels of 10 m" in found[0] and f"the {wanted:g} m that demo-water" in found[0]
        assert f"set RESOLUTION to {wanted:g}" in found[0]


def test_degrees_are_warned_of_in_metres(make_scene, card, tmp_path):
    path = make_scene(transform=DEGREES, crs="EPSG:4326")
    source = opened(path, dataclasses.replace(card, resolution_m=30.0), tmp_path)
    source.close()
    assert any(re.search(r"has pixels of 5\.5\d* x 11\.14 m", w) for w in source.warnings)


@pytest.mark.parametrize("resampling", ["bilinear", "nearest", "cubic"])
@pytest.mark.parametrize("metres", [30, 4])
def test_a_scene_is_read_at_the_asked_size_as_gdal_warps_it(metres, resampling, make_scene, card, tmp_path):
    path = make_scene(90, 130, values=blobs(90, 130))
    source = opened(path, card, tmp_path, resolution_m=float(metres), resampling=resampling)
    pixels, empty = read(source)
    source.close()
    grid = source.grid
    assert (grid.width, grid.height) == (round(1300 / metres), round(900 / metres))
    assert grid.transform == Affine(metres, 0, 500_000, 0, -metres, 4_600_000)
    with (
        rasterio.open(path) as src,
        WarpedVRT(
            src,
            transform=grid.transform,
            width=grid.width,
            height=grid.height,
            resampling=Resampling[resampling],
            nodata=0,
        ) as vrt,
    ):
        expected = vrt.read()
    assert not empty.any()
    # GDAL's file of whole numbers rounds, and cannot hold what cubic shoots below 0.
    assert np.abs(pixels[:, ~empty].clip(0) - expected[:, ~empty]).max() <= 1.0
    assert source.resampled == f"from 10 m to {metres} m pixels ({resampling})"


def test_a_mask_at_another_size_keeps_place_and_says_so(make_scene, card, stand_in, tmp_path):
    small = dataclasses.replace(card, tile=64, stride=48, margin=4)
    path = make_scene(300, 400, values=blobs(300, 400))
    request = Segment(
        str(path), "", str(tmp_path / "mask.tif"), resolution_m=20.0, extent=(500_500, 4_598_000, 502_500, 4_599_700)
    )
    source = open_source(request, small)
    try:
        streaming.stream(PreparedScene(request, small, source), stand_in, lambda m: None)
    finally:
        source.close()
    with rasterio.open(tmp_path / "mask.tif") as src:
        assert src.bounds == (500_500, 4_598_000, 502_500, 4_599_700)
        assert src.res == (20, 20)
        assert src.tags()["PRITHVI_RESAMPLED"] == "from 10 m to 20 m pixels (bilinear)"
        assert (src.read(1) != 255).all()


def test_degrees_become_squares_of_the_asked_size(make_scene, card, tmp_path):
    source = opened(make_scene(90, 130, transform=DEGREES, crs="EPSG:4326"), card, tmp_path, resolution_m=20.0)
    source.close()
    assert pixel_size_m(source.full_grid) == pytest.approx((20, 20), rel=1e-3)
    assert not [w for w in source.warnings if "RESOLUTION" in w]


def test_the_size_that_it_has_changes_nothing(make_scene, card, tmp_path):
    source = opened(make_scene(), card, tmp_path, resolution_m=10.0)
    source.close()
    assert source.resampled == "" and source.dtype == "uint16"


@pytest.mark.parametrize(
    ("metres", "placed", "says"),
    [
        (30.0, False, "has no georeference that says how large"),
        (4000.0, True, "RESOLUTION 4000 m is more than 32 times off the pixels of scene.tif, which have 10 m"),
        (0.1, True, "more than 32 times off"),
        (-3.0, True, "RESOLUTION -3 is no pixel size"),
    ],
)
def test_sizes_that_cannot_be_had_are_told_in_one_line(metres, placed, says, make_scene, card, tmp_path):
    path = make_scene(transform=UTM if placed else None)
    request = Segment(str(path), str(card.folder), str(tmp_path / "mask.tif"), resolution_m=metres)
    with pytest.raises(PrithviError) as e:
        run_segment(request, NoLoader(), lambda m: None)
    assert e.value.code is ErrorCode.PARAMETER_INVALID
    assert says in e.value.line and e.value.hint
