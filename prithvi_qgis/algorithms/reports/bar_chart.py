"""Charts of the reports, as SVG inside the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from ...core.masks.styling import colour_range, ramp
from ...core.models.model_card import Quantity
from ...core.protocol.messages import ClassArea
from ..base import tr
from ..run_status import area_text, shown_shares
from .html_renderer import render

_ROW_PX = 40
_WIDTH_PX = 800
_LONGEST_LABEL = 26


@dataclass(frozen=True)
class Bar:
    """One row of a bar chart. Lengths are shares, 0 to 1, of the room for bars."""

    name: str
    text: str
    """Figures, written to the right of the bars."""
    color: str
    length: float
    estimate: Optional[float] = None
    """Where a dot marks an estimate."""
    interval: Optional[tuple[float, float]] = None
    """Ends of the estimate's whiskers."""

    @property
    def label(self) -> str:
        """The name, shortened to fit."""
        return self.name if len(self.name) <= _LONGEST_LABEL else f"{self.name[: _LONGEST_LABEL - 1]}…"

    def width(self, room: float) -> float:
        """Length in pixels; a small one stays visible."""
        return max(1.0, room * self.length)


def bar_chart(
    name: str,
    title: str,
    bars: Sequence[Bar],
    label_px: int = 190,
    text_px: int = 220,
    track: bool = False,
    opacity: float = 1.0,
) -> str:
    """Return a chart with one row per bar; a screen reader reads names and values.

    Args:
        name: prefix of the ids in the page.
        label_px, text_px: room left and right of the bars.
        track: draw the full length behind each bar.
    """
    return render(
        "bar_chart.html",
        id=name,
        title=title,
        bars=bars,
        track=track,
        opacity=opacity,
        width=_WIDTH_PX,
        row=_ROW_PX,
        left=label_px,
        room=_WIDTH_PX - label_px - text_px,
    )


def class_chart(classes: Sequence[ClassArea]) -> str:
    """Return a chart of the classes' shares; the largest ones where there are very many."""
    shares, _ = shown_shares(tuple(classes))
    # One unit for all: a hectare next to a square kilometre misleads when the numbers are compared.
    largest_m2 = max((c.area_m2 or 0.0 for c in classes), default=0.0)
    bars = [Bar(c.name, _row_text(c, share, largest_m2), c.color, share / 100) for c, share in shares]
    return bar_chart("chart", tr("Share of each class"), bars, track=True)


def colour_bar(quantity: Quantity, values: Mapping[str, float]) -> str:
    """Return the colour ramp of a regression's picture with its numbers."""
    low, high = colour_range(quantity, values)
    stops = ramp(low, high)
    last = len(stops) - 1
    title = tr("Colours from {:.4g} to {:.4g} {}").format(low, high, quantity.unit).strip()
    drawn = [
        {"offset": i / last, "color": color, "x": 20 + (_WIDTH_PX - 40) * i / last, "label": f"{value:.4g}"}
        for i, (value, color) in enumerate(stops)
    ]
    return render("color_bar.html", title=title, stops=drawn, unit=quantity.unit, width=_WIDTH_PX)


def _row_text(c: ClassArea, share: float, largest_m2: float) -> str:
    area = "" if c.area_m2 is None else f", {area_text(c.area_m2, largest_m2)}"
    return f"{share:.1f} %{area}"
