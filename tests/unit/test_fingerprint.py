"""What a mask depends on where a scene is many files."""

from __future__ import annotations

import pytest

from prithvi_qgis.contract.cards import read_card
from prithvi_qgis.contract.many.fingerprint import fingerprint
from prithvi_qgis.contract.messages import Segment
from prithvi_qgis.contract.paths import resources

CARD = read_card(resources() / "models" / "demo-water")


@pytest.mark.parametrize("place", ["", "MTD_MSIL1C.xml"])
@pytest.mark.parametrize(
    "file", ["MTD_MSIL1C.xml", "GRANULE/L1C_T30/MTD_TL.xml", "GRANULE/L1C_T30/IMG_DATA/T30_B02.jp2"]
)
def test_a_product_counts_with_the_files_inside_it(tmp_path, file, place):
    product = tmp_path / "S2A_MSIL1C_x.SAFE"
    for name in ("MTD_MSIL1C.xml", "GRANULE/L1C_T30/MTD_TL.xml", "GRANULE/L1C_T30/IMG_DATA/T30_B02.jp2"):
        (product / name).parent.mkdir(parents=True, exist_ok=True)
        (product / name).write_text("first")
    request = Segment(str(product / place), "", "")
    before = fingerprint(request, CARD)
    assert fingerprint(request, CARD) == before
    (product / file).write_text("second")
    assert fingerprint(request, CARD) != before


def test_a_broken_product_has_a_fingerprint_all_the_same(tmp_path):
    product = tmp_path / "S2A_MSIL1C_x.SAFE"
    product.mkdir()
    assert fingerprint(Segment(str(product), "", ""), CARD)
