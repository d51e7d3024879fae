"""What a person reads while a scene is segmented, and after."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsProcessingFeedback

from ...core.models.model_card import ModelCard, Quantity
from ..base import tr

if TYPE_CHECKING:
    from ...core.protocol import messages

_SAY_AGAIN_S = 15.0  # between lines about the same stage: each also stands in the log


def stage_name(stage: str) -> str:
    """What the engine does, in a person's language."""
    names = {
        "waiting": tr("Waiting for the engine"),
        "starting": tr("Starting the engine"),
        "opening": tr("Opening the scenes"),
        "loading": tr("Loading the model"),
        "segmenting": tr("Segmenting"),
        "writing": tr("Writing"),
    }
    return names.get(stage, stage)


@dataclass(frozen=True)
class Status:
    """How far a run is.

    Attributes:
        stage: as in ``messages.Progress``; done, total: tiles, total 0 while unknown.
        tiles_per_s: 0 while unknown; ahead: scenes that the engine takes first.
    """

    stage: str
    done: int = 0
    total: int = 0
    tiles_per_s: float = 0.0
    ahead: int = 0

    @property
    def share(self) -> float:
        """Done, from 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def seconds_left(self) -> Optional[float]:
        """Of segmenting; None while unknown."""
        if self.stage != "segmenting" or self.tiles_per_s <= 0:
            return None
        return (self.total - self.done) / self.tiles_per_s

    def text(self) -> str:
        """One line: stage, tiles, rate, time left."""
        if self.stage == "waiting" and self.ahead:
            return tr("Waiting, {} before it").format(self.ahead)
        text = stage_name(self.stage)
        if self.total:
            text = tr("{}: {} of {} tiles").format(text, self.done, self.total)
        return text + self._pace()

    def brief(self) -> str:
        """The same without counting tiles, for where there is little room."""
        if self.stage == "waiting" and self.ahead:
            return self.text()
        return stage_name(self.stage) + self._pace()

    def _pace(self) -> str:
        """Rate and time left, each after a comma; empty while unknown."""
        left = self.seconds_left
        if left is None:
            return ""
        return ", " + tr("{:.1f} tiles/s").format(self.tiles_per_s) + ", " + tr("{} left").format(duration_text(left))


OnStatus = Callable[[Status], None]


class Reporter:
    """Relays the engine's messages to a feedback object, and each status to ``on_status``.

    Attributes:
        connect_s: seconds from the start until the engine accepted the request.
    """

    def __init__(
        self, feedback: QgsProcessingFeedback, card: ModelCard, variant: str, on_status: Optional[OnStatus] = None
    ):
        self._feedback = feedback
        self._on_status = on_status
        self._stage = ""
        self._said = 0.0
        self._ahead = 0
        self._started = time.monotonic()
        self.connect_s = 0.0
        feedback.pushInfo(tr("Model: {} ({})").format(card.title, card.id))
        feedback.pushInfo(tr("Engine: {}").format({"cuda": "CUDA (GPU)", "cpu": "CPU"}[variant]))

    def __call__(self, message: messages.Message) -> None:
        """Take one message of the engine."""
        from ...core.protocol import messages  # QGIS's start imports this module

        if isinstance(message, messages.Accepted):
            self.connect_s = round(time.monotonic() - self._started, 3)
            self._ahead = message.ahead
            if message.ahead:
                self._tell(Status("waiting", ahead=message.ahead))
        elif isinstance(message, messages.Log):
            warn = message.level == "warning"
            (self._feedback.pushWarning if warn else self._feedback.pushInfo)(message.text)
        elif isinstance(message, messages.Progress):
            self._tell(Status(message.stage, message.done, message.total, message.tiles_per_s, self._ahead))

    def _tell(self, status: Status) -> None:
        if status.total:
            self._feedback.setProgress(100.0 * status.share)
        if self._on_status is not None:
            self._on_status(status)
        now = time.monotonic()
        # setProgressText also writes a log line, so it is called now and then and not once a tile.
        if status.stage != self._stage or (status.seconds_left is not None and now - self._said > _SAY_AGAIN_S):
            self._stage, self._said = status.stage, now
            self._feedback.setProgressText(status.text())


def summary(result: messages.Result, connect_s: float, quantity: Optional[Quantity] = None) -> list[str]:
    """Lines that sum up a finished mask; ``connect_s`` are the seconds until the engine took the request."""
    # The rate is told without loading the model, which only the first scene waits for.
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


def class_shares(classes: tuple[messages.ClassArea, ...]) -> list[tuple[messages.ClassArea, float]]:
    """Each class with its share of the pixels that have data, in percent."""
    valid = sum(c.pixels for c in classes)
    return [(c, 100.0 * c.pixels / valid if valid else 0.0) for c in classes]


def shown_shares(
    classes: tuple[messages.ClassArea, ...], most: int = 25
) -> tuple[list[tuple[messages.ClassArea, float]], int]:
    """As :func:`class_shares`; of very many classes the ``most`` largest, and how many are left out."""
    shares = class_shares(classes)
    if len(shares) <= most:
        return shares, 0
    return sorted(shares, key=lambda pair: -pair[1])[:most], len(shares) - most


def values_text(values: Mapping[str, float], unit: str) -> str:
    """A regression's numbers as people read them."""
    if "mean" not in values:
        return tr("no data")
    mean, low, high = (f"{values[key]:,.4g}" for key in ("mean", "min", "max"))
    return tr("mean {}, from {} to {} {}").format(mean, low, high, unit).strip()


def area_text(area_m2: float, largest_m2: float = 0.0) -> str:
    """An area as people read it: in hectares, or in km2 when it or the largest beside it is large."""
    large = max(area_m2, largest_m2) >= 1e8
    return tr("{:,.2f} km2").format(area_m2 / 1e6) if large else tr("{:,.2f} ha").format(area_m2 / 1e4)


def duration_text(seconds: float) -> str:
    """A time to wait, as roughly as it is known."""
    if seconds < 90:
        return tr("{:.0f} s").format(seconds)
    if seconds < 5400:
        return tr("{:.0f} min").format(seconds / 60)
    return tr("{:.1f} h").format(seconds / 3600)
