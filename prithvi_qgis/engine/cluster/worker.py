"""A worker: an engine of its own on a GPU of its own, which takes scenes from the feed until there are none."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Optional

from ... import __version__
from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.codec import decode, encode
from ...core.protocol.messages import Log, Message, Progress, SceneDone, SceneFailed, SceneStarted, Segment
from ...core.system.heartbeat import Heartbeat

TELL_S = 1.0  # between reports of progress, which wait for an answer; what began or ended is told at once, and does not
ASK_S = 0.25  # between questions that were answered with nothing


@dataclass(frozen=True)
class WorkerRequirements:
    """What a machine has to have for a run.

    Attributes:
        variant: of the engine; models: their folders; output: the folder below which all masks go.
    """

    variant: str
    models: tuple[str, ...]
    output: str

    def check(self, host: str, variant: str) -> None:
        """Say what a machine lacks, once, before each of its scenes fails of it.

        Raises:
            PrithviError: ``device_missing``, ``output_unwritable``, ``model_missing``.
        """
        if variant != self.variant:
            raise PrithviError(
                ErrorCode.DEVICE_MISSING,
                f"The engine on {host} is that for {variant.upper()}, and this run is for {self.variant.upper()}.",
                "Run the engine of one variant on every machine of the cluster (DEVICE, and the Python of `node`).",
            )
        if not os.path.isdir(self.output):
            raise PrithviError(
                ErrorCode.OUTPUT_UNWRITABLE,
                f"{self.output} does not exist on {host}.",
                "Scenes and masks have to lie under the same paths on every machine of the cluster: shared storage.",
            )
        for folder in self.models:
            if not os.path.isfile(os.path.join(folder, "model.json")):
                raise PrithviError(
                    ErrorCode.MODEL_MISSING,
                    f"The model {folder} is not on {host}.",
                    "Put it there, or on storage that every machine of the cluster sees under the same path.",
                )


class Worker:
    """Runs as a Ray actor, one a GPU; :meth:`run` is its only long call."""

    def __init__(self, name: str, threads: int, needs: WorkerRequirements):
        """``name``: unique in the run; ``threads``: of the CPU engine, 0 leaves them to vLLM."""
        self._name, self._needs = name, needs
        if threads:
            os.environ["OMP_NUM_THREADS"] = str(threads)
            # vLLM's CPU build pins its threads to cores: every worker would choose the same ones.
            os.environ["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"

    def run(self, feed: Any) -> None:
        """Work until nothing is left, or until told to stop."""
        import ray

        from ..variant import installed_variant

        def tell(events: list[dict[str, Any]], wait: bool) -> bool:
            answer = feed.tell.remote(self._name, events)  # the feed hears everything in the order in which it is said
            return bool(ray.get(answer)) if wait else False

        variant, host = installed_variant(), socket.gethostname()
        facts = {"host": host, "variant": variant, "version": __version__}
        ray.get(feed.join.remote(self._name, facts))
        self._needs.check(host, variant)

        from ..device import runtime_env

        runtime_env.prepare(variant)
        from ..many.segment_many import segment_many
        from ..model.model_loader import Loader

        loader = Loader(variant)
        desk = WorkerSession(lambda: ray.get(feed.take.remote(self._name)), tell)
        try:
            try:
                segment_many(desk.requests(), loader, desk.emit, Heartbeat(lambda: desk.stop))
            finally:
                tell([], True)  # the last news have arrived
        finally:
            loader.unload()


class WorkerSession:
    """What a worker has in hand, and what it says to the feed.

    Attributes:
        stop: whether the run was cancelled.
    """

    def __init__(
        self,
        take: Callable[[], tuple[list[tuple[int, bytes]], bool]],
        tell: Callable[[list[dict[str, Any]], bool], bool],
    ):
        """``tell(events, wait)`` answers whether to stop, where it is waited for."""
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
                # Before it is opened: that alone may take the process down.
                self._say({"kind": "opening", "item": number}, wait=True)
                if self.stop:
                    return
                yield request

    def emit(self, message: Message) -> None:
        """Take what :func:`engine.many.segment_many.segment_many` tells."""
        if isinstance(message, SceneStarted):
            self._say({"kind": "began", "item": self._numbers[message.number]})
        elif isinstance(message, (SceneDone, SceneFailed)):
            item, good = self._numbers[message.number], isinstance(message, SceneDone)
            self._say({"kind": "ended", "item": item, "good": good, "message": encode(message)})
        elif isinstance(message, Log):
            self._say({"kind": "log", "level": message.level, "text": message.text})
        elif isinstance(message, Progress) and time.monotonic() - self._told > TELL_S:
            self._told = time.monotonic()
            self._say({"kind": "progress", "message": encode(message)}, wait=True)

    def _say(self, event: dict[str, Any], wait: bool = False) -> None:
        self.stop = self._tell([event], wait) or self.stop
