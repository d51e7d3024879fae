"""The page of an evaluation: one HTML file with its map inside."""

from __future__ import annotations

import base64
from typing import Any, Optional

from ...accuracy.agreement import Agreement
from ..base import tr
from ..reports.html_renderer import render
from ..run_status import area_text
from .agreement_map import COLOURS, agreement_names
from .interval_chart import interval_chart, text_with_interval
from .metrics import Metrics

_SCORES = ("iou", "f1", "precision", "recall")


def evaluation_page(document: dict[str, Any], metrics: Metrics, picture: bytes) -> str:
    """Return HTML of the JSON document ``document`` and the PNG of the agreement map."""
    mean, points = document["mean"], document["reference"]["kind"] == "points"
    samples = tr("{} points compared.") if points else tr("{} pixels compared.")
    return render(
        "evaluation.html",
        lang=tr("en"),
        title=tr("{} against {}").format(document["mask"]["name"], document["reference"]["name"]),
        summary=[
            (tr("Mean IoU"), _number(mean["iou"])),
            (tr("Accuracy"), _number(document["accuracy"])),
            (tr("Kappa"), _number(document["kappa"])),
            (tr("Mean F1"), _number(mean["f1"])),
        ],
        samples=samples.format(f"{document['pixels']['compared']:,}"),
        warnings=document["warnings"],
        picture=base64.b64encode(picture).decode(),
        key=_map_key(document, metrics),
        classes=_classes(document),
        matrix=_matrix(document),
        areas=_areas(document),
        inputs=_inputs(document),
        provenance=sorted(document["mask"]["provenance"].items()),
        no_provenance=tr("Its file does not tell."),
        heads={
            "map": tr("Where they agree"),
            "classes": tr("Classes"),
            "matrix": tr("Confusion matrix"),
            "areas": tr("Areas"),
            "inputs": tr("What was compared"),
            "provenance": tr("Where the mask comes from"),
        },
    )


def _map_key(document: dict[str, Any], metrics: Metrics) -> list[dict[str, str]]:
    """Return color and text of each kind of agreement that occurs."""
    names = dict(zip(document["confusion"]["values"], document["confusion"]["names"]))
    background = foreground = ""
    if metrics.background is not None:
        background = names[metrics.background]
        foreground = next(n for v, n in names.items() if v != metrics.background and v not in metrics.uncertain)
    pixels = document["pixels"]
    incomplete = pixels["unlabelled"] or pixels["reference_ignored"] or metrics.design == "points"
    entries = []
    for kind, name in agreement_names(background, foreground).items():
        count = metrics.agreement_counts.get(kind, 0)
        if kind is Agreement.NOT_COMPARED and incomplete:
            entries.append({"color": COLOURS[kind], "text": name})
        elif kind is not Agreement.NOT_COMPARED and count:
            share = 100 * count / pixels["compared"]
            entries.append({"color": COLOURS[kind], "text": f"{name}: {count:,} ({share:.2f} %)"})
    return entries


def _classes(document: dict[str, Any]) -> dict[str, Any]:
    counts = ("mask_samples", "reference_samples", "correct_samples")
    return {
        "columns": [
            *(tr("Class"), "IoU", "F1", tr("Precision (user's accuracy)"), tr("Recall (producer's accuracy)")),
            *(tr("In the mask"), tr("In the reference"), tr("Correct")),
        ],
        "rows": [
            {
                "name": c["name"],
                "color": c["color"],
                "cells": [*(_number(c[key]) for key in _SCORES), *(f"{c[key]:,}" for key in counts)],
            }
            for c in document["classes"]
        ],
        "mean_name": tr("Mean"),
        "means": [_number(document["mean"][key]) for key in _SCORES],
        "foot": tr(
            "Of the compared samples. A class on one side only has IoU and F1 of 0; what cannot be computed is – and "
            "is not in the means."
        ),
    }


