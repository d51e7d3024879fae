"""A worker: a Ray actor with an engine that segments the tasks that the coordinator assigns."""

from __future__ import annotations

import dataclasses
import os
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from ... import __version__
from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.messages import Log, Message, Progress, SceneDone, SceneFailed, SceneStarted, Segment
from ...core.system import network_options
from ...core.system.heartbeat import Heartbeat
from ...core.system.timeouts import TIMEOUTS
from ..variant import installed_variant
from .coordinator import WorkerJoined

if TYPE_CHECKING:
    from ray.actor import ActorHandle


@dataclass(frozen=True)
class WorkerRequirements:
    """What a machine must have for a run."""

    variant: str
    """Variant of the engine, ``cpu`` or ``cuda``."""
    models: tuple[str, ...]
    """Folders of models."""
    output: str
    """The folder that holds every mask."""

    def check(self, host: str, variant: str) -> None:
        """Report what a machine lacks before each of its scenes fails.

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
    """Runs as a Ray actor, one per GPU; :meth:`run` is its only call and lasts as long as the worker."""

    def __init__(self, name: str, threads: int, requirements: WorkerRequirements, network: Mapping[str, str]):
        """Keep what the run needs.

        Args:
            name: unique in the run.
            threads: of the CPU engine; 0 leaves them to vLLM.
            requirements: checked first.
            network: how the run reaches servers; the machine's own options are those of another person.
        """
        self._name, self._requirements, self._network = name, requirements, network
        if threads:
            os.environ["OMP_NUM_THREADS"] = str(threads)
            # vLLM's CPU build pins its threads to cores: every worker would choose the same ones.
            os.environ["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"

    def run(self, coordinator: ActorHandle) -> None:
        """Work until no task is left, or until the coordinator stops this worker."""
        variant, host = installed_variant(), socket.gethostname()
        calls = RemoteCoordinator(coordinator, self._name)
        calls.join(WorkerJoined(host, variant, __version__))
        self._requirements.check(host, variant)

        network_options.drop_network_options()
        os.environ.update(self._network)
        from ..device import runtime_env

        runtime_env.prepare(variant)  # before these import GDAL and vLLM
        from ..many.segment_many import segment_many
        from ..model.model_loader import Loader

        loader = Loader(variant)
        session = WorkerSession(calls)
        try:
            try:
                segment_many(session.requests(), loader, session.emit, Heartbeat(lambda: session.stop))
            finally:
                calls.report(None, wait=True)  # the reports before this one have arrived as well
        finally:
            loader.unload()


class RemoteCoordinator:
    """A worker's calls of the :class:`.Coordinator` through Ray, which runs them in the order of their submission."""

    def __init__(self, coordinator: ActorHandle, worker: str):
        import ray  # on the path only where several workers run

        self._coordinator, self._worker, self._get = coordinator, worker, ray.get

    def join(self, joined: WorkerJoined) -> None:
        self._get(self._coordinator.join.remote(self._worker, joined))

    def take(self) -> tuple[list[tuple[int, Segment]], bool]:
        taken: tuple[list[tuple[int, Segment]], bool] = self._get(self._coordinator.take.remote(self._worker))
        return taken

    def opening(self, task: int) -> bool:
        return bool(self._get(self._coordinator.opening.remote(self._worker, task)))

    def report(self, message: Optional[Message], wait: bool) -> bool:
        """Send a message; return whether to stop, where ``wait`` asks for the answer."""
        answer = self._coordinator.report.remote(self._worker, message)
        return bool(self._get(answer)) if wait else False


class WorkerSession:
    """The tasks that a worker has taken, and its reports about them."""

    def __init__(self, coordinator: RemoteCoordinator):
        self._coordinator = coordinator
        self._tasks: list[int] = []  # in the order of :meth:`requests`
        self._progress_sent = 0.0
        self.stop = False
        """Whether the run was cancelled or this worker given up."""

    def requests(self) -> Iterator[Optional[Segment]]:
        """Yield requests, portion by portion; None while none waits, but another worker may still be lost."""
        asked = 0.0
        while not self.stop:
            if time.monotonic() - asked < TIMEOUTS.worker_request_s:
                yield None
                continue
            asked = time.monotonic()
            taken, stay = self._coordinator.take()
            if not taken and not stay:
                return
            for task, request in taken:
                self._tasks.append(task)
                asked = 0.0
                # Before the scene is opened, and confirmed: opening it may already end the process.
                self.stop = self._coordinator.opening(task) or self.stop
                if self.stop:
                    return
                yield request

    def emit(self, message: Message) -> None:
        """Report a message of :func:`.segment_many` under its task's number.

        Reports of progress are rate-limited and fetch the order to stop; the others do not wait for an answer.
        """
        wait = isinstance(message, Progress)
        if isinstance(message, Progress):
            if time.monotonic() - self._progress_sent <= TIMEOUTS.worker_report_s:
                return
            self._progress_sent = time.monotonic()
        elif isinstance(message, (SceneStarted, SceneDone, SceneFailed)):
            message = dataclasses.replace(message, number=self._tasks[message.number])
        elif not isinstance(message, Log):
            return
        self.stop = self._coordinator.report(message, wait) or self.stop
