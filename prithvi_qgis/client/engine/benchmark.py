"""Measure the engine in a child process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.command_messages import BenchmarkReport, Percent
from ...core.protocol.messages import Message
from ...core.system import paths
from .engine_command import run_engine_command


def run_benchmark(
    variant: str,
    arguments: Sequence[str],
    report: Callable[[float, str], None],
    is_cancelled: Callable[[], bool],
) -> BenchmarkReport:
    """Run the engine's ``benchmark`` command.

    Args:
        arguments: of the command, see :mod:`prithvi_qgis.engine.commands.benchmark`.
        report: called in this thread with percent and the configuration that is measured next.
        is_cancelled: checked a few times per second.
    Raises:
        PrithviError: as :func:`run_engine_command`.
    """

    def on_message(message: Message) -> None:
        if isinstance(message, Percent):
            report(message.percent, message.text)

    return run_engine_command(
        variant,
        ["benchmark", *arguments],
        BenchmarkReport,
        on_message,
        is_cancelled,
        cancelled=PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written."),
        died=lambda status, last_line: PrithviError(
            ErrorCode.ENGINE_DIED,
            f"The engine's command benchmark ended with {status} and said: {last_line}.",
            f"The end of {paths.log_file()} may tell more.",
        ),
    )
