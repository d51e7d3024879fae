"""The HTML report of a benchmark: a chart and a table with one row per configuration."""

from __future__ import annotations

from typing import Any

from ..base import tr
from .bar_chart import Bar, bar_chart
from .html_renderer import render


def benchmark_page(made: str, measurements: dict[str, Any]) -> str:
    """Return HTML of the engine's measurements; ``made`` is the time in ISO 8601."""
    good = [way for way in measurements["ways"] if "error" not in way]
    highest = max((way["tiles_per_s"] for way in good), default=1.0) or 1.0
    bars = [Bar(way["way"], f"{way['tiles_per_s']:.1f}", "#0072b2", way["tiles_per_s"] / highest) for way in good]
    chart_title = tr("Tiles a second")
    return render(
        "benchmark.html",
        lang=tr("en"),
        title=tr("{} with {}").format(measurements["scene"], measurements["title"]),
        facts=[
            tr("{} x {} pixels").format(measurements["width"], measurements["height"]),
            good[0]["device"] if good else "",
            ", ".join(f"{name} {version}" for name, version in measurements["versions"].items()),
            made,
        ],
        chart_title=chart_title,
        chart=bar_chart("speed", chart_title, bars, label_px=220, text_px=130),
        columns=[tr("Way"), tr("Seconds"), tr("Tiles"), tr("Tiles a second"), tr("Loading, seconds")],
        rows=[_row(way) for way in measurements["ways"]],
        notes=[
            tr("Medians of warm runs, from the first row read to the closed mask."),
            tr("The stock path cuts tiles without overlap, so it has fewer of them."),
        ],
    )


def _row(way: dict[str, Any]) -> dict[str, Any]:
    if "error" in way:
        return {"name": way["way"], "error": way["error"], "cells": []}
    cells = [f"{way['seconds']:.2f}", str(way["tiles"]), f"{way['tiles_per_s']:.1f}", f"{way['load_s']:.1f}"]
    return {"name": way["way"], "error": "", "cells": cells}
