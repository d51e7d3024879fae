"""The report of a run: one HTML page with its picture inside, and the same results as JSON next to it."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
from pathlib import Path
from typing import Any

from ...core.errors import ErrorCode, PrithviError
from ...core.masks.styling import colour_range, ramp
from ...core.models.model_card import ModelCard
from ...core.protocol import messages
from ...core.system.atomic_files import write_text
from ..base import tr
from ..run_status import class_shares, values_text
from . import facts
from .bar_chart import class_chart, colour_bar
from .html_renderer import render
from .picture import scene_and_mask


def write_report(path: str, request: messages.Segment, result: messages.Result, card: ModelCard) -> None:
    """Write ``path`` (HTML) and the JSON next to it, each in one step.

    Raises:
        PrithviError: ``output_unwritable``.
    """
    made = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    colours = None if card.quantity is None else ramp(*colour_range(card.quantity, result.values))
    rgb = _red_green_blue(card, result.bands)
    picture = scene_and_mask(request.source, rgb, result.output, result.classes, colours)
    page = _page(made, request, result, card, picture)
    parameters = {
        k: v for k, v in dataclasses.asdict(request).items() if k not in ("source", "frames")
    }  # may be signed
    document = {"made": made, "scene": request.source_name, "model": card.id, **dataclasses.asdict(result)}
    try:
        write_text(Path(path), page)
        write_text(json_path(path), json.dumps({**document, "parameters": parameters}, indent=1))
    except OSError as e:
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE,
            f"The report {path} cannot be written: {e.strerror or e}.",
            f"Free space or choose another file; the mask {result.output} is complete.",
        ) from e


def json_path(path: str) -> Path:
    """Return the JSON file of the report ``path``."""
    return Path(path + ".json")  # report.json could be another program's file


def _red_green_blue(card: ModelCard, bands: tuple[int, ...]) -> list[int]:
    """Return the scene's bands to show; the first ones for a model without visible bands."""
    named = dict(zip(card.bands, bands))
    visible = [named[name] for name in ("RED", "GREEN", "BLUE") if name in named]
    return visible if len(visible) == 3 else (list(bands) * 3)[:3]


def _page(made: str, request: messages.Segment, result: messages.Result, card: ModelCard, picture: bytes) -> str:
    quantity = card.quantity
    if quantity is None:
        caption = tr("Left: the scene. Right: the mask over the scene in grey, in the colours of the table.")
        shown = {"figures_title": tr("Areas"), "chart": class_chart(result.classes), **_class_table(result)}
    else:
        caption = tr("Left: the scene. Right: {}, in the colours of the bar.").format(quantity.name)
        chart = colour_bar(quantity, result.values)
        shown = {"figures_title": quantity.name, "chart": chart, "values": facts.value_facts(quantity, result)}
    return render(
        "segmentation.html",
        lang=tr("en"),
        title=f"{request.source_name} - {card.title}",
        warnings=result.warnings,
        picture=base64.b64encode(picture).decode(),
        alternative=_alternative(request, result, card),
        caption=caption,
        sections=[
            (tr("How it was made"), facts.how_it_was_made(made, request, result, card)),
            (tr("Parameters"), facts.parameters(request)),
            (tr("Where it comes from"), facts.where_it_comes_from(result)),
        ],
        **shown,
    )


def _alternative(request: messages.Segment, result: messages.Result, card: ModelCard) -> str:
    """Return the picture in words."""
    if card.quantity is not None:
        text = f"{card.quantity.name}, {values_text(result.values, card.quantity.unit)}"
    else:
        text = ", ".join(f"{c.name} {share:.0f} %" for c, share in class_shares(result.classes))
    return tr("The scene {} beside its mask: {}").format(request.source_name, text)


def _class_table(result: messages.Result) -> dict[str, Any]:
    located = any(c.area_m2 is not None for c in result.classes)
    return {
        "columns": [tr("Class"), tr("Pixels"), tr("Share"), *([tr("Hectares"), tr("km2")] if located else [])],
        "classes": [
            {"name": c.name, "color": c.color, "cells": _cells(c, share, located)}
            for c, share in class_shares(result.classes)
        ],
        "foot": tr("Shares are of the pixels with data; {:,} pixels have none.").format(result.nodata_pixels),
    }


def _cells(c: messages.ClassArea, share: float, located: bool) -> list[str]:
    cells = [f"{c.pixels:,}", f"{share:.2f} %"]
    if located:
        cells += ["", ""] if c.area_m2 is None else [f"{c.area_m2 / 1e4:,.2f} ha", f"{c.area_m2 / 1e6:,.4f} km2"]
    return cells
