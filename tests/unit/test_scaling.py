"""From stored numbers to reflectance."""

from __future__ import annotations

import numpy as np
import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.scenes.scaling import Spread, choose_scaling

RNG = np.random.default_rng(0)
DN = RNG.uniform(200, 4000, (6, 500))
PLAIN = ((1.0,) * 6, (0.0,) * 6)


def choose(samples=DN, asked=(None, None), own=PLAIN, dtype="uint16", tags=None):
    spread = Spread(*np.percentile(samples, Spread.PERCENTILES, axis=1).tolist()) if samples.size else Spread()
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
