#!/usr/bin/python3
"""Draw scene and mask side by side with QGIS's own layout: ``demo_picture.py SCENE MASK PICTURE.png``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsContrastEnhancement,
    QgsDistanceArea,
    QgsLayout,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLegendRenderer,
    QgsLegendStyle,
    QgsMapLayer,
    QgsMapLayerLegendUtils,
    QgsMultiBandColorRenderer,
    QgsPalettedRasterRenderer,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsTextFormat,
)
from qgis.PyQt.QtCore import QRectF, QSize
from qgis.PyQt.QtGui import QColor, QFont

sys.path.insert(0, str(Path(__file__).parent))
from demo import class_table

gdal.UseExceptions()

# Millimetres of the page.
MAP_MM = 140.0
GAP_MM = 6.0
TOP_MM = 24.0
FOOT_MM = 22.0
PIXELS_PER_MM = 6.0
INK = "#26323a"


def main(scene_path: str, mask_path: str, picture: str) -> int:
    """Draw; return the exit code."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QgsApplication([], True)
    app.initQgis()
    try:
        scene = natural_colours(load(scene_path, "Scene"))
        backdrop = natural_colours(load(scene_path, "Backdrop"))
        backdrop.hueSaturationFilter().setGrayscaleMode(
            type(backdrop.hueSaturationFilter()).GrayscaleMode.GrayscaleLightness
        )
        mask = load(mask_path, "Classes")
        if not isinstance(mask.renderer(), QgsPalettedRasterRenderer):
            sys.exit(f"{mask_path} is not shown by its classes: {mask.renderer().type()}")
        show_shares(mask, mask_path)
        project = QgsProject.instance()
        project.setCrs(scene.crs())
        project.addMapLayers([scene, backdrop, mask], False)
        draw(project, scene, [mask, backdrop], picture)
    finally:
        app.exitQgis()
    return 0


def load(path: str, name: str) -> QgsRasterLayer:
    """Load a raster layer with the style in its sidecar file."""
    layer = QgsRasterLayer(path, name)
    if not layer.isValid():
        sys.exit(f"{path} cannot be read.")
    return layer


def show_shares(mask: QgsRasterLayer, path: str) -> None:
    """Make the mask transparent, and add each class's share to the legend."""
    shares = {name: share for name, _, share, _ in class_table(Path(path))}
    classes = mask.renderer().classes()
    for c in classes:
        c.label = f"{c.label}  {shares[c.label]:.1f} %"
    renderer = QgsPalettedRasterRenderer(mask.dataProvider(), 1, classes)
    renderer.setOpacity(0.8)
    mask.setRenderer(renderer)


def natural_colours(layer: QgsRasterLayer) -> QgsRasterLayer:
    """Choose red, green and blue by the bands' descriptions; stretch so that clouds do not darken the land."""
    names = {}
    for number in range(1, layer.bandCount() + 1):
        names[layer.bandName(number).rpartition(":")[2].split("(")[-1].strip(" )").upper()] = number
    bands = [
        next((names[n] for n in wanted if n in names), 0)
        for wanted in (("B04", "B4", "RED"), ("B03", "B3", "GREEN"), ("B02", "B2", "BLUE"))
    ]
    if not all(bands):
        bands = [3, 2, 1]
    renderer = QgsMultiBandColorRenderer(layer.dataProvider(), *bands)
    limits = [percentiles(layer.source(), band) for band in bands]
    high = max(limit[1] for limit in limits)
    setters = (
        renderer.setRedContrastEnhancement,
        renderer.setGreenContrastEnhancement,
        renderer.setBlueContrastEnhancement,
    )
    for band, (low, _), set_enhancement in zip(bands, limits, setters):
        enhancement = QgsContrastEnhancement(layer.dataProvider().dataType(band))
        enhancement.setContrastEnhancementAlgorithm(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
        )
        enhancement.setMinimumValue(low)
        enhancement.setMaximumValue(high)
        set_enhancement(enhancement)
    layer.setRenderer(renderer)
    layer.brightnessFilter().setGamma(1.5)
    return layer


def percentiles(path: str, band: int) -> tuple[float, float]:
    """Return the values shown as black (haze) and as white (bright ground, not clouds)."""
    dataset = gdal.Open(path)
    values = dataset.GetRasterBand(band).ReadAsArray(buf_xsize=400, buf_ysize=400)
    values = values[values != dataset.GetRasterBand(band).GetNoDataValue()]
    low, high = np.percentile(values, [1, 90])
    return float(low), float(1.35 * high)


