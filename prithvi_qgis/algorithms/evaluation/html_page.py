"""The page of an evaluation: one HTML file with its map inside."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import Any, Optional

from ...accuracy.agreement import Agreement
from ..base import tr
from ..reports.html_report import STYLE, facts_table
from ..segmentation.reporter import area_text
from .agreement_map import COLOURS, kind_names
from .interval_chart import area_words, interval_chart
from .metrics import Judged

_MORE_STYLE = """
.key { list-style: none; padding: 0; columns: 2; max-width: 800px; margin: .6em 0 }
.figures { font-size: 1.1em } td.right { font-weight: 700; background: #e6f0f7 } .wide { overflow-x: auto }
table.matrix td, table.matrix th { padding: .25em .8em } .wide img { image-rendering: pixelated }
"""


def evaluation_page(figures: dict[str, Any], judged: Judged, picture: bytes) -> str:
    """HTML of the JSON document ``figures`` and the PNG of the map of agreement."""
    title = tr("{} against {}").format(figures["mask"]["name"], figures["reference"]["name"])
    warnings = "".join(f'<p class="warning">{html.escape(w)}</p>' for w in figures["warnings"])
    return (
        f'<!DOCTYPE html><html lang="{tr("en")}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}{_MORE_STYLE}</style></head><body><h1>{html.escape(title)}</h1>{_summary(figures)}{warnings}"
        f"<h2>{html.escape(tr('Where they agree'))}</h2>{_map(figures, judged, picture)}"
        f"<h2>{html.escape(tr('Classes'))}</h2>{_classes(figures)}"
        f"<h2>{html.escape(tr('Confusion matrix'))}</h2>{_matrix(figures)}"
        f"<h2>{html.escape(tr('Areas'))}</h2>{_areas(figures)}"
        f"<h2>{html.escape(tr('What was compared'))}</h2>{facts_table(_inputs(figures))}"
        f"<h2>{html.escape(tr('Where the mask comes from'))}</h2>"
        f"{_provenance(figures['mask']['provenance'])}"
        "</body></html>\n"
    )


def _provenance(tags: dict[str, str]) -> str:
    return facts_table(sorted(tags.items())) if tags else f"<p>{html.escape(tr('Its file does not tell.'))}</p>"


def _summary(figures: dict[str, Any]) -> str:
    parts = (
        (tr("Mean IoU"), _share(figures["mean"]["iou"])),
        (tr("Accuracy"), _share(figures["accuracy"])),
        (tr("Kappa"), _share(figures["kappa"])),
        (tr("Mean F1"), _share(figures["mean"]["f1"])),
    )
    told = " · ".join(f"{html.escape(name)} <b>{value}</b>" for name, value in parts)
    counted = _samples(figures).format(f"{figures['pixels']['compared']:,}")
    return f'<p class="figures">{told}</p><p>{html.escape(counted)}</p>'


def _samples(figures: dict[str, Any]) -> str:
    return tr("{} points compared.") if figures["reference"]["kind"] == "points" else tr("{} pixels compared.")


def _map(figures: dict[str, Any], judged: Judged, picture: bytes) -> str:
    names = dict(zip(figures["confusion"]["values"], figures["confusion"]["names"]))
    background = wanted = ""
    if judged.background is not None:
        background = names[judged.background]
        wanted = next(n for v, n in names.items() if v != judged.background and v not in judged.unsure)
    pixels = figures["pixels"]
    incomplete = pixels["unlabelled"] or pixels["reference_ignored"] or judged.design == "points"
    total = figures["pixels"]["compared"]
    lines, words = [], []
    for kind, name in kind_names(background, wanted).items():
        count = judged.kinds.get(kind, 0)
        if kind is Agreement.NOT_COMPARED:
            if not incomplete:
                continue
            text = name
        elif count:
            text = f"{name}: {count:,} ({100 * count / total:.2f} %)"
        else:
            continue
        words.append(text)
        lines.append(
            f'<li><span class="swatch" style="background:{COLOURS[kind]}"></span> {html.escape(text)}</li>',
        )
    return (
        f'<figure class="wide"><img alt="{html.escape("; ".join(words))}" '
        f'src="data:image/png;base64,{base64.b64encode(picture).decode()}"></figure>'
        f'<ul class="key">{"".join(lines)}</ul>'
    )


def _classes(figures: dict[str, Any]) -> str:
    heads = (
        *("IoU", "F1", tr("Precision (user's accuracy)"), tr("Recall (producer's accuracy)")),
        *(tr("In the mask"), tr("In the reference"), tr("Correct")),
    )
    rows = "".join(
        _row(
            _named(c["name"], c["color"]),
            [*(_share(c[k]) for k in ("iou", "f1", "precision", "recall"))]
            + [f"{c[k]:,}" for k in ("mask_samples", "reference_samples", "correct_samples")],
        )
        for c in figures["classes"]
    )
    mean = figures["mean"]
    rows += _row(
        f"<b>{html.escape(tr('Mean'))}</b>",
        [*(f"<b>{_share(mean[k])}</b>" for k in ("iou", "f1", "precision", "recall")), "", "", ""],
    )
    foot = tr(
        "Of the compared samples. A class on one side only has IoU and F1 of 0; what cannot be computed is – and is "
        "not in the means."
    )
    return _table((tr("Class"), *heads), rows, foot)


def _matrix(figures: dict[str, Any]) -> str:
    confusion = figures["confusion"]
    counts = confusion["counts"]
    shown = [i for i in range(len(counts)) if any(counts[i]) or any(row[i] for row in counts)]
    names = confusion["names"]
    unsure = set(figures["unsure"])
    columns = [i for i in shown if confusion["values"][i] not in unsure]
    rows = ""
    for i in shown:
        cells = "".join(f'<td class="n{" right" if i == j else ""}">{counts[i][j]:,}</td>' for j in columns)
        rows += f"<tr><th scope='row'>{html.escape(names[i])}</th>{cells}<td class='n'>{sum(counts[i]):,}</td></tr>"
    sums = "".join(f"<td class='n'>{sum(row[j] for row in counts):,}</td>" for j in columns)
    total = figures["pixels"]["compared"]
    rows += f"<tr><th scope='row'>{html.escape(tr('Sum'))}</th>{sums}<td class='n'>{total:,}</td></tr>"
    heads = (tr("mask \\ reference"), *(names[j] for j in columns), tr("Sum"))
    return _table(heads, rows, tr("Rows: what the mask says. Columns: what the reference says."), "matrix")


def _areas(figures: dict[str, Any]) -> str:
    areas = figures["areas"]
    in_m2 = areas["unit"] == "m2"
    largest = max((c["mapped"] for c in areas["classes"]), default=0.0)

    def told(value: float) -> str:
        return area_text(value, largest) if in_m2 else tr("{:,.0f} pixels").format(value)

    looks = {c["value"]: c["color"] for c in figures["classes"]}
    rows = ""
    for c in areas["classes"]:
        estimated = area_words(c["estimated"], told) if c["estimated"] else "–"
        accuracies = [_with_interval(c["users_accuracy"]), _with_interval(c["producers_accuracy"])]
        rows += _row(_named(c["name"], looks[c["value"]]), [told(c["mapped"]), estimated, *accuracies])
    heads = (
        *(tr("Class"), tr("In the mask"), tr("By the reference")),
        *(tr("User's accuracy"), tr("Producer's accuracy")),
    )
    foot = tr("Overall accuracy by area: {}").format(_with_interval(areas["overall_accuracy"]))
    about = f"<p>{html.escape(areas['about'])}</p>"
    key = tr("Bar: area in the mask. Dot: by the reference, with its 95 % interval if there is one.")
    chart = interval_chart(areas["classes"], looks, told)
    return f"{about}<figure>{chart}<figcaption>{html.escape(key)}</figcaption></figure>{_table(heads, rows, foot)}"


def _inputs(figures: dict[str, Any]) -> list[tuple[str, str]]:
    mask, reference, pixels = figures["mask"], figures["reference"], figures["pixels"]
    size = tr("{} x {} pixels").format(mask["width"], mask["height"])
    left_out = (
        (tr("no data in the mask"), pixels["mask_nodata"]),
        (tr("ignored in the mask"), pixels["mask_ignored"]),
        (tr("no label in the reference"), pixels["unlabelled"]),
        (tr("ignored in the reference"), pixels["reference_ignored"]),
    )
    return [
        (tr("Mask"), f"{mask['path']}, {size}, {mask['crs'] or tr('no CRS')}"),
        (tr("Reference"), f"{reference['path']}, {reference['crs'] or tr('no CRS')}"),
        (tr("How"), reference["how"]),
        ("FIELD", reference["field"] or ""),
        ("IGNORE", ", ".join(map(str, figures["ignore"]))),
        ("OUTSIDE", "" if figures["outside"] is None else str(figures["outside"])),
        (tr("Left out"), "; ".join(f"{name}: {n:,}" for name, n in left_out if n)),
        (tr("Made"), f"{figures['made']}, prithvi_qgis {figures['version']}"),
    ]


def _table(heads: Sequence[str], rows: str, foot: str, kind: str = "") -> str:
    head = "".join(f'<th scope="col" class="{"n" if i else ""}">{html.escape(h)}</th>' for i, h in enumerate(heads))
    return (
        f'<div class="wide"><table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>'
        f'<tfoot><tr><td colspan="{len(heads)}">{html.escape(foot)}</td></tr></tfoot></table></div>'
    )


def _row(first: str, cells: Sequence[str]) -> str:
    return f"<tr><td>{first}</td>" + "".join(f'<td class="n">{cell}</td>' for cell in cells) + "</tr>"


def _named(name: str, color: str) -> str:
    return f'<span class="swatch" style="background:{color}"></span> {html.escape(name)}'


def _share(value: Optional[float]) -> str:
    return "–" if value is None else f"{value:.4f}"


def _with_interval(found: Optional[dict[str, Any]]) -> str:
    if found is None:
        return "–"
    half = found["half_width_95"]
    return f"{found['value']:.3f}" if half is None else f"{found['value']:.3f} ± {half:.3f}"
