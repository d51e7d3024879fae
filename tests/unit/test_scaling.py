"""From stored numbers to reflectance."""

from __future__ import annotations

import numpy as np
import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.scenes.scaling import Spread, choose_scaling
from prithvi_qgis.core.scenes.sensors import find_sensor

RNG = np.random.default_rng(0)
DN = RNG.uniform(200, 4000, (6, 500))
PLAIN = ((1.0,) * 6, (0.0,) * 6)


def choose(samples=DN, asked=(None, None), own=PLAIN, dtype="uint16", tags=None):
    percentiles = np.percentile(samples, Spread.PERCENTILES, axis=1) if samples.size else ()
    spread = Spread.of(percentiles, not np.any(samples % 1) or dtype.startswith("u")) if samples.size else Spread()
    return choose_scaling(asked, own, (1e-4, 0.0), 6, spread, dtype, tags or {}, "scene.tif")


def test_numbers_are_scaled_as_the_models_products_are():
    scaling, warnings = choose()
    assert (scaling.scale[0], scaling.offset[0], warnings) == (1e-4, 0.0, [])
    assert scaling.text == "reflectance = DN x 0.0001 + 0 (the model's)"


def test_what_the_user_gives_wins():
    scaling, _ = choose(samples=DN / 2, asked=(2e-4, -0.05), own=((3e-5,) * 6, (0.0,) * 6))
    assert (scaling.scale[0], scaling.offset[0]) == (2e-4, -0.05)
    assert "as given" in scaling.text


def test_what_is_not_given_comes_from_the_file_or_its_tags():
    scaling, _ = choose(samples=DN + 1000, asked=(1e-4, None), tags={"PROCESSING_BASELINE": "05.00"})
    assert scaling.offset[0] == pytest.approx(-0.1)
    scaling, _ = choose(samples=DN * 4, asked=(None, -0.1), own=((2.75e-5,) * 6, (-0.2,) * 6))
    assert (scaling.scale[0], scaling.offset[0]) == (2.75e-5, -0.1)
    assert "OFFSET as given" in scaling.text


def test_the_files_own_scale_and_offset_win_over_the_models():
    scaling, _ = choose(samples=DN * 4 + 6000, own=((2.75e-5,) * 6, (-0.2,) * 6))
    assert (scaling.scale[0], scaling.offset[0]) == (2.75e-5, -0.2)
    assert "the file's own scale 2.75e-05 offset -0.2" in scaling.text


def test_floats_between_0_and_1_are_reflectance_already_and_it_is_said():
    scaling, _ = choose(samples=DN * 1e-4, dtype="float32")
    assert (scaling.scale[0], scaling.offset[0]) == (1.0, 0.0)
    assert "reflectance already" in scaling.text


def test_negative_reflectance_in_shadow_is_accepted():
    samples = DN.copy()
    samples[0, :30] = -1597
    assert choose(samples=samples, dtype="float32")[0].scale[0] == 1e-4


@pytest.mark.parametrize(
    "tags",
    [
        {"PROCESSING_BASELINE": "04.00"},
        {"PROCESSING_BASELINE": "05.11"},
        {"PRODUCT_URI": "S2B_MSIL2A_20230101T105439_N0509_R051_T30SXH_20230101T123456.SAFE"},
    ],
)
def test_the_offset_of_newer_sentinel_2_baselines_is_taken_off(tags):
    scaling, _ = choose(samples=DN + 1000, tags=tags)
    assert scaling.offset[0] == pytest.approx(-0.1)
    assert "processing baseline" in scaling.text


def test_older_sentinel_2_baselines_have_no_offset():
    tags = {"PRODUCT_URI": "S2B_MSIL1C_20191101T105439_N0208_R051_T30SXH_20191101T123456.SAFE"}
    assert choose(tags=tags)[0].offset[0] == 0


def test_darkest_pixels_at_1000_are_called_suspicious():
    _, warnings = choose(samples=DN + 900)
    assert "OFFSET -0.1" in warnings[0]


