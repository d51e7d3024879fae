"""Write sidecar files: the GDAL raster attribute table and the QGIS style."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # nosec B405: reads what GDAL and this module have written
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from ...core.masks.styling import MASK_OPACITY, class_alpha, colour_range, known_values, ramp, rgb
from ...core.models.model_card import Quantity
from ...core.protocol.messages import ClassArea

if TYPE_CHECKING:
    from ..reading.raster_source import Grid

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


def aux_xml(classes: Sequence[ClassArea]) -> str:
    """Return GDAL's ``.aux.xml`` with category names and a raster attribute table.

    The table matters: with a colour table or names alone, QGIS lists 256 classes; with the table, exactly these.
    """
    by_value = {c.value: c.name for c in classes if not c.unsure}
    names = "".join(
        f"<Category>{escape(by_value.get(value, ''))}</Category>" for value in range(max(by_value, default=-1) + 1)
    )
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


def merged_aux_xml(of_gdal: str, ours: str) -> str:
    """Return GDAL's ``.aux.xml`` with our elements, which replace its own of the same name.

    GDAL writes one for what GeoTIFF cannot hold, such as the CRS of a derived or perspective projection.
    """
    merged, added = (ET.fromstring(text) for text in (of_gdal, ours))  # nosec B314: as above
    for band in added:
        same = next((e for e in merged.iter(band.tag) if e.get("band") == band.get("band")), None)
        if same is None:
            merged.append(band)
            continue
        for element in band:
            for old in [e for e in same if e.tag == element.tag and e.get("domain") == element.get("domain")]:
                same.remove(old)
            same.append(element)
    return ET.tostring(merged, encoding="unicode") + "\n"


def mask_qml(classes: Sequence[ClassArea]) -> str:
    """Return a QGIS style with one legend entry per class. The raster's nodata value makes nodata transparent."""
    values = known_values(classes)
    entries = "".join(
        f'<paletteEntry value="{c.value}" color="{c.color}" alpha="{class_alpha(c.value, values)}" '
        f'label="{escape(c.name)}"/>'
        for c in classes
    )
    return _qml(
        f'    <rasterrenderer type="paletted" band="1" opacity="{MASK_OPACITY}" alphaBand="-1" nodataColor="">\n'
        f"      <rasterTransparency/><colorPalette>{entries}</colorPalette>\n"
        "    </rasterrenderer>\n"
    )


def value_aux_xml(quantity: Quantity, values: Mapping[str, float], grid: Grid) -> str:
    """Return GDAL's ``.aux.xml`` with the statistics of a regression's raster, so that no reader computes them."""
    items = {
        "STATISTICS_MINIMUM": values.get("min"),
        "STATISTICS_MAXIMUM": values.get("max"),
        "STATISTICS_MEAN": values.get("mean"),
        "STATISTICS_STDDEV": values.get("std"),
        "STATISTICS_VALID_PERCENT": 100 * values["pixels"] / (grid.width * grid.height),
    }
    metadata = "".join(f'<MDI key="{key}">{value:.10g}</MDI>' for key, value in items.items() if value is not None)
    unit = f"<UnitType>{escape(quantity.unit)}</UnitType>" if quantity.unit else ""
    return (
        f'<PAMDataset><PAMRasterBand band="1"><Description>{escape(quantity.name)}</Description>{unit}'
        f"<Metadata>{metadata}</Metadata></PAMRasterBand></PAMDataset>\n"
    )


def value_qml(quantity: Quantity, values: Mapping[str, float]) -> str:
    """Return a QGIS style with a continuous ramp over :func:`~prithvi_qgis.core.masks.styling.colour_range`."""
    low, high = colour_range(quantity, values)
    stops = ramp(low, high)
    unit = f" {quantity.unit}" if quantity.unit else ""
    items = "".join(
        f'<item value="{value:.10g}" color="{color}" alpha="255" label="{escape(f"{value:.4g}{unit}")}"/>'
        for value, color in stops
    )
    colours = ["{},{},{},255".format(*rgb(color)) for _, color in stops]
    between = ":".join(f"{i / (len(stops) - 1):g};{colours[i]}" for i in range(1, len(stops) - 1))
    options = {"color1": colours[0], "color2": colours[-1], "discrete": "0", "rampType": "gradient", "stops": between}
    source = "".join(f'<Option type="QString" name="{k}" value="{v}"/>' for k, v in options.items())
    return _qml(
        '    <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" '
        f'classificationMin="{low:.10g}" classificationMax="{high:.10g}">\n'
        "      <rasterTransparency/><rastershader>\n"
        f'        <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" labelPrecision="4" '
        f'minimumValue="{low:.10g}" maximumValue="{high:.10g}">\n'
        f'          <colorramp type="gradient" name="[source]"><Option type="Map">{source}</Option></colorramp>\n'
        f"          {items}\n"
        f'          <rampLegendSettings useContinuousLegend="1" orientation="2" direction="0" prefix="" '
        f'suffix="{escape(unit)}" minimumLabel="" maximumLabel=""/>\n'
        "        </colorrampshader>\n      </rastershader>\n    </rasterrenderer>\n"
    )


def _qml(renderer: str) -> str:
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.40" styleCategories="Symbology|Rendering">\n'
        '  <pipe><provider><resampling enabled="false" zoomedInResamplingMethod="nearestNeighbour" '
        'zoomedOutResamplingMethod="nearestNeighbour" maxOversampling="2"/></provider>\n'
        f"{renderer}"
        '    <brightnesscontrast brightness="0" contrast="0" gamma="1"/><huesaturation saturation="0"/>'
        "<rasterresampler/>\n"
        "  </pipe><blendMode>0</blendMode>\n"
        "</qgis>\n"
    )
