"""``overview.html``: every scene of a run with a small picture, its areas, or why it failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from ..models.model_card import ModelClass
from .file_names import PAGE
from .records import AREA, Row, as_number, write_text

PICTURES = "thumbnails"  # files of their own: a page of thousands of scenes stays small, and loads what is looked at
_STYLE = """
:root { color-scheme: light }
body { font: 14px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #26323a; background: #fff; margin: 2em }
table { border-collapse: collapse } td, th { padding: .3em 1em .3em 0; text-align: left; vertical-align: middle }
th { position: sticky; top: 0; background: #fff } tr { border-bottom: 1px solid #e3e8eb }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
img { max-height: 96px; border: 1px solid #ccd3d8; display: block } td.bad { color: #9c2b1b; max-width: 60em }
.swatch { display: inline-block; width: .9em; height: .9em; border: 1px solid #777; vertical-align: -.1em }
"""


@dataclass(frozen=True)
class OverviewTexts:
    """Texts of the page, in a person's language."""

    lang: str = "en"
    title: str = "Masks of {} scenes"
    counts: str = "{} segmented, {} failed."
    scene: str = "Scene"
    seconds: str = "Seconds"
    failed: str = "Failed"
    hectares: str = "{:,.2f} ha"


def write_overview(
    folder: Path,
    rows: Sequence[Row],
    pictures: Mapping[str, Path],
    model: str,
    classes: Sequence[ModelClass],
    words: OverviewTexts,
) -> Path:
    """Write the page; scenes that failed come first.

    Args:
        rows: records; pictures: where the picture of each ``input`` is, if it exists.
        model: its title; classes: that may stand in the masks, a column each.
    Raises:
        PrithviError: ``output_unwritable``.
    """
    ordered = sorted(rows, key=lambda r: r["success"] == "true")
    bad = sum(r["success"] != "true" for r in rows)
    title = words.title.format(len(rows))
    heads = "".join(
        f'<th class="n"><span class="swatch" style="background:{c.color}"></span> {escape(c.name)}</th>'
        for c in classes
    )
    body = "".join(_row(folder, r, pictures.get(r["input"]), classes, words) for r in ordered)
    page = (
        f'<!DOCTYPE html><html lang="{escape(words.lang)}"><head><meta charset="utf-8">'
        f"<title>{escape(title)} - {escape(model)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)} - {escape(model)}</h1>"
        f"<p>{escape(words.counts.format(len(rows) - bad, bad))}</p><table><thead><tr><th></th>"
        f'<th>{escape(words.scene)}</th>{heads}<th class="n">{escape(words.seconds)}</th></tr></thead>'
        f"<tbody>{body}</tbody></table></body></html>\n"
    )
    write_text(folder / PAGE, page)
    return folder / PAGE


def _row(folder: Path, row: Row, picture: Path | None, classes: Sequence[ModelClass], words: OverviewTexts) -> str:
    name = escape(row["input"].rpartition("/")[2] or row["input"])
    if row["success"] != "true":
        why = escape(f"{words.failed}: {row['error']}")
        return (
            f'<tr><td></td><td title="{escape(row["input"])}">{name}</td>'
            f'<td class="bad" colspan="{len(classes) + 1}">{why}</td></tr>'
        )
    shown = ""
    if picture is not None and picture.is_file():
        link = quote(picture.relative_to(folder).as_posix())
        shown = f'<img loading="lazy" alt="" src="{link}">'
    cells = ""
    for c in classes:
        area = row.get(AREA + c.name, "")
        cells += f'<td class="n">{escape(words.hectares.format(as_number(area) / 1e4)) if area else ""}</td>'
    return (
        f'<tr><td>{shown}</td><td title="{escape(row["input"])}">{name}</td>{cells}'
        f'<td class="n">{as_number(row["seconds"]):.1f}</td></tr>'
    )
