"""What names, numbers and wavelengths of bands prove, and what they do not."""

from __future__ import annotations

import pytest

from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.scenes.band_evidence import describe_band, judge_names
from prithvi_qgis.core.scenes.bands import choose_bands, cirrus_band
from prithvi_qgis.core.scenes.sensors import find_sensor
from prithvi_qgis.core.scenes.wavelengths import wavelength_in, wavelength_of

SIX = ("BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2")
L1C = "B1 B2 B3 B4 B5 B6 B7 B8 B8A B9 B10 B11 B12".split()
NM = (492.4, 559.8, 664.6, 864.7, 1613.7, 2202.4)


def choose(names, tags=None, sensor=""):
    return choose_bands(SIX, names, (), "scene.tif", "flood", tags or {}, find_sensor(sensor, tags or {}))


def refusal(names, tags=None, sensor=""):
    with pytest.raises(PrithviError) as e:
        choose(names, tags, sensor)
    return e.value.line


def counted(pattern, count=6, first=1):
    return [pattern.format(n) for n in range(first, first + count)]


@pytest.mark.parametrize(
    "names",
    [
        counted("Band {}"),
        counted("Band_{}"),
        counted("B{}"),
        counted("b{}", first=0),
        counted("{}"),
        counted("Band {:02d}"),
        counted("0_B{}"),
        counted("composite.{}"),
        counted("Bande {}"),
        ["bands"] * 6,
    ],
)
def test_six_bands_that_are_only_counted_are_taken_in_the_models_order_and_it_is_said(names):
    found, warnings = choose(names)
    assert found == (1, 2, 3, 4, 5, 6)
    assert f"({names[0]}" in warnings[0] and "do not identify them; its 6 bands are taken in the" in warnings[0]


@pytest.mark.parametrize("names", [counted("Band {}", 13), counted("0_B{}", 13), counted("B{}", 7), counted("B{}", 11)])
def test_counted_bands_of_another_number_are_refused_as_unnamed(names):
    line = refusal(names)
    assert f"{len(names)} bands, whose names ({names[0]}, {names[1]} ... {names[-1]}) do not identify them" in line
    assert "BANDS" in line and "SENSOR" in line


def test_counted_bands_of_a_sentinel_2_file_are_no_band_numbers_of_sentinel_2():
    assert "do not identify them" in refusal(counted("Band {}", 13), {"SENSOR": "Sentinel-2 MSI"})


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["0_" + name for name in L1C], (2, 3, 4, 9, 12, 13)),
        (["0_B2", "0_B3", "0_B4", "0_B8A", "0_B11", "0_B12"], (1, 2, 3, 4, 5, 6)),
        ([f"LC08_044034_20200101_SR_B{n}" for n in range(2, 8)], (1, 2, 3, 4, 5, 6)),
        (["B2_median", "B3_median", "B4_median", "B8A_median", "B11_median", "B12_median"], (1, 2, 3, 4, 5, 6)),
        (["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B09", "B10", "B11"], (2, 3, 4, 5, 6, 7)),
        (["B1", "B2", "B3", "B4", "B5", "B7"], (1, 2, 3, 4, 5, 6)),
        ([f"Band {n}: {name}" for n, name in enumerate(L1C, 1)], (2, 3, 4, 9, 12, 13)),
        (
            ["Band 1 (B12)", "Band 2 (B11)", "Band 3 (B8A)", "Band 4 (B04)", "Band 5 (B03)", "Band 6 (B02)"],
            (6, 5, 4, 3, 2, 1),
        ),
        (["B2", "B3", "B4", "B8A", "B11", "B12", "view_zenith_B2", "view_zenith_B3"], (1, 2, 3, 4, 5, 6)),
    ],
)
def test_numbers_that_only_one_sensor_has_are_evidence(names, found):
    assert choose(names) == (found, [])


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["B2", "B3", "B4", "B5", "B6", "B7"], "of which blue, green, red could be told by name"),
        (["B6", "B5", "B4", "B3", "B2", "B1"], "whose names (B6, B5 ... B1) do not identify them"),
        (["Band 2", "Band 3", "Band 4", "Band 9", "Band 12", "Band 13"], "do not identify them"),
        (["0_B2", "1_B2", "0_B3", "1_B3", "0_B4", "1_B4"], "2 bands for blue: 1 (0_B2), 2 (1_B2)"),
    ],
)
def test_numbers_of_several_sensors_or_dates_are_refused(names, said):
    assert said in refusal(names)


@pytest.mark.parametrize("scale", ["{} Nanometers", "Band ({} nm)", "{}", "center {} nm"])
def test_bands_are_found_by_wavelengths_in_their_names(scale):
    assert choose([scale.format(nm) for nm in reversed(NM)]) == ((6, 5, 4, 3, 2, 1), [])


