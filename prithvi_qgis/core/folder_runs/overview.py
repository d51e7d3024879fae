"""``overview.html``: every scene of a run with a small picture and its areas, or the reason why it failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Protocol
from urllib.parse import quote

from ..models.model_card import ModelClass
from .file_names import PAGE
from .records import AREA, Row, as_number, write_text

PICTURES = "thumbnails"  # separate files: a page of thousands of scenes stays small and loads what is visible
TEMPLATE = "overview.html"  # in resources/templates


class HtmlRenderer(Protocol):
    """Fills a Jinja2 template of resources/templates; from the caller, because ``core`` has no Jinja2."""

    def __call__(self, template: str, **values: object) -> str:
        """Return the template filled with ``values``, which are escaped."""


@dataclass(frozen=True)
class OverviewTexts:
    """Texts of the page, in the user's language."""

    lang: str = "en"
    title: str = "Masks of {} scenes"
    counts: str = "{} segmented, {} failed."
    scene: str = "Scene"
    seconds: str = "Seconds"
    failed: str = "Failed"
    hectares: str = "{:,.2f} ha"


@dataclass(frozen=True)
class _SceneRow:
    """A scene as the page shows it."""

    name: str
    tooltip: str
    error: str = ""
    """Error of a failed scene, which lacks the values below."""
    picture: str = ""
    """Link to the thumbnail, or empty."""
    areas: tuple[str, ...] = ()
    """Areas, one per class."""
    seconds: str = ""


def write_overview(
    folder: Path,
    rows: Sequence[Row],
    pictures: Mapping[str, Path],
    model: str,
    classes: Sequence[ModelClass],
    texts: OverviewTexts,
    render: HtmlRenderer,
) -> Path:
    """Write the page; scenes that failed come first.

    Args:
        folder: of the page.
        rows: records.
        pictures: path of the picture of each ``input``, which need not exist.
        model: title of the model.
        classes: that the masks may have, one column each.
        texts: in the user's language.
        render: fills the template.
    Raises:
        PrithviError: ``output_unwritable``.
    """
    ordered = sorted(rows, key=lambda row: row["success"] == "true")
    failed = sum(row["success"] != "true" for row in rows)
    page = render(
        TEMPLATE,
        texts=texts,
        title=f"{texts.title.format(len(rows))} - {model}",
        counts=texts.counts.format(len(rows) - failed, failed),
        classes=classes,
        scenes=[_scene_row(folder, row, pictures.get(row["input"]), classes, texts) for row in ordered],
    )
    write_text(folder / PAGE, page)
    return folder / PAGE


def _scene_row(
    folder: Path, row: Row, picture: Optional[Path], classes: Sequence[ModelClass], texts: OverviewTexts
) -> _SceneRow:
    name = row["input"].rpartition("/")[2] or row["input"]
    if row["success"] != "true":
        return _SceneRow(name, row["input"], error=f"{texts.failed}: {row['error']}")
    areas = [row.get(AREA + c.name, "") for c in classes]
    return _SceneRow(
        name,
        row["input"],
        picture=quote(picture.relative_to(folder).as_posix()) if picture is not None and picture.is_file() else "",
        areas=tuple(texts.hectares.format(as_number(area) / 1e4) if area else "" for area in areas),
        seconds=f"{as_number(row['seconds']):.1f}",
    )
