"""A worker: an engine of its own on a GPU of its own, which takes scenes from the feed until there are none."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, Optional

from ... import __version__
from ...contract.messages import Log, Message, Progress, SceneDone, SceneFailed, SceneStarted, Segment, decode, encode

TELL_S = 1.0  # between reports of progress; what began or ended is told at once
ASK_S = 0.25  # between questions that were answered with nothing


class Worker:
    """Runs as a Ray actor, one a GPU; :meth:`run` is its only long call."""

    def __init__(self, name: str, threads: int):
        """``name``: unique in the run; ``threads``: of the CPU engine, 0 leaves them to vLLM."""
        self._name = name
        if threads:
            os.environ["OMP_NUM_THREADS"] = str(threads)
            # vLLM's CPU build pins its threads to cores: every worker would choose the same ones.
            os.environ["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"

    def run(self, feed: Any) -> None:
        """Work until nothing is left, or until told to stop."""
        from .. import environment
        from ..__main__ import installed_variant

        variant = installed_variant()
        environment.prepare(variant)
        import ray

        from ..loader import Loader
        from ..many.segment_many import segment_many

        loader = Loader(variant)
        desk = _Desk(lambda: ray.get(feed.take.remote(self._name)), lambda e: ray.get(feed.tell.remote(self._name, e)))
        facts = {"host": socket.gethostname(), "pid": os.getpid(), "variant": variant, "version": __version__}
        ray.get(feed.join.remote(self._name, facts))
        try:
            segment_many(desk.requests(), loader, desk.emit, lambda: desk.stop)
        finally:
            loader.unload()


class _Desk:
    """What a worker has in hand, and what it says to the feed.

    Attributes:
        stop: whether the run was cancelled.
    """

    def __init__(
        self, take: Callable[[], tuple[list[tuple[int, bytes]], bool]], tell: Callable[[list[dict[str, Any]]], bool]
    ):
        self._take, self._tell = take, tell
        self._numbers: list[int] = []  # of the run, by the order in which :meth:`requests` gave them
        self._told = 0.0
        self.stop = False

    def requests(self) -> Iterator[Optional[Segment]]:
        """Scenes, portion by portion; None while there are none for this worker, but others may still be lost."""
        asked = 0.0
        while not self.stop:
            if time.monotonic() - asked < ASK_S:
                yield None
                continue
            asked = time.monotonic()
            taken, stay = self._take()
            if not taken and not stay:
                return
            for number, body in taken:
                request = decode(body)
                if not isinstance(request, Segment):
                    raise AssertionError("the feed holds requests only")
                self._numbers.append(number)
                asked = 0.0
                yield request

    def emit(self, message: Message) -> None:
        """Take what :func:`..many.segment_many.segment_many` tells."""
        if isinstance(message, SceneStarted):
            self._say({"kind": "began", "item": self._numbers[message.number]})
        elif isinstance(message, (SceneDone, SceneFailed)):
            item, good = self._numbers[message.number], isinstance(message, SceneDone)
            self._say({"kind": "ended", "item": item, "good": good, "message": encode(message)})
        elif isinstance(message, Log):
            self._say({"kind": "log", "level": message.level, "text": message.text})
        elif isinstance(message, Progress) and time.monotonic() - self._told > TELL_S:
            self._say({"kind": "progress", "message": encode(message), "gpu": gpu_memory()})

    def _say(self, event: dict[str, Any]) -> None:
        self._told = time.monotonic()
        self.stop = self._tell([event]) or self.stop


def gpu_memory() -> tuple[int, int]:
    """Used and total MB of this worker's GPU; (0, 0) on the CPU."""
    from .. import gpu

    free, total, _ = gpu.memory_mb()
    return (total - free, total) if total else (0, 0)
