"""What a mask depends on where a scene is many files."""

from __future__ import annotations

import dataclasses

import pytest

from prithvi_qgis.core.folder_runs.fingerprint import fingerprint
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.protocol.stated_metadata import StatedMetadata
from prithvi_qgis.core.system.paths import resources

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


@pytest.mark.parametrize("own_folder", [False, True])
def test_a_product_of_one_file_a_band_counts_with_its_bands(tmp_path, own_folder):
    name = "HLS.S30.T10SEG.2023200T184921.v2.0"
    if own_folder:
        tmp_path = tmp_path / name
        tmp_path.mkdir()
    for band in ("B02", "B03", "Fmask"):
        (tmp_path / f"{name}.{band}.tif").write_text("first")
    request = Segment(str(tmp_path if own_folder else tmp_path / name), "", "")
    before = fingerprint(request, CARD)
    (tmp_path / f"{name}.Fmask.tif").write_text("second")  # not used
    (tmp_path / f"{name}.B02.tif.aux.xml").write_text("statistics")  # which changes the folder
    assert fingerprint(request, CARD) == before
    (tmp_path / f"{name}.B03.tif").write_text("second")
    assert fingerprint(request, CARD) != before


def test_the_day_of_a_stac_item_counts_where_there_is_one():
    plain = Segment("scene.tif", "", "")
    assert fingerprint(
        dataclasses.replace(plain, stated=StatedMetadata("its STAC item", False, date="2023-07-19")), CARD
    ) != fingerprint(plain, CARD)
