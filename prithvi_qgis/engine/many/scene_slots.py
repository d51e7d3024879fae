"""What a run over many scenes holds of each scene while it is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Union

from ...core.protocol.messages import ClassArea
from ..inference.segment_scene import PreparedScene
from ..inference.streaming import SceneRun
from ..writing.mask_blocks import BlockMerger


@dataclass
class FinishingScene:
    """A scene that the model is through with, or has nothing to do with: blocks that are put together."""

    number: int
    opened: PreparedScene
    course: Union[SceneRun, BlockMerger]
    backend: Any


@dataclass
class ActiveScene(FinishingScene):
    """A scene that is under way: its number, what was opened, its course and the model it goes through."""

    course: SceneRun


@dataclass
class OpeningScene:
    """A scene whose outputs are being opened, in a thread."""

    number: int
    opened: PreparedScene
    backend: Any


def finish(guest: FinishingScene, cancelled: Callable[[], bool]) -> tuple[ClassArea, ...]:
    """The rest of a scene's work, in a thread of its own."""
    try:
        return guest.course.finish(cancelled)
    finally:
        release(guest)


def tiles_of(opened: PreparedScene) -> int:
    """Tiles that a request still needs, about."""
    if opened.request.join:
        return 0
    blocks = opened.request.block[1] if opened.request.block else 1
    return -(-opened.plan.count // blocks)


def release(guest: FinishingScene) -> None:
    """Close it with its files; what is not committed is removed."""
    guest.course.close()
    guest.opened.scene.close()
