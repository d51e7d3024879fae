"""Presets of sensors: which band is which, what the numbers mean, and what tags tell."""

from __future__ import annotations

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.scenes.bands import choose_bands, order_note
from prithvi_qgis.core.scenes.scaling import Spread, choose_scaling
from prithvi_qgis.core.scenes.sensors import SENSORS, fill_nodata, find_sensor

SIX = ("BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2")
PLAIN = ((1.0,) * 6, (0.0,) * 6)
SPREAD = Spread((300.0,) * 6, (400.0,) * 6, (4000.0,) * 6)
HLS = {"ACCODE": "LaSRC", "HLS_PROCESSING_TIME": "2022-01-01T00:00:00Z"}
S30 = {**HLS, "PRODUCT_URI": "S2A_MSIL1C_20220101T000000_N0301_R001_T30SXH.SAFE", "PROCESSING_BASELINE": "04.00"}
L30 = {
    **HLS,
    "LANDSAT_PRODUCT_ID": "LC08_L1TP_199033_20220101_02_T1",
    "SENTINEL2_TILEID": "30SXH",
    "SENSOR": "OLI_TIRS",
}


def bands(sensor, names, tags=None, chosen=()):
    return choose_bands(SIX, names, chosen, "scene.tif", "flood", tags or {}, find_sensor(sensor, tags or {}))


def scaling(sensor, tags=None, own=PLAIN, asked=(None, None), spread=SPREAD, dtype="uint16"):
    sensor = find_sensor(sensor, tags or {})
    return choose_scaling(asked, own, (1e-4, 0.0), 6, spread, dtype, tags or {}, "scene.tif", sensor)


@pytest.mark.parametrize(
    ("sensor", "count", "expected"),
    [
        ("sentinel2-l1c", 13, (2, 3, 4, 9, 12, 13)),
        ("sentinel2-l1c-04", 13, (2, 3, 4, 9, 12, 13)),
        ("sentinel2-l2a", 12, (2, 3, 4, 9, 11, 12)),
        ("sentinel2-l2a-04", 12, (2, 3, 4, 9, 11, 12)),
        ("hls-s30", 13, (2, 3, 4, 9, 12, 13)),
        ("hls-s30", 14, (2, 3, 4, 9, 12, 13)),
        ("hls-l30", 10, (2, 3, 4, 5, 6, 7)),
        ("hls-l30", 11, (2, 3, 4, 5, 6, 7)),
        ("landsat-sr", 7, (2, 3, 4, 5, 6, 7)),
    ],
)
def test_a_preset_knows_the_order_of_bands_without_names(sensor, count, expected):
    for names in ([""] * count, [f"Band {n}" for n in range(1, count + 1)]):
        assert bands(sensor, names) == (expected, [])
        note = order_note(names, find_sensor(sensor, {}))
        assert ("no names" if not any(names) else f"names (Band 1, Band 2 ... Band {count}) that do not") in note


@pytest.mark.parametrize(("sensor", "count"), [("sentinel2-l1c", 6), ("sentinel2-l2a", 13), ("landsat-sr", 8)])
def test_a_preset_of_another_number_of_bands_is_refused_in_one_line(sensor, count):
    with pytest.raises(PrithviError) as e:
        bands(sensor, [""] * count)
    known = find_sensor(sensor, {})
    assert e.value.code is ErrorCode.BANDS_MISSING
    assert f"{known.title} (SENSOR) has {len(known.orders[0])} bands" in e.value.text
    assert f"scene.tif has {count}" in e.value.text


def test_names_win_over_the_order_and_the_sensor_says_what_their_numbers_mean():
    names = ["B07", "B06", "B05", "B04", "B03", "B02", "B01"]
    assert bands("landsat-sr", names)[0] == (6, 5, 4, 3, 2, 1)
    assert order_note(names, find_sensor("landsat-sr", {})) == ""


