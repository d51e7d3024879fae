"""Having the warm engine segment many scenes, however often it dies meanwhile.

Standard library only. Scenes go to the engine in messages of bounded size. When it dies, whoever was under way or being
opened is tried again alone; a scene that takes the engine down twice is told as failed, and the others go on.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, deque
from collections.abc import Container, Sequence

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol import codec, messages
from . import engine_client
from .connection import IsCancelled, OnMessage

CHUNK_BYTES = codec.MAX_MESSAGE_BYTES // 2
_MOST_DEATHS = 2  # of the engine over one scene, or in a row over none
MOST_GIVEN_UP = 8  # scenes in a row that took it down: then it is no fault of theirs


def segment_many(
    requests: Sequence[messages.Segment],
    variant: str,
    on_message: OnMessage,
    is_cancelled: IsCancelled,
    keep_warm_min: float,
    but: Container[int] = (),
) -> None:
    """Segment scenes; returns when each of them was told as SceneDone or SceneFailed.

    Args:
        on_message: gets Accepted, Progress, Log, SceneStarted, SceneDone and SceneFailed in this thread; numbers and
            counts are those of ``requests``. What it raises ends the run.
        is_cancelled: asked a few times a second.
        but: numbers of those that have ended before.
    Raises:
        PrithviError: ``cancelled``, or what keeps any scene from being segmented; ``engine_died`` also when scene after
            scene takes it down.
    """
    waiting = deque(n for n in range(len(requests)) if n not in but)
    alone: deque[int] = deque()
    deaths: Counter[int] = Counter()
    barren = given_up = 0
    told = _Told(len(requests), len(requests) - len(waiting), on_message)
    while waiting or alone:
        numbers = [alone.popleft()] if alone else _chunk(requests, waiting)
        told.begin(numbers)
        try:
            many = messages.SegmentMany(tuple(requests[n] for n in numbers))
            engine_client.follow(many, variant, told, is_cancelled, keep_warm_min)
            barren = given_up = 0
        except PrithviError as e:
            if e.code is not ErrorCode.ENGINE_DIED or is_cancelled():
                raise
            suspects = told.suspects()
            barren = 0 if suspects or told.ended else barren + 1
            given_up = 0 if told.ended else given_up
            if barren >= _MOST_DEATHS:
                raise
            for n in suspects:
                deaths[n] += 1
                # Alone, it is known whose fault it was.
                if deaths[n] >= _MOST_DEATHS and len(numbers) == 1:
                    hint = "Check this scene; the end of the engine's log may tell more."
                    told(messages.SceneFailed(0, ErrorCode.ENGINE_DIED.value, e.text, hint))
                    given_up += 1
                else:
                    alone.append(n)
            if given_up >= MOST_GIVEN_UP:
                text = f"{e.text} So it did with {given_up} scenes one after the other."
                raise PrithviError(e.code, text, e.hint) from e
            on_message(messages.Log("warning", f"{e.text} Going on with the other scenes."))
            waiting.extendleft(reversed([n for n in numbers if n not in told.ended and n not in alone]))


def _chunk(requests: Sequence[messages.Segment], waiting: deque[int]) -> list[int]:
    """The next scenes, as many as fit a message; at least one."""
    numbers: list[int] = []
    size = 0
    while waiting:
        size += len(codec.encode(requests[waiting[0]])) + 1
        if numbers and size > CHUNK_BYTES:
            break
        numbers.append(waiting.popleft())
    return numbers


class _Told:
    """Passes an engine's messages on, with the numbers and counts of the whole run.

    Attributes:
        under_way, ended: scenes of the current message that were begun, and that are done with.
    """

    _BUSY = ("opening", "loading", "segmenting")

    def __init__(self, total: int, ended: int, on_message: OnMessage):
        self._total, self._on_message = total, on_message
        self._numbers: list[int] = []
        self._before = self._all_ended = ended
        self._tiles = self._tiles_before = 0
        self.under_way: set[int] = set()
        self.ended: set[int] = set()
        self._stage = ""

    def begin(self, numbers: list[int]) -> None:
        self._numbers, self._before, self._tiles_before = numbers, self._all_ended, self._tiles
        self.under_way, self.ended, self._stage = set(), set(), ""

    def suspects(self) -> list[int]:
        """Scenes that may be why an engine died now: those it had begun, else those it may have been opening."""
        if self.under_way:
            return sorted(self.under_way)
        # A single one is open before the model is loaded. An engine that never came so far died of something else.
        if self._stage not in self._BUSY or (self._stage == "loading" and len(self._numbers) == 1):
            return []
        return [n for n in self._numbers if n not in self.ended][: messages.OPENED_AHEAD]

    def __call__(self, message: messages.Message) -> None:
        if isinstance(message, (messages.SceneStarted, messages.SceneDone, messages.SceneFailed)):
            number = self._numbers[message.number]
            if isinstance(message, messages.SceneStarted):
                self.under_way.add(number)
            else:
                self.under_way.discard(number)
                self.ended.add(number)
                self._all_ended += 1
            message = dataclasses.replace(message, number=number)
        elif isinstance(message, messages.Progress):
            self._stage = message.stage
            if message.total:
                self._tiles = self._tiles_before + message.tiles
                done = self._before + message.done
                message = dataclasses.replace(message, done=done, total=self._total, tiles=self._tiles)
        self._on_message(message)
