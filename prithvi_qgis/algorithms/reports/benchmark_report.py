"""The page of a benchmark: a table, and a bar for each way."""

from __future__ import annotations

import html
from typing import Any

from ..base import tr
from .html_report import STYLE

_ROW_PX = 34
_LABEL_PX = 220
_WIDTH_PX = 800
_SPACE_PX = 130


def benchmark_page(made: str, figures: dict[str, Any]) -> str:
    """HTML of the engine's figures; ``made`` is the time in ISO 8601."""
    title = tr("{} with {}").format(figures["scene"], figures["title"])
    versions = ", ".join(f"{name} {version}" for name, version in figures["versions"].items())
    good = [way for way in figures["ways"] if "error" not in way]
    device = good[0]["device"] if good else ""
    size = tr("{} x {} pixels").format(figures["width"], figures["height"])
    return (
        f'<!DOCTYPE html><html lang="{tr("en")}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{html.escape(title)}</h1>"
        f"<p>{html.escape(size)}. {html.escape(device)}. {html.escape(versions)}. {html.escape(made)}.</p>"
        f"<h2>{html.escape(tr('Tiles a second'))}</h2>{_chart(good)}{_table(figures['ways'])}"
        f"<p>{html.escape(tr('Medians of warm runs, from the first row read to the closed mask.'))} "
        f"{html.escape(tr('The stock path cuts tiles without overlap, so it has fewer of them.'))}</p></body></html>\n"
    )


def _chart(ways: list[dict[str, Any]]) -> str:
    most = max((way["tiles_per_s"] for way in ways), default=1.0) or 1.0
    room = _WIDTH_PX - _LABEL_PX - _SPACE_PX
    bars = []
    for number, way in enumerate(ways):
        middle = _ROW_PX * number + _ROW_PX / 2
        width = max(1.0, room * way["tiles_per_s"] / most)
        bars.append(
            f'<text x="{_LABEL_PX - 12}" y="{middle}" text-anchor="end" dominant-baseline="central">'
            f"{html.escape(way['way'])}</text>"
            f'<rect x="{_LABEL_PX}" y="{middle - 9:g}" width="{width:.1f}" height="18" fill="#0072b2" class="bar"/>'
            f'<text x="{_LABEL_PX + width + 10:.1f}" y="{middle}" dominant-baseline="central">'
            f"{way['tiles_per_s']:.1f}</text>"
        )
    told = "; ".join(f"{way['way']}: {way['tiles_per_s']:.1f}" for way in ways)
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH_PX} {_ROW_PX * max(len(ways), 1)}" role="img">'
        f"<title>{html.escape(tr('Tiles a second'))}</title><desc>{html.escape(told)}</desc>{''.join(bars)}</svg>"
    )


def _table(ways: list[dict[str, Any]]) -> str:
    heads = (tr("Way"), tr("Seconds"), tr("Tiles"), tr("Tiles a second"), tr("Loading, seconds"))
    head = "".join(f'<th class="{"n" if i else ""}">{html.escape(h)}</th>' for i, h in enumerate(heads))
    rows = "".join(_row(way) for way in ways)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(way: dict[str, Any]) -> str:
    name = html.escape(way["way"])
    if "error" in way:
        return f'<tr><td>{name}</td><td colspan="4">{html.escape(way["error"])}</td></tr>'
    numbers = (f"{way['seconds']:.2f}", str(way["tiles"]), f"{way['tiles_per_s']:.1f}", f"{way['load_s']:.1f}")
    return f"<tr><td>{name}</td>" + "".join(f'<td class="n">{n}</td>' for n in numbers) + "</tr>"
