"""Draws the agreement map of an evaluation as PNG."""

from __future__ import annotations

import numpy as np

from ...accuracy.agreement import Agreement, agreement_of
from ...core.masks.styling import rgb
from ..base import tr
from ..reports.picture import png
from .compare import Comparison
from .metrics import Metrics

# From Okabe and Ito's palette (2008): distinct for every kind of colour vision, and by lightness.
COLOURS = {
    Agreement.NOTHING: "#ffffff",
    Agreement.NOT_COMPARED: "#eef1f3",
    Agreement.BACKGROUND: "#c9d1d6",
    Agreement.HIT: "#0072b2",
    Agreement.FALSE_ALARM: "#e69f00",
    Agreement.MISS: "#000000",
    Agreement.CONFUSED: "#cc79a7",
    Agreement.UNSURE: "#56b4e9",
}
_DOT_PX = 4
_SMALLEST_PX = 480  # a tiny mask is drawn larger


def agreement_names(background: str, wanted: str) -> dict[Agreement, str]:
    """Return the label of each kind of agreement.

    Args:
        background: name of the background class, or empty.
        wanted: name of the other of two classes, or empty.
    """
    return {
        Agreement.HIT: tr("hit: both {}").format(wanted) if wanted else tr("same class"),
        Agreement.FALSE_ALARM: tr("false alarm: mask {}, reference {}").format(wanted, background),
        Agreement.MISS: tr("miss: mask {}, reference {}").format(background, wanted),
        Agreement.BACKGROUND: tr("both {}").format(background),
        Agreement.CONFUSED: tr("another class"),
        Agreement.UNSURE: tr("unsure"),
        Agreement.NOT_COMPARED: tr("not compared"),
    }


def agreement_png(comparison: Comparison, metrics: Metrics) -> bytes:
    """Return the agreement map as PNG; sample points are drawn as dots."""
    agreement = comparison.thinned.agreement(metrics.background, metrics.uncertain)
    zoom = max(1, _SMALLEST_PX // max(agreement.shape))
    agreement = np.repeat(np.repeat(agreement, zoom, axis=0), zoom, axis=1)
    palette = np.zeros((len(Agreement), 3))
    for kind, colour in COLOURS.items():
        palette[kind] = np.array(rgb(colour)) / 255
    image = palette[agreement]
    if comparison.points:
        values = np.array([dot[2:] for dot in comparison.points], np.int64)
        colours = palette[agreement_of(values[:, 0], values[:, 1], metrics.background, metrics.uncertain)]
        for (column, row, *_), colour in zip(comparison.points, colours):
            y, x = (zoom * at + zoom // 2 for at in comparison.thinned.cell(column, row))
            _dot(image, y, x, _DOT_PX + 1, np.ones(3))  # a white rim separates overlapping dots
            _dot(image, y, x, _DOT_PX, colour)
    return png(image)


def _dot(image: np.ndarray, y: int, x: int, radius: int, colour: np.ndarray) -> None:
    top, left = max(0, y - radius), max(0, x - radius)
    part = image[top : y + radius + 1, left : x + radius + 1]
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    part[(rows + top - y) ** 2 + (columns + left - x) ** 2 <= radius**2] = colour
