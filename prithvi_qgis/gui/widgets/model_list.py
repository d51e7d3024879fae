"""Lists the models that can be chosen, and describes the classes and bands of each in one line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ...algorithms.base import tr
from ...algorithms.scenes.band_names import band_name
from ...core.errors import PrithviError
from ...core.models import catalogue, model_card
from ...core.models.catalogue import ModelState
from ...core.system import paths

_NAMED_CLASSES = 14  # more would fill the form


@dataclass(frozen=True)
class KnownModel:
    """An entry of the list."""

    value: str
    """The parameter's value: an id, or another folder."""
    title: str
    card: Optional[model_card.ModelCard]
    """None for a model that cannot be used."""
    problem: str = ""
    """Why it cannot be used."""
    to_download: bool = False
    """Whether its weights are not on this machine."""


def known_models() -> list[KnownModel]:
    """Return the models in the user's folder and the plugin's, except those without published weights.

    Sorted by title; models that can run come before models to download.
    """
    ids = {p.parent.name for base in paths.model_folders() for p in base.glob("*/model.json")}
    found = (find_model(name) for name in ids)
    usable = (m for m in found if not m.card or catalogue.state(m.card) is not ModelState.TO_IMPORT)
    return sorted(usable, key=lambda m: (m.to_download, m.title.lower()))


def find_model(value: str) -> KnownModel:
    """Return the entry for an id or a folder; a model that does not exist has no card."""
    try:
        card = model_card.find_model(value.strip(), paths.model_folders())
    except PrithviError as e:
        return KnownModel(value, Path(value).name or value, None, e.line)
    if catalogue.state(card) is ModelState.TO_DOWNLOAD:
        return KnownModel(value, tr("{title} (to download)").format(title=card.title), card, to_download=True)
    return KnownModel(value, card.title, card)


def how_to_get(card: model_card.ModelCard) -> str:
    """Return how to get a model that is to be downloaded, in one line."""
    size = card.source.size_bytes if card.source else 0
    line = tr("Not on this machine yet. Fetch it with Prithvi EO > Models > Download model in the Toolbox: {id}.")
    return line.format(id=card.id) + (" " + tr("About {size}.").format(size=catalogue.size_text(size)) if size else "")


def describe(card: model_card.ModelCard) -> str:
    """Return the classes and bands of a model in one line."""
    maps = ", ".join(c.name for c in card.classes[:_NAMED_CLASSES])
    if len(card.classes) > _NAMED_CLASSES:
        maps = tr("{maps} and {count} more").format(maps=maps, count=len(card.classes) - _NAMED_CLASSES)
    if card.quantity is not None:
        maps = f"{card.quantity.name} ({card.quantity.unit})" if card.quantity.unit else card.quantity.name
    bands = ", ".join(band_name(b) for b in card.bands)
    line = tr("Maps: {maps}. Needs: {bands}.").format(maps=maps, bands=bands)
    if card.resolution_m:
        line += " " + tr("Made for pixels of about {metres:g} m.").format(metres=card.resolution_m)
    if card.frames > 1:
        line += " " + tr("Looks at {count} dates.").format(count=card.frames)
    return line
