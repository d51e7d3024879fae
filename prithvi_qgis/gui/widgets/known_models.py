"""The models that can be chosen, and what each maps and needs in one line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ...algorithms.band_names import band_name
from ...algorithms.base import tr
from ...contract import cards, paths
from ...contract.errors import PrithviError


@dataclass(frozen=True)
class KnownModel:
    """An entry of the list.

    Attributes:
        value: what the parameter holds: an id, or a folder that is none of the known ones.
        title: for people.
        card: None when it cannot be used; ``problem`` says why.
    """

    value: str
    title: str
    card: Optional[cards.ModelCard]
    problem: str = ""


def known_models() -> list[KnownModel]:
    """Every model in the user's folder and in the plugin's, by title."""
    ids = {p.parent.name for base in paths.model_folders() for p in base.glob("*/model.json")}
    return sorted((find_model(name) for name in ids), key=lambda m: m.title.lower())


def find_model(value: str) -> KnownModel:
    """The entry for an id or a folder, also where there is no such model."""
    try:
        card = cards.find_model(value.strip(), paths.model_folders())
    except PrithviError as e:
        return KnownModel(value, Path(value).name or value, None, e.line)
    return KnownModel(value, card.title, card)


def describe(card: cards.ModelCard) -> str:
    """What a model maps and needs, in one line."""
    maps = ", ".join(c.name for c in card.classes)
    bands = ", ".join(band_name(b) for b in card.bands)
    line = tr("Maps: {maps}. Needs: {bands}.").format(maps=maps, bands=bands)
    if card.resolution_m:
        line += " " + tr("Made for pixels of about {metres:g} m.").format(metres=card.resolution_m)
    if card.frames > 1:
        line += " " + tr("Looks at {count} dates.").format(count=card.frames)
    return line
