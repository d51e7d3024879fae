"""What a user reads while a scene is segmented, and after."""

from __future__ import annotations

import time
from typing import Optional

from qgis.core import QgsProcessingFeedback

from ...core.models.model_card import ModelCard, Quantity
from ...core.protocol import messages
from ...core.system.timeouts import TIMEOUTS, Timeouts
from ..base import tr
from ..run_status import OnStatus, Status, area_text, shown_shares, values_text


class Reporter:
    """Relays the engine's messages to a feedback object, and each status to ``on_status``."""

    def __init__(
        self,
        feedback: QgsProcessingFeedback,
        card: ModelCard,
        variant: str,
        on_status: Optional[OnStatus] = None,
        timeouts: Timeouts = TIMEOUTS,
    ):
        self._feedback = feedback
        self._on_status = on_status
        self._repeat_s = timeouts.repeat_stage_s
        self._stage = ""
        self._reported_at = 0.0
        self._ahead = 0
        self._started = time.monotonic()
        self.connect_s = 0.0
        """Seconds from the start until the engine accepted the request."""
        feedback.pushInfo(tr("Model: {} ({})").format(card.title, card.id))
        feedback.pushInfo(tr("Engine: {}").format({"cuda": "CUDA (GPU)", "cpu": "CPU"}[variant]))

    def __call__(self, message: messages.Message) -> None:
        """Handle one message of the engine."""
        if isinstance(message, messages.Accepted):
            self.connect_s = round(time.monotonic() - self._started, 3)
            self._ahead = message.ahead
            if message.ahead:
                self._report(Status("waiting", ahead=message.ahead))
        elif isinstance(message, messages.Log):
            warn = message.level == "warning"
            (self._feedback.pushWarning if warn else self._feedback.pushInfo)(message.text)
        elif isinstance(message, messages.Progress):
            self._report(Status(message.stage, message.done, message.total, message.tiles_per_s, self._ahead))

    def _report(self, status: Status) -> None:
        if status.total:
            self._feedback.setProgress(100.0 * status.share)
        if self._on_status is not None:
            self._on_status(status)
        now = time.monotonic()
        # setProgressText also writes a log line, so it is called now and then, not once per tile.
        if status.stage != self._stage or (
            status.seconds_left is not None and now - self._reported_at > self._repeat_s
        ):
            self._stage, self._reported_at = status.stage, now
            self._feedback.setProgressText(status.text())


def summary(result: messages.Result, connect_s: float, quantity: Optional[Quantity] = None) -> list[str]:
    """Return lines that sum up a finished run; ``connect_s`` are the seconds until the engine accepted the request."""
    # The rate leaves out loading the model, which only the first scene waits for.
    working_s = result.timings.get("segment", result.seconds)
    rate = result.tiles / working_s if working_s > 0 else 0.0
    tiles = tr("1 tile") if result.tiles == 1 else tr("{} tiles").format(result.tiles)
    size = tr("{} x {} pixels").format(result.width, result.height)
    lines = [tr("{}, {} in {:.1f} s ({:.1f} tiles/s)").format(size, tiles, working_s, rate)]
    if quantity is not None:
        lines.append(tr("{}: {}").format(quantity.name, values_text(result.values, quantity.unit)))
    shares, hidden = shown_shares(result.classes)
    for c, share in shares:
        area = "" if c.area_m2 is None else f", {area_text(c.area_m2)}"
        lines.append(tr("{}: {} pixels, {:.2f} %{}").format(c.name, c.pixels, share, area))
    if hidden:
        lines.append(tr("{} more classes; the mask's attribute table has them all.").format(hidden))
    if result.nodata_pixels:
        lines.append(tr("No data: {} pixels").format(result.nodata_pixels))
    stages = {"connect": connect_s, **result.timings}
    lines.append(tr("Seconds: {}").format(", ".join(f"{name} {seconds:.2f}" for name, seconds in stages.items())))
    return lines
