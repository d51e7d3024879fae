"""Requests to the warm engine: find or start it, send one request, follow the request to its end.

Standard library only, callable from any thread. The caller's thread waits; no other thread is left behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol import messages
from ...core.protocol.channel import Channel, ChannelClosed
from ...core.system.timeouts import TIMEOUTS, Timeouts
from ..runtime.environment import caller_options
from . import connection, launch, process
from .connection import Connector, IsCancelled, OnMessage

_RELAYED = (messages.Progress, messages.Log, messages.SceneStarted, messages.SceneDone, messages.SceneFailed)


def segment(
    request: messages.Segment,
    variant: str,
    on_message: OnMessage,
    is_cancelled: IsCancelled,
    keep_warm_min: float,
    timeouts: Timeouts = TIMEOUTS,
) -> messages.Result:
    """Segment one scene in the user's engine, which is started if necessary.

    Args:
        variant: ``cpu`` or ``cuda``.
        on_message: called with each Accepted, Progress and Log, in this thread.
        is_cancelled: checked a few times per second.
        keep_warm_min: idle minutes of an engine that is started.
    Raises:
        PrithviError: ``cancelled``, what the engine reported, or ``engine_*`` when it could not be reached or died.
    """
    result = follow(request, variant, on_message, is_cancelled, keep_warm_min, timeouts)
    if not isinstance(result, messages.Result):
        raise _unexpected(result)
    return result


def follow(
    request: messages.Request,
    variant: str,
    on_message: OnMessage,
    is_cancelled: IsCancelled,
    keep_warm_min: float,
    timeouts: Timeouts = TIMEOUTS,
) -> messages.Result | messages.ManyDone:
    """Send a request of any kind and follow it to its end, see :func:`segment`."""
    connector = Connector(variant, on_message, is_cancelled, keep_warm_min, timeouts)
    for last_attempt in (False, False, True):
        hello, channel = connector.connect()
        try:
            return _RequestRun(request, hello, channel, on_message, is_cancelled, timeouts).follow()
        except _NeverAcceptedError as e:
            # It exited, idle or replaced, just as the request came.
            if last_attempt:
                raise launch.died("taking the request") from e
            process.wait_gone(hello.pid, timeouts.engine_exit_s)
        finally:
            channel.close()
    raise AssertionError("unreachable")


def status(timeouts: Timeouts = TIMEOUTS) -> messages.StatusReport | None:
    """Return the engine's state, or None when none runs. Never starts one.

    Raises:
        PrithviError: ``engine_unreachable`` when a process runs but does not answer.
    """
    answer = _ask(messages.Status(), timeouts)
    if answer is not None and not isinstance(answer, messages.StatusReport):
        raise _unexpected(answer)
    return answer


def start(variant: str, keep_warm_min: float, on_message: OnMessage, is_cancelled: IsCancelled) -> None:
    """Start an engine of this ``variant`` unless one runs; it may still be loading its libraries afterwards.

    Raises:
        PrithviError: ``cancelled``, or ``engine_*`` when it could not be reached.
    """
    _, channel = Connector(variant, on_message, is_cancelled, keep_warm_min).connect()
    channel.close()


def stop(when_idle: bool = False, timeout_s: float = TIMEOUTS.engine_exit_s, timeouts: Timeouts = TIMEOUTS) -> bool:
    """End the engine: by a request, and by force when it does not answer.

    Args:
        when_idle: leave a busy engine running.
        timeout_s: for the engine to exit by itself.
    Returns:
        whether no engine runs any more; False only with ``when_idle``.
    Raises:
        PrithviError: ``engine_unreachable`` when it survives.
    """
    pid = process.engine_pid()
    try:
        answer = _ask(messages.Shutdown(when_idle), timeouts)
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
    if process.end_group(pid, timeouts.engine_term_grace_s):
        return True
    raise PrithviError(
        ErrorCode.ENGINE_UNREACHABLE, f"The engine's process {pid} does not end.", f"End it with: kill -9 {pid}"
    )


class _NeverAcceptedError(Exception):
    """The engine closed the connection before it accepted the request."""


class _RequestRun:
    """One request from its start to its end."""

    def __init__(
        self,
        request: messages.Request,
        hello: messages.Hello,
        channel: Channel,
        on_message: OnMessage,
        is_cancelled: IsCancelled,
        timeouts: Timeouts,
    ):
        self._request = request
        self._hello = hello
        self._channel = channel
        self._on_message = on_message
        self._is_cancelled = is_cancelled
        self._timeouts = timeouts
        self._accepted = False
        self._cancelled_at = 0.0

    def follow(self) -> messages.Result | messages.ManyDone:
        """Send the request and relay messages until it ends."""
        options = caller_options()
        if options:
            self._send(messages.NetworkOptions(options))
        self._send(self._request)
        last_message = time.monotonic()
        while True:
            self._maybe_cancel()
            try:
                message = self._channel.receive(self._timeouts.poll_s)
            except ChannelClosed as e:
                raise self._lost() from e
            now = time.monotonic()
            if message is not None:
                last_message = now
                if isinstance(message, (messages.Result, messages.ManyDone)):
                    return self._finished(message)
                self._handle(message)
            elif self._cancelled_at and now - self._cancelled_at > self._timeouts.cancel_grace_s:
                raise connection.cancelled()  # closing the connection cancels too
            elif now - last_message > self._timeouts.engine_silence_s:
                silence = f"{self._timeouts.engine_silence_s:.0f} s"
                raise PrithviError(
                    ErrorCode.ENGINE_UNREACHABLE,
                    f"The engine has been silent for {silence} while segmenting {self._name()}.",
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
        except ChannelClosed as e:
            raise self._lost() from e

    def _handle(self, message: messages.Message) -> None:
        if isinstance(message, messages.Failed):
            raise self._failure(message)
        if isinstance(message, messages.Accepted):
            self._accepted = True
        elif not isinstance(message, _RELAYED):
            raise _unexpected(message)
        self._on_message(message)

    def _failure(self, message: messages.Failed) -> Exception:
        error = message.error()
        if error.code == ErrorCode.ENGINE_DIED:  # the watchdog's report: the engine exits
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
        # Cancel and result crossed. A cancelled run leaves no file.
        for path in (result.output, result.probability, result.polygons, result.report):
            _remove_output(path)
        raise connection.cancelled()

    def _lost(self) -> Exception:
        """Return why the connection broke, after partial files have been removed."""
        self._clear()
        if self._cancelled_at:
            return connection.cancelled()
        if not self._accepted:
            return _NeverAcceptedError()
        return launch.died(f"segmenting {self._name()}")

    def _clear(self) -> None:
        """Wait for an engine that exits, and remove its partial files."""
        process.wait_gone(self._hello.pid, self._timeouts.engine_term_grace_s)
        request = self._request
        for scene in request.scenes if isinstance(request, messages.SegmentMany) else (request,):
            for path in (scene.output, scene.probability, scene.polygons, scene.report, scene.thumbnail):
                _remove_leftovers(path, self._hello.pid)

    def _name(self) -> str:
        return self._request.source_name or Path(self._request.source).name


def _ask(request: messages.Status | messages.Shutdown, timeouts: Timeouts) -> messages.Message | None:
    """Return the running engine's answer; None when none runs."""
    try:
        channel = connection.connect_running(timeouts)
    except ChannelClosed:
        return None
    try:
        connection.greeting(channel, timeouts)
        channel.send(request)
        answer = channel.receive(timeouts.status_answer_s)
    except ChannelClosed:
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
    """Remove what the dead engine ``pid`` was writing for ``target``: ``.<stem>.prithvi-<pid>-...`` next to it."""
    if not target:
        return
    prefix = f".{Path(target).stem}.prithvi-{pid}-"
    _remove_matching(Path(target).parent, lambda name: name.startswith(prefix))


def _remove_output(target: str) -> None:
    """Remove an output and the sidecars that were written with it."""
    if not target:
        return
    path = Path(target)
    names = {path.name, f"{path.name}.aux.xml", f"{path.stem}.qml"}
    _remove_matching(path.parent, names.__contains__)


def _remove_matching(folder: Path, matches: Callable[[str], bool]) -> None:
    try:
        for entry in list(folder.iterdir()):
            if matches(entry.name):
                entry.unlink()
    except OSError:
        return  # the folder is gone, and so are the files
