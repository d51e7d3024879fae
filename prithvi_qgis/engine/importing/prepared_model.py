"""Import of a model that was prepared on another machine: a folder with ``model.json``, ``config.json`` and weights."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard, read_card
from ...core.system.atomic_files import replace_folder
from ...core.system.file_checksum import copy_with_sha256, sha256_of_file
from ..model.allowlist import check_config
from .classes import make_classes, make_quantity
from .errors import first_line, model_error, parameter_error
from .import_request import ImportRequest, Report
from .model_files import write_json
from .target_folder import check_id, staging

if TYPE_CHECKING:
    import torch

CARD = "model.json"
_SUMS = "SHA256SUMS"


def is_ready_model(config: Path) -> bool:
    """Whether CONFIG is a model card and not a training."""
    return config.name == CARD or (config / CARD).is_file()


def import_ready_model(request: ImportRequest, device: str, report: Report) -> Path:
    """Copy a model into ``<home>/models`` and return its folder; a failed import leaves nothing.

    Arguments as for :func:`~prithvi_qgis.engine.importing.importer.import_model`.

    Raises:
        PrithviError: a checksum that differs, a configuration that may not run, vLLM that disagrees with TerraTorch.
    """
    source = request.config if request.config.is_dir() else request.config.parent
    report(2, f"Reading {source / CARD}")
    card = read_card(source)
    weights = request.checkpoint or source / card.weights
    target = check_id(request.model_id or card.id, request.overwrite)
    if target.resolve() == source.resolve():
        raise parameter_error(f"{source} is the model's place already.", "Use it as it is, or choose another ID.")
    sums = _bundle_sums(source)
    body = _read_json(source / "config.json")
    for name in (CARD, "config.json"):
        if sums.get(name) and sha256_of_file(source / name) != sums[name]:
            raise _damaged(source / name)
    # The allow-list comes before every import of a configured name.
    check_config(body, f"{card.id}'s config.json")
    card_body = {**_read_json(source / CARD), "id": target.name, "weights": card.weights}
    if request.classes.strip() and card.quantity is None:
        card_body["classes"] = make_classes(request.classes, [], len(card.classes))
    elif request.classes.strip():
        card_body["quantity"] = make_quantity(request.classes)
    with staging(target) as folder:
        report(5, f"Copying {weights.name}")
        digest = _copy(weights, folder / card.weights)
        expected = {card.sha256, sums.get(card.weights, "")} - {""}
        if expected - {digest}:
            raise _damaged(weights)
        if not expected:
            report(20, f"Neither the card nor {_SUMS} has a checksum of {weights.name}; it could not be compared")
        card_body["sha256"] = digest
        write_json(folder / "config.json", body)
        write_json(folder / CARD, card_body)
        copied = read_card(folder)
        report(25, "Building the model")
        reference = _reference(copied)
        report(45, "Comparing vLLM with plain TerraTorch")
        from .self_check import check_in_vllm

        equal = check_in_vllm(copied, reference, device)
        report(98, f"vLLM and plain TerraTorch agree on {equal:.2%} of a tile's pixels")
        replace_folder(folder, target)
    return target


def _reference(card: ModelCard) -> torch.nn.Module:
    """Return plain TerraTorch's model, from vLLM's reduced configuration, which downloads nothing."""
    from ..model.model_folder import prepare_model
    from ..model.torch_backend import load_model

    reduced = prepare_model(card)
    try:
        return load_model(replace(card, weights=f"model{Path(card.weights).suffix}"), reduced)
    except PrithviError:
        raise
    except Exception as e:  # torch, safetensors and TerraTorch refuse a file in many ways
        first = first_line(e)
        raise model_error(
            f"{card.weights} does not load into the model of its config.json: {first}.",
            "Copy the model again from where it was made; configuration and weights must belong together.",
        ) from e
    finally:
        shutil.rmtree(reduced, ignore_errors=True)


def _bundle_sums(folder: Path) -> dict[str, str]:
    """Return the bundle's checksums of the model's files; empty outside a bundle."""
    path = folder.parent.parent / _SUMS
    if folder.parent.name != "models" or not path.is_file():
        return {}
    here = re.escape(f"models/{folder.name}/")
    text = path.read_text(encoding="utf-8", errors="replace")
    return {name: digest for digest, name in re.findall(rf"^([0-9a-f]{{64}}) [ *]{here}([^/\n]+)$", text, re.M)}


def _damaged(path: Path) -> PrithviError:
    return model_error(
        f"{path} is not the file that was packed: its sha256 is another one.",
        f"Copy it again; sha256sum -c {_SUMS} in the bundle tells what else is damaged.",
    )


def _copy(source: Path, target: Path) -> str:
    """Copy the weights; returns their sha256."""
    try:
        return copy_with_sha256(source, target)
    except OSError as e:
        if e.filename == str(source) or not source.is_file():
            raise PrithviError(
                ErrorCode.MODEL_INVALID,
                f"The weights {source} cannot be read ({e.strerror}).",
                "Copy the model's whole folder, or name them in CHECKPOINT.",
            ) from e
        raise


def _read_json(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise model_error(f"{path} cannot be read: {e}.", "Copy the model again.") from e
    if not isinstance(body, dict):
        raise model_error(f"{path} is no model's file: it holds no object.", "Copy the model again.")
    return body
