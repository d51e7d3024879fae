"""What a layer or a STAC item states about a scene, in what the engine reads."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.protocol.stated_metadata import StatedBand, StatedMetadata
from prithvi_qgis.engine.reading.open_source import open_source
from prithvi_qgis.engine.reading.read_windows import ReadWindow
from support.synthetic_scenes import NAMES, blobs

ITEM = StatedMetadata("its STAC item", False)
LAYER = StatedMetadata("its layer", True)


@pytest.fixture
def opened(card):
    """Opens a scene with what is stated about it, for the demo model; (source, pixels, nodata)."""
    sources = []

    def open_with(path, stated, frames=(), model=card, **more):
        source = open_source(Segment(str(path), "", "", stated=stated, frames=tuple(map(str, frames)), **more), model)
        sources.append(source)
        height, width = int(source.window.height), int(source.window.width)
        pixels, empty = np.empty((source.channels, height, width), source.dtype), np.empty((height, width), bool)
        source.read_window(ReadWindow(0, 0, height, width), pixels, empty)
        return source, pixels, empty

    yield open_with
    for source in sources:
        source.close()


def bands(**fields):
    return tuple(StatedBand(**fields) for _ in NAMES)


def test_the_crs_of_a_layer_counts_before_the_files(make_scene, opened):
    stated = dataclasses.replace(LAYER, crs=rasterio.CRS.from_epsg(2154).to_wkt(version="WKT2_2019"))
    source, *_ = opened(make_scene(), stated)
    assert source.full_grid.crs.to_epsg() == 2154
    assert "The CRS of its layer is used in place of that in scene.tif." in source.notes


def test_the_crs_of_a_layer_places_a_file_without_one(make_scene, opened):
    source, *_ = opened(make_scene(crs=None), dataclasses.replace(LAYER, crs="EPSG:32630"))
    assert source.full_grid.located and not source.warnings


def test_an_extent_is_in_the_layers_crs(make_scene, opened):
    stated = dataclasses.replace(LAYER, crs="EPSG:32631")
    source, *_ = opened(make_scene(), stated, extent=(500_100, 4_599_800, 500_200, 4_599_900), extent_crs="EPSG:32631")
    assert (source.window.col_off, source.window.row_off, source.window.width) == (10, 10, 10)


def test_a_crs_of_another_name_at_the_same_place_is_no_contradiction(make_scene, opened):
    renamed = rasterio.CRS.from_epsg(32630).to_wkt(version="WKT2_2019").replace("WGS 84 / UTM zone 30N", "UTM 30")
    path = make_scene(crs=renamed)
    source, *_ = opened(path, dataclasses.replace(ITEM, crs="EPSG:32630"))
    assert source.warnings == []
    source, *_ = opened(path, dataclasses.replace(ITEM, crs="EPSG:32633"))
    assert source.warnings == ["Its STAC item gives another CRS than scene.tif, whose own is used."]


def test_a_crs_that_cannot_be_read_is_a_warning(make_scene, opened):
    source, *_ = opened(make_scene(), dataclasses.replace(ITEM, crs="EPSG:1"))
    assert "The CRS of its STAC item cannot be read, and is not used for scene.tif: EPSG:1." in source.warnings


@pytest.mark.parametrize(("shape", "used"), [((40, 50), True), ((), True), ((80, 100), False)])
def test_an_items_geotransform_places_a_file_without_one(shape, used, make_scene, opened):
    place = dataclasses.replace(ITEM, crs="EPSG:32630", transform=(5e5, 10, 0, 46e5, 0, -10), shape=shape)
    source, *_ = opened(make_scene(transform=None), place)
    assert source.full_grid.located == used
    assert used or "that of its STAC item is for 100 x 80 pixels instead of 50 x 40" in source.warnings[0]
    if used:
        assert source.full_grid.transform == Affine(10, 0, 5e5, 0, -10, 46e5)


def test_nodata_ranges_of_a_layer_are_nodata(make_scene, opened):
    values = blobs(40, 50).clip(10)
    values[:, :5], values[2, 5:8], values[:, 8:9] = 0, 60000, 7
    path = make_scene(values=values, nodata=7)
    _, _, empty = opened(path, dataclasses.replace(LAYER, bands=bands(nodata=((0.0, 0.0), (59999.5, 65535.0)))))
    assert empty[:9].all() and not empty[9:].any()


def test_nodata_that_a_layer_switches_off_is_data(make_scene, opened):
    values = blobs(40, 50)
    values[:, :5] = 1000
    path = make_scene(values=values, nodata=1000)
    assert opened(path, None)[2].sum() >= 250
    _, pixels, empty = opened(path, dataclasses.replace(LAYER, bands=bands(file_nodata=False)))
    assert not empty.any() and (pixels[:, :5] == 1000).all()


def test_a_preset_adds_no_nodata_to_what_a_layer_decides(make_scene, opened):
    values = blobs(40, 50)
    values[:, :5] = 0
    path = make_scene(values=values)
    assert opened(path, None, sensor="sentinel2-l2a")[2][:5].all()
    assert not opened(path, dataclasses.replace(LAYER, bands=bands(file_nodata=False)), sensor="sentinel2-l2a")[2].any()


def test_nodata_of_an_item_counts_where_the_file_declares_none(make_scene, opened):
    values = blobs(40, 50).astype(np.int16)
    values[:, :5] = -9999
    stated = dataclasses.replace(ITEM, bands=bands(nodata=((-9999.0, -9999.0),)))
    assert opened(make_scene(values=values), stated)[2].sum() == 250
    values = blobs(40, 50).astype(np.int16)
    values[3, :5] = 1234
    stated = dataclasses.replace(ITEM, bands=bands(nodata=((1234.0, 1234.0),)))
    source, _, empty = opened(make_scene(values=values, nodata=-1, name="b.tif"), stated)
    assert not empty.any()
    assert "gives nodata 1234, but -1 is used as the file declares it, of every band of b.tif" in source.warnings[0]


def test_open_options_of_a_layer_open_the_file(make_scene, opened):
    source, *_ = opened(make_scene(), dataclasses.replace(LAYER, open_options=("GEOREF_SOURCES=NONE",)))
    assert not source.full_grid.located


def test_band_names_of_a_layer_choose_the_bands(make_scene, opened):
    stated = dataclasses.replace(LAYER, bands=tuple(StatedBand(name) for name in reversed(NAMES)))
    assert opened(make_scene(), stated)[0].bands == (6, 5, 4, 3, 2, 1)


def test_scaling_of_an_item_is_used_and_named(make_scene, opened):
    source, *_ = opened(make_scene(), dataclasses.replace(ITEM, bands=bands(scale=2e-4, offset=-0.01)))
    assert (source.scaling.scale[0], source.scaling.offset[0]) == (2e-4, -0.01)
    assert source.scaling.text == "its STAC item's scale 0.0002 offset -0.01"


def test_the_baseline_of_an_item_is_that_of_the_scene(make_scene, opened):
    values = blobs(40, 50) + 1000
    source, *_ = opened(make_scene(values=values), dataclasses.replace(ITEM, tags={"PROCESSING_BASELINE": "05.09"}))
    assert source.scaling.offset == (-0.1,) * 6


def test_what_is_stated_of_a_further_date_is_its_own(make_scene, opened, card):
    two = dataclasses.replace(card, frames=2)
    path, later = (make_scene(values=blobs(40, 50) + plus, name=f"{plus}.tif") for plus in (0, 1000))
    more = dataclasses.replace(ITEM, bands=bands(scale=1e-4, offset=-0.1), date="2023-02-01")
    first = dataclasses.replace(ITEM, date="2023-01-01")
    source, *_ = opened(path, first, [later], two, frames_stated=(more,))
    gains, biases = source.normalisation
    assert np.allclose(gains[:6], gains[6:]) and not np.allclose(biases[:6], biases[6:])
    assert source.frame_lines[1].startswith("2023-02-01 (its STAC item): 1000.tif")