def test_numbers_given_by_hand_win_over_a_preset():
    assert bands("sentinel2-l1c", [""] * 6, chosen=(1, 2, 3, 4, 5, 6))[0] == (1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("sensor", "scale", "offset"),
    [
        ("sentinel2-l1c", 1e-4, 0.0),
        ("sentinel2-l1c-04", 1e-4, -0.1),
        ("sentinel2-l2a", 1e-4, 0.0),
        ("sentinel2-l2a-04", 1e-4, -0.1),
        ("hls-s30", 1e-4, 0.0),
        ("hls-l30", 1e-4, 0.0),
        ("landsat-sr", 2.75e-5, -0.2),
    ],
)
def test_a_preset_knows_the_scaling_and_it_is_said(sensor, scale, offset):
    spread = Spread((8000.0,) * 6, (9000.0,) * 6, (20000.0,) * 6) if sensor == "landsat-sr" else SPREAD
    chosen, warnings = scaling(sensor, spread=spread)
    assert (chosen.scale[0], chosen.offset[0], warnings) == (scale, offset, [])
    assert f"{find_sensor(sensor, {}).title}, as SENSOR says" in chosen.text


def test_what_the_user_or_the_file_says_of_the_numbers_wins_over_a_preset():
    assert scaling("sentinel2-l1c-04", asked=(1e-4, 0.0))[0].offset[0] == 0.0
    assert scaling("sentinel2-l1c-04", asked=(2e-4, None))[0].offset[0] == -0.1
    chosen, warnings = scaling("sentinel2-l1c-04", own=((1e-4,) * 6, (-0.05,) * 6))
    assert chosen.offset[0] == -0.05
    assert "has its own scale 0.0001 offset -0.05, which is used in place of SENSOR" in warnings[0]
    spread = Spread((0.02,) * 6, (0.03,) * 6, (0.4,) * 6)
    assert scaling("landsat-sr", spread=spread, dtype="float32")[0].scale[0] == 1.0


def test_a_preset_against_the_files_baseline_is_followed_with_a_warning():
    chosen, warnings = scaling("sentinel2-l2a", tags={"PROCESSING_BASELINE": "05.09"})
    assert chosen.offset[0] == 0.0
    assert "says processing baseline 05.09, but SENSOR Sentinel-2 L2A before baseline 04.00 is used" in warnings[0]


def test_hls_tells_by_its_tags_and_the_baseline_of_its_origin_gives_no_offset():
    assert find_sensor("", S30).id == "hls-s30"
    chosen, _ = scaling("", tags=S30)
    assert (chosen.scale[0], chosen.offset[0]) == (1e-4, 0.0)
    assert "HLS S30, as its tags say" in chosen.text


def test_hls_l30_is_numbered_as_landsat_though_it_names_a_sentinel_tile():
    assert find_sensor("", L30).id == "hls-l30"
    assert bands("", ["B02", "B03", "B04", "B05", "B06", "B07"], tags=L30)[0] == (1, 2, 3, 4, 5, 6)


def test_landsat_level_2_tells_by_its_product_id():
    tags = {"LANDSAT_PRODUCT_ID": "LC09_L2SP_199033_20230101_20230103_02_T1"}
    chosen, _ = scaling("", tags=tags, spread=Spread((8000.0,) * 6, (9000.0,) * 6, (20000.0,) * 6))
    assert (chosen.scale[0], chosen.offset[0]) == (2.75e-5, -0.2)


@pytest.mark.parametrize("tags", [{}, {"SATELLITEID": "Landsat-8"}, {"PROCESSING_BASELINE": "04.00"}])
def test_tags_that_do_not_name_a_product_leave_automatic_as_it_is(tags):
    assert find_sensor("", tags) is None


def test_nodata_of_a_preset_is_used_only_where_the_file_has_none_and_said():
    sensor = find_sensor("hls-s30", {})
    values, notes = fill_nodata(sensor, [None] * 6, False, "scene.tif")
    assert values == [-9999] * 6
    assert notes == ["scene.tif declares no nodata; -9999 is taken as nodata (HLS S30, as SENSOR says)."]
    assert fill_nodata(sensor, [0.0] * 6, False, "scene.tif") == ([0.0] * 6, [])
    assert fill_nodata(sensor, [None] * 6, True, "scene.tif") == ([None] * 6, [])
    assert fill_nodata(None, [None] * 6, False, "scene.tif") == ([None] * 6, [])


def test_an_unknown_sensor_is_refused_with_those_that_are_known():
    with pytest.raises(PrithviError, match=r'SENSOR "spot" is none of sentinel2-l1c, .*landsat-sr'):
        find_sensor("spot", {})


def test_ids_are_fixed():
    ids = ["sentinel2-l1c", "sentinel2-l1c-04", "sentinel2-l2a", "sentinel2-l2a-04", "hls-s30", "hls-l30", "landsat-sr"]
    assert [s.id for s in SENSORS] == ids
