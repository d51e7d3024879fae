"""Downloading a published model: the engine's Python does it, in a process of its own that can be ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import ErrorCode, PrithviError
from ...core.models.catalogue import ModelState, size_text, state
from ...core.models.model_card import ModelCard
from ...core.system import paths
from ..engine.launch import missing
from ..install.network_policy import Network
from ..runtime.code_copy import installed_code
from ..runtime.environment import engine_environment
from ..runtime.readiness import installed_variant
from ..runtime.subprocess_lines import last_error_line, run
from ..translation import tr


@dataclass(frozen=True)
class DownloadOutcome:
    """What a download left.

    Attributes:
        folder: of the model when it is ready to run; None when ``config`` and ``checkpoint`` have yet to be imported.
        revision: the hub's commit.
        fresh: False when the model was there already.
    """

    folder: Path | None
    revision: str
    config: str
    checkpoint: str
    fresh: bool


def download_model(
    card: ModelCard,
    revision: str,
    report: Callable[[int, str], None],
    is_cancelled: Callable[[], bool],
    network: Network,
) -> DownloadOutcome:
    """Fetch a model of the catalogue into ``<home>/models``.

    Args:
        card: of the model; revision: 40 hexadecimal digits, or empty for the pinned one.
        report: called with percent and what is going on.
        is_cancelled: asked a few times a second.
        network: whether it may be used, and through what; the user's own variables win.
    Raises:
        PrithviError: ``engine_missing``, ``download_failed``, ``disk_full``, ``cancelled``, ...
    """
    if state(card) is ModelState.READY and revision in ("", card.revision):
        return DownloadOutcome(card.folder, card.revision, "", "", fresh=False)
    if network.offline:
        raise PrithviError(
            ErrorCode.DOWNLOAD_FAILED,
            f"Offline mode is on, so {card.id} cannot be downloaded.",
            f"Turn it off in the options, or copy the model's folder to {paths.home() / 'models'}.",
        )
    variant = installed_variant()
    if not variant:
        raise missing()
    folder, _ = installed_code()
    environment = engine_environment(folder)
    for name, value in network.variables.items():
        if not environment.get(name) and not environment.get(name.lower()):
            environment[name] = value
    command = [str(paths.venv_python(variant)), "-m", "prithvi_qgis.engine", "download-model", card.id, "--json"]
    if revision:
        command += ["--revision", revision]
    answers: dict[str, Any] = {}
    others: list[str] = []

    def take(line: str) -> None:
        try:
            body = json.loads(line) if line.startswith("{") else {}
        except ValueError:
            body = {}
        if "total" in body:
            percent = int(100 * body["done"] / max(body["total"], 1))
            text = tr("{} of {} ({})").format(size_text(body["done"]), size_text(body["total"]), body["file"])
            report(percent, text)
        elif body:
            answers.update(body)
        else:
            others.append(line)

    try:
        run(command, environment, paths.home(), take, is_cancelled)
    except PrithviError as e:
        if e.code is not ErrorCode.CANCELLED:
            raise
        hint = "Run it again when you like; what was downloaded is kept."
        raise PrithviError(ErrorCode.CANCELLED, "The download was cancelled.", hint) from e
    if "error" in answers:
        error = answers["error"]
        raise PrithviError(ErrorCode(error["code"]), error["text"], error["hint"])
    if "result" not in answers:
        raise PrithviError(
            ErrorCode.DOWNLOAD_FAILED,
            f"The download of {card.id} ended early: {last_error_line(others)}.",
            "Run it again.",
        )
    result = answers["result"]
    model = Path(result["model"]) if result["model"] else None
    return DownloadOutcome(model, result["revision"], result["config"], result["checkpoint"], result["fresh"])
