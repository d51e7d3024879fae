"""Requests that wait for the engine, and the one that runs."""

from __future__ import annotations

import queue
import threading
import time
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.channel import Channel, ChannelClosed
from ...core.protocol.messages import Failed, Message, Progress, Request
from ...core.system.heartbeat import Heartbeat, cancelled_error
from ...core.system.timeouts import TIMEOUTS
from ..failures import failure


class Job:
    """One request with the connection that it came from."""

    def __init__(self, request: Request, channel: Channel, network_options: Optional[dict[str, str]] = None):
        self.request, self.network_options = request, network_options or {}
        self.heartbeat = Heartbeat()
        self.done = threading.Event()
        self.progress = Progress(0, 0, "waiting")
        self._channel = channel
        self._sent = 0.0

    def emit(self, message: Message) -> None:
        """Send a message to the front end, and record progress.

        A closed connection cancels the job. Progress is rate-limited to a few messages per second.
        """
        if not isinstance(message, Progress) or _has_advanced(self.progress, message):
            self.heartbeat.touch()
        if isinstance(message, Progress):
            same_stage = message.stage == self.progress.stage
            self.progress = message
            soon = time.monotonic() - self._sent < TIMEOUTS.progress_interval_s
            if same_stage and message.done != message.total and soon:
                return
        self._send(message)

    def repeat_progress(self) -> None:
        """Send the last progress again when nothing was sent for a while; the job need not have advanced."""
        if time.monotonic() - self._sent > TIMEOUTS.heartbeat_s:
            self._send(self.progress)

    def _send(self, message: Message) -> None:
        try:
            self._channel.send(message)
            self._sent = time.monotonic()
        except ChannelClosed:
            self.heartbeat.cancel()


def _has_advanced(before: Progress, after: Progress) -> bool:
    """Whether progress is more than a repetition, which a run over many scenes sends while it waits."""
    one, other = ((p.stage, p.done, p.tiles, p.begun) for p in (before, after))
    return one != other


class JobQueue:
    """Jobs in their order: any thread adds them, the main thread takes one at a time."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Optional[Job]] = queue.Queue()
        self._lock = threading.Lock()
        self._jobs: list[Job] = []  # running and waiting
        self._running: Optional[Job] = None
        self._closed = False

    def add(self, job: Job) -> int:
        """Add a job; return the number of jobs before it.

        Raises:
            PrithviError: ``engine_busy`` when the engine is stopping.
        """
        with self._lock:
            if self._closed:
                raise PrithviError(ErrorCode.ENGINE_BUSY, "The engine is stopping.", "Run again.")
            self._jobs.append(job)
            ahead = len(self._jobs) - 1
        self._waiting.put(job)
        return ahead

    def take(self, timeout_s: float) -> Optional[Job]:
        """Return the next job; None after ``timeout_s``, after :meth:`close`, or for a job that was cancelled."""
        try:
            job = self._waiting.get(timeout=timeout_s)
        except queue.Empty:
            return None
        with self._lock:
            self._running = job if job in self._jobs else None
            return self._running

    def cancel(self, job: Job) -> None:
        """Cancel a job: at once while it waits, within one batch when it runs."""
        job.heartbeat.cancel()
        with self._lock:
            waits = job in self._jobs and job is not self._running
            if waits:
                self._jobs.remove(job)
        if waits:
            self._answer(job, Failed.of(cancelled_error()))

    def finish(self, job: Job, message: Message) -> None:
        """Send a job's last message and remove it.

        Raises:
            ValueError: it was finished before.
        """
        with self._lock:
            self._jobs.remove(job)
            self._running = None
        self._answer(job, message)

    def ahead(self, job: Job) -> int:
        """Return the number of jobs before one that waits."""
        with self._lock:
            return self._jobs.index(job) if job in self._jobs else 0

    def _answer(self, job: Job, message: Message) -> None:
        try:
            job.emit(message)
        except ValueError as e:  # a number that JSON lacks: the answer must still be an answer
            job.emit(failure(e, job.request))
        job.done.set()

    def close(self, only_if_idle: bool = False) -> bool:
        """Take no more jobs, and cancel those there are; False if ``only_if_idle`` and there are some."""
        with self._lock:
            if only_if_idle and self._jobs:
                return False
            self._closed = True
            for job in self._jobs:
                job.heartbeat.cancel()
        self._waiting.put(None)
        return True

    @property
    def closed(self) -> bool:
        """Whether the engine is to end."""
        return self._closed

    @property
    def current(self) -> Optional[Job]:
        """The job that runs, or the next one."""
        with self._lock:
            return self._jobs[0] if self._jobs else None

    def __len__(self) -> int:
        return len(self._jobs)
