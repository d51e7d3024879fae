"""What GDAL writes next to a mask stays, merged with the mask's own table."""

from __future__ import annotations

from prithvi_qgis.core.protocol.messages import ClassArea
from prithvi_qgis.engine.writing.atomic_outputs import AtomicOutputs
from prithvi_qgis.engine.writing.sidecars import aux_xml, merged_aux_xml

GDALS = (
    '<PAMDataset>\n  <SRS dataAxisToSRSAxisMapping="2,1">GEOGCRS["rotated"]</SRS>\n'
    '  <PAMRasterBand band="1"><Description>from GDAL</Description><UnitType>m</UnitType></PAMRasterBand>\n'
    '  <PAMRasterBand band="2"><Description>second</Description></PAMRasterBand>\n</PAMDataset>\n'
)
OURS = aux_xml((ClassArea(0, "Land & sea", "#ffffff", 3, 300.0), ClassArea(1, "Água", "#0000ff", 2, None)))


def test_elements_of_both_files_stay_and_ours_replace_those_of_the_same_name():
    merged = merged_aux_xml(GDALS, OURS)
    assert 'dataAxisToSRSAxisMapping="2,1"' in merged and 'GEOGCRS["rotated"]' in merged
    assert "<Category>Land &amp; sea</Category><Category>Água</Category>" in merged
    assert merged.count("<Row ") == 2 and "<UnitType>m</UnitType>" in merged
    assert "from GDAL" not in merged and "second" in merged
    assert merged.count('<PAMRasterBand band="1">') == 1


def test_what_gdal_writes_next_to_unfinished_files_goes_with_them(tmp_path):
    mask, probability = tmp_path / "mask.tif", tmp_path / "p.tif"
    for target in (mask, probability):
        target.with_name(f"{target.name}.aux.xml").write_text("of an older mask")
    with AtomicOutputs() as staging:
        for target in (mask, probability):
            unfinished = staging.stage(str(target))
            unfinished.write_text("pixels")
            unfinished.with_name(f"{unfinished.name}.aux.xml").write_text(GDALS, "utf-8")
        staging.sidecar(str(mask), ".aux.xml", OURS)
        staging.commit()
    names = ["mask.tif", "mask.tif.aux.xml", "p.tif", "p.tif.aux.xml"]
    assert sorted(p.name for p in tmp_path.iterdir()) == names
    table = (tmp_path / "mask.tif.aux.xml").read_text("utf-8")
    assert 'GEOGCRS["rotated"]' in table and "Água" in table
    assert (tmp_path / "p.tif.aux.xml").read_text("utf-8") == GDALS
