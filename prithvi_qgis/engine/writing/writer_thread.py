"""The thread that writes a mask, so that compressing it holds nothing up."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.system.heartbeat import Heartbeat, cancelled_error
from ...core.system.timeouts import TIMEOUTS, Timeouts


class WriterThread:
    """Runs tasks in order, in its own thread. An error there is raised at the next :meth:`put` or at :meth:`finish`."""

    DEPTH = 8  # tasks that may wait: each holds a few megabytes

    def __init__(self, target: str, heartbeat: Heartbeat, timeouts: Timeouts = TIMEOUTS) -> None:
        """``target``: what is written, for errors; ``heartbeat``: records each task that is done."""
        self._target, self._heartbeat, self._timeouts = target, heartbeat, timeouts
        self._hangs = False
        self._tasks: queue.Queue[Optional[Callable[[], None]]] = queue.Queue(self.DEPTH)
        self._failure: Optional[BaseException] = None
        self._thread = threading.Thread(target=self._work, name="write", daemon=True)
        self._thread.start()

    def put(self, task: Callable[[], None]) -> None:
        """Hand over a task; waits while too many are waiting.

        Raises:
            PrithviError: ``cancelled``; ``output_unwritable`` after ``io_stall_s`` without progress.
        """
        self._raise_failure()
        self._wait_until(lambda: self._offered(task))

    def finish(self) -> None:
        """Wait until everything is done. Same errors as :meth:`put`; a cancel does not wait for a task that hangs."""
        self._wait_until(lambda: self._offered(None))
        self._wait_until(lambda: self._ended(self._timeouts.poll_s))
        self._raise_failure()

    def stop(self) -> None:
        """End the thread after its current task, if that takes no longer than a moment; waiting tasks are dropped."""
        if self._thread.is_alive() and not self._hangs:
            self._failure = self._failure or cancelled_error()
            with suppress(queue.Empty):
                while True:
                    self._tasks.get_nowait()
            self._tasks.put(None)
            self._ended(self._timeouts.io_exit_s)

    def _wait_until(self, is_done: Callable[[], bool]) -> None:
        """Call ``is_done``, which waits for a moment, until it returns True."""
        began = time.monotonic()
        while not is_done():
            self._heartbeat.check_cancelled()
            if time.monotonic() - max(began, self._heartbeat.last_progress) > self._timeouts.io_stall_s:
                self._hangs = True
                raise PrithviError(
                    ErrorCode.OUTPUT_UNWRITABLE,
                    f"Nothing could be written to {self._target} for {self._timeouts.io_stall_s:.0f} s.",
                    "Check the disk or server it is on, or choose another folder.",
                )

    def _offered(self, task: Optional[Callable[[], None]]) -> bool:
        try:
            self._tasks.put(task, timeout=self._timeouts.poll_s)
        except queue.Full:
            return False
        return True

    def _ended(self, timeout_s: float) -> bool:
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            # After a failure the remaining tasks are dropped, so that no caller blocks on a full queue.
            if self._failure is None:
                try:
                    task()
                    self._heartbeat.touch()
                except BaseException as e:
                    self._failure = e