def test_wavelengths_prove_the_sensor_of_a_number():
    names = [f"B{n} ({nm} nm)" for n, nm in zip(range(2, 8), (482, 561, 655, 865, 1609, 2201))]
    assert choose(names) == ((1, 2, 3, 4, 5, 6), [])
    assert choose([f"Band {n} ({nm} nm)" for n, nm in zip((30, 6, 12, 99, 3, 1), NM)])[0] == (1, 2, 3, 4, 5, 6)


def test_a_wavelength_tells_the_narrow_from_the_broad_nir():
    assert choose(["blue", "green", "red", "nir (865 nm)", "swir1", "swir2"]) == ((1, 2, 3, 4, 5, 6), [])


def test_a_name_against_its_wavelength_is_refused_with_both():
    line = refusal([f"{name} ({nm} nm)" for name, nm in zip(("B02", "B03", "B04", "B8A", "B11", "B12"), reversed(NM))])
    assert "Band 1 of scene.tif is blue by its name (B02 (2202.4 nm)), but its wavelength is 2202.4 nm (SWIR 2)" in line


def test_of_many_narrow_bands_the_nearest_are_taken_and_it_is_said():
    found, warnings = choose([f"{nm} nm" for nm in range(400, 2500, 10)])
    assert [400 + 10 * (number - 1) for number in found] == [490, 560, 660, 860, 1610, 2190]
    assert "those nearest in wavelength are used (blue 10," in warnings[0]


@pytest.mark.parametrize(
    ("items", "nm"),
    [
        ({"wavelength": "492.4", "wavelength_units": "Nanometers"}, 492.4),
        ({"wavelength": "0.4924", "wavelength_units": "Micrometers"}, 492.4),
        ({"CENTRAL_WAVELENGTH_UM": "0.492", "FWHM_UM": "0.066"}, 492),
        ({"BANDNAME": "B2", "WAVELENGTH": "490", "WAVELENGTH_UNIT": "nm"}, 490),
        ({"center_wavelength": "0.49"}, 490),
        ({"NETCDF_DIM_wavelength": "4.924e-07"}, 492.4),
        ({"DIM_wavelength_VALUE": "492.4"}, 492.4),
        ({"Wavelength": "450 - 520 nm"}, 485),
        ({"FWHM": "66", "wavelength_units": "nm", "wavelength": "n/a"}, None),
        ({"wavelength": "10800"}, None),
    ],
)
def test_wavelengths_are_read_from_the_items_of_drivers_and_services(items, nm):
    assert wavelength_of(items) == nm


@pytest.mark.parametrize("text", ["tile 10m", "b02_10m", "2019", "0.5"])
def test_sizes_and_years_are_no_wavelengths(text):
    assert wavelength_in(text)[0] is None


@pytest.mark.parametrize(
    ("name", "items", "text"),
    [
        ("", {"BANDNAME": "B8A", "WAVELENGTH": "865"}, "B8A (865 nm)"),
        ("Band 3", {"long_name": "Narrow NIR"}, "Narrow NIR"),
        ("", {"NETCDF_VARNAME": "B02", "standard_name": "surface_bidirectional_reflectance"}, "B02"),
        ("B04", {"long_name": "bands"}, "B04"),
        ("Band 1 (492.4 Nanometers)", {"wavelength": "492.4"}, "Band 1 (492.4 Nanometers)"),
        ("Band 1 (492.4)", {"wavelength": "492.4"}, "Band 1 (492.4)"),
        ("", {"wavelength": "492.4"}, "492.4 nm"),
        ("", {}, ""),
    ],
)
def test_a_band_is_described_by_all_that_it_carries(name, items, text):
    assert describe_band(name, items) == text


@pytest.mark.parametrize(
    ("names", "sensor", "chosen", "number"),
    [
        (L1C, "", (), 11),
        ([""] * 13, "sentinel2-l1c", (), 11),
        ([""] * 13, "", (2, 3, 4, 9, 12, 13), 11),
        ([f"{nm} nm" for nm in (1375, *NM)], "", (), 1),
        ([""] * 13, "hls-s30", (), 0),
        ([""] * 13, "", (1, 2, 3, 4, 5, 6), 0),
        ([""] * 12, "", (2, 3, 4, 9, 11, 12), 0),
        (["B1", "B2", "B3", "B4", "B5", "B6", "B7", "B9", "B10", "B11"], "", (), 0),
    ],
)
def test_the_cirrus_band_of_level_1c_is_found(names, sensor, chosen, number):
    assert cirrus_band(names, {}, find_sensor(sensor, {}), SIX, chosen) == number


def test_landsat_tags_make_numbers_of_a_count_that_reaches_band_7():
    assert judge_names(counted("B{}", 7), {"SPACECRAFT_ID": "LANDSAT_8"}).found["SWIR_2"] == 7
    assert judge_names(counted("Band_{}", 6), {"SPACECRAFT_ID": "LANDSAT_8"}).found == {}
