"""The mosaic of masks has their type and nodata, and the colours that a mask of bytes has."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from prithvi_qgis.core.folder_runs.mosaic import VRT, write_mosaic
from prithvi_qgis.core.folder_runs.raster_grid import RasterGrid
from prithvi_qgis.core.masks.styling import UNCERTAIN_COLOR, UNCERTAIN_NAME
from prithvi_qgis.core.models.model_card import ModelClass

CLASSES = (ModelClass(0, "Land", "#010203"), ModelClass(1, "Water & ice", "#0000ff"))


class Rasters:
    """Every mask of 10 x 10 pixels, of one type, each east of the one before."""

    def __init__(self, dtype, nodata):
        self.kind, self.seen = (dtype, nodata), 0

    def place(self, path):
        self.seen += 1
        return RasterGrid(10, 10, (100.0 * self.seen, 10.0, 0.0, 50.0, 0.0, -10.0), "WKT", "EPSG:32630", *self.kind)


def band(tmp_path, classes, dtype, nodata):
    masks = [tmp_path / "a.tif", tmp_path / "b.tif"]
    (path,) = write_mosaic(tmp_path, masks, classes, Rasters(dtype, nodata), VRT).files
    return ET.fromstring(path.read_text()).find("VRTRasterBand")


@pytest.mark.parametrize(
    ("dtype", "nodata", "text"),
    [("Byte", 255.0, "255"), ("UInt16", 65535.0, "65535"), ("Float32", -9999.0, "-9999"), ("Float32", None, None)],
)
def test_it_has_the_type_and_nodata_of_the_masks(tmp_path, dtype, nodata, text):
    found = band(tmp_path, CLASSES, dtype, nodata)
    assert (found.get("dataType"), found.findtext("NoDataValue")) == (dtype, text)
    sources = found.findall("ComplexSource")
    assert len(sources) == 2
    for source in sources:
        assert source.find("SourceProperties").get("DataType") == dtype
        assert source.findtext("NODATA") == text
    for element in ("ColorInterp", "ColorTable", "CategoryNames"):
        assert (found.find(element) is not None) == (dtype == "Byte"), element


def test_colours_and_names_stand_at_their_values(tmp_path):
    found = band(tmp_path, (*CLASSES, ModelClass(254, UNCERTAIN_NAME, UNCERTAIN_COLOR)), "Byte", 255.0)
    names = [c.text or "" for c in found.find("CategoryNames")]
    assert (len(names), names[:3], names[254]) == (255, ["Land", "Water & ice", ""], UNCERTAIN_NAME)
    colours = [tuple(int(entry.get(f"c{i}")) for i in range(1, 5)) for entry in found.find("ColorTable")]
    assert (colours[0], colours[2], colours[254]) == ((1, 2, 3, 255), (0, 0, 0, 0), (0x8C, 0x8C, 0x8C, 255))
