"""Segments many scenes with the running engine, however often the engine dies.

Standard library only. Scenes go to the engine in requests of bounded size. When the engine dies,
:class:`.RetryPolicy` decides which scenes are retried alone and which have failed; the others continue.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Container, Sequence

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.retry_policy import RetryPolicy
from ...core.protocol import codec, messages
from . import engine_client
from .connection import IsCancelled, OnMessage

BATCH_BYTES = codec.MAX_MESSAGE_BYTES // 2
_MAX_DEATHS_WITHOUT_SCENE = 2  # in a row, before any scene is opened: the engine itself does not work
MAX_FAILED_IN_A_ROW = 8  # scenes that died with the engine: then the scenes are not the cause


def segment_many(
    requests: Sequence[messages.Segment],
    variant: str,
    on_message: OnMessage,
    is_cancelled: IsCancelled,
    keep_warm_min: float,
    ended: Container[int] = (),
) -> None:
    """Segment scenes; return when each was reported as SceneDone or SceneFailed.

    Args:
        requests: one per scene, each with its own output.
        variant: ``cpu`` or ``cuda``.
        on_message: gets Accepted, Progress, Log, SceneStarted, SceneDone and SceneFailed in this thread; numbers and
            counts are those of ``requests``. What it raises ends the run.
        is_cancelled: called a few times per second.
        keep_warm_min: idle minutes of an engine that is started here.
        ended: numbers of the scenes that ended in an earlier attempt.
    Raises:
        PrithviError: ``cancelled``, or what keeps any scene from being segmented; ``engine_died`` also when the engine
            dies with scene after scene.
    """
    waiting = deque(n for n in range(len(requests)) if n not in ended)
    alone: deque[int] = deque()
    retries = RetryPolicy()
    without_scene = failed_in_a_row = 0
    relay = _MessageRelay(len(requests), len(requests) - len(waiting), on_message)
    while waiting or alone:
        numbers = [alone.popleft()] if alone else _next_batch(requests, waiting)
        relay.start_batch(numbers)
        try:
            batch = messages.SegmentMany(tuple(requests[n] for n in numbers))
            engine_client.follow(batch, variant, relay, is_cancelled, keep_warm_min)
            without_scene = failed_in_a_row = 0
        except PrithviError as e:
            if e.code is not ErrorCode.ENGINE_DIED or is_cancelled():
                raise
            suspects = relay.suspects()
            without_scene = 0 if suspects or relay.ended else without_scene + 1
            failed_in_a_row = 0 if relay.ended else failed_in_a_row
            if without_scene >= _MAX_DEATHS_WITHOUT_SCENE:
                raise
            for n in retries.record_death(suspects):
                hint = "Check this scene; the end of the engine's log may tell more."
                relay(messages.SceneFailed(numbers.index(n), ErrorCode.ENGINE_DIED.value, e.text, hint))
                failed_in_a_row += 1
            if failed_in_a_row >= MAX_FAILED_IN_A_ROW:
                text = f"{e.text} So it did with {failed_in_a_row} scenes one after the other."
                raise PrithviError(e.code, text, e.hint) from e
            on_message(messages.Log("warning", f"{e.text} Going on with the other scenes."))
            left = [n for n in numbers if n not in relay.ended]
            alone.extend(n for n in left if retries.runs_alone(n))
            waiting.extendleft(n for n in reversed(left) if not retries.runs_alone(n))


def _next_batch(requests: Sequence[messages.Segment], waiting: deque[int]) -> list[int]:
    """Remove from ``waiting`` as many scenes as fit a message, at least one."""
    numbers: list[int] = []
    size = 0
    while waiting:
        size += len(codec.encode(requests[waiting[0]])) + 1
        if numbers and size > BATCH_BYTES:
            break
        numbers.append(waiting.popleft())
    return numbers


class _MessageRelay:
    """Passes on the engine's messages about a batch with the numbers and counts of the whole run."""

    _BUSY = ("opening", "loading", "segmenting")

    def __init__(self, total: int, ended: int, on_message: OnMessage):
        self._total, self._on_message = total, on_message
        self._ended_before = self._all_ended = ended
        self._tiles = self._tiles_before = 0
        self.start_batch([])

    def start_batch(self, numbers: list[int]) -> None:
        self._numbers, self._ended_before, self._tiles_before = numbers, self._all_ended, self._tiles
        self._stage = ""
        self.in_progress: set[int] = set()
        self.ended: set[int] = set()

    def suspects(self) -> list[int]:
        """Scenes that may be the cause if the engine died now: those in progress, else those that it was opening."""
        if self.in_progress:
            return sorted(self.in_progress)
        # A scene that comes alone is open before the model is loaded: the engine died of something else.
        if self._stage not in self._BUSY or (self._stage == "loading" and len(self._numbers) == 1):
            return []
        return [n for n in self._numbers if n not in self.ended][: messages.OPENED_AHEAD]

    def __call__(self, message: messages.Message) -> None:
        if isinstance(message, (messages.SceneStarted, messages.SceneDone, messages.SceneFailed)):
            number = self._numbers[message.number]
            if isinstance(message, messages.SceneStarted):
                self.in_progress.add(number)
            else:
                self.in_progress.discard(number)
                self.ended.add(number)
                self._all_ended += 1
            message = dataclasses.replace(message, number=number)
        elif isinstance(message, messages.Progress):
            self._stage = message.stage
            if message.total:
                self._tiles = self._tiles_before + message.tiles
                done = self._ended_before + message.done
                message = dataclasses.replace(message, done=done, total=self._total, tiles=self._tiles)
        self._on_message(message)
