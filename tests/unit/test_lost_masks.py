"""A VRT that hides masks is read with them, wherever its sources lie."""

import xml.etree.ElementTree as ET

import pytest

from prithvi_qgis.core.scenes.validity import vrt_with_lost_masks

VRT = """<VRTDataset rasterXSize="20" rasterYSize="10"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>
<SourceFilename relativeToVRT="1">{}</SourceFilename><SourceBand>1</SourceBand>
<DstRect xOff="0" yOff="0" xSize="10" ySize="10"/></SimpleSource></VRTRasterBand></VRTDataset>"""


@pytest.mark.parametrize(
    ("name", "vrt", "opened"),
    [
        ("a.tif", "/data/mosaic.vrt", "/data/a.tif"),
        ("deep/a.tif", "/vsizip//data/s.zip/mosaic.vrt", "/vsizip//data/s.zip/deep/a.tif"),
        ("/other/a.tif", "/data/mosaic.vrt", "/other/a.tif"),
        ("/other/a.tif", VRT.format("/other/a.tif"), "/other/a.tif"),
    ],
)
def test_sources_are_found_from_the_vrt_or_where_they_are(name, vrt, opened):
    found = vrt_with_lost_masks(VRT.format(name), vrt, lambda file, band: 1)
    names = [(e.text, e.get("relativeToVRT")) for e in ET.fromstring(found).iter("SourceFilename")]
    assert names and set(names) == {(opened, "0")}
