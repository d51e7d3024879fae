"""What a run over many scenes holds of each scene while it is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Union

from ...core.protocol.messages import ClassArea
from ..inference.segment_scene import Opened
from ..inference.streaming import Course
from ..writing.mask_blocks import Joining


@dataclass
class Ending:
    """A scene that the model is through with, or has nothing to do with: blocks that are put together."""

    number: int
    opened: Opened
    course: Union[Course, Joining]
    backend: Any


@dataclass
class Guest(Ending):
    """A scene that is under way: its number, what was opened, its course and the model it goes through."""

    course: Course


@dataclass
class Beginning:
    """A scene whose outputs are being opened, in a thread."""

    number: int
    opened: Opened
    backend: Any


def finish(guest: Ending, cancelled: Callable[[], bool]) -> tuple[ClassArea, ...]:
    """The rest of a scene's work, in a thread of its own."""
    try:
        return guest.course.finish(cancelled)
    finally:
        let_go(guest)


def tiles_of(opened: Opened) -> int:
    """Tiles that a request still needs, about."""
    if opened.request.join:
        return 0
    blocks = opened.request.block[1] if opened.request.block else 1
    return -(-opened.plan.count // blocks)


def let_go(guest: Ending) -> None:
    """Close it with its files; what is not committed is removed."""
    guest.course.close()
    guest.opened.scene.close()
