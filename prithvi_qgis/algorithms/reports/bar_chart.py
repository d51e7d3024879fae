"""The chart of a report: one bar a class, as SVG inside the page."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from ...core.masks.styling import colour_range, ramp
from ...core.models.model_card import Quantity
from ...core.protocol.messages import ClassArea
from ..base import tr
from ..segmentation.status import area_text, shown_shares

_ROW_PX = 40
_BAR_PX = 22
_LABEL_PX = 190
_WIDTH_PX = 800
_SPACE_PX = 220  # right of the longest bar, for its figures


def class_chart(classes: Sequence[ClassArea]) -> str:
    """Bars of the classes' shares, each with its name and figures in words.

    Of very many classes the largest are drawn; the table has them all. Nothing depends on colour alone: names stand
    beside the bars, and a screen reader is told the same figures.
    """
    shares, _ = shown_shares(tuple(classes))
    height = _ROW_PX * len(shares)
    # One unit for all: a hectare beside a square kilometre misleads whoever compares the numbers.
    largest_m2 = max((c.area_m2 or 0.0 for c in classes), default=0.0)
    figures = [_figures(c, share, largest_m2) for c, share in shares]
    described = "; ".join(f"{c.name}: {text}" for (c, _), text in zip(shares, figures))
    rows = "".join(_row(i, c, share, text) for i, ((c, share), text) in enumerate(zip(shares, figures)))
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH_PX} {height}" role="img" aria-labelledby="chart-title chart-text">'
        f'<title id="chart-title">{html.escape(tr("Share of each class"))}</title>'
        f'<desc id="chart-text">{html.escape(described)}</desc>{rows}</svg>'
    )


def colour_bar(quantity: Quantity, values: Mapping[str, float]) -> str:
    """The ramp of a regression's picture, with numbers below it and the range of the numbers above."""
    low, high = colour_range(quantity, values)
    stops = ramp(low, high)
    left, wide, last = 20, _WIDTH_PX - 40, len(stops) - 1
    shades = "".join(f'<stop offset="{i / last:g}" stop-color="{color}"/>' for i, (_, color) in enumerate(stops))
    ticks = "".join(
        f'<text x="{left + wide * i / last:g}" y="46" text-anchor="middle">{value:.4g}</text>'
        for i, (value, _) in enumerate(stops)
        if i % 2 == 0
    )
    told = tr("Colours from {:.4g} to {:.4g} {}").format(low, high, quantity.unit).strip()
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH_PX} 76" role="img"><title>{html.escape(told)}</title>'
        f'<defs><linearGradient id="ramp">{shades}</linearGradient></defs>'
        f'<rect x="{left}" y="4" width="{wide}" height="22" fill="url(#ramp)" class="bar"/>{ticks}'
        f'<text x="{_WIDTH_PX / 2:g}" y="70" text-anchor="middle">{html.escape(quantity.unit)}</text></svg>'
    )


def _row(index: int, c: ClassArea, share: float, figures: str) -> str:
    middle = _ROW_PX * index + _ROW_PX / 2
    room = _WIDTH_PX - _LABEL_PX - _SPACE_PX
    width = max(1.0, room * share / 100) if c.pixels else 0.0
    top = middle - _BAR_PX / 2
    name = c.name if len(c.name) <= 26 else f"{c.name[:25]}…"
    return (
        f'<text x="{_LABEL_PX - 12}" y="{middle}" text-anchor="end" dominant-baseline="central">'
        f"{html.escape(name)}</text>"
        f'<rect x="{_LABEL_PX}" y="{top:g}" width="{room}" height="{_BAR_PX}" class="track"/>'
        f'<rect x="{_LABEL_PX}" y="{top:g}" width="{width:.1f}" height="{_BAR_PX}" fill="{c.color}" class="bar"/>'
        f'<text x="{_LABEL_PX + room + 10}" y="{middle}" dominant-baseline="central">'
        f"{html.escape(figures)}</text>"
    )


def _figures(c: ClassArea, share: float, largest_m2: float) -> str:
    area = "" if c.area_m2 is None else f", {area_text(c.area_m2, largest_m2)}"
    return f"{share:.1f} %{area}"
