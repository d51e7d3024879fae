"""What a person reads while a scene is segmented, and after."""

from __future__ import annotations

import time

from qgis.core import QgsProcessingFeedback

from ..contract import messages
from ..contract.cards import ModelCard
from .base import tr

_STAGES = {
    "waiting": "Waiting for the engine",
    "starting": "Starting the engine",
    "loading": "Loading the model",
    "segmenting": "Segmenting",
    "writing": "Writing",
}


class Reporter:
    """Relays the engine's messages to a feedback object.

    Attributes:
        connect_s: seconds from the start until the engine accepted the request.
    """

    def __init__(self, feedback: QgsProcessingFeedback, card: ModelCard, variant: str):
        self._feedback = feedback
        self._stage = ""
        self._started = time.monotonic()
        self.connect_s = 0.0
        feedback.pushInfo(tr("Model: {} ({})").format(card.title, card.id))
        feedback.pushInfo(tr("Engine: {}").format({"cuda": "CUDA (GPU)", "cpu": "CPU"}[variant]))

    def __call__(self, message: messages.Message) -> None:
        """Take one message of the engine."""
        if isinstance(message, messages.Accepted):
            self.connect_s = round(time.monotonic() - self._started, 3)
            if message.ahead:
                self._feedback.pushInfo(tr("{} other scenes come first.").format(message.ahead))
        elif isinstance(message, messages.Log):
            warn = message.level == "warning"
            (self._feedback.pushWarning if warn else self._feedback.pushInfo)(message.text)
        elif isinstance(message, messages.Progress):
            self._progress(message)

    def _progress(self, message: messages.Progress) -> None:
        stage = tr(_STAGES.get(message.stage, message.stage))
        text = stage
        if message.total:
            text = tr("{}: {} of {} tiles").format(stage, message.done, message.total)
            self._feedback.setProgress(100.0 * message.done / message.total)
        if message.tiles_per_s:
            text += tr(", {:.1f} tiles/s").format(message.tiles_per_s)
        if message.stage != self._stage:
            # setProgressText also writes a log line, so it is called once a stage and not once a tile.
            self._stage = message.stage
            self._feedback.setProgressText(text)


def summary(result: messages.Result, connect_s: float) -> list[str]:
    """Lines that sum up a finished mask; ``connect_s`` are the seconds until the engine took the request."""
    valid = sum(c.pixels for c in result.classes)
    # The rate is told without loading the model, which only the first scene waits for.
    working_s = result.timings.get("segment", result.seconds)
    rate = result.tiles / working_s if working_s > 0 else 0.0
    tiles = f"{result.tiles} {'tile' if result.tiles == 1 else 'tiles'}"
    lines = [f"{result.width} x {result.height} pixels, {tiles} in {working_s:.1f} s ({rate:.1f} tiles/s)"]
    for c in result.classes:
        share = 100.0 * c.pixels / valid if valid else 0.0
        area = "" if c.area_m2 is None else f", {area_text(c.area_m2)}"
        lines.append(f"{c.name}: {c.pixels} pixels, {share:.2f} %{area}")
    if result.nodata_pixels:
        lines.append(f"No data: {result.nodata_pixels} pixels")
    stages = {"connect": connect_s, **result.timings}
    lines.append("Seconds: " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in stages.items()))
    return lines


def area_text(area_m2: float) -> str:
    """An area as people read it: in hectares, or in km2 when it is large."""
    return f"{area_m2 / 1e6:,.2f} km2" if area_m2 >= 1e8 else f"{area_m2 / 1e4:,.2f} ha"
