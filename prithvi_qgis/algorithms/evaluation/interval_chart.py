"""Areas with their intervals, as SVG inside the page."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

from ..base import tr

_ROW_PX = 40
_LABEL_PX = 190
_WIDTH_PX = 800
_SPACE_PX = 210


def interval_chart(classes: Sequence[dict[str, Any]], colours: dict[int, str], told: Callable[[float], str]) -> str:
    """For each class a bar of its mapped area, and a dot with whiskers for the estimate and its interval.

    Args:
        classes: as in the JSON under ``areas``. told: an area as text.
    """
    room = _WIDTH_PX - _LABEL_PX - _SPACE_PX
    known = [c for c in classes if c["mapped"] > 0 or (c["estimated"] or {}).get("value")]
    ends = [max(c["mapped"], *_numbers(c)) for c in known]
    scale = room / (max(ends, default=0.0) or 1.0)
    rows, described = [], []
    for number, c in enumerate(known):
        middle = _ROW_PX * number + _ROW_PX / 2
        estimated = c["estimated"]
        text = area_words(estimated, told) if estimated else tr("not estimated")
        described.append(f"{c['name']}: {text}")
        name = c["name"] if len(c["name"]) <= 26 else f"{c['name'][:25]}…"
        rows.append(
            f'<text x="{_LABEL_PX - 12}" y="{middle}" text-anchor="end" dominant-baseline="central">'
            f"{html.escape(name)}</text>"
            f'<rect x="{_LABEL_PX}" y="{middle - 11:g}" width="{max(1.0, c["mapped"] * scale):.1f}" height="22" '
            f'fill="{colours[c["value"]]}" class="bar" fill-opacity="0.55"/>'
            f"{_whiskers(estimated, middle, scale)}"
            f'<text x="{_LABEL_PX + room + 10}" y="{middle}" dominant-baseline="central">{html.escape(text)}</text>'
        )
    title = tr("Area of each class: bar as mapped, dot as estimated with its 95 % interval")
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH_PX} {_ROW_PX * max(len(known), 1)}" role="img" '
        f'aria-labelledby="areas-title areas-text"><title id="areas-title">{html.escape(title)}</title>'
        f'<desc id="areas-text">{html.escape("; ".join(described))}</desc>{"".join(rows)}</svg>'
    )


def area_words(estimated: dict[str, Any], told: Callable[[float], str]) -> str:
    """``211.58 ha ± 61.58 ha``, or the area alone without an interval."""
    half = estimated["half_width_95"]
    return told(estimated["value"]) if half is None else f"{told(estimated['value'])} ± {told(half)}"


def _numbers(c: dict[str, Any]) -> list[float]:
    estimated = c["estimated"] or {}
    return [v for v in (estimated.get("value"), estimated.get("high_95"), 0.0) if v is not None]


def _whiskers(estimated: Any, middle: float, scale: float) -> str:
    if not estimated:
        return ""
    at = _LABEL_PX + estimated["value"] * scale
    drawn = f'<circle cx="{at:.1f}" cy="{middle}" r="5" fill="#000"/>'
    if estimated["half_width_95"] is not None:
        low, high = (_LABEL_PX + estimated[k] * scale for k in ("low_95", "high_95"))
        drawn += "".join(
            f'<path d="{d}" stroke="#000" stroke-width="2" fill="none"/>'
            for d in (
                f"M{low:.1f} {middle}H{high:.1f}",
                f"M{low:.1f} {middle - 6}v12",
                f"M{high:.1f} {middle - 6}v12",
            )
        )
    return drawn
