"""Run one command of the engine's command line to its end, in a child process next to the warm engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.messages import Message
from ...core.system import paths
from ..runtime import code_copy
from ..runtime.environment import engine_environment
from ..runtime.readiness import readiness
from ..runtime.subprocess_lines import run_for_messages
from . import launch

Answer = TypeVar("Answer")


def run_engine_command(
    variant: str,
    arguments: Sequence[str],
    answer: type[Answer],
    on_message: Callable[[Message], None],
    is_cancelled: Callable[[], bool],
    *,
    cancelled: PrithviError,
    died: Callable[[int, str], PrithviError],
    variables: Mapping[str, str] | None = None,
    on_start: Callable[[int], None] = lambda pid: None,
) -> Answer:
    """Run ``python -m prithvi_qgis.engine ARGUMENTS`` in an installed engine's Python.

    Args:
        answer: type of the message that the command ends with.
        on_message: called in this thread with each other message.
        is_cancelled: checked a few times per second.
        cancelled: raised after a cancel.
        died: makes the error for a command that ended without an answer, from its exit code and last error line.
        variables: set where the environment lacks them.
        on_start: called with the process id.
    Returns:
        the command's last message.
    Raises:
        PrithviError: ``engine_missing``, what the command reported, ``cancelled`` or ``died``.
    """
    if not readiness(variant).ready:
        raise launch.missing(variant)
    folder, _ = code_copy.installed_code()
    environment = engine_environment(folder)
    for name, value in (variables or {}).items():
        if not environment.get(name) and not environment.get(name.lower()):
            environment[name] = value
    command = [str(paths.venv_python(variant)), "-m", "prithvi_qgis.engine", *arguments]
    answers: list[Answer] = []

    def receive(message: Message) -> None:
        if isinstance(message, answer):
            answers.append(message)
        else:
            on_message(message)

    try:
        status, last_line = run_for_messages(command, environment, paths.home(), receive, is_cancelled, on_start)
    except PrithviError as e:
        if e.code is ErrorCode.CANCELLED:
            raise cancelled from e
        raise
    if status != 0 or not answers:
        raise died(status, last_line)
    return answers[-1]
