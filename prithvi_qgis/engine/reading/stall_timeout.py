"""Wait for I/O with a stall timeout and cancellation checks."""

from __future__ import annotations

import concurrent.futures
import time
from typing import Optional, TypeVar

from ...core.errors import ErrorCode, PrithviError
from ...core.system.heartbeat import Heartbeat
from ...core.system.timeouts import TIMEOUTS, Timeouts

ResultT = TypeVar("ResultT")


class StallTimeout:
    """Waits for what is read of one source, as long as the run makes progress."""

    def __init__(self, heartbeat: Optional[Heartbeat] = None, source: str = "", timeouts: Timeouts = TIMEOUTS):
        """``heartbeat``: of the run, or None outside of one; ``source``: the scene's name in errors."""
        self._heartbeat = heartbeat or Heartbeat()
        self._source, self._timeouts = source, timeouts

    def touch(self) -> None:
        """Record that something was read. Any thread may."""
        self._heartbeat.touch()

    def result(self, task: concurrent.futures.Future[ResultT]) -> ResultT:
        """Return the result of a reading task.

        Raises:
            PrithviError: ``cancelled``; ``source_unreadable`` after ``io_stall_s`` without progress; whatever the task
                raised.
        """
        began, limit_s = time.monotonic(), self._timeouts.io_stall_s
        while not concurrent.futures.wait([task], self._timeouts.poll_s).done:
            self._heartbeat.check_cancelled()
            if time.monotonic() - max(began, self._heartbeat.last_progress) > limit_s:
                raise PrithviError(
                    ErrorCode.SOURCE_UNREADABLE,
                    f"{self._source} gave nothing for {limit_s:.0f} s.",
                    "Check the disk or server it is on, or copy it to this machine.",
                )
        return task.result()
