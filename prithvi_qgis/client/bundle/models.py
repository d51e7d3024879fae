"""Models in a bundle: card, configuration and weights as real files, with their checksums."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.models.catalogue import ModelState, list_models, require_ready, state
from ...core.models.model_card import ModelCard, find_model
from ...core.system import paths
from ...core.system.atomic_text import write_text
from ..runtime.subprocess_lines import cancelled

_BLOCK = 1 << 20
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as prithvi:importmodel takes it


def choose_models(names: str) -> tuple[list[ModelCard], list[str]]:
    """The models to take along, and what to say of those that are left out.

    Args:
        names: ids or folders with commas between; empty for all ready ones in the user's own folder.
    Raises:
        PrithviError: ``model_unknown``, ``model_missing`` or ``parameter_invalid``.
    """
    own = paths.home() / "models"
    if not names.strip():
        ready = [card for card, now in list_models([own]) if now is ModelState.READY]
        return [card for card in ready if _ID.fullmatch(card.id)], [
            f'{card.folder} is left out: "{card.id[:80]}" cannot be a model\'s id.'
            for card in ready
            if not _ID.fullmatch(card.id)
        ]
    chosen: dict[str, ModelCard] = {}
    said = []
    for name in dict.fromkeys(n.strip() for n in names.split(",") if n.strip()):
        card = find_model(name, paths.model_folders())
        if card.folder.parent == paths.resources() / "models" and state(card) is ModelState.READY:
            said.append(f"{card.id} comes with the plugin and is not packed again.")
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
    return list(chosen.values()), said


def model_bytes(card: ModelCard) -> int:
    """What its files take."""
    return sum((card.folder / name).stat().st_size for name in ("model.json", "config.json", card.weights))


def copy_model(
    card: ModelCard, folder: Path, report: Callable[[float], None], is_cancelled: Callable[[], bool]
) -> dict[str, str]:
    """Copy a model to ``folder``, whatever links its files are; file name to sha256.

    Args:
        report: called with the share that is done.
    Raises:
        PrithviError: ``model_invalid`` for weights that are not those of the card, ``cancelled``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source, target = card.folder / card.weights, folder / card.weights
    total = source.stat().st_size
    digest = checksum(source, lambda done: report(done / max(2 * total, 1)), is_cancelled)
    if card.sha256 and digest != card.sha256:
        raise PrithviError(
            ErrorCode.MODEL_INVALID,
            f"The weights of {card.id} are not the ones its card names: {source} has sha256 {digest[:12]}..., the card"
            f" {card.sha256[:12]}....",
            "The file is damaged or was exchanged: restore the model's files.",
        )
    if not target.is_file() or checksum(target, lambda done: None, is_cancelled) != digest:
        part = folder / f".{card.weights}.part"
        with open(source, "rb") as f, open(part, "wb") as out:
            copied = 0
            while block := f.read(_BLOCK):
                if is_cancelled():
                    raise cancelled()
                out.write(block)
                copied += len(block)
                report(0.5 + copied / max(2 * total, 1))
        part.replace(target)
    body = json.loads((card.folder / "model.json").read_text(encoding="utf-8"))
    # In the bundle nothing else says what the weights have to be and where they come from.
    body["sha256"] = digest
    if card.revision:
        body["revision"] = card.revision
    write_text(folder / "model.json", json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    write_text(folder / "config.json", (card.folder / "config.json").read_text(encoding="utf-8"))
    wanted = ("config.json", "model.json", card.weights)
    for other in folder.iterdir():
        if other.name not in wanted and other.is_file():
            other.unlink()  # weights under the name that an older card gave them
    return {card.weights: digest, **{name: checksum(folder / name) for name in ("config.json", "model.json")}}


def checksum(
    path: Path, report: Callable[[int], None] = lambda done: None, is_cancelled: Callable[[], bool] = lambda: False
) -> str:
    """sha256 of a file; ``report`` is called with the bytes read so far."""
    digest, done = hashlib.sha256(), 0
    with open(path, "rb") as f:
        while block := f.read(_BLOCK):
            if is_cancelled():
                raise cancelled()
            digest.update(block)
            done += len(block)
            report(done)
    return digest.hexdigest()
