"""Download a published model, in the engine's Python and in a child process that a cancel ends at once."""

from __future__ import annotations

from collections.abc import Callable

from ...core.errors import ErrorCode, PrithviError
from ...core.models.catalogue import ModelState, size_text, state
from ...core.models.model_card import ModelCard
from ...core.protocol.command_messages import FileProgress, ModelDownloaded
from ...core.protocol.messages import Message
from ...core.system import paths
from ..engine.engine_command import run_engine_command
from ..engine.launch import missing
from ..install.network_policy import Network
from ..runtime.readiness import installed_variant
from ..translation import tr


def download_model(
    card: ModelCard,
    revision: str,
    report: Callable[[int, str], None],
    is_cancelled: Callable[[], bool],
    network: Network,
) -> ModelDownloaded:
    """Download a model of the catalogue into ``<home>/models``.

    Args:
        card: the model's card.
        revision: 40 hexadecimal digits, or empty for the pinned one.
        report: called in this thread with percent and the current file.
        is_cancelled: checked a few times per second.
        network: whether and how the network may be used; the user's own variables win.
    Raises:
        PrithviError: ``engine_missing``, ``download_failed``, ``disk_full``, ``cancelled``, ...
    """
    if state(card) is ModelState.READY and revision in ("", card.revision):
        return ModelDownloaded(str(card.folder), card.revision, fresh=False)
    if network.offline:
        raise PrithviError(
            ErrorCode.DOWNLOAD_FAILED,
            f"Offline mode is on, so {card.id} cannot be downloaded.",
            f"Turn it off in the options, or copy the model's folder to {paths.home() / 'models'}.",
        )
    variant = installed_variant()
    if not variant:
        raise missing()

    def on_message(message: Message) -> None:
        if isinstance(message, FileProgress):
            here, total = size_text(message.done), size_text(message.total)
            report(
                int(100 * message.done / max(message.total, 1)), tr("{} of {} ({})").format(here, total, message.file)
            )

    return run_engine_command(
        variant,
        ["download-model", card.id, "--json", *(["--revision", revision] if revision else [])],
        ModelDownloaded,
        on_message,
        is_cancelled,
        cancelled=PrithviError(
            ErrorCode.CANCELLED,
            "The download was cancelled.",
            "Run it again when you like; what was downloaded is kept.",
        ),
        died=lambda status, last_line: PrithviError(
            ErrorCode.DOWNLOAD_FAILED, f"The download of {card.id} ended early: {last_line}.", "Run it again."
        ),
        variables=network.variables,
    )
