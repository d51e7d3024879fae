"""Getting a connection to the right engine: the one that runs, or one started here.

A lock file in the run folder decides who starts the engine, so that two front ends at once get one. An engine of
another version or variant is replaced as soon as it is idle.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol import channel as wire
from ...core.protocol import messages
from ...core.protocol.control_messages import PROTOCOL_VERSION
from ...core.system import paths
from ...core.system.file_lock import FileLock
from ...core.system.processes import is_alive
from ..runtime import code_copy
from . import launch, process

OnMessage = Callable[[messages.Message], None]
IsCancelled = Callable[[], bool]

START_S = 180.0
ANSWER_S = 60.0
_POLL_S = 0.1
_BUSY_POLL_S = 2.0


def ready_engine(
    variant: str, on_message: OnMessage, is_cancelled: IsCancelled, keep_warm_min: float
) -> tuple[messages.Hello, wire.Channel]:
    """A connection to an engine of this code and ``variant``, started if none runs.

    Raises:
        PrithviError: ``cancelled``, ``engine_missing``, ``engine_died``, ``engine_unreachable``.
    """
    require_linux()
    told = False
    refused_until = 0.0
    while True:
        channel = _running_or_started(variant, on_message, is_cancelled, keep_warm_min)
        try:
            hello = greeting(channel)
            # Looked at anew each time: the plugin may be upgraded while this waits.
            if (hello.contract, hello.code, hello.variant) == (
                PROTOCOL_VERSION,
                code_copy.current_hash(),
                variant,
            ):
                return hello, channel
            replaced = _ask_to_leave(channel)
        except wire.ChannelClosed:
            # It is leaving, which takes a moment; one that goes on like this is broken.
            channel.close()
            refused_until = refused_until or time.monotonic() + START_S
            if time.monotonic() > refused_until:
                raise unreachable() from None
            _pause(_POLL_S, is_cancelled)
            continue
        except BaseException:
            channel.close()
            raise
        channel.close()
        if replaced:
            _wait_gone(hello.pid, is_cancelled)
        else:
            if not told:
                what = f"{hello.variant} engine" if hello.variant != variant else f"engine of version {hello.package}"
                on_message(messages.Log("info", f"Waiting for the busy {what} to finish, to replace it."))
                told = True
            on_message(messages.Progress(0, 0, "waiting"))
            _pause(_BUSY_POLL_S, is_cancelled)


def connect_running() -> wire.Channel:
    """A connection to the engine that runs.

    Raises:
        ChannelClosed: none runs.
        PrithviError: ``engine_unreachable`` when a process is there but does not answer.
    """
    if not sys.platform.startswith("linux"):
        raise wire.ChannelClosed("no engine on this system")
    deadline = time.monotonic() + START_S
    while True:
        try:
            return wire.connect(paths.run_folder())
        except wire.ChannelClosed:
            # A process without a socket is starting up or leaving.
            if process.engine_pid() is None:
                raise
            if time.monotonic() > deadline:
                raise unreachable() from None
            time.sleep(_POLL_S)


def greeting(channel: wire.Channel) -> messages.Hello:
    """The engine's first message. Raises ChannelClosed, or PrithviError when it stays silent or says something else."""
    hello = channel.receive(ANSWER_S)
    if isinstance(hello, messages.Hello):
        return hello
    raise unreachable()


def require_linux() -> None:
    """The engine's libraries exist for Linux only; elsewhere say so."""
    if not sys.platform.startswith("linux"):
        raise PrithviError(
            ErrorCode.ENGINE_MISSING,
            f"The segmentation engine runs on Linux; this system is {sys.platform}.",
            "Run QGIS on Linux, or in WSL2.",
        )


def unreachable() -> PrithviError:
    """The error for an engine that is there and does not answer."""
    pid = process.engine_pid()
    return PrithviError(
        ErrorCode.ENGINE_UNREACHABLE,
        f"The engine{f' (process {pid})' if pid else ''} does not answer.",
        f"Stop it with prithvi:stopengine and run again; its log is {paths.log_file()}.",
    )


def cancelled() -> PrithviError:
    """The error for a run that the user ended."""
    return PrithviError(ErrorCode.CANCELLED, "Cancelled.", "")


def _running_or_started(
    variant: str, on_message: OnMessage, is_cancelled: IsCancelled, keep_warm_min: float
) -> wire.Channel:
    channel = _connected()
    if channel is not None:
        return channel
    with _start_lock(is_cancelled):
        # Whoever held the lock before may have started it; one that is leaving keeps its lock a little longer.
        deadline = time.monotonic() + START_S
        while True:
            channel = _connected()
            if channel is not None:
                return channel
            if process.engine_pid() is None:
                break
            if time.monotonic() > deadline:
                raise unreachable()
            _pause(_POLL_S, is_cancelled)
        on_message(messages.Log("info", f"Starting the {variant.upper()} engine; the first start takes a minute."))
        on_message(messages.Progress(0, 0, "starting"))
        return _await_socket(launch.start(variant, keep_warm_min), is_cancelled)


def _connected() -> Optional[wire.Channel]:
    """A connection, or None when nobody listens. A peer that does not know the key gets a second chance."""
    for last_attempt in (False, True):
        try:
            return wire.connect(paths.run_folder())
        except wire.ChannelClosed:
            return None
        except PrithviError:
            # Old engine and new key cross while one engine follows another.
            if last_attempt:
                raise
            time.sleep(1.0)
    raise AssertionError("unreachable")


def _await_socket(pid: int, is_cancelled: IsCancelled) -> wire.Channel:
    """Wait until the engine just started listens. It is left running when the user cancels: it is the next run's."""
    deadline = time.monotonic() + START_S
    while True:
        alive = is_alive(pid)
        channel = _connected()
        if channel is not None:
            return channel
        if not alive:
            raise launch.died("starting")
        if time.monotonic() > deadline:
            raise unreachable()
        _pause(_POLL_S, is_cancelled)


def _ask_to_leave(channel: wire.Channel) -> bool:
    """Ask an engine of another version to end if it is idle; False when it stays because it works."""
    channel.send(messages.Shutdown(when_idle=True))
    answer = channel.receive(ANSWER_S)
    if isinstance(answer, messages.Stopping):
        return answer.yes
    raise unreachable()


def _wait_gone(pid: int, is_cancelled: IsCancelled) -> None:
    deadline = time.monotonic() + START_S
    while is_alive(pid):
        if time.monotonic() > deadline:
            raise unreachable()
        _pause(_POLL_S, is_cancelled)


@contextlib.contextmanager
def _start_lock(is_cancelled: IsCancelled) -> Iterator[None]:
    """Hold the lock that decides who starts the engine."""
    lock = FileLock(paths.run_folder() / "start.lock")
    if not lock.acquire(2 * START_S, lambda: _pause(0, is_cancelled)):  # its holder waits for START_S at most
        raise unreachable()
    with lock:
        yield


def _pause(seconds: float, is_cancelled: IsCancelled) -> None:
    """Sleep, in short pieces that notice a cancel."""
    end = time.monotonic() + seconds
    while True:
        if is_cancelled():
            raise cancelled()
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, _POLL_S))
