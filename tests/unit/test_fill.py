"""Rules on fill and masks that engine and form share."""

from __future__ import annotations

import math

import numpy as np
import pytest

from prithvi_qgis.core.scenes import fill, validity

SENTINEL2 = (1e-4, 0.0)
LANDSAT = (2.75e-5, -0.2)


@pytest.mark.parametrize(
    ("scaling", "declared", "found"),
    [
        (SENTINEL2, False, {-9999, -32768, -6000, 65535, 55537, 32767}),
        (SENTINEL2, True, {-9999, -32768, -6000, 65535, 55537, 32767}),
        ((1e-4, -0.1), False, {-9999, -32768, -6000, 0, 65535, 55537, 32767}),
        ((1e-4, -0.1), True, {-9999, -32768, -6000, 65535, 55537, 32767}),
        (LANDSAT, False, {-9999, -32768, -999, 0}),  # 65535 is 1.6, a bright cloud
        ((-1e-4, 1.0), False, {-32768, 20000, 65535, 55537, 32767}),
    ],
)
def test_what_no_band_can_hold_depends_on_its_scaling(scaling, declared, found):
    values = np.array([-32768, -9999, -6000, -1600, -999, -1, 0, 1, 9000, 20000, 32767, 55537, 65535])
    rule = fill.band_fill(*scaling, fill.zero_is_fill(scaling[1], declared))
    for used, numbers in ((rule, values), (rule.of_integers(-(2**31), 2**31 - 1), values.astype(np.int32))):
        assert set(values[fill.is_fill(used, numbers)]) == found
        outside = (numbers < used.plain[0]) | (numbers > used.plain[1])
        assert not (fill.is_fill(used, numbers) & ~outside).any()  # a window within needs no look at its pixels


def test_one_value_in_few_or_repeated_bands_is_chance():
    assert fill.distinct_bands([3, 5]) == [] and fill.distinct_bands([4, 4, 4, 5]) == []
    assert fill.distinct_bands([4, 4, 5, 6]) == [0, 2, 3]
    sample = np.array([[0.0, 0.0, 5.0]] * 6)
    assert fill.without_fill(sample, range(1, 7)).shape == (6, 1)
    assert fill.without_fill(sample, [2] * 6).shape == (6, 3)


def test_nodata_in_some_bands_only_is_a_warning_where_it_is_much_and_a_note_where_it_is_not():
    def lines(partial):
        return fill.validity_lines("a.tif", fill.ValidityFigures(100_000, partial, [5, 6], 0, (), (), 0, "do this"))

    assert lines(0) == ([], [])
    (warning,), notes = lines(1234)
    assert (
        warning.startswith("1,234 pixels (1.2%) of a.tif are nodata in some bands only (in bands 5, 6)") and not notes
    )
    warnings, (note,) = lines(1)
    assert note.startswith("1 pixel (less than 0.1%)") and not warnings


@pytest.mark.parametrize(
    ("kind", "number", "held"),
    [
        ("uint16", -9999, None),
        ("uint16", 7.5, None),
        ("int16", -9999, (-9999, -9999)),
        ("int64", -(2**63), (-(2**63), -(2**63))),
        ("uint8", math.inf, None),
        ("float32", math.nan, None),
        ("float64", 0.1, (0.1, 0.1)),
        ("float32", -9999.0, (-9999.0, -9999.0)),
    ],
)
def test_a_nodata_value_counts_as_the_type_holds_it(kind, number, held):
    assert validity.stored_range(kind, number, number) == held
    assert validity.declares_nodata(kind, number) == (held is not None or kind.startswith("float"))


def test_a_nodata_value_that_float32_rounds_is_met_and_a_range_is_cut_to_the_type():
    for number in (0.1, -3.40282347e38, 1e30):
        low, high = validity.stored_range("float32", number, number)
        assert low <= float(np.float32(number)) <= high
    assert validity.stored_range("uint8", -5.5, 3.5) == (0, 3)


@pytest.mark.parametrize(
    ("flags", "alphas", "masks"),
    [
        ([1, 1], [], (None, (), ())),
        ([8, 8], [], (None, (), ())),  # nodata values are compared themselves
        ([2, 2], [3], (1, (), (3,))),
        ([10, 10], [], (1, (), ())),  # one value for all bands together
        ([0, 1], [3, 4], (None, (1,), (3, 4))),
        ([6, 6], [3], (None, (), (3,))),
        ([1, 1], [2], (None, (), ())),  # a used band is no alpha
    ],
)
def test_masks_are_found_by_gdals_flags(flags, alphas, masks):
    found = validity.mask_bands([1, 2], flags, alphas)
    assert (found.shared, found.own, found.alphas) == masks


def vrt(source, *, nodata="", mask=""):
    rect = '<SrcRect xOff="0" yOff="0" xSize="4" ySize="4"/><DstRect xOff="0" yOff="0" xSize="{}" ySize="4"/>'
    return (
        '<VRTDataset rasterXSize="8" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1">'
        f'{nodata}<SimpleSource><SourceFilename relativeToVRT="1">a.tif</SourceFilename><SourceBand>1</SourceBand>'
        f"{rect.format(source)}{mask}</SimpleSource></VRTRasterBand></VRTDataset>"
    )


@pytest.mark.parametrize(
    ("xml", "flags", "lost"),
    [
        (vrt(8), 1, False),
        (vrt(4), 1, True),  # a gap
        (vrt(4, nodata="<NoDataValue>0</NoDataValue>"), 1, False),
        (vrt(8), 8, False),
        (vrt(8), 2, True),
        (vrt(8), 0, True),
        (vrt(8, mask="<UseMaskBand>true</UseMaskBand>"), 2, True),  # 0 stands where it masks
        (vrt(8, nodata="<NoDataValue>0</NoDataValue>", mask="<UseMaskBand>true</UseMaskBand>"), 2, False),
        (vrt(4).replace("</VRTDataset>", "<MaskBand></MaskBand></VRTDataset>"), 2, False),
        (vrt(4).replace("<VRTDataset", '<VRTDataset subClass="VRTWarpedDataset"'), 2, False),
    ],
)
def test_a_vrt_that_hides_gaps_and_masks_gets_mask_bands(xml, flags, lost):
    asked = []
    made = validity.vrt_with_lost_masks(xml, "/vsizip//data/z.zip/x.vrt", lambda *a: asked.append(a) or flags)
    assert (made is not None) == lost
    assert set(asked) <= {("/vsizip//data/z.zip/a.tif", 1)}
    if lost:
        assert "<SourceBand>mask,1</SourceBand>" in made and made.count(">/vsizip//data/z.zip/a.tif<") == 2
