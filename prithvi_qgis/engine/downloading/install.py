"""From downloaded files to a model of the user's: ``<home>/models/<id>``."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard, read_card
from ...core.system import paths
from ...core.system.atomic_files import replace_folder
from ..model.allowlist import check_config

_WEIGHTS = (".safetensors", ".pt")


def is_vllm_layout(files: dict[str, Path]) -> bool:
    """Whether ``config.json`` describes the network, as vLLM's TerraTorch integration wants it."""
    return "config.json" in files and "pretrained_cfg" in _read(files["config.json"])


def weights_of(names: list[str]) -> str:
    """The weights among a repository's files.

    Raises:
        PrithviError: ``model_invalid`` when there is none, or no telling which.
    """
    for suffix in _WEIGHTS:
        found = [n for n in names if n.endswith(suffix) and "/" not in n]
        if len(found) == 1:
            return found[0]
    raise PrithviError(
        ErrorCode.MODEL_INVALID,
        f"The repository has not exactly one file of weights ({' or '.join(_WEIGHTS)}).",
        "Give a REVISION that has.",
    )


def place(card: ModelCard, files: dict[str, Path], weights: str, sha256: str, revision: str) -> ModelCard:
    """Put the model beside the user's others, in one step; returns its card.

    Args:
        card: from the catalogue; files: name to downloaded file; weights: which of them.
        sha256: of the weights; revision: where they come from.
    Raises:
        PrithviError: ``model_forbidden`` or ``model_invalid`` for a configuration that may not run.
    """
    check_config(_read(files["config.json"]), f"{card.id}'s config.json")
    target, fresh = paths.home() / "models" / card.id, paths.home() / "downloads" / card.id
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        for name in ("config.json", weights):
            _link(files[name], fresh / name)
        body = json.loads((card.folder / "model.json").read_text(encoding="utf-8"))
        body |= {"weights": weights, "sha256": sha256, "revision": revision}
        (fresh / "model.json").write_text(json.dumps(body, indent=2, ensure_ascii=False), encoding="utf-8")
        read_card(fresh)
        target.parent.mkdir(parents=True, exist_ok=True)
        # There may be a card of the user's without files, or an incomplete download.
        replace_folder(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        with contextlib.suppress(OSError):
            fresh.parent.rmdir()
    return read_card(target)


def _link(source: Path, target: Path) -> None:
    """One file under two names where the disk allows: clearing the hub's cache then leaves the model."""
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def _read(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as e:
        raise PrithviError(ErrorCode.MODEL_INVALID, f"{path.name} of the repository is no JSON: {e}.") from e
    return body if isinstance(body, dict) else {}
