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


STATISTICS = """<PAMDataset>
  <PAMRasterBand band="1">
    <Description>B02</Description>
    <Histograms><HistItem><HistMin>0</HistMin></HistItem></Histograms>
    <Metadata>
      <MDI key="STATISTICS_MAXIMUM">5</MDI>
      <MDI key="STATISTICS_MEAN">3</MDI>
    </Metadata>
  </PAMRasterBand>
  <PAMRasterBand band="2">
    <Description>B03</Description>
  </PAMRasterBand>
</PAMDataset>
"""


def test_what_lies_beside_a_scene_counts_and_statistics_do_not(tmp_path):
    scene = tmp_path / "a.tif"
    scene.write_bytes(b"II*")
    request = Segment(str(scene), "", "")
    before = fingerprint(request, CARD)
    (tmp_path / "a.tif.aux.xml").write_text(STATISTICS)
    assert fingerprint(request, CARD) == before
    named = "<PAMDataset><PAMRasterBand band='1'><Description>B04</Description></PAMRasterBand></PAMDataset>"
    (tmp_path / "a.tif.aux.xml").write_text(named)
    assert fingerprint(request, CARD) != before
    (tmp_path / "a.tif.aux.xml").write_text(STATISTICS.replace("<Metadata>", "<Scale>0.0001</Scale><Metadata>"))
    scaled = fingerprint(request, CARD)
    assert scaled != before
    (tmp_path / "a.tif.msk").write_bytes(b"II*")
    masked = fingerprint(request, CARD)
    assert masked != scaled
    (tmp_path / "a.hdr").write_text("ENVI")
    assert fingerprint(request, CARD) != masked


@pytest.mark.parametrize("outer", ["outer.vrt", "outer.tif"])
@pytest.mark.parametrize("deep", ["R&D/deep.tif", "deep.tif"])
def test_files_count_that_a_vrt_of_a_vrt_names(tmp_path, outer, deep):
    (tmp_path / "R&D").mkdir()
    source = tmp_path / deep
    source.write_bytes(b"II*")
    band = '<VRTDataset><VRTRasterBand><SimpleSource><SourceFilename relativeToVRT="1">{}</SourceFilename>'
    (tmp_path / "inner.vrt").write_text(band.format(deep.replace("&", "&amp;")))
    (tmp_path / outer).write_text(band.format("inner.vrt"))
    request = Segment(str(tmp_path / outer), "", "")
    before = fingerprint(request, CARD)
    assert fingerprint(request, CARD) == before
    source.write_bytes(b"II* changed")
    assert fingerprint(request, CARD) != before


def test_a_vrt_that_names_itself_ends(tmp_path):
    path = tmp_path / "loop.vrt"
    path.write_text('<VRTDataset><SourceFilename relativeToVRT="1">loop.vrt</SourceFilename>')
    assert fingerprint(Segment(str(path), "", ""), CARD)


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
    (tmp_path / f"{name}.B02.tif.aux.xml").write_text(STATISTICS)  # which changes the folder
    assert fingerprint(request, CARD) == before
    (tmp_path / f"{name}.B03.tif").write_text("second")
    assert fingerprint(request, CARD) != before


def test_the_day_of_a_stac_item_counts_where_there_is_one():
    plain = Segment("scene.tif", "", "")
    assert fingerprint(
        dataclasses.replace(plain, stated=StatedMetadata("its STAC item", False, date="2023-07-19")), CARD
    ) != fingerprint(plain, CARD)