def draw(project: QgsProject, scene: QgsRasterLayer, overlay: list[QgsMapLayer], picture: str) -> None:
    """Lay out the page and write it."""
    area = scene.extent()
    map_height = MAP_MM * area.height() / area.width()
    width, height = 2 * MAP_MM + 3 * GAP_MM, TOP_MM + map_height + FOOT_MM
    layout = QgsLayout(project)
    layout.initializeDefaults()
    layout.setUnits(Qgis.LayoutUnit.Millimeters)
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(width, height, Qgis.LayoutUnit.Millimeters))
    label(layout, "Prithvi EO segmentation", GAP_MM, 4, 17, bold=True)
    label(layout, "Scene: made, like Sentinel-2, true colours", GAP_MM, 15.5, 11)
    label(layout, "Mask by demo-water over the scene", 2 * GAP_MM + MAP_MM, 15.5, 11)
    left = add_map(layout, [scene], area, GAP_MM, map_height)
    right = add_map(layout, overlay, area, 2 * GAP_MM + MAP_MM, map_height)
    foot = TOP_MM + map_height + 3
    add_scale_bar(layout, left, GAP_MM, foot, width_km(project, scene))
    add_legend(layout, overlay[0], right, 2 * GAP_MM + MAP_MM, foot)
    size = QSize(round(width * PIXELS_PER_MM), round(height * PIXELS_PER_MM))
    image = QgsLayoutExporter(layout).renderPageToImage(0, size, PIXELS_PER_MM * 25.4)
    if image.isNull() or not image.save(picture, "PNG"):
        sys.exit(f"{picture} could not be written.")


def width_km(project: QgsProject, scene: QgsRasterLayer) -> float:
    """Return the scene's width on the ground."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(scene.crs(), project.transformContext())
    measure.setEllipsoid(scene.crs().ellipsoidAcronym() or "EPSG:7030")
    area = scene.extent()
    middle = area.center().y()
    return measure.measureLine(QgsPointXY(area.xMinimum(), middle), QgsPointXY(area.xMaximum(), middle)) / 1000


def text_format(size_pt: float, bold: bool = False) -> QgsTextFormat:
    """Return a text format of the page."""
    font = QFont("DejaVu Sans")
    font.setBold(bold)
    style = QgsTextFormat()
    style.setFont(font)
    style.setSize(size_pt)
    style.setSizeUnit(Qgis.RenderUnit.Points)
    style.setColor(QColor(INK))
    return style


def label(layout: QgsLayout, text: str, x: float, y: float, size_pt: float, bold: bool = False) -> None:
    """Add a line of text."""
    item = QgsLayoutItemLabel(layout)
    item.setText(text)
    item.setTextFormat(text_format(size_pt, bold))
    layout.addLayoutItem(item)
    item.attemptSetSceneRect(QRectF(x, y, MAP_MM, size_pt))


def add_map(layout: QgsLayout, layers: list[QgsMapLayer], area, x: float, height: float) -> QgsLayoutItemMap:
    """Add a framed map of ``area``."""
    item = QgsLayoutItemMap(layout)
    item.attemptSetSceneRect(QRectF(x, TOP_MM, MAP_MM, height))
    item.setLayers(layers)
    item.setKeepLayerSet(True)
    item.setExtent(area)
    item.setBackgroundColor(QColor("#ffffff"))
    item.setFrameEnabled(True)
    item.setFrameStrokeColor(QColor(INK))
    layout.addLayoutItem(item)
    return item


def add_scale_bar(layout: QgsLayout, linked: QgsLayoutItemMap, x: float, y: float, width_km: float) -> None:
    """Add a scale bar of at most a third of the map."""
    bar = QgsLayoutItemScaleBar(layout)
    bar.setStyle("Single Box")
    bar.setLinkedMap(linked)
    bar.setUnits(Qgis.DistanceUnit.Kilometers)
    bar.setUnitLabel("km")
    bar.setNumberOfSegmentsLeft(0)
    bar.setNumberOfSegments(2)
    bar.setUnitsPerSegment(max(s for s in (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50) if s <= max(width_km / 6, 0.1)))
    bar.setTextFormat(text_format(10))
    bar.setHeight(2.2)
    layout.addLayoutItem(bar)
    bar.update()
    bar.attemptMove(QgsLayoutPoint(x - 1, y, Qgis.LayoutUnit.Millimeters))


def add_legend(layout: QgsLayout, mask: QgsMapLayer, linked: QgsLayoutItemMap, x: float, y: float) -> None:
    """Add the mask's classes in one row."""
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(linked)
    legend.setAutoUpdateModel(False)
    root = legend.model().rootGroup()
    root.clear()
    root.addLayer(mask)
    node = root.children()[0]
    # The layer's first entry is the band's name; then come the classes.
    count = len(mask.renderer().classes())
    QgsMapLayerLegendUtils.setLegendNodeOrder(node, list(range(1, count + 1)))
    legend.model().refreshLayerLegend(node)
    legend.setTitle("")
    legend.setColumnCount(count)
    legend.setSplitLayer(True)
    legend.setEqualColumnWidth(True)
    legend.setSymbolWidth(6)
    legend.setSymbolHeight(4)
    style = legend.style(QgsLegendStyle.Style.SymbolLabel)
    style.setTextFormat(text_format(10.5))
    legend.setStyle(QgsLegendStyle.Style.SymbolLabel, style)
    QgsLegendRenderer.setNodeLegendStyle(node, QgsLegendStyle.Style.Hidden)
    layout.addLayoutItem(legend)
    legend.adjustBoxSize()
    legend.attemptMove(QgsLayoutPoint(x - 2, y - 1, Qgis.LayoutUnit.Millimeters))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
