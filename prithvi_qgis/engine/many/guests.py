"""What a run over many scenes holds of each scene while it is under way."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Union

from ...contract.messages import ClassArea
from ..parts import Joining
from ..pipeline import Course
from ..run import Opened


@dataclass
class Ending:
    """A scene that the model is through with, or has nothing to do with: blocks that are put together.

    Attributes:
        heard: :func:`time.monotonic` when its thread last gave a sign of life, 0 before it has begun.
        given_up: nobody waits for it any more: nothing of it may appear.
    """

    number: int
    opened: Opened
    course: Union[Course, Joining]
    backend: Any
    heard: float = 0.0
    given_up: bool = False

    def hangs(self, after_s: float) -> bool:
        """Whether its thread has said nothing for so long."""
        return bool(self.heard) and time.monotonic() - self.heard > after_s


@dataclass
class Guest(Ending):
    """A scene that is under way: its number, what was opened, its course and the model it goes through."""

    course: Course


@dataclass
class Beginning:
    """A scene whose outputs are being opened, in a thread; ``size_bytes`` of memory are its own from now on."""

    number: int
    opened: Opened
    backend: Any
    size_bytes: int
    future: Future[Union[Course, Joining]]


def finish(guest: Ending, cancelled: Callable[[], bool]) -> tuple[ClassArea, ...]:
    """The rest of a scene's work, in a thread of its own."""

    def asked() -> bool:
        guest.heard = time.monotonic()
        return guest.given_up or cancelled()

    try:
        asked()
        return guest.course.finish(asked)
    finally:
        let_go(guest)


def tiles_of(opened: Opened) -> int:
    """Tiles that a request still needs, about."""
    if opened.request.join:
        return 0
    blocks = opened.request.block[1] if opened.request.block else 1
    return -(-opened.plan.count // blocks)


def close_opened(future: Future[Opened]) -> None:
    """Close a scene that nobody waits for any more."""
    if not future.cancelled() and future.exception() is None:
        future.result().scene.close()


def let_go(guest: Ending) -> None:
    """Close it with its files; what is not committed is removed."""
    guest.course.close()
    guest.opened.scene.close()
