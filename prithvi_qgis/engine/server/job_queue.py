"""Requests that wait for the engine, and the one that runs."""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.channel import Channel, ChannelClosed
from ...core.protocol.messages import Failed, Message, Progress, Request
from ..failures import failure

log = logging.getLogger("prithvi.engine")


class Job:
    """One request with the connection that asked for it."""

    def __init__(self, request: Request, channel: Channel):
        self.request = request
        self.done = threading.Event()
        self._channel = channel
        self._cancelled = threading.Event()
        self._progress = Progress(0, 0, "waiting")
        self._told = 0.0
        self.signs = 0  # of life, from the thread that works on it: see .watch

    def cancel(self) -> None:
        """Ask it to stop; it does within one batch."""
        self._cancelled.set()

    def cancelled(self) -> bool:
        """Whether it was asked to stop, or nobody listens any more."""
        self.signs += 1
        return self._cancelled.is_set()

    def emit(self, message: Message) -> None:
        """Send to the front end; a front end that is gone cancels. Progress is thinned to a few a second."""
        self.signs += 1
        if isinstance(message, Progress):
            same_stage = message.stage == self._progress.stage
            self._progress = message
            if same_stage and message.done != message.total and time.monotonic() - self._told < 0.2:
                return
        self._send(message)

    @property
    def stage(self) -> str:
        """Where it is, see :class:`Progress`."""
        return self._progress.stage

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._progress

    def heartbeat(self) -> None:
        """Say again how far it is, when nothing was said for a while."""
        if time.monotonic() - self._told > 2:
            self._send(self._progress)

    def _send(self, message: Message) -> None:
        try:
            self._channel.send(message)
            self._told = time.monotonic()
        except ChannelClosed:
            self._cancelled.set()


class JobQueue:
    """The line of jobs: any thread adds, the main thread takes one at a time."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Optional[Job]] = queue.Queue()
        self._lock = threading.Lock()
        self._jobs: list[Job] = []  # running and waiting
        self._running: Optional[Job] = None
        self._closed = False

    def add(self, job: Job) -> int:
        """Stand in line; returns how many come first.

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
        """The next job, or None after ``timeout_s``, when woken by :meth:`close`, or for one that left the line."""
        try:
            job = self._waiting.get(timeout=timeout_s)
        except queue.Empty:
            return None
        with self._lock:
            self._running = job if job in self._jobs else None
            return self._running

    def leave(self, job: Job) -> None:
        """Cancel a job: at once while it waits, within one batch when it runs."""
        job.cancel()
        with self._lock:
            waits = job in self._jobs and job is not self._running
            if waits:
                self._jobs.remove(job)
        if waits:
            self._answer(job, Failed(ErrorCode.CANCELLED.value, "Cancelled; nothing was written."))

    def finish(self, job: Job, message: Message) -> None:
        """Send a job's last message and forget it."""
        with self._lock:
            self._jobs.remove(job)
            self._running = None
        self._answer(job, message)

    def ahead(self, job: Job) -> int:
        """How many come before a job that stands in line."""
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
                job.cancel()
        self._waiting.put(None)
        return True

    @property
    def closed(self) -> bool:
        """Whether the engine is to end."""
        return self._closed

    @property
    def current(self) -> Optional[Job]:
        """The job that runs."""
        with self._lock:
            return self._jobs[0] if self._jobs else None

    @property
    def loading(self) -> bool:
        """Whether the running job waits for its model."""
        with self._lock:
            return bool(self._jobs) and self._jobs[0].stage == "loading"

    def __len__(self) -> int:
        return len(self._jobs)
