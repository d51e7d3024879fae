"""The report of a run: one HTML page with its picture inside, and the same figures as JSON beside it."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import html
import json
from collections.abc import Sequence
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.masks.styling import colour_range, ramp
from ...core.models.model_card import ModelCard
from ...core.protocol import messages
from ...core.system.atomic_files import write_text
from ..base import tr
from ..segmentation.reporter import class_shares, values_text
from .bar_chart import class_chart, colour_bar
from .facts import how_it_was_made, parameters, value_facts, where_it_comes_from
from .picture import scene_and_mask

STYLE = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #26323a; background: #fff;
  max-width: 1180px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em; line-height: 1.25 } h2 { font-size: 1.1em; margin: 2em 0 .4em }
figure { margin: 0 } figcaption { color: #55636c; font-size: .9em } img { max-width: 100%; border: 1px solid #ccd3d8 }
table { border-collapse: collapse } td, th { padding: .25em 1.2em .25em 0; text-align: left; vertical-align: top }
th { font-weight: 600; white-space: nowrap } td { overflow-wrap: anywhere }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
thead th, tbody tr { border-bottom: 1px solid #e3e8eb } tfoot td { color: #55636c }
.swatch { display: inline-block; width: 1em; height: 1em; border: 1px solid #777; vertical-align: -.15em }
.chart { width: 100%; max-width: 800px; font-size: 15px; display: block; margin: 1em 0 }
.chart text { fill: #26323a } .chart .track { fill: #eef1f3 } .chart .bar { stroke: #777; stroke-width: 1 }
.warning { background: #fff4d6; padding: .4em .8em; border-left: 4px solid #b97f10 }
@media print { body { margin: 0; max-width: none } h2, table, figure { break-inside: avoid } }
"""


def write_report(path: str, request: messages.Segment, result: messages.Result, card: ModelCard) -> None:
    """Write ``path`` (HTML) and the JSON beside it, each in one step.

    Raises:
        PrithviError: ``output_unwritable``.
    """
    made = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    colours = None if card.quantity is None else ramp(*colour_range(card.quantity, result.values))
    rgb = _red_green_blue(card, result.bands)
    picture = scene_and_mask(request.source, rgb, result.output, result.classes, colours)
    page = _page(made, request, result, card, picture)
    asked = {k: v for k, v in dataclasses.asdict(request).items() if k not in ("source", "frames")}  # may be signed
    figures = {"made": made, "scene": request.source_name, "model": card.id, **dataclasses.asdict(result)}
    try:
        write_text(Path(path), page)
        write_text(json_beside(path), json.dumps({**figures, "parameters": asked}, indent=1))
    except OSError as e:
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE,
            f"The report {path} cannot be written: {e.strerror or e}.",
            f"Free space or choose another file; the mask {result.output} is complete.",
        ) from e


def json_beside(path: str) -> Path:
    """Where the figures of the report ``path`` stand."""
    return Path(path + ".json")  # report.json could be a file of somebody else's


def _red_green_blue(card: ModelCard, bands: tuple[int, ...]) -> list[int]:
    """The scene's bands to show; the first ones for a model without visible bands."""
    named = dict(zip(card.bands, bands))
    visible = [named[name] for name in ("RED", "GREEN", "BLUE") if name in named]
    return visible if len(visible) == 3 else (list(bands) * 3)[:3]


def _page(made: str, request: messages.Segment, result: messages.Result, card: ModelCard, picture: bytes) -> str:
    title = f"{request.source_name} - {card.title}"
    warnings = "".join(f'<p class="warning">{html.escape(w)}</p>' for w in result.warnings)
    quantity = card.quantity
    if quantity is None:
        caption = tr("Left: the scene. Right: the mask over the scene in grey, in the colours of the table.")
        figures = f"<h2>{html.escape(tr('Areas'))}</h2>{class_chart(result.classes)}{_classes(result)}"
    else:
        caption = tr("Left: the scene. Right: {}, in the colours of the bar.").format(quantity.name)
        facts = value_facts(quantity, result)
        figures = f"<h2>{html.escape(quantity.name)}</h2>{colour_bar(quantity, result.values)}{facts_table(facts)}"
    return (
        f'<!DOCTYPE html><html lang="{tr("en")}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>{html.escape(title)}</h1>{warnings}"
        f'<figure><img alt="{html.escape(_alternative(request, result, card))}" '
        f'src="data:image/png;base64,{base64.b64encode(picture).decode()}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
        f"{figures}"
        f"<h2>{html.escape(tr('How it was made'))}</h2>{facts_table(how_it_was_made(made, request, result, card))}"
        f"<h2>{html.escape(tr('Parameters'))}</h2>{facts_table(parameters(request))}"
        f"<h2>{html.escape(tr('Where it comes from'))}</h2>{facts_table(where_it_comes_from(result))}</body></html>\n"
    )


def _alternative(request: messages.Segment, result: messages.Result, card: ModelCard) -> str:
    """The picture in words."""
    if card.quantity is not None:
        told = f"{card.quantity.name}, {values_text(result.values, card.quantity.unit)}"
        return tr("The scene {} beside its mask: {}").format(request.source_name, told)
    shares = ", ".join(f"{c.name} {share:.0f} %" for c, share in class_shares(result.classes))
    return tr("The scene {} beside its mask: {}").format(request.source_name, shares)


def facts_table(facts: Sequence[tuple[str, str]]) -> str:
    """Names and what they are; empty ones are left out."""
    rows = (f"<tr><th scope='row'>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in facts if v)
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _classes(result: messages.Result) -> str:
    located = any(c.area_m2 is not None for c in result.classes)
    head = [tr("Pixels"), tr("Share"), *([tr("Hectares"), tr("km2")] if located else [])]
    rows = "".join(
        f'<tr><td><span class="swatch" style="background:{c.color}"></span></td><td>{html.escape(c.name)}</td>'
        + "".join(f'<td class="n">{cell}</td>' for cell in _cells(c, share, located))
        + "</tr>"
        for c, share in class_shares(result.classes)
    )
    foot = tr("Shares are of the pixels with data; {:,} pixels have none.").format(result.nodata_pixels)
    return (
        f"<table><thead><tr><th></th><th scope='col'>{html.escape(tr('Class'))}</th>"
        + "".join(f'<th scope="col" class="n">{html.escape(h)}</th>' for h in head)
        + f'</tr></thead><tbody>{rows}</tbody><tfoot><tr><td colspan="{2 + len(head)}">{html.escape(foot)}</td></tr>'
        "</tfoot></table>"
    )


def _cells(c: messages.ClassArea, share: float, located: bool) -> list[str]:
    cells = [f"{c.pixels:,}", f"{share:.2f} %"]
    if located:
        cells += ["", ""] if c.area_m2 is None else [f"{c.area_m2 / 1e4:,.2f} ha", f"{c.area_m2 / 1e6:,.4f} km2"]
    return cells
