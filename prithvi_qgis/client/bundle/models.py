"""Models in a bundle: card, configuration and weights as real files, with their checksums."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.models.catalogue import ModelState, list_models, require_ready, state
from ...core.models.model_card import ModelCard, find_model
from ...core.system import paths
from ...core.system.atomic_files import atomic_file, write_text
from ...core.system.file_checksum import copy_with_sha256, sha256_of_file
from ..runtime.subprocess_lines import cancelled

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as prithvi:importmodel accepts it


def choose_models(names: str) -> tuple[list[ModelCard], list[str]]:
    """Return the models to export, and a message for each model that is left out.

    Args:
        names: ids or folders, separated by commas; empty for all ready ones in the user's own folder.
    Raises:
        PrithviError: ``model_unknown``, ``model_missing`` or ``parameter_invalid``.
    """
    if not names.strip():
        ready = [card for card, now in list_models([paths.home() / "models"]) if now is ModelState.READY]
        return [card for card in ready if _ID.fullmatch(card.id)], [
            f'{card.folder} is left out: "{card.id[:80]}" cannot be a model\'s id.'
            for card in ready
            if not _ID.fullmatch(card.id)
        ]
    chosen: dict[str, ModelCard] = {}
    messages = []
    for name in dict.fromkeys(n.strip() for n in names.split(",") if n.strip()):
        card = find_model(name, paths.model_folders())
        if card.folder.parent == paths.resources() / "models" and state(card) is ModelState.READY:
            messages.append(f"{card.id} comes with the plugin and is not packed again.")
            continue
        require_ready(card)
        if state(card) is not ModelState.READY:
            raise PrithviError(
                ErrorCode.MODEL_MISSING, f"{card.folder} lacks config.json or {card.weights}.", "Complete the folder."
            )
        if not _ID.fullmatch(card.id):
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID, f'"{card.id[:80]}" cannot be a model\'s id.', "Correct its model.json."
            )
        if card.id in chosen and chosen[card.id].folder != card.folder:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"{chosen[card.id].folder} and {card.folder} have the same id, {card.id}.",
                "Name one of them in MODELS, or change the id in one's model.json.",
            )
        chosen[card.id] = card
    return list(chosen.values()), messages


def model_bytes(card: ModelCard) -> int:
    """Return the size of the model's files in bytes."""
    return sum((card.folder / name).stat().st_size for name in ("model.json", "config.json", card.weights))


def copy_model(
    card: ModelCard, folder: Path, report: Callable[[float], None], is_cancelled: Callable[[], bool]
) -> dict[str, str]:
    """Copy a model to ``folder`` as real files, even if they are links; returns file names to SHA-256.

    Args:
        report: called with the share that is done, 0 to 1.
    Raises:
        PrithviError: ``model_invalid`` for weights that are not those of the card, ``cancelled``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source, target = card.folder / card.weights, folder / card.weights
    total = source.stat().st_size

    def progress(first: float, share: float) -> Callable[[int], None]:
        def advance(done_bytes: int) -> None:
            if is_cancelled():
                raise cancelled()
            report(first + share * done_bytes / max(total, 1))

        return advance

    digest = sha256_of_file(source, report=progress(0.0, 0.5))
    if card.sha256 and digest != card.sha256:
        raise PrithviError(
            ErrorCode.MODEL_INVALID,
            f"The weights of {card.id} are not the ones its card names: {source} has sha256 {digest[:12]}..., the card"
            f" {card.sha256[:12]}....",
            "The file is damaged or was exchanged: restore the model's files.",
        )
    if not target.is_file() or sha256_of_file(target, report=progress(0.5, 0.0)) != digest:
        with atomic_file(target, durable=False) as temporary:
            copy_with_sha256(source, temporary, progress(0.5, 0.5))
    body = json.loads((card.folder / "model.json").read_text(encoding="utf-8"))
    # In the bundle only the card can state the checksum and the origin of the weights.
    body["sha256"] = digest
    if card.revision:
        body["revision"] = card.revision
    write_text(folder / "model.json", json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    write_text(folder / "config.json", (card.folder / "config.json").read_text(encoding="utf-8"))
    wanted = ("config.json", "model.json", card.weights)
    for other in folder.iterdir():
        if other.name not in wanted and other.is_file():
            other.unlink()  # weights under the name in an older card
    return {card.weights: digest, **{name: sha256_of_file(folder / name) for name in ("config.json", "model.json")}}
