"""Waiting for reading and writing: with an end, and with an ear for a cancel."""

from __future__ import annotations

import concurrent.futures
import time
from collections.abc import Callable
from typing import Any

from ...core.errors import ErrorCode, PrithviError

Cancelled = Callable[[], bool]

# Nothing that is read of a source with one call, a few megabytes, takes longer. GDAL gives a server that fails or
# stalls up within 200 s (:mod:`engine.device.runtime_env`), so that its own, better error comes first; a disk that
# hangs never answers.
STALL_S = 300.0
LOOK_S = 0.25  # how soon a cancel is noticed
LEAVE_S = 2.0  # for what is under way when a run ends


class StallTimeout:
    """How long one run waits for its source."""

    def __init__(self, cancelled: Cancelled = lambda: False, source: str = ""):
        """``source``: what the scene is called."""
        self._cancelled, self._source, self._heard = cancelled, source, 0.0

    def alive(self) -> None:
        """Something was read: what is waited for has its whole time again. Any thread may say so."""
        self._heard = time.monotonic()

    def result(self, task: concurrent.futures.Future[Any]) -> Any:
        """What a reading task returns.

        Raises:
            PrithviError: ``cancelled``; ``source_unreadable`` when nothing is heard for ``STALL_S``; whatever the task
                raised.
        """
        began = time.monotonic()
        while not concurrent.futures.wait([task], LOOK_S).done:
            if self._cancelled():
                raise cancelled_error()
            if time.monotonic() - max(began, self._heard) > STALL_S:
                raise PrithviError(
                    ErrorCode.SOURCE_UNREADABLE,
                    f"{self._source} gave nothing for {STALL_S:.0f} s.",
                    "Check the disk or server it is on, or copy it to this machine.",
                )
        return task.result()


def cancelled_error() -> PrithviError:
    """The end of a run that a person stopped."""
    return PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.")
