"""Import a model that was trained elsewhere, in the engine's Python."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.command_messages import ModelImported, Percent
from ...core.protocol.messages import Message
from ...core.system import paths
from ..engine.engine_command import run_engine_command


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
    """Import in a child process next to the warm engine.

    Args:
        variant: ``cpu`` or ``cuda``, installed.
        config, checkpoint, model_id, classes, overwrite: see ``prithvi:importmodel``.
        report: called in this thread with percent and the current step.
        is_cancelled: checked a few times per second.
    Returns:
        the model's folder.
    Raises:
        PrithviError: the import's own error; ``cancelled``, ``engine_missing`` or ``engine_died``.
    """
    arguments = ["import-model", "--json", f"--config={config.absolute()}", f"--id={model_id}"]
    arguments += [f"--checkpoint={checkpoint.absolute()}"] if checkpoint else []
    arguments += [f"--classes={classes}", *(["--overwrite"] if overwrite else [])]

    def on_message(message: Message) -> None:
        if isinstance(message, Percent):
            report(int(message.percent), message.text)

    pids: list[int] = []
    try:
        imported = run_engine_command(
            variant,
            arguments,
            ModelImported,
            on_message,
            is_cancelled,
            cancelled=PrithviError(ErrorCode.CANCELLED, "The import was cancelled.", "Nothing was imported."),
            died=_died,
            on_start=pids.append,
        )
    finally:
        for pid in pids:  # a killed process cannot clean up
            shutil.rmtree(paths.home() / "models" / f".importing-{pid}", ignore_errors=True)
    return Path(imported.model)


def _died(status: int, last_line: str) -> PrithviError:
    return PrithviError(
        ErrorCode.ENGINE_DIED,
        f"The import ended with exit code {status}: {last_line}.",
        "Run again; if there is little memory, close other programs.",
    )