@pytest.mark.parametrize(
    ("samples", "dtype", "says"),
    [
        (DN * 20, "uint16", "SCALE and OFFSET"),
        (DN / 1000, "uint16", "SCALE and OFFSET"),
        (DN - 9000, "int16", "reflectance lies between 0 and 1"),
        (RNG.uniform(0, 255, (6, 500)), "uint8", "8-bit"),
        (RNG.uniform(250, 320, (6, 500)) * 100, "float32", "SCALE and OFFSET"),
    ],
)
def test_numbers_that_cannot_be_reflectance_are_refused(samples, dtype, says):
    with pytest.raises(PrithviError) as e:
        choose(samples=samples, dtype=dtype)
    assert e.value.code is ErrorCode.SCALING_UNKNOWN
    assert says in e.value.line


def test_a_scene_of_nodata_only_needs_no_judgement():
    assert choose(samples=np.zeros((6, 0)))[0].scale[0] == 1e-4


def test_a_few_broken_pixels_do_not_decide():
    samples = DN.copy()
    samples[:, :5] = 65535
    assert choose(samples=samples)[0].scale[0] == 1e-4


def test_a_negative_scale_turns_dark_and_bright_round():
    scaling, _ = choose(samples=DN, asked=(-1e-4, 0.5))
    assert scaling.scale[0] == -1e-4


LAND = DN * 1e-4
SR = (DN * 1e-4 + 0.2) / 2.75e-5


@pytest.mark.parametrize("dtype", ["uint16", "int32", "float64"])
def test_numbers_in_the_range_of_landsat_collection_2_are_recognised_and_it_is_said(dtype):
    scaling, warnings = choose(samples=SR, dtype=dtype)
    assert (scaling.scale[0], scaling.offset[0]) == (2.75e-5, -0.2)
    assert "Landsat Collection 2 Level 2 stores surface reflectance" in warnings[0] and "SENSOR" in warnings[0]


def test_landsat_numbers_of_level_1_are_not_taken_for_surface_reflectance():
    with pytest.raises(PrithviError, match="no ground reflects that much"):
        choose(samples=SR / 1.2, tags={"LANDSAT_PRODUCT_ID": "LC08_L1TP_199033_20220101_20220105_02_T1"})


def test_landsat_numbers_with_undeclared_fill_are_refused_with_the_sensor():
    samples = SR.copy()
    samples[:, :100] = 0
    with pytest.raises(PrithviError, match=r"whose nodata, 0, is not declared\. Give SENSOR"):
        choose(samples=samples)


@pytest.mark.parametrize(
    ("samples", "dtype", "says"),
    [
        (np.round(LAND * 100), "uint16", "percent needs SCALE 0.01"),
        (LAND * 100, "float32", "percent needs SCALE 0.01"),
        (np.round(DN / 4000 * 240), "uint16", "like a picture of 8 bits"),
        (np.round(LAND * 1000), "uint16", "reflectance x 1000 needs SCALE 0.001"),
        (DN / 8, "float32", "perhaps radiance, temperature or percent"),
        (RNG.uniform(270, 310, (6, 500)), "float32", "perhaps radiance, temperature or percent"),
        ((LAND / 2 + 0.1) / 2e-5, "uint16", "no ground reflects that much"),
    ],
)
def test_numbers_of_other_products_are_refused_by_their_range(samples, dtype, says):
    with pytest.raises(PrithviError) as e:
        choose(samples=samples, dtype=dtype)
    assert says in e.value.line and "SCALE" in e.value.line


def test_snow_in_visible_light_is_reflectance():
    spread = Spread((6200.0,) * 3, (6500.0,) * 3, (9800.0,) * 3)
    scaling, _ = choose_scaling(
        (None, None), ((1.0,) * 3, (0.0,) * 3), (1e-4, 0.0), 3, spread, "uint16", {}, "scene.tif"
    )
    assert scaling.scale[0] == 1e-4


