"""List the models, and report whether each one can be used."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from ..errors import ErrorCode, PrithviError
from .model_card import ModelCard, read_card


class ModelState(str, Enum):
    """What is missing to use a model."""

    READY = "ready"
    TO_DOWNLOAD = "to download"
    TO_IMPORT = "to import"  # no weights are published: the user's own fine-tune is needed
    INCOMPLETE = "incomplete"  # files are missing, and the card has no source


def state(card: ModelCard) -> ModelState:
    """Return the state of a model, checking file names only."""
    if (card.folder / card.weights).is_file() and (card.folder / "config.json").is_file():
        return ModelState.READY
    if card.source is None:
        return ModelState.INCOMPLETE
    return ModelState.TO_DOWNLOAD if card.source.repo else ModelState.TO_IMPORT


def list_models(folders: Iterable[Path]) -> list[tuple[ModelCard, ModelState]]:
    """Return every valid card with its state, sorted by title; the first folder wins where ids are equal."""
    found: dict[str, Path] = {}
    for base in reversed(list(folders)):
        found.update({p.parent.name: p.parent for p in sorted(base.glob("*/model.json"))})
    listed = []
    for folder in found.values():
        try:
            card = read_card(folder)
        except PrithviError:
            continue  # selecting this model reports the error
        listed.append((card, state(card)))
    return sorted(listed, key=lambda pair: pair[0].title.lower())


def require_ready(card: ModelCard) -> None:
    """Refuse a model whose files are not on this machine.

    Raises:
        PrithviError: ``model_missing`` with the next step.
    """
    now = state(card)
    if now is ModelState.TO_DOWNLOAD and card.source:
        size = f" ({size_text(card.source.size_bytes)})" if card.source.size_bytes else ""
        raise PrithviError(
            ErrorCode.MODEL_MISSING,
            f"{card.id} is not on this machine yet{size}.",
            f"Download it with Prithvi EO > Models > Download model in the Toolbox, or: "
            f"qgis_process run prithvi:downloadmodel --MODEL={card.id}.",
        )
    if now is ModelState.TO_IMPORT:
        raise PrithviError(
            ErrorCode.MODEL_MISSING,
            f"No weights of {card.id} are published.",
            "Fine-tune it with TerraTorch and bring it as a model of your own (docs/own-models.md).",
        )


def size_text(size_bytes: int) -> str:
    """Return ``1.3 GB``, ``24 MB``."""
    megabytes = size_bytes / 1e6
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.0f} MB"
