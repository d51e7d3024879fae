"""Turn a model's folder into one that is safe to load."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import JsonObject, ModelCard
from ...core.system import paths
from ...core.system.atomic_files import atomic_file
from ...core.system.file_checksum import sha256_of_file
from .allowlist import check_config

_checksums: dict[tuple[str, int, int], str] = {}  # (path, size, mtime_ns) -> sha256, computed once per engine


def with_checksum(card: ModelCard) -> ModelCard:
    """Return the card with the checksum of its weights, which masks record and which identifies a loaded model.

    Raises:
        PrithviError: ``model_invalid`` when the weights cannot be read or do not match the card.
    """
    return dataclasses.replace(card, sha256=_checksum(card, card.folder / card.weights))


def prepare_model(card: ModelCard, pipeline: str = "streaming") -> Path:
    """Check configuration and weights, and create a folder for vLLM with nothing else in it.

    The folder holds a reduced ``config.json`` and a link to the weights, so that a stray ``*.py``, ``auto_map`` or
    second weights file in the model's own folder has no effect.

    Args:
        card: of the model.
        pipeline: ``stock`` passes pixels in requests, ``streaming`` the numbers of tiles.
    Raises:
        PrithviError: ``model_invalid``, ``model_forbidden``.
    """
    config = _read_config(card)
    check_config(config, f"{card.id}'s config.json")
    _check_task(card, config)
    weights = (card.folder / card.weights).absolute()  # the link is in another folder
    digest = _checksum(card, weights)
    reduced = {
        "architectures": ["Terratorch"],
        "model_type": "timm_wrapper",  # transformers' type of a config with "pretrained_cfg"
        "num_classes": card.channels,
        "pretrained_cfg": _offline(card, config["pretrained_cfg"], pipeline),
    }
    text = json.dumps(reduced, indent=1, sort_keys=True)
    folder = paths.home() / "loaded" / hashlib.sha256((digest + text).encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / f"model{weights.suffix}"
    if not link.is_symlink() or os.readlink(link) != str(weights):
        with atomic_file(link, durable=False) as temporary:
            temporary.symlink_to(weights)
    (folder / "config.json").write_text(text, encoding="utf-8")
    return folder


def _check_task(card: ModelCard, config: JsonObject) -> None:
    """Refuse a configuration of another task than the card's: vLLM builds the former, the mask follows the latter."""
    named = str(config["pretrained_cfg"]["model"].get("class_path", "")).rsplit(".", 1)[-1]
    wanted = "PixelwiseRegressionTask" if card.task == "regression" else "SemanticSegmentationTask"
    if named != wanted:
        raise PrithviError(
            ErrorCode.MODEL_INVALID,
            f"{card.id}'s card says {card.task}, its config.json {named or 'names no task'}.",
            f"Correct one of them: {card.task} needs {wanted}.",
        )


def _read_config(card: ModelCard) -> JsonObject:
    path = card.folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(config, dict):
            raise ValueError("it is no object")
        return config
    except (OSError, ValueError) as e:
        raise PrithviError(ErrorCode.MODEL_INVALID, f"{path} cannot be read: {e}.", "Restore the model's files.") from e


def _checksum(card: ModelCard, weights: Path) -> str:
    try:
        info = weights.stat()
        key = (str(weights), info.st_size, info.st_mtime_ns)
        if key not in _checksums:
            _checksums[key] = sha256_of_file(weights)
    except OSError as e:
        raise PrithviError(
            ErrorCode.MODEL_INVALID,
            f"The weights of {card.id} cannot be read: {weights} ({e.strerror}).",
            "Restore the model's files.",
        ) from e
    found = _checksums[key]
    if card.sha256 and found != card.sha256:
        raise PrithviError(
            ErrorCode.MODEL_INVALID,
            f"The weights of {card.id} are not the ones its card names: {weights} has sha256 {found[:12]}..., "
            f"the card {card.sha256[:12]}....",
            "The file is damaged or was exchanged: restore the model's files.",
        )
    return found


def _offline(card: ModelCard, pretrained_cfg: JsonObject, pipeline: str) -> JsonObject:
    """Return a copy that downloads nothing and declares the inputs of later requests."""
    copy = json.loads(json.dumps(pretrained_cfg))
    copy["model"]["init_args"]["model_args"]["backbone_pretrained"] = False
    if pipeline == "streaming":
        copy["input"] = {"data": {"tiles": {"type": "torch.Tensor", "shape": [1]}}}
        return copy
    declared = copy["input"]["data"]
    declared.pop("temporal_coords", None)  # never sent by TerraTorch's processor
    if card.location_coords:
        declared.setdefault("location_coords", {"type": "torch.Tensor", "shape": [1, 2]})
    else:
        declared.pop("location_coords", None)
    return copy
