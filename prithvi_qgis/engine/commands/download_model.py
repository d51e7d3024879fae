"""``download-model`` of the engine's command line."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...core.errors import ErrorCode, PrithviError
from ...core.models.catalogue import ModelState, state
from ...core.models.model_card import ModelCard, ModelSource, find_model
from ...core.models.revisions import is_revision
from ...core.system import paths

if TYPE_CHECKING:
    from ..downloading.hub_files import RemoteFile

Report = Callable[[int, int, str], None]
_EVERY_S = 0.5
_OFFLINE = ("HF_HUB_OFFLINE", "PRITHVI_QGIS_OFFLINE")


@dataclass(frozen=True)
class Downloaded:
    """What a download left.

    Attributes:
        model: the model's folder when it is ready to run, else empty.
        revision: where it comes from.
        config, checkpoint: TerraTorch's files in the hub's cache that have yet to be imported, else empty.
        fresh: False when the model was there already.
    """

    model: str
    revision: str
    config: str = ""
    checkpoint: str = ""
    fresh: bool = True


def download_model(name: str, revision: str, report: Report) -> Downloaded:
    """Fetch a model of the catalogue.

    Args:
        name: its id; revision: 40 hexadecimal digits, or empty for the pinned one.
        report: called with bytes here, bytes in all, file name.
    Raises:
        PrithviError: one line on what is in the way.
    """
    card = find_model(name, paths.model_folders())
    if state(card) is ModelState.READY and revision in ("", card.revision):
        return Downloaded(str(card.folder), card.revision, fresh=False)
    source, revision = _pin(card, revision)
    # The client reads its settings when it is imported. Its other protocol is not what was tested with proxies.
    os.environ["HF_HUB_DISABLE_XET"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from ..downloading import errors, hub_files, install

    if any(os.environ.get(v, "").upper() in ("1", "TRUE", "YES", "ON") for v in _OFFLINE):
        raise errors.offline(source.repo)
    files: dict[str, Path] = {}
    with errors.one_line(source.repo, revision):
        wanted = _choose(source, hub_files.list_files(source.repo, revision), install.weights_of)
        if revision == card.revision:
            _check_known(source, wanted)
        repository = hub_files.Repository(source.repo, revision)
        repository.check_disk(wanted, paths.home())
        total, before = sum(f.size for f in wanted), 0
        for file in wanted:
            files[file.name] = repository.fetch(file, partial(_tell, report, before, total, file.name))
            before += file.size
        weights = install.weights_of(list(files))
        if install.is_vllm_layout(files):
            sha256 = next(f.sha256 for f in wanted if f.name == weights)
            return Downloaded(str(install.place(card, files, weights, sha256, revision).folder), revision)
    config = next((str(p) for n, p in files.items() if n.endswith((".yaml", ".yml"))), "")
    return Downloaded("", revision, config, str(files[weights]))


def _tell(report: Report, before: int, total: int, file: str, here: int) -> None:
    report(before + here, total, file)


def _pin(card: ModelCard, revision: str) -> tuple[ModelSource, str]:
    """Where and which commit to fetch; without a commit nobody could say later what a mask was made with."""
    if not card.source or not card.source.repo:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"{card.id} has no published weights to download.",
            "Choose a model that is listed as to download, or bring one of your own (docs/own-models.md).",
        )
    if revision and not is_revision(revision):
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f'REVISION "{revision}" is no commit: 40 hexadecimal digits are needed, since a branch or tag may move.',
            f"Copy one from the history of {card.source.repo}, or leave it empty for the pinned one.",
        )
    if not (revision or card.revision):
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"No revision of {card.source.repo} is pinned in this version.",
            "Pin one: give REVISION, the 40 hexadecimal digits of a commit in its history.",
        )
    return card.source, revision or card.revision


def _choose(source: ModelSource, there: list[RemoteFile], weights_of: Callable[[list[str]], str]) -> list[RemoteFile]:
    """The files to fetch of those that are there."""
    names = {f.name: f for f in there}
    wanted = source.files or ("config.json", weights_of(list(names)))
    lacking = [n for n in wanted if n not in names and n.endswith((".pt", ".safetensors"))]
    if lacking:
        raise PrithviError(
            ErrorCode.DOWNLOAD_FAILED,
            f"{source.repo} has no {lacking[0]} at this revision.",
            "Give a REVISION that has it.",
        )
    return [names[n] for n in wanted if n in names]


def _check_known(source: ModelSource, wanted: list[RemoteFile]) -> None:
    """Refuse a server that offers other weights than the card was written for, before they come."""
    known = dict(source.checksums)
    for file in wanted:
        if known.get(file.name, file.sha256) != file.sha256:
            raise PrithviError(
                ErrorCode.DOWNLOAD_FAILED,
                f"{file.name} on the server is not the file that the card names: its sha256 is"
                f" {file.sha256[:12] or 'unknown'}..., the card's {known[file.name][:12]}....",
                "Do not trust this server (HF_ENDPOINT).",
            )


def run(name: str, revision: str, as_json: bool, out: IO[str]) -> int:
    """Download and tell it on ``out``; returns the exit code."""
    last = 0.0
    # It tells every address, and those of the hub's storage are as good as a key for a while.
    logging.getLogger("httpx2").setLevel(logging.WARNING)

    def report(done: int, total: int, file: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY_S or done == total:
            last = time.monotonic()
            line = json.dumps({"done": done, "total": total, "file": file})
            print(line if as_json else f"{done >> 20}/{total >> 20} MiB {file}", file=out, flush=True)

    try:
        done = download_model(name, revision, report)
    except PrithviError as e:
        body = {"code": e.code.value, "text": e.text, "hint": e.hint}
        print(json.dumps({"error": body}) if as_json else f"Error: {e.line}", file=out, flush=True)
        return 1
    if as_json:
        print(json.dumps({"result": vars(done)}), file=out, flush=True)
    else:
        print(done.model or f"Import it: {done.config} {done.checkpoint}", file=out, flush=True)
    return 0
