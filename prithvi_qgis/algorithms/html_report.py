"""The report of a run: one HTML page with its picture inside, and the same figures as JSON beside it."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import html
import json
import os
from pathlib import Path

from ..contract import messages
from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from .report_picture import scene_and_mask
from .segment_report import area_text

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #26323a; max-width: 1180px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em } h2 { font-size: 1.1em; margin-top: 2em } img { max-width: 100%; border: 1px solid #ccd3d8 }
table { border-collapse: collapse } td, th { padding: .25em 1em .25em 0; text-align: left; vertical-align: top }
td.n, th.n { text-align: right } .swatch { display: inline-block; width: 1em; height: 1em; border: 1px solid #999 }
.warning { background: #fff4d6; padding: .4em .8em; border-left: 4px solid #d9a441 }
"""


def write_report(path: str, request: messages.Segment, result: messages.Result, card: ModelCard) -> None:
    """Write ``path`` (HTML) and the JSON beside it, each in one step.

    Raises:
        PrithviError: ``output_unwritable``.
    """
    made = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    picture = scene_and_mask(request.source, _red_green_blue(card, result.bands), result.output, result.classes)
    page = _page(made, request, result, card, picture)
    figures = {"made": made, "scene": request.source_name, "model": card.id, **dataclasses.asdict(result)}
    try:
        _write(Path(path), page)
        _write(json_beside(path), json.dumps(figures, indent=1))
    except OSError as e:
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE,
            f"The report {path} cannot be written: {e.strerror or e}.",
            f"Free space or choose another file; the mask {result.output} is complete.",
        ) from e


def json_beside(path: str) -> Path:
    """Where the figures of the report ``path`` stand."""
    return Path(path + ".json")  # report.json could be a file of somebody else's


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.stem}.prithvi-{os.getpid()}-report{path.suffix}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _red_green_blue(card: ModelCard, bands: tuple[int, ...]) -> list[int]:
    """The scene's bands to show; the first ones for a model without visible bands."""
    named = dict(zip(card.bands, bands))
    visible = [named[name] for name in ("RED", "GREEN", "BLUE") if name in named]
    return visible if len(visible) == 3 else (list(bands) * 3)[:3]


def _page(made: str, request: messages.Segment, result: messages.Result, card: ModelCard, picture: bytes) -> str:
    title = f"{request.source_name} - {card.title}"
    encoded = base64.b64encode(picture).decode()
    facts = {
        "Scene": request.source_name,
        "Mask": result.output,
        "Size": f"{result.width} x {result.height} pixels, {result.nodata_pixels} of them without data",
        "Model": f"{card.title} ({card.id}), licence {card.licence}",
        "About the model": card.description,
        "Citation": card.citation,
        "Bands": ", ".join(f"{name} = {number}" for name, number in zip(card.bands, result.bands)),
        "Scaling": result.scaling,
        "Engine": f"{result.engine} on {result.device_name} ({result.device})",
        "Tiles": str(result.tiles),
        "Seconds": ", ".join(f"{name} {seconds:.2f}" for name, seconds in result.timings.items()),
        "Made": made,
    }
    rows = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in facts.items() if v)
    warnings = "".join(f'<p class="warning">{html.escape(w)}</p>' for w in result.warnings)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{html.escape(title)}</h1>{warnings}"
        f'<img alt="Scene and mask" src="data:image/png;base64,{encoded}">'
        f"<h2>Classes</h2>{_classes(result)}<h2>How it was made</h2><table>{rows}</table></body></html>\n"
    )


def _classes(result: messages.Result) -> str:
    valid = sum(c.pixels for c in result.classes) or 1
    rows = "".join(
        f'<tr><td><span class="swatch" style="background:{c.color}"></span></td><td>{html.escape(c.name)}</td>'
        f'<td class="n">{c.pixels:,}</td><td class="n">{100 * c.pixels / valid:.2f} %</td>'
        f'<td class="n">{"" if c.area_m2 is None else area_text(c.area_m2)}</td></tr>'
        for c in result.classes
    )
    head = '<tr><th></th><th>Class</th><th class="n">Pixels</th><th class="n">Share</th><th class="n">Area</th></tr>'
    return f"<table>{head}{rows}</table>"