def test_numbers_as_dark_as_deep_water_are_used_with_a_warning():
    _, warnings = choose(samples=np.round(DN * [[0.1], [0.08], [0.05], [0.02], [0.01], [0.01]]))
    assert "as deep water does" in warnings[0] and "give SCALE" in warnings[0]


def test_landsat_reflectance_without_its_offset_is_called_suspicious():
    _, warnings = choose(samples=LAND + 0.2, dtype="float32")
    assert "run again with OFFSET -0.2" in warnings[0]


def test_the_scale_factor_of_an_envi_header_is_used():
    scaling, warnings = choose(samples=DN / 10, tags={"reflectance_scale_factor": "1000"})
    assert (scaling.scale[0], scaling.offset[0], warnings) == (1e-3, 0, [])


def with_cirrus(samples, cirrus, sensor="", dtype="uint16", tags=None, asked=(None, None)):
    spread = Spread.of(np.percentile(samples, Spread.PERCENTILES, axis=1), not np.any(samples % 1), cirrus)
    known = find_sensor(sensor, {})
    return choose_scaling(asked, PLAIN, (1e-4, 0.0), 6, spread, dtype, tags or {}, "scene.tif", known)


@pytest.mark.parametrize("sensor", ["", "sentinel2-l1c"])
def test_a_cirrus_band_that_never_is_dark_shows_the_offset_of_baseline_4(sensor):
    scaling, warnings = with_cirrus(DN + 1000, 1004.0, sensor)
    assert (scaling.scale[0], scaling.offset[0]) == (1e-4, -0.1)
    assert "its cirrus band (B10) never falls below 1004" in warnings[0] and "OFFSET" in warnings[0]


def test_the_offset_is_seen_in_numbers_that_are_scaled_already():
    scaling, _ = with_cirrus(LAND + 0.1, 0.1004, dtype="float32")
    assert (scaling.scale[0], scaling.offset[0]) == (1.0, -0.1)


@pytest.mark.parametrize("cirrus", [8.0, 54.0])
def test_a_dark_cirrus_band_has_no_offset(cirrus):
    assert with_cirrus(DN, cirrus)[0].offset[0] == 0
    assert with_cirrus(DN, cirrus, "sentinel2-l1c") == with_cirrus(DN, None, "sentinel2-l1c")


@pytest.mark.parametrize(("sensor", "tags"), [("sentinel2-l1c-04", {}), ("", {"PROCESSING_BASELINE": "05.09"})])
def test_an_offset_that_the_pixels_exclude_is_not_taken_off(sensor, tags):
    scaling, warnings = with_cirrus(DN, 8.0, sensor, tags=tags)
    assert scaling.offset[0] == 0
    assert "does not carry the offset -0.1" in warnings[0] and "would be reflectance -0.099" in warnings[0]


def test_fill_does_not_exclude_an_offset():
    samples = DN + 1000
    samples[:, :100] = 0
    assert with_cirrus(samples, None, tags={"PROCESSING_BASELINE": "05.09"})[0].offset[0] == pytest.approx(-0.1)


@pytest.mark.parametrize("asked", [(1e-4, None), (None, None)])
def test_a_scale_alone_does_not_hide_the_offset(asked):
    spread = Spread.of(np.percentile(DN + 1000, Spread.PERCENTILES, axis=1), True, 1004.0)
    own = PLAIN if asked[0] else ((1e-4,) * 6, (0.0,) * 6)
    scaling, warnings = choose_scaling(asked, own, (1e-4, 0.0), 6, spread, "uint16", {}, "scene.tif")
    assert scaling.offset == (-0.1,) * 6
    assert "cirrus band" in warnings[0]
    _, warnings = choose(samples=SR, asked=(2.75e-5, None))
    assert "run again with OFFSET -0.2" in warnings[0]


def test_a_given_offset_wins_over_what_is_seen():
    assert with_cirrus(DN + 1000, 1004.0, asked=(None, 0.0))[0].offset[0] == 0
