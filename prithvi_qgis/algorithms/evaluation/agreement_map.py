"""The map of agreement, as PNG."""

from __future__ import annotations

import numpy as np

from ...accuracy.agreement import Agreement, agreement_of
from ...core.masks.styling import rgb
from ..base import tr
from ..reports.picture import png
from .compare import Comparison
from .metrics import Judged

# From Okabe and Ito's palette (2008): told apart with every kind of colour vision, and by lightness.
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


def kind_names(background: str, wanted: str) -> dict[Agreement, str]:
    """What each kind is called; the names of the background and of the other class, empty where there is none."""
    return {
        Agreement.HIT: tr("hit: both {}").format(wanted) if wanted else tr("same class"),
        Agreement.FALSE_ALARM: tr("false alarm: mask {}, reference {}").format(wanted, background),
        Agreement.MISS: tr("miss: mask {}, reference {}").format(background, wanted),
        Agreement.BACKGROUND: tr("both {}").format(background),
        Agreement.CONFUSED: tr("another class"),
        Agreement.UNSURE: tr("unsure"),
        Agreement.NOT_COMPARED: tr("not compared"),
    }


def agreement_png(found: Comparison, judged: Judged) -> bytes:
    """PNG of where mask and reference agree; sample points are dots."""
    kinds = found.thinned.agreement(judged.background, judged.unsure)
    times = max(1, _SMALLEST_PX // max(kinds.shape))
    kinds = np.repeat(np.repeat(kinds, times, axis=0), times, axis=1)
    palette = np.zeros((len(Agreement), 3))
    for kind, colour in COLOURS.items():
        palette[kind] = np.array(rgb(colour)) / 255
    image = palette[kinds]
    if found.dots:
        values = np.array([dot[2:] for dot in found.dots], np.int64)
        colours = palette[agreement_of(values[:, 0], values[:, 1], judged.background, judged.unsure)]
        for (column, row, *_), colour in zip(found.dots, colours):
            y, x = (times * at + times // 2 for at in found.thinned.cell(column, row))
            _dot(image, y, x, _DOT_PX + 1, np.ones(3))  # a rim, so that dots on each other stay apart
            _dot(image, y, x, _DOT_PX, colour)
    return png(image)


def _dot(image: np.ndarray, y: int, x: int, radius: int, colour: np.ndarray) -> None:
    top, left = max(0, y - radius), max(0, x - radius)
    part = image[top : y + radius + 1, left : x + radius + 1]
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    part[(rows + top - y) ** 2 + (columns + left - x) ** 2 <= radius**2] = colour
