"""Styles of a run's layers, in the colours of the model's classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsGradientColorRamp,
    QgsGradientStop,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from ...core.masks.styling import MASK_OPACITY, SOLID_ALPHA, class_alpha, colour_range, known_values, ramp
from ...core.models.model_card import Quantity

if TYPE_CHECKING:
    from ...core.protocol.messages import ClassArea

_POLYGON_ALPHA = 90  # of 255: the outline shows the class, the scene stays visible
_OUTLINE_MM = 0.4


def style_mask(layer: QgsRasterLayer, classes: Sequence[ClassArea]) -> None:
    """Style a mask: one legend entry per class, transparent enough to see the scene."""
    values = known_values(classes)
    entries = [
        QgsPalettedRasterRenderer.Class(c.value, _colour(c, class_alpha(c.value, values)), c.name) for c in classes
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, entries))
    layer.setOpacity(MASK_OPACITY)


def shown_classes(layer: QgsRasterLayer) -> list[tuple[int, str]]:
    """Return (value, label) of each legend entry of a paletted layer; empty for another kind of style."""
    renderer = layer.renderer()
    if not isinstance(renderer, QgsPalettedRasterRenderer):
        return []
    return [(int(c.value), c.label) for c in renderer.classes()]


def class_of_interest(classes: Sequence[ClassArea]) -> ClassArea:
    """Return the class whose probability is shown: the first that is not the background class 0."""
    known = [c for c in classes if not c.unsure]
    return next((c for c in known if c.value > 0), known[0])


def style_probability(layer: QgsRasterLayer, classes: Sequence[ClassArea]) -> None:
    """Style probabilities: the class of interest from invisible (0 %) to its full colour (100 %).

    Transparency instead of another hue shows "improbable": the scene stays visible where the model found nothing, and
    lightness gives the order, so it does not depend on colour vision.
    """
    shown = class_of_interest(classes)
    ramp = QgsColorRampShader(0, 100)
    ramp.setColorRampType(Qgis.ShaderInterpolationMethod.Linear)
    steps = (0, 25, 50, 75, 100)
    ramp.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(p, _colour(shown, round(2.55 * p)), f"{p} %") for p in steps]
    )
    legend = ramp.legendSettings()
    # A continuous bar would lack the transparency, so the legend lists steps.
    legend.setUseContinuousLegend(False)
    ramp.setLegendSettings(legend)
    shader = QgsRasterShader(0, 100)
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1 + shown.value, shader)
    renderer.setClassificationMin(0)
    renderer.setClassificationMax(100)
    layer.setRenderer(renderer)


def style_values(layer: QgsRasterLayer, quantity: Quantity, values: Mapping[str, float]) -> None:
    """Style a regression: from dark to light, with a colour bar in the legend."""
    low, high = colour_range(quantity, values)
    stops = ramp(low, high)
    unit = f" {quantity.unit}" if quantity.unit else ""
    source = QgsGradientColorRamp(
        QColor(stops[0][1]),
        QColor(stops[-1][1]),
        False,
        [QgsGradientStop((value - low) / (high - low), QColor(color)) for value, color in stops[1:-1]],
    )
    shade = QgsColorRampShader(low, high, source)
    shade.setColorRampType(Qgis.ShaderInterpolationMethod.Linear)
    shade.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(value, QColor(color), f"{value:.4g}{unit}") for value, color in stops]
    )
    legend = shade.legendSettings()
    legend.setUseContinuousLegend(True)
    legend.setSuffix(unit)
    shade.setLegendSettings(legend)
    shader = QgsRasterShader(low, high)
    shader.setRasterShaderFunction(shade)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(low)
    renderer.setClassificationMax(high)
    layer.setRenderer(renderer)


def style_polygons(layer: QgsVectorLayer, classes: Sequence[ClassArea]) -> None:
    """Style polygons: one category per class with a light fill, and no fill for a background class."""
    values = known_values(classes)
    categories = []
    for c in classes:
        background = class_alpha(c.value, values) != SOLID_ALPHA
        symbol = QgsFillSymbol.createSimple(
            {
                "color": _colour(c, 0 if background else _POLYGON_ALPHA).name(QColor.NameFormat.HexArgb),
                "style": "no" if background else "solid",
                "outline_color": _colour(c).darker(120).name(),
                "outline_width": str(_OUTLINE_MM / 2 if background else _OUTLINE_MM),
            }
        )
        categories.append(QgsRendererCategory(c.value, symbol, c.name))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class", categories))


def _colour(c: ClassArea, alpha: int = SOLID_ALPHA) -> QColor:
    colour = QColor(c.color)
    colour.setAlpha(alpha)
    return colour
