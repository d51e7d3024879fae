"""What becomes of scenes that were in progress when the process that segmented them died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

MAX_DEATHS = 2
"""Deaths of a process until a scene that was in progress each time has failed."""


class RetryPolicy:
    """Retries such a scene alone, so that it takes no other with it, and fails it at its second death."""

    def __init__(self) -> None:
        self._deaths: Counter[int] = Counter()

    def record_death(self, suspects: Iterable[int]) -> list[int]:
        """Count a death against the scenes that may have caused it; return those that have failed with it."""
        suspects = list(suspects)
        self._deaths.update(suspects)
        return [scene for scene in suspects if self._deaths[scene] >= MAX_DEATHS]

    def runs_alone(self, scene: int) -> bool:
        """Whether a scene shares its process with no other, because one died with it."""
        return scene in self._deaths
