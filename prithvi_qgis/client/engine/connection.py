"""Connect to the engine of this code and variant: the one that runs, or one that is started here.

A lock file in the run folder decides who starts the engine, so that two front ends at once get one engine. An engine of
another version or variant is replaced as soon as it is idle.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Optional, TypeVar

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.channel import Channel, ChannelClosed, connect
from ...core.protocol.control_messages import PROTOCOL_VERSION
from ...core.protocol.messages import Hello, Log, Message, Progress, Shutdown, Stopping
from ...core.system import paths
from ...core.system.file_lock import FileLock
from ...core.system.processes import is_alive
from ...core.system.timeouts import TIMEOUTS, Timeouts
from ..runtime import code_copy
from . import launch, process

OnMessage = Callable[[Message], None]
IsCancelled = Callable[[], bool]
T = TypeVar("T")


class Connector:
    """Connects to an engine for one request, and starts or replaces the engine where that is necessary."""

    def __init__(
        self,
        variant: str,
        on_message: OnMessage,
        is_cancelled: IsCancelled,
        keep_warm_min: float,
        timeouts: Timeouts = TIMEOUTS,
    ):
        """See :func:`~prithvi_qgis.client.engine.engine_client.segment`."""
        self._variant = variant
        self._on_message = on_message
        self._is_cancelled = is_cancelled
        self._keep_warm_min = keep_warm_min
        self._timeouts = timeouts

    def connect(self) -> tuple[Hello, Channel]:
        """Return the greeting of, and a connection to, an engine of this code and variant.

        Raises:
            PrithviError: ``cancelled``, ``engine_missing``, ``engine_died``, ``engine_unreachable``.
        """
        require_linux()
        waiting_logged = False
        give_up_at = 0.0
        while True:
            channel = self._running_or_started()
            try:
                hello = greeting(channel, self._timeouts)
                # The hash is computed each time: the plugin may be upgraded during the wait.
                expected = PROTOCOL_VERSION, code_copy.current_hash(), self._variant
                if (hello.contract, hello.code, hello.variant) == expected:
                    return hello, channel
                stopping = self._stop_if_idle(channel)
            except ChannelClosed:
                # An engine that exits closes connections for a moment; one that keeps doing so is broken.
                channel.close()
                give_up_at = give_up_at or time.monotonic() + self._timeouts.engine_start_s
                if time.monotonic() > give_up_at:
                    raise unreachable() from None
                self._pause()
                continue
            except BaseException:
                channel.close()
                raise
            channel.close()
            if stopping:
                self._await_exit(hello.pid)
                continue
            if not waiting_logged:
                other_variant = hello.variant != self._variant
                what = f"{hello.variant} engine" if other_variant else f"engine of version {hello.package}"
                self._on_message(Log("info", f"Waiting for the busy {what} to finish, to replace it."))
                waiting_logged = True
            self._on_message(Progress(0, 0, "waiting"))
            self._pause(self._timeouts.engine_busy_poll_s)

    def _running_or_started(self) -> Channel:
        channel = _connected(self._timeouts)
        if channel is not None:
            return channel
        with self._start_lock():
            # Another front end may have started it meanwhile; an engine that exits keeps its lock a little longer.
            running = self._repeat(lambda: _connected(self._timeouts) or process.engine_pid() is None)
            if isinstance(running, Channel):
                return running
            name = self._variant.upper()
            self._on_message(Log("info", f"Starting the {name} engine; the first start takes a minute."))
            self._on_message(Progress(0, 0, "starting"))
            pid = launch.start(self._variant, self._keep_warm_min)
            # It is left running after a cancel: the next run uses it.
            return self._repeat(lambda: self._started(pid))

    def _started(self, pid: int) -> Optional[Channel]:
        """Return a connection to the engine that was just started; None while it does not listen."""
        alive = is_alive(pid)  # before the connection: an engine may listen and exit in between
        channel = _connected(self._timeouts)
        if channel is None and not alive:
            raise launch.died("starting")
        return channel

    def _stop_if_idle(self, channel: Channel) -> bool:
        """Ask an engine of another version to exit; returns False when it stays because it is busy."""
        channel.send(Shutdown(when_idle=True))
        answer = channel.receive(self._timeouts.status_answer_s)
        if isinstance(answer, Stopping):
            return answer.yes
        raise unreachable()

    def _await_exit(self, pid: int) -> None:
        self._repeat(lambda: not is_alive(pid))

    @contextlib.contextmanager
    def _start_lock(self) -> Iterator[None]:
        """Hold the lock that decides who starts the engine."""
        lock = FileLock(paths.run_folder() / "start.lock")
        # Its holder waits for engine_start_s at most.
        if not lock.acquire(2 * self._timeouts.engine_start_s, self._check_cancelled):
            raise unreachable()
        with lock:
            yield

    def _repeat(self, attempt: Callable[[], Optional[T]]) -> T:
        """Repeat ``attempt`` until it returns something true; raises ``engine_unreachable`` after a while."""
        deadline = time.monotonic() + self._timeouts.engine_start_s
        while True:
            found = attempt()
            if found:
                return found
            if time.monotonic() > deadline:
                raise unreachable()
            self._pause()

    def _pause(self, seconds: float = 0.0) -> None:
        """Sleep, with checks for a cancel; at least once for ``poll_s``."""
        end = time.monotonic() + seconds
        while True:
            self._check_cancelled()
            time.sleep(self._timeouts.poll_s)
            if time.monotonic() >= end:
                return

    def _check_cancelled(self) -> None:
        if self._is_cancelled():
            raise cancelled()


def connect_running(timeouts: Timeouts = TIMEOUTS) -> Channel:
    """Return a connection to the engine that runs.

    Raises:
        ChannelClosed: none runs.
        PrithviError: ``engine_unreachable`` when a process runs but does not answer.
    """
    if not sys.platform.startswith("linux"):
        raise ChannelClosed("no engine on this system")
    deadline = time.monotonic() + timeouts.engine_start_s
    while True:
        try:
            return connect(paths.run_folder(), timeouts)
        except ChannelClosed:
            # A process without a socket is starting up or exiting.
            if process.engine_pid() is None:
                raise
            if time.monotonic() > deadline:
                raise unreachable() from None
            time.sleep(timeouts.poll_s)


def greeting(channel: Channel, timeouts: Timeouts = TIMEOUTS) -> Hello:
    """Return the engine's first message.

    Raises:
        ChannelClosed: the engine exited.
        PrithviError: ``engine_unreachable`` when it stays silent or sends something else.
    """
    hello = channel.receive(timeouts.status_answer_s)
    if isinstance(hello, Hello):
        return hello
    raise unreachable()


def require_linux() -> None:
    """Raise ``engine_missing`` on other systems: the engine's libraries exist for Linux only."""
    if not sys.platform.startswith("linux"):
        raise PrithviError(
            ErrorCode.ENGINE_MISSING,
            f"The segmentation engine runs on Linux; this system is {sys.platform}.",
            "Run QGIS on Linux, or in WSL2.",
        )


def unreachable() -> PrithviError:
    """Return the error for an engine that runs and does not answer."""
    pid = process.engine_pid()
    return PrithviError(
        ErrorCode.ENGINE_UNREACHABLE,
        f"The engine{f' (process {pid})' if pid else ''} does not answer.",
        f"Stop it with prithvi:stopengine and run again; its log is {paths.log_file()}.",
    )


def cancelled() -> PrithviError:
    """Return the error for a run that the user cancelled."""
    return PrithviError(ErrorCode.CANCELLED, "Cancelled.", "")


def _connected(timeouts: Timeouts) -> Optional[Channel]:
    """Return a connection, or None when no process listens. A peer that refuses the key gets a second chance."""
    for last_attempt in (False, True):
        try:
            return connect(paths.run_folder(), timeouts)
        except ChannelClosed:
            return None
        except PrithviError:
            # Old engine and new key cross while one engine follows another.
            if last_attempt:
                raise
            time.sleep(timeouts.retry_s)
    raise AssertionError("unreachable")
