"""A worker: an engine of its own on a GPU of its own, which takes scenes from the feed until there are none."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from ... import __version__
from ...contract.messages import Failed, Log, Message, Progress, Result, Segment, decode, encode

TELL_S = 1.0  # between reports of progress; what began or ended is told at once
IDLE_S = 0.5  # between questions while nothing waits but others may still be lost


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

        loader = Loader(variant)
        line = _Line(lambda events: ray.get(feed.tell.remote(self._name, events)))
        facts = {"host": socket.gethostname(), "pid": os.getpid(), "variant": variant, "version": __version__}
        ray.get(feed.join.remote(self._name, facts))
        while True:
            taken, stay = ray.get(feed.take.remote(self._name))
            if not taken and not stay:
                break
            if not taken:
                time.sleep(IDLE_S)
                continue
            _work(iter(taken), loader, line)
        loader.unload()


def _work(taken: Iterator[tuple[int, bytes]], loader: Any, line: _Line) -> None:
    from ..jobs import failure
    from ..run import run_segment

    for number, body in taken:
        request = decode(body)
        if not isinstance(request, Segment):
            raise AssertionError("the feed holds requests only")
        line.began(number)
        try:
            message: Message = run_segment(request, loader, line.emit(number), lambda: line.stop)
        except Exception as e:
            message = failure(e, request)
        line.ended(number, message)


class _Line:
    """What a worker says to the feed, and whether it was told to stop."""

    def __init__(self, tell: Callable[[list[dict[str, Any]]], bool]):
        self._tell = tell
        self._told = 0.0
        self.stop = False

    def began(self, item: int) -> None:
        self._say({"kind": "began", "item": item})

    def ended(self, item: int, message: Message) -> None:
        if not isinstance(message, (Result, Failed)):
            raise AssertionError("a scene ends with a result or a failure")
        self._say({"kind": "ended", "item": item, "message": encode(message)})

    def emit(self, item: int) -> Callable[[Message], None]:
        """Takes the messages of a scene that is being segmented."""

        def take(message: Message) -> None:
            if isinstance(message, Progress) and time.monotonic() - self._told > TELL_S:
                self._say({"kind": "progress", "item": item, "message": encode(message), "gpu": gpu_memory()})
            elif isinstance(message, Log) and message.level == "warning":
                self._say({"kind": "warning", "item": item, "text": message.text})

        return take

    def _say(self, event: dict[str, Any]) -> None:
        self._told = time.monotonic()
        self.stop = self._tell([event]) or self.stop


def gpu_memory() -> tuple[int, int]:
    """Used and total MB of this worker's GPU; (0, 0) on the CPU."""
    from .. import gpu

    free, total, _ = gpu.memory_mb()
    return (total - free, total) if total else (0, 0)
