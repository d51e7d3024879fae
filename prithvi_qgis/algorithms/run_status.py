"""How far a run is, and areas, numbers and times as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from .base import tr

if TYPE_CHECKING:
    from ..core.protocol import messages


def stage_name(stage: str) -> str:
    """Return what the engine does, in the user's language."""
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
    """How far a run is."""

    stage: str
    """Stage as in :class:`.Progress`."""
    done: int = 0
    """Finished tiles."""
    total: int = 0
    """Tiles; 0 while unknown."""
    tiles_per_s: float = 0.0
    """0 while unknown."""
    ahead: int = 0
    """Scenes that the engine processes first."""

    @property
    def share(self) -> float:
        """Share that is done, from 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def seconds_left(self) -> Optional[float]:
        """Seconds until all tiles are segmented; None while unknown."""
        if self.stage != "segmenting" or self.tiles_per_s <= 0:
            return None
        return (self.total - self.done) / self.tiles_per_s

    def text(self) -> str:
        """Return one line: stage, tiles, rate and time left."""
        if self.stage == "waiting" and self.ahead:
            return tr("Waiting, {} before it").format(self.ahead)
        text = stage_name(self.stage)
        if self.total:
            text = tr("{}: {} of {} tiles").format(text, self.done, self.total)
        return text + self._rate_and_time()

    def brief(self) -> str:
        """Return a shorter line without the number of tiles."""
        if self.stage == "waiting" and self.ahead:
            return self.text()
        return stage_name(self.stage) + self._rate_and_time()

    def _rate_and_time(self) -> str:
        """Return rate and time left, each after a comma; empty while unknown."""
        left = self.seconds_left
        if left is None:
            return ""
        return ", " + tr("{:.1f} tiles/s").format(self.tiles_per_s) + ", " + tr("{} left").format(duration_text(left))


OnStatus = Callable[[Status], None]


def class_shares(classes: tuple[messages.ClassArea, ...]) -> list[tuple[messages.ClassArea, float]]:
    """Return each class with its share of the pixels with data, in percent."""
    valid = sum(c.pixels for c in classes)
    return [(c, 100.0 * c.pixels / valid if valid else 0.0) for c in classes]


def shown_shares(
    classes: tuple[messages.ClassArea, ...], most: int = 25
) -> tuple[list[tuple[messages.ClassArea, float]], int]:
    """Return at most ``most`` of :func:`class_shares`, then the largest, and the number of the others."""
    shares = class_shares(classes)
    if len(shares) <= most:
        return shares, 0
    return sorted(shares, key=lambda pair: -pair[1])[:most], len(shares) - most


def values_text(values: Mapping[str, float], unit: str) -> str:
    """Return a regression's statistics as text."""
    if "mean" not in values:
        return tr("no data")
    mean, low, high = (f"{values[key]:,.4g}" for key in ("mean", "min", "max"))
    return tr("mean {}, from {} to {} {}").format(mean, low, high, unit).strip()


def area_text(area_m2: float, largest_m2: float = 0.0) -> str:
    """Return an area in hectares, or in km2 where it or ``largest_m2``, shown next to it, is large."""
    large = max(area_m2, largest_m2) >= 1e8
    return tr("{:,.2f} km2").format(area_m2 / 1e6) if large else tr("{:,.2f} ha").format(area_m2 / 1e4)


def duration_text(seconds: float) -> str:
    """Return a time to wait, rounded."""
    if seconds < 90:
        return tr("{:.0f} s").format(seconds)
    if seconds < 5400:
        return tr("{:.0f} min").format(seconds / 60)
    return tr("{:.1f} h").format(seconds / 3600)
