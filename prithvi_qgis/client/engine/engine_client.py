"""Talking to the warm engine: find it or start it, send one request, follow it to its end.

Standard library only, callable from any thread; the caller's thread does the waiting and no other is left behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol import channel as wire
from ...core.protocol import messages
from . import connection, launch, process
from .connection import IsCancelled, OnMessage

SILENCE_S = 300.0
CANCEL_GRACE_S = 120.0
TERM_GRACE_S = 10.0
LEAVING_S = 60.0
_POLL_S = 0.2
_ON_THE_WAY = (messages.Progress, messages.Log, messages.SceneStarted, messages.SceneDone, messages.SceneFailed)


def segment(
    request: messages.Segment, variant: str, on_message: OnMessage, is_cancelled: IsCancelled, keep_warm_min: float
) -> messages.Result:
    """Segment one scene in the user's engine, starting it if need be.

    Args:
        request: the scene and what to do with it.
        variant: ``cpu`` or ``cuda``.
        on_message: called with each Accepted, Progress and Log, in this thread.
        is_cancelled: asked a few times a second.
        keep_warm_min: idle minutes for an engine that has to be started.
    Raises:
        PrithviError: ``cancelled``, what the engine reported, or ``engine_*`` when it could not be had or died.
    """
    result = follow(request, variant, on_message, is_cancelled, keep_warm_min)
    if not isinstance(result, messages.Result):
        raise _unexpected(result)
    return result


def follow(
    request: messages.Request, variant: str, on_message: OnMessage, is_cancelled: IsCancelled, keep_warm_min: float
) -> messages.Result | messages.ManyDone:
    """One request of any kind to its end, see :func:`segment`."""
    for last_attempt in (False, False, True):
        hello, channel = connection.ready_engine(variant, on_message, is_cancelled, keep_warm_min)
        try:
            return _Run(request, hello, channel, on_message, is_cancelled).follow()
        except _NeverAcceptedError as e:
            # It left for idleness or an upgrade just as we came.
            if last_attempt:
                raise launch.died("taking the request") from e
            process.wait_gone(hello.pid, LEAVING_S)
        finally:
            channel.close()
    raise AssertionError("unreachable")


def status() -> messages.StatusReport | None:
    """What the engine is doing, or None when none runs. Never starts one.

    Raises:
        PrithviError: ``engine_unreachable`` when a process is there but does not answer.
    """
    answer = _ask(messages.Status())
    if answer is not None and not isinstance(answer, messages.StatusReport):
        raise _unexpected(answer)
    return answer


def start(variant: str, keep_warm_min: float, on_message: OnMessage, is_cancelled: IsCancelled) -> None:
    """Have an engine of this ``variant`` run, without asking anything of it; it may still be loading its libraries.

    Raises:
        PrithviError: ``cancelled``, or ``engine_*`` when it could not be had.
    """
    _, channel = connection.ready_engine(variant, on_message, is_cancelled, keep_warm_min)
    channel.close()


def stop(when_idle: bool = False, timeout_s: float = 60.0) -> bool:
    """End the engine: by asking, and by force when it does not answer.

    Args:
        when_idle: leave it alone when it works.
        timeout_s: how long it may take to end by itself.
    Returns:
        whether no engine runs any more; False only with ``when_idle``.
    Raises:
        PrithviError: ``engine_unreachable`` when it survives.
    """
    pid = process.engine_pid()
    try:
        answer = _ask(messages.Shutdown(when_idle))
    except PrithviError:
        if when_idle:
            raise
        answer = None
    if isinstance(answer, messages.Stopping) and not answer.yes and when_idle:
        return False
    pid = process.engine_pid() or pid
    if pid is None:
        return True
    if answer is not None and process.wait_gone(pid, timeout_s):
        return True
    if process.end_group(pid, grace_s=TERM_GRACE_S):
        return True
    raise PrithviError(
        ErrorCode.ENGINE_UNREACHABLE, f"The engine's process {pid} does not end.", f"End it with: kill -9 {pid}"
    )


class _NeverAcceptedError(Exception):
    """The engine closed the connection before it accepted the request."""


class _Run:
    """One request on its way."""

    def __init__(
        self,
        request: messages.Request,
        hello: messages.Hello,
        channel: wire.Channel,
        on_message: OnMessage,
        is_cancelled: IsCancelled,
    ):
        self._request = request
        self._hello = hello
        self._channel = channel
        self._on_message = on_message
        self._is_cancelled = is_cancelled
        self._accepted = False
        self._cancelled_at = 0.0

    def follow(self) -> messages.Result | messages.ManyDone:
        """Send the request and relay messages until it ends."""
        self._send(self._request)
        heard = time.monotonic()
        while True:
            self._maybe_cancel()
            try:
                message = self._channel.receive(_POLL_S)
            except wire.ChannelClosed as e:
                raise self._lost() from e
            now = time.monotonic()
            if message is not None:
                heard = now
                if isinstance(message, (messages.Result, messages.ManyDone)):
                    return self._finished(message)
                self._handle(message)
            elif self._cancelled_at and now - self._cancelled_at > CANCEL_GRACE_S:
                raise connection.cancelled()  # closing the connection cancels too
            elif now - heard > SILENCE_S:
                raise PrithviError(
                    ErrorCode.ENGINE_UNREACHABLE,
                    f"The engine has been silent for {SILENCE_S:.0f} s while segmenting {self._name()}.",
                    "Stop it with prithvi:stopengine and run again.",
                )

    def _maybe_cancel(self) -> None:
        if self._cancelled_at or not self._is_cancelled():
            return
        self._cancelled_at = time.monotonic()
        self._send(messages.Cancel())

    def _send(self, message: messages.Message) -> None:
        try:
            self._channel.send(message)
        except wire.ChannelClosed as e:
            raise self._lost() from e

    def _handle(self, message: messages.Message) -> None:
        if isinstance(message, messages.Failed):
            raise self._failure(message)
        if isinstance(message, messages.Accepted):
            self._accepted = True
        elif not isinstance(message, _ON_THE_WAY):
            raise _unexpected(message)
        self._on_message(message)

    def _failure(self, message: messages.Failed) -> Exception:
        error = message.error()
        if error.code == ErrorCode.ENGINE_DIED:  # its last word: it got stuck
            self._clear()
            return error
        if error.code == ErrorCode.ENGINE_BUSY and not self._accepted:
            return _NeverAcceptedError()
        if error.code == ErrorCode.CANCELLED and not self._cancelled_at:
            return PrithviError(
                ErrorCode.ENGINE_DIED, f"The engine was stopped while segmenting {self._name()}.", "Run again."
            )
        return error

    def _finished(self, result: messages.Result | messages.ManyDone) -> messages.Result | messages.ManyDone:
        if not self._cancelled_at or isinstance(result, messages.ManyDone):  # of many, what is complete stays
            return result
        # Cancel and the end crossed on the way. Whoever cancels finds no file.
        for path in (result.output, result.probability, result.polygons, result.report):
            _remove_output(path)
        raise connection.cancelled()

    def _lost(self) -> Exception:
        """The connection broke: why, and no half-written file left."""
        self._clear()
        if self._cancelled_at:
            return connection.cancelled()
        if not self._accepted:
            return _NeverAcceptedError()
        return launch.died(f"segmenting {self._name()}")

    def _clear(self) -> None:
        """Wait for an engine that ends, and remove what it was writing."""
        process.wait_gone(self._hello.pid, 10.0)
        request = self._request
        for one in request.scenes if isinstance(request, messages.SegmentMany) else (request,):
            for path in (one.output, one.probability, one.polygons, one.report, one.thumbnail):
                _remove_leftovers(path, self._hello.pid)

    def _name(self) -> str:
        return self._request.source_name or Path(self._request.source).name


def _ask(request: messages.Status | messages.Shutdown) -> messages.Message | None:
    """One question to a running engine; None when none runs."""
    try:
        channel = connection.connect_running()
    except wire.ChannelClosed:
        return None
    try:
        connection.greeting(channel)
        channel.send(request)
        answer = channel.receive(connection.ANSWER_S)
    except wire.ChannelClosed:
        return None
    finally:
        channel.close()
    if answer is None:
        raise connection.unreachable()
    return answer


def _unexpected(message: messages.Message) -> PrithviError:
    return PrithviError(
        ErrorCode.CONTRACT_BROKEN,
        f"The engine answered with an unexpected {type(message).__name__}.",
        "Stop it with prithvi:stopengine and run again.",
    )


def _remove_leftovers(target: str, pid: int) -> None:
    """Remove what the dead engine ``pid`` was writing for ``target``: ``.<stem>.prithvi-<pid>-...`` beside it."""
    if not target:
        return
    prefix = f".{Path(target).stem}.prithvi-{pid}-"
    _each(Path(target).parent, lambda name: name.startswith(prefix))


def _remove_output(target: str) -> None:
    """Remove an output and the sidecars that were written with it."""
    if not target:
        return
    path = Path(target)
    names = {path.name, f"{path.name}.aux.xml", f"{path.stem}.qml"}
    _each(path.parent, names.__contains__)


def _each(folder: Path, chosen: Callable[[str], bool]) -> None:
    try:
        for entry in list(folder.iterdir()):
            if chosen(entry.name):
                entry.unlink()
    except OSError:
        return  # the folder went away: nothing is left in it
