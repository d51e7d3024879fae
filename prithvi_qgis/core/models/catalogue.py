"""Which models there are, and whether each can be used now."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from ..errors import ErrorCode, PrithviError
from .model_card import ModelCard, read_card


class ModelState(str, Enum):
    """What stands between a card and a run."""

    READY = "ready"
    TO_DOWNLOAD = "to download"
    TO_IMPORT = "to import"  # no weights are published: a person's own fine-tune is needed
    INCOMPLETE = "incomplete"  # files are missing, and nothing says where they come from


def state(card: ModelCard) -> ModelState:
    """Whether the model's files are here. Quick: looks at names alone."""
    if (card.folder / card.weights).is_file() and (card.folder / "config.json").is_file():
        return ModelState.READY
    if card.source is None:
        return ModelState.INCOMPLETE
    return ModelState.TO_DOWNLOAD if card.source.repo else ModelState.TO_IMPORT


def list_models(folders: Iterable[Path]) -> list[tuple[ModelCard, ModelState]]:
    """Every usable card with its state, by title; of two with one id the one in the first folder."""
    found: dict[str, Path] = {}
    for base in reversed(list(folders)):
        found.update({p.parent.name: p.parent for p in sorted(base.glob("*/model.json"))})
    listed = []
    for folder in found.values():
        try:
            card = read_card(folder)
        except PrithviError:
            continue  # told when somebody asks for this model
        listed.append((card, state(card)))
    return sorted(listed, key=lambda pair: pair[0].title.lower())


def require_ready(card: ModelCard) -> None:
    """Refuse a model whose files are not on this machine.

    Raises:
        PrithviError: ``model_missing`` with what to do.
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
    """A size as people say it: ``1.3 GB``, ``24 MB``."""
    mega = size_bytes / 1e6
    return f"{mega / 1000:.1f} GB" if mega >= 1000 else f"{mega:.0f} MB"
