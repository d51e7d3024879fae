"""What a file declares, merged with what a layer or a STAC item states."""

from __future__ import annotations

import dataclasses

import pytest

from prithvi_qgis.core.protocol.stated_metadata import StatedBand, StatedMetadata
from prithvi_qgis.core.scenes.scene_metadata import BandMetadata, SceneMetadata, declared_scaling, merge_stated

ITEM = StatedMetadata("its STAC item", False)
LAYER = StatedMetadata("its layer", True)
NAMES = ("B02", "B03")


def scene(*, tags=None, crs="", **band) -> SceneMetadata:
    bands = tuple(BandMetadata(**{"name": name, "dtype": "uint16", **band}) for name in NAMES)
    return SceneMetadata(bands, tags or {}, crs)


def merged(file, stated, *, same=False, **band):
    bands = (StatedBand(**band),) * 2 if band else stated.bands
    return merge_stated(file, dataclasses.replace(stated, bands=bands), "s.tif", lambda one, other: same)


def test_nothing_stated_changes_nothing():
    assert merge_stated(scene(scale=2.0), None, "s.tif", lambda *_: True) == scene(scale=2.0)


def test_the_band_that_qgis_adds_for_a_mask_is_left_out():
    stated = dataclasses.replace(LAYER, bands=(StatedBand(nodata=((0, 0),)),) * 3)
    found = merge_stated(scene(), stated, "s.tif", lambda *_: True)
    assert [band.nodata_ranges for band in found.bands] == [((0, 0),)] * 2
    assert found.warnings == ()


def test_gdals_defaults_declare_no_scaling():
    assert declared_scaling(None, None) == declared_scaling(1.0, 0.0) == (None, None)
    assert declared_scaling(1.0, -0.1) == (1.0, -0.1)


def test_an_item_gives_the_scaling_that_the_file_leaves_open():
    found = merged(scene(), ITEM, scale=1e-4, offset=-0.1)
    assert found.scaling([2, 1]) == ([1e-4, 1e-4], [-0.1, -0.1])
    assert (found.scaling_by, found.warnings) == ("its STAC item's", ())


def test_the_files_scaling_counts_before_an_items_and_the_contradiction_is_a_warning():
    found = merged(scene(scale=1e-4, offset=0.0), ITEM, scale=1e-4, offset=-0.1)
    assert (found.scaling([1]), found.scaling_by) == (([1e-4], [0.0]), "the file's own")
    (warning,) = found.warnings
    assert "Its STAC item gives scale 0.0001 offset -0.1, but scale 0.0001 offset 0 is used" in warning
    assert warning.endswith("of every band of s.tif.")


def test_an_item_that_agrees_with_the_file_is_no_warning():
    found = merged(scene(scale=2.75e-5, offset=-0.2, nodata=0.0), ITEM, scale=0.0000275, offset=-0.2, nodata=((0, 0),))
    assert found.warnings == ()


def test_a_contradiction_in_one_band_names_the_band():
    file = SceneMetadata((BandMetadata("B02", scale=1e-4), BandMetadata("B03", scale=2e-4)), {})
    (warning,) = merged(file, ITEM, scale=1e-4).warnings
    assert "of band 2 of s.tif" in warning


def test_scalings_of_file_and_item_are_both_named_where_each_gives_some():
    file = SceneMetadata((BandMetadata("B02", scale=1e-4, offset=0.0), BandMetadata("B03")), {})
    assert merged(file, ITEM, scale=1e-4).scaling_by == "the file's and its STAC item's"


def test_a_layers_scaling_counts_before_the_files():
    found = merged(scene(scale=1e-4, offset=0.0), LAYER, scale=1.0, offset=0.5)
    assert (found.scaling([1]), found.warnings) == (([1.0], [0.5]), ())


@pytest.mark.parametrize(
    ("file", "stated", "nodata", "warned"),
    [
        ({}, ((0, 0),), 0, False),
        ({"nodata": 7.0}, ((0, 0),), 7, True),
        ({"nodata": -9999.0}, ((-32768, -9999),), -9999, False),
        ({"nodata": float("nan"), "dtype": "float32"}, ((0, 0),), None, False),
        ({"masked": True}, ((0, 0),), None, False),
    ],
)
def test_an_items_nodata_fills_what_the_file_leaves_open(file, stated, nodata, warned):
    found = merged(scene(**file), ITEM, nodata=stated)
    band = found.bands[0]
    assert band.nodata == nodata or (nodata is None and band.nodata != 0)
    assert bool(found.warnings) == warned


def test_an_items_further_nodata_values_are_ranges():
    band = merged(scene(), ITEM, nodata=((0, 0), (65535, 65535))).bands[0]
    assert (band.nodata, band.nodata_ranges) == (0, ((65535, 65535),))


