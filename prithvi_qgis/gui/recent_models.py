"""The recently used models, for the layer menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from .. import settings
from ..algorithms.segmentation.validation import find_model
from ..core.errors import PrithviError
from ..core.models.model_card import ModelCard

KEPT = 4


class RecentModels:
    """Ids or folders of models, most recent first, saved between sessions. Calls ``changed`` when they change."""

    def __init__(self, changed: Optional[Callable[[], None]] = None):
        self._changed = changed

    def cards(self) -> list[ModelCard]:
        """Return the recent models that still exist, then the default model."""
        found: dict[str, ModelCard] = {}
        for name in [*settings.RECENT_MODELS.read(), settings.default_model()]:
            try:
                card = find_model(name)
            except PrithviError:
                continue  # removed since it was used
            found.setdefault(str(card.folder), card)
        return list(found.values())[:KEPT]

    def used(self, model: str, folder: str) -> None:
        """Record that a model was used.

        Args:
            model: its id.
            folder: its folder, saved instead of an id that would find another model.
        """
        try:
            name = model if str(find_model(model).folder) == folder else folder
        except PrithviError:
            name = folder
        names = settings.RECENT_MODELS.read()
        if names[:1] == [name]:
            return
        settings.RECENT_MODELS.write((name, *(n for n in names if n != name))[:KEPT])
        if self._changed is not None:
            self._changed()


def parameter(card: ModelCard) -> str:
    """Return the value of MODEL that finds ``card`` again."""
    try:
        return card.id if find_model(card.id).folder == card.folder else str(card.folder)
    except PrithviError:
        return str(card.folder)
