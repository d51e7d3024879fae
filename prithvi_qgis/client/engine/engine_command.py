"""One command of the engine's command line, run to its end beside the warm engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ..runtime import code_copy
from ..runtime.environment import engine_environment
from ..runtime.readiness import readiness
from ..runtime.subprocess_lines import last_error_line, run
from . import launch

_ANSWER = "prithvi "


def run_engine_command(
    variant: str, arguments: Sequence[str], on_line: Callable[[str], None], is_cancelled: Callable[[], bool]
) -> dict[str, Any]:
    """Run ``python -m prithvi_qgis.engine ARGUMENTS`` in an installed engine's Python.

    Args:
        on_line: called with each line that it prints; is_cancelled: asked a few times a second.
    Returns:
        the JSON object of its last line that begins with ``prithvi``.
    Raises:
        PrithviError: what the command answered, ``engine_missing``, ``engine_died`` or ``cancelled``.
    """
    if not readiness(variant).ready:
        raise launch.missing(variant)
    folder, _ = code_copy.installed_code()
    command = [str(paths.venv_python(variant)), "-m", "prithvi_qgis.engine", *arguments]
    lines: list[str] = []

    def take(line: str) -> None:
        lines.append(line)
        on_line(line)

    try:
        status = run(command, engine_environment(folder), paths.home(), take, is_cancelled)
    except PrithviError as e:
        if e.code is ErrorCode.CANCELLED:
            raise PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.") from e
        raise
    answers = [line[len(_ANSWER) :] for line in lines if line.startswith(_ANSWER + "{")]
    if not answers:
        raise PrithviError(
            ErrorCode.ENGINE_DIED,
            f"The engine's command {arguments[0]} ended with {status} and said: {last_error_line(lines)}.",
            f"The end of {paths.log_file()} may tell more.",
        )
    answer = json.loads(answers[-1])
    if "error" in answer:
        known = {c.value for c in ErrorCode}
        kind = ErrorCode(answer["error"]) if answer["error"] in known else ErrorCode.INTERNAL
        raise PrithviError(kind, answer.get("text", ""), answer.get("hint", ""))
    return answer
