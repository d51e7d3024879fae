"""Having the engine's Python import a model that was trained elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ..engine import launch
from ..runtime import code_copy, subprocess_lines
from ..runtime.environment import engine_environment
from ..runtime.readiness import readiness


def import_model(
    variant: str,
    config: Path,
    checkpoint: Path | None,
    model_id: str,
    classes: str,
    overwrite: bool,
    report: Callable[[int, str], None],
    is_cancelled: Callable[[], bool],
) -> Path:
    """Import, in a process of its own beside the warm engine.

    Args:
        variant: ``cpu`` or ``cuda``, installed.
        config, checkpoint, model_id, classes, overwrite: see ``prithvi:importmodel``.
        report: called in this thread with percent and what is going on.
        is_cancelled: asked a few times a second.
    Returns:
        the model's folder.
    Raises:
        PrithviError: what the import found wrong; ``cancelled``; ``engine_missing``, ``engine_died``.
    """
    if not readiness(variant).ready:
        raise launch.missing(variant)
    folder, _ = code_copy.installed_code()
    line = [str(paths.venv_python(variant)), "-m", "prithvi_qgis.engine", "import-model", "--json"]
    line += [f"--config={config.absolute()}", f"--id={model_id}"]
    line += [f"--checkpoint={checkpoint.absolute()}"] if checkpoint else []
    line += [f"--classes={classes}", *(["--overwrite"] if overwrite else [])]
    answers = _Answers(report)
    pids: list[int] = []
    try:
        status = subprocess_lines.run(
            line, engine_environment(folder), paths.home(), answers.take, is_cancelled, on_start=pids.append
        )
    except PrithviError as e:
        if e.code is not ErrorCode.CANCELLED:
            raise
        raise PrithviError(e.code, "The import was cancelled.", "Nothing was imported.") from e
    finally:
        for pid in pids:  # what a killed process could not clean up
            shutil.rmtree(paths.home() / "models" / f".importing-{pid}", ignore_errors=True)
    if answers.error:
        raise answers.error
    if status != 0 or not answers.model:
        words = subprocess_lines.last_error_line(answers.others)
        raise PrithviError(
            ErrorCode.ENGINE_DIED,
            f"The import ended with exit code {status}: {words}.",
            "Run again; if there is little memory, close other programs.",
        )
    return Path(answers.model)


class _Answers:
    """What the import says: JSON lines of its own, between lines of the libraries that it uses."""

    def __init__(self, report: Callable[[int, str], None]):
        self._report = report
        self.model = ""
        self.error: PrithviError | None = None
        self.others: list[str] = []

    def take(self, line: str) -> None:
        body = _parsed(line)
        if "percent" in body:
            self._report(int(body["percent"]), str(body["text"]))
        elif "error" in body:
            self.error = PrithviError(ErrorCode(body["error"]), str(body["text"]), str(body["hint"]))
        elif "model" in body:
            self.model = str(body["model"])
        else:
            self.others = [*self.others[-99:], line]


def _parsed(line: str) -> dict[str, Any]:
    if not line.startswith("{"):
        return {}
    try:
        body = json.loads(line)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
