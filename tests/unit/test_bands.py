"""Which band is which."""

from __future__ import annotations

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.scenes.bands import choose_bands

SIX = ("BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2")


def choose(names, chosen=(), tags=None):
    return choose_bands(SIX, names, chosen, "scene.tif", "flood", tags or {})


@pytest.mark.parametrize(
    ("names", "tags", "expected"),
    [
        ("B1 B2 B3 B4 B5 B6 B7 B8 B8A B9 B10 B11 B12".split(), {}, (2, 3, 4, 9, 12, 13)),
        ("B01 B02 B03 B04 B05 B06 B07 B08 B8A B09 B11 B12".split(), {}, (2, 3, 4, 9, 11, 12)),
        ("Blue Green Red Narrow-NIR SWIR1 SWIR2".split(), {}, (1, 2, 3, 4, 5, 6)),
        ("swir22 swir16 nir08 red green blue".split(), {}, (6, 5, 4, 3, 2, 1)),
        (["B2 (blue)", "B3 (green)", "B4 (red)", "B8A (narrow NIR)", "B11 - SWIR 1", "B12 - SWIR 2"], {}, None),
        ("SR_B1 SR_B2 SR_B3 SR_B4 SR_B5 SR_B6 SR_B7".split(), {}, (2, 3, 4, 5, 6, 7)),
        ("B01 B02 B03 B04 B05 B06 B07".split(), {"SENSOR": "OLI"}, (2, 3, 4, 5, 6, 7)),
        ("B1 B2 B3 B4 B5 B6 B7".split(), {"SPACECRAFT_ID": "LANDSAT_5"}, (1, 2, 3, 4, 5, 7)),
        ("B1 B2 B3 B4 B5 B6 B7".split(), {"PRODUCT": "LE07_L2SP_193026"}, (1, 2, 3, 4, 5, 7)),
        ("SR_B1 SR_B2 SR_B3 SR_B4 SR_B5 SR_B7".split(), {}, (1, 2, 3, 4, 5, 6)),
        ("B02 B03 B04 B05 B06 B07".split(), {"PRODUCT": "HLS.L30.T14RNS.2020245"}, None),
        ("B02 B03 B04 B8A B11 B12".split(), {"PRODUCT": "HLS.S30.T14RNS.2020245"}, None),
        ("BLUE GREEN RED NIR_NARROW SWIR_1 SWIR_2".split(), {}, None),
    ],
)
def test_bands_are_found_by_the_names_that_products_use(names, tags, expected):
    found, warnings = choose(names, tags=tags)
    assert found == (expected or (1, 2, 3, 4, 5, 6))
    assert warnings == []


def test_broad_nir_stands_in_for_narrow_nir_with_a_warning():
    found, warnings = choose(["B2", "B3", "B4", "B8", "B11", "B12"])
    assert found == (1, 2, 3, 4, 5, 6)
    assert "broad NIR band (4)" in warnings[0]


def test_unnamed_bands_of_the_right_number_are_taken_in_order_with_a_warning():
    found, warnings = choose([""] * 6)
    assert found == (1, 2, 3, 4, 5, 6)
    assert "taken in the model's order (blue, green, red, narrow NIR, SWIR 1, SWIR 2)" in warnings[0]


@pytest.mark.parametrize(
    ("names", "chosen", "says"),
    [
        ([""] * 10, (), "scene.tif has 10 bands, of which none could be told by name"),
        (["B2", "B3", "B4", "B8"], (), "SWIR 1, SWIR 2 could not be found"),
        (["B2", "B3", "B4", "x", "y", "z"], (), "narrow NIR, SWIR 1, SWIR 2 could not be found"),
        ([""], (), "scene.tif has 1 band,"),
        ([""] * 13, (2, 3, 4), "BANDS 2,3,4 names 3 bands; flood needs 6"),
        ([""] * 6, (1, 2, 3, 4, 5, 7), "names band 7; scene.tif has bands 1 to 6"),
        ([""] * 6, (0, 2, 3, 4, 5, 6), "names band 0"),
    ],
)
def test_missing_bands_are_refused_by_name(names, chosen, says):
    with pytest.raises(PrithviError) as e:
        choose(names, chosen)
    assert e.value.code is ErrorCode.BANDS_MISSING
    assert says in e.value.line


def test_given_numbers_win_over_names():
    assert choose("B1 B2 B3 B4 B5 B6".split(), (6, 5, 4, 3, 2, 1)) == ((6, 5, 4, 3, 2, 1), [])


def test_a_name_that_only_contains_a_band_number_is_not_taken_for_it():
    with pytest.raises(PrithviError):
        choose(["ndvi_b2x", "about 3", "tab4", "grab8a", "club 11", "B120", "b"])
