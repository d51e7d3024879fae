"""Areas with their intervals, as a chart and as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from ..base import tr
from ..reports.bar_chart import Bar, bar_chart

AsText = Callable[[float], str]


def interval_chart(classes: Sequence[Mapping[str, Any]], colors: Mapping[int, str], as_text: AsText) -> str:
    """Return SVG with a bar of each class's mapped area, and a dot with whiskers for its estimate.

    Args:
        classes: as in the JSON under ``areas``.
        as_text: formats an area.
    """
    known = [c for c in classes if c["mapped"] > 0 or (c["estimated"] or {}).get("value")]
    longest = max((max(c["mapped"], *_ends(c["estimated"])) for c in known), default=0.0) or 1.0
    bars = [
        Bar(
            name=c["name"],
            text=text_with_interval(c["estimated"], as_text) if c["estimated"] else tr("not estimated"),
            color=colors[c["value"]],
            length=c["mapped"] / longest,
            estimate=c["estimated"]["value"] / longest if c["estimated"] else None,
            interval=_interval(c["estimated"], longest),
        )
        for c in known
    ]
    title = tr("Area of each class: bar as mapped, dot as estimated with its 95 % interval")
    return bar_chart("areas", title, bars, text_px=210, opacity=0.55)


def text_with_interval(estimated: Optional[Mapping[str, Any]], as_text: AsText) -> str:
    """Return ``211.58 ha ± 61.58 ha``, the value alone without an interval, or – without an estimate."""
    if not estimated:
        return "–"
    half = estimated["half_width_95"]
    value = as_text(estimated["value"])
    return value if half is None else f"{value} ± {as_text(half)}"


def _ends(estimated: Optional[Mapping[str, Any]]) -> list[float]:
    values = (estimated or {}).get("value"), (estimated or {}).get("high_95")
    return [0.0, *(v for v in values if v is not None)]


def _interval(estimated: Optional[Mapping[str, Any]], longest: float) -> Optional[tuple[float, float]]:
    if not estimated or estimated["half_width_95"] is None:
        return None
    return estimated["low_95"] / longest, estimated["high_95"] / longest
