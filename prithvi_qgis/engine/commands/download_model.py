"""``download-model`` of the engine's command line."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...core.errors import ErrorCode, PrithviError
from ...core.models.catalogue import ModelState, state
from ...core.models.model_card import ModelCard, ModelSource, find_model
from ...core.models.revisions import is_revision
from ...core.protocol.lines import to_line
from ...core.protocol.messages import Failed, FileProgress, Message, ModelDownloaded
from ...core.system import paths
from ...core.system.timeouts import TIMEOUTS

if TYPE_CHECKING:
    from ..downloading.hub_files import RemoteFile

Report = Callable[[int, int, str], None]
_OFFLINE = ("HF_HUB_OFFLINE", "PRITHVI_QGIS_OFFLINE")


def download_model(name: str, revision: str, report: Report) -> ModelDownloaded:
    """Fetch a model of the catalogue.

    Args:
        name: id of the model.
        revision: 40 hexadecimal digits, or empty for the pinned one.
        report: called with bytes so far, bytes of all files, and the current file.
    Raises:
        PrithviError: ``parameter_invalid``, ``download_failed``, ``disk_full``, or an error of the model's files.
    """
    card = find_model(name, paths.model_folders())
    if state(card) is ModelState.READY and revision in ("", card.revision):
        return ModelDownloaded(str(card.folder), card.revision, fresh=False)
    source, revision = _pin(card, revision)
    # The client reads its settings on import. Its other protocol is not tested with proxies.
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
            files[file.name] = repository.fetch(file, partial(_report, report, before, total, file.name))
            before += file.size
        weights = install.weights_of(list(files))
        if install.is_vllm_layout(files):
            sha256 = next(f.sha256 for f in wanted if f.name == weights)
            return ModelDownloaded(str(install.place(card, files, weights, sha256, revision).folder), revision)
    config = next((str(p) for n, p in files.items() if n.endswith((".yaml", ".yml"))), "")
    return ModelDownloaded("", revision, config, str(files[weights]))


def _report(report: Report, before: int, total: int, file: str, here: int) -> None:
    report(before + here, total, file)


def _pin(card: ModelCard, revision: str) -> tuple[ModelSource, str]:
    """Return repository and commit; without a commit a mask's provenance would be unknown."""
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


def _choose(source: ModelSource, offered: list[RemoteFile], weights_of: Callable[[list[str]], str]) -> list[RemoteFile]:
    """Return the files to fetch among those of the repository."""
    names = {f.name: f for f in offered}
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
    """Refuse weights whose checksum differs from the card's, before the download."""
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
    """Download a model and report it on ``out``; returns the exit code."""
    next_report = 0.0
    # Its log has every URL, and those of the hub's storage work as a key for a while.
    logging.getLogger("httpx2").setLevel(logging.WARNING)

    def report(message: Message, text: str) -> None:
        print(to_line(message) if as_json else text, file=out, flush=True)

    def on_progress(done: int, total: int, file: str) -> None:
        nonlocal next_report
        if time.monotonic() >= next_report or done == total:
            next_report = time.monotonic() + TIMEOUTS.download_report_s
            report(FileProgress(file, done, total), f"{done >> 20}/{total >> 20} MiB {file}")

    try:
        downloaded = download_model(name, revision, on_progress)
    except PrithviError as e:
        report(Failed.of(e), f"Error: {e.line}")
        return 1
    report(downloaded, downloaded.model or f"Import it: {downloaded.config} {downloaded.checkpoint}")
    return 0
