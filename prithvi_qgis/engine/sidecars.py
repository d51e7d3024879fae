"""What lies beside a mask so that people see classes: GDAL's attribute table and QGIS's style."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..contract.appearance import MASK_OPACITY, class_alpha
from ..contract.messages import ClassArea

# GDALRATFieldType and GDALRATFieldUsage (gdal.h): integer 0, real 1, string 2.
_FIELDS = (
    ("Value", 0, 5),
    ("Class", 2, 2),
    ("Count", 1, 1),
    ("Area_m2", 1, 0),
    ("Red", 0, 6),
    ("Green", 0, 7),
    ("Blue", 0, 8),
    ("Alpha", 0, 9),
)


def rgb(color: str) -> tuple[int, int, int]:
    """``#rrggbb`` as numbers."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def aux_xml(classes: Sequence[ClassArea]) -> str:
    """GDAL's ``.aux.xml`` with category names and a raster attribute table.

    The table matters: with a colour table or names alone, QGIS lists 256 classes; with the table, exactly these.
    """
    names = "".join(f"<Category>{escape(c.name)}</Category>" for c in classes)
    fields = "".join(
        f'<FieldDefn index="{i}"><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage></FieldDefn>'
        for i, (name, kind, usage) in enumerate(_FIELDS)
    )
    rows = ""
    for i, c in enumerate(classes):
        area = "" if c.area_m2 is None else f"{c.area_m2:.2f}"
        cells = (c.value, escape(c.name), c.pixels, area, *rgb(c.color), 255)
        rows += f'<Row index="{i}">' + "".join(f"<F>{cell}</F>" for cell in cells) + "</Row>"
    return (
        f'<PAMDataset><PAMRasterBand band="1"><Description>class</Description><CategoryNames>{names}</CategoryNames>'
        f'<GDALRasterAttributeTable tableType="thematic">{fields}{rows}</GDALRasterAttributeTable>'
        "</PAMRasterBand></PAMDataset>\n"
    )


def mask_qml(classes: Sequence[ClassArea]) -> str:
    """QGIS style with one legend entry a class. Nodata is transparent by the raster's own nodata value."""
    values = [c.value for c in classes]
    entries = "".join(
        f'<paletteEntry value="{c.value}" color="{c.color}" alpha="{class_alpha(c.value, values)}" '
        f'label="{escape(c.name)}"/>'
        for c in classes
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.40" styleCategories="Symbology|Rendering">\n'
        '  <pipe><provider><resampling enabled="false" zoomedInResamplingMethod="nearestNeighbour" '
        'zoomedOutResamplingMethod="nearestNeighbour" maxOversampling="2"/></provider>\n'
        f'    <rasterrenderer type="paletted" band="1" opacity="{MASK_OPACITY}" alphaBand="-1" nodataColor="">\n'
        f"      <rasterTransparency/><colorPalette>{entries}</colorPalette>\n"
        "    </rasterrenderer>\n"
        '    <brightnesscontrast brightness="0" contrast="0" gamma="1"/><huesaturation saturation="0"/>'
        "<rasterresampler/>\n"
        "  </pipe><blendMode>0</blendMode>\n"
        "</qgis>\n"
    )