def _matrix(document: dict[str, Any]) -> dict[str, Any]:
    confusion = document["confusion"]
    counts, names = confusion["counts"], confusion["names"]
    shown = [i for i in range(len(counts)) if any(counts[i]) or any(row[i] for row in counts)]
    columns = [i for i in shown if confusion["values"][i] not in document["unsure"]]
    rows = [
        {
            "name": names[i],
            "cells": [*(f"{counts[i][j]:,}" for j in columns), f"{sum(counts[i]):,}"],
            "diagonal": columns.index(i) if i in columns else -1,
        }
        for i in shown
    ]
    sums = [f"{sum(row[j] for row in counts):,}" for j in columns]
    rows.append({"name": tr("Sum"), "cells": [*sums, f"{document['pixels']['compared']:,}"], "diagonal": -1})
    return {
        "columns": [tr("mask \\ reference"), *(names[j] for j in columns), tr("Sum")],
        "rows": rows,
        "foot": tr("Rows: what the mask says. Columns: what the reference says."),
    }


def _areas(document: dict[str, Any]) -> dict[str, Any]:
    areas = document["areas"]
    in_m2 = areas["unit"] == "m2"
    largest = max((c["mapped"] for c in areas["classes"]), default=0.0)

    def as_text(value: float) -> str:
        return area_text(value, largest) if in_m2 else tr("{:,.0f} pixels").format(value)

    colors = {c["value"]: c["color"] for c in document["classes"]}
    return {
        "about": areas["about"],
        "chart": interval_chart(areas["classes"], colors, as_text),
        "key": tr("Bar: area in the mask. Dot: by the reference, with its 95 % interval if there is one."),
        "columns": [
            *(tr("Class"), tr("In the mask"), tr("By the reference")),
            *(tr("User's accuracy"), tr("Producer's accuracy")),
        ],
        "rows": [
            {
                "name": c["name"],
                "color": colors[c["value"]],
                "cells": [
                    as_text(c["mapped"]),
                    text_with_interval(c["estimated"], as_text),
                    text_with_interval(c["users_accuracy"], _accuracy),
                    text_with_interval(c["producers_accuracy"], _accuracy),
                ],
            }
            for c in areas["classes"]
        ],
        "foot": tr("Overall accuracy by area: {}").format(text_with_interval(areas["overall_accuracy"], _accuracy)),
    }


def _inputs(document: dict[str, Any]) -> list[tuple[str, str]]:
    mask, reference, pixels = document["mask"], document["reference"], document["pixels"]
    size = tr("{} x {} pixels").format(mask["width"], mask["height"])
    left_out = (
        (tr("no data in the mask"), pixels["mask_nodata"]),
        (tr("ignored in the mask"), pixels["mask_ignored"]),
        (tr("no label in the reference"), pixels["unlabelled"]),
        (tr("ignored in the reference"), pixels["reference_ignored"]),
        (tr("points beside the mask"), pixels["points_outside"]),
        (tr("polygons without a pixel's centre"), pixels["polygons_without_pixel"]),
    )
    return [
        (tr("Mask"), f"{mask['path']}, {size}, {mask['crs'] or tr('no CRS')}"),
        (tr("Reference"), f"{reference['path']}, {reference['crs'] or tr('no CRS')}"),
        (tr("How"), reference["how"]),
        ("FIELD", reference["field"] or ""),
        ("IGNORE", ", ".join(map(str, document["ignore"]))),
        ("OUTSIDE", "" if document["outside"] is None else str(document["outside"])),
        (tr("Left out"), "; ".join(f"{name}: {n:,}" for name, n in left_out if n)),
        (tr("Made"), f"{document['made']}, prithvi_qgis {document['version']}"),
    ]


def _number(value: Optional[float]) -> str:
    return "–" if value is None else f"{value:.4f}"


def _accuracy(value: float) -> str:
    return f"{value:.3f}"