def test_a_layers_nodata_ranges_count_in_addition_to_the_files_value():
    band = merged(scene(nodata=5.0), LAYER, nodata=((0, 0), (9, 20))).bands[0]
    assert (band.nodata, band.nodata_ranges, band.fixed_nodata) == (5, ((0, 0), (9, 20)), True)


def test_a_layer_switches_the_files_nodata_off():
    band = merged(scene(nodata=0.0), LAYER, file_nodata=False).bands[0]
    assert (band.nodata, band.nodata_ranges, band.fixed_nodata) == (None, (), True)


def test_what_an_item_states_of_integers_is_not_used_for_floats():
    found = merged(scene(dtype="float32"), ITEM, scale=1e-4, nodata=((0, 0),), dtype="uint16")
    assert (found.bands[0].scale, found.bands[0].nodata) == (None, None)
    assert "describes uint16 values, which are not the float32 values" in found.warnings[0]
    assert merged(scene(dtype="int16"), ITEM, scale=1e-4, dtype="uint16").bands[0].scale == 1e-4


def test_names_of_an_item_are_used_where_the_files_identify_no_band():
    stated = dataclasses.replace(ITEM, bands=(StatedBand("blue"), StatedBand("red")))
    unnamed = SceneMetadata((BandMetadata("layer_a"), BandMetadata("")), {})
    assert [b.name for b in merged(unnamed, stated).bands] == ["blue", "red"]
    found = merged(scene(), stated)
    assert [b.name for b in found.bands] == list(NAMES)
    assert found.warnings[0].endswith("whose names are used: band 2 is green (not red).")


def test_the_common_name_nir_does_not_contradict_a_narrow_nir_band():
    stated = dataclasses.replace(ITEM, bands=(StatedBand("nir"), StatedBand("rededge")))
    file = SceneMetadata((BandMetadata("B8A"), BandMetadata("B06")), {})
    assert not merged(file, stated).warnings


def test_names_of_a_layer_count_before_the_files():
    stated = dataclasses.replace(LAYER, bands=(StatedBand("red"), StatedBand("")))
    assert [b.name for b in merged(scene(), stated).bands] == ["red", "B03"]


def test_an_item_of_another_number_of_bands_states_nothing_of_bands():
    stated = dataclasses.replace(ITEM, bands=(StatedBand(scale=2.0),) * 3, tags={"platform": "landsat-8"})
    found = merged(scene(), stated)
    assert (found.bands, found.tags) == (scene().bands, {"platform": "landsat-8"})
    assert "lists 3 bands, s.tif has 2" in found.warnings[0]


def test_tags_of_the_file_count_before_an_items_and_another_baseline_is_a_warning():
    stated = dataclasses.replace(ITEM, tags={"PROCESSING_BASELINE": "05.09", "platform": "sentinel-2b"})
    found = merged(scene(tags={"Processing_Baseline": "2.12"}), stated)
    assert found.tags == {"Processing_Baseline": "2.12", "platform": "sentinel-2b"}
    assert "gives processing baseline 05.09, but 02.12 is used" in found.warnings[0]
    assert not merged(scene(tags={"PROCESSING_BASELINE": "5.09"}), stated).warnings


@pytest.mark.parametrize(
    ("own", "stated", "same", "used", "warned"),
    [
        ("", ITEM, False, "EPSG:32630", False),
        ("WKT", ITEM, True, "WKT", False),
        ("WKT", ITEM, False, "WKT", True),
        ("", LAYER, False, "EPSG:32630", False),
        ("WKT", LAYER, False, "EPSG:32630", False),
    ],
)
def test_a_layers_crs_counts_before_the_files_and_an_items_after(own, stated, same, used, warned):
    found = merged(scene(crs=own), dataclasses.replace(stated, crs="EPSG:32630"), same=same)
    assert (found.crs, bool(found.warnings)) == (used, warned)


def test_a_stated_wavelength_stands_among_the_bands_metadata():
    assert merged(scene(), ITEM, wavelength_nm=865.0).bands[0].tags == {"CENTRAL_WAVELENGTH_UM": "0.865"}
    assert merged(scene(tags={}), LAYER, wavelength_nm=None, name="x").bands[0].tags == {}


def test_lines_about_a_statement_name_the_scene():
    found = merged(scene(), dataclasses.replace(ITEM, notes=("its STAC item a",), warnings=("its STAC item b",)))
    assert (found.notes, found.warnings) == (("s.tif: its STAC item a",), ("s.tif: its STAC item b",))


def test_one_statement_without_a_name_is_of_every_band():
    stated = dataclasses.replace(ITEM, bands=(StatedBand(scale=2.0),))
    assert [b.scale for b in merged(scene(), stated).bands] == [2.0, 2.0]
