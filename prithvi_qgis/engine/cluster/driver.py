"""A run of many scenes over several workers: starts them, follows them, replaces those that are lost."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ... import __version__
from ...contract.errors import ErrorCode, PrithviError
from ...contract.live import WorkerState
from ...contract.messages import Log, Message, Progress, SceneDone, SceneFailed, SceneStarted, Segment, decode, encode
from .. import gpu
from ..patience import cancelled_error
from ..workers import wanted_workers
from .costs import scene_costs
from .cutting import choose_cuts
from .feed import Feed
from .figures import Figures
from .local_ray import put_on_path, ray_cluster
from .tasks import Tasks
from .worker import Worker

LOOK_S = 0.5  # between looks at the news
REPLACEMENTS = 2  # workers that may be started in place of lost ones, for each worker asked for
SILENCE_S = 900.0  # a worker that says nothing for so long is given up: opening a file on a dead server never returns

Emit = Callable[[Message], None]
OnWorkers = Callable[[Sequence[WorkerState]], None]


@dataclass(frozen=True)
class Crew:
    """Who works.

    Attributes:
        workers: how many; 0 for one a GPU of the cluster, or one where there is none.
        address: of a Ray cluster, empty for one on this machine that lives as long as the run.
        variant: ``cpu`` or ``cuda``; threads: of each worker on the CPU, 0 shares the cores out.
        portion: the most that a worker is handed at once, in bytes of scenes.
        cut_from: bytes of the smallest scene that several workers may share.
    """

    workers: int
    address: str
    variant: str
    threads: int = 0
    portion: float = 32e6
    cut_from: float = 64e6


def run_crew(
    requests: Sequence[Segment],
    crew: Crew,
    emit: Emit,
    on_workers: OnWorkers,
    cancelled: Callable[[], bool],
) -> None:
    """Have every request done by one of several workers.

    Args:
        requests: each with its own output.
        emit: gets SceneStarted, SceneDone or SceneFailed once a request, Progress and Log, as from one engine.
        on_workers: called about twice a second.
    Raises:
        PrithviError: ``cluster_unreachable``, ``engine_missing``, ``worker_lost`` when no worker can be had any more,
            or ``cancelled``. What was done until then has been told.
    """
    put_on_path(crew.variant)
    on_gpu = crew.variant == "cuda"
    gpus = gpu.count() if on_gpu and not crew.address else 0
    cores = len(os.sched_getaffinity(0))
    local = wanted_workers(crew.workers, crew.variant)
    if on_gpu and not crew.address and local > gpus:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"WORKERS {crew.workers} are more than the {gpus} GPU(s) of this machine.",
            "Give WORKERS 0 for one a GPU, or name a CLUSTER.",
        )
    with (
        _cleaning() as shared,
        ray_cluster(crew.address, max(cores, local + 1), gpus) as ray,
    ):
        count = crew.workers or (max(1, int(ray.cluster_resources().get("GPU", 0))) if on_gpu else 1)
        threads = crew.threads or (0 if on_gpu else max(1, cores // count))
        costs = scene_costs(requests)
        cuts = choose_cuts(requests, costs, count, crew.cut_from, cancelled)
        for number, blocks in cuts.items():
            name = requests[number].source_name or requests[number].source
            emit(Log("info", f"{name} is shared by the workers, in {blocks} blocks."))
        shared += [requests[number] for number in cuts]
        _remove_parts(shared)
        tasks = Tasks(requests, costs, cuts)
        _Run(ray, requests, tasks, crew, count, threads, emit, on_workers).follow(cancelled)


class _Run:
    def __init__(
        self,
        ray: Any,
        requests: Sequence[Segment],
        tasks: Tasks,
        crew: Crew,
        count: int,
        threads: int,
        emit: Emit,
        on_workers: OnWorkers,
    ):
        self._ray, self._requests, self._tasks, self._crew, self._threads = ray, requests, tasks, crew, threads
        self._emit, self._on_workers = emit, on_workers
        feed = ray.remote(Feed).options(num_cpus=0, max_restarts=0)
        bodies = [encode(r) for r in tasks.requests]
        self._feed = feed.remote(bodies, tasks.costs, crew.portion, count, tasks.after, tasks.scene)
        self._names = (f"worker-{n}" for n in itertools.count(1))
        self._runs: dict[Any, str] = {}  # the long call of each worker that lives, and its name
        self._actors: dict[str, Any] = {}
        self._figures: dict[str, Figures] = {}
        self._spare = REPLACEMENTS * count
        self._blocks: set[int] = set()  # that are done
        self._shared = {tasks.scene[task] for task in tasks.after}
        self._begun: set[int] = set()
        self._told: set[int] = set()
        self._tiles, self._failed, self._began = 0, 0, time.monotonic()
        for _ in range(min(count, len(tasks.requests))):
            self._start()

    def _start(self) -> None:
        name = next(self._names)
        gpu = {"num_gpus": 1} if self._crew.variant == "cuda" else {}
        # One CPU is enough to be placed; threads of its own are what the engine makes of them.
        options = {"num_cpus": 1, "max_restarts": 0, "max_task_retries": 0, **gpu}
        actor = self._ray.remote(Worker).options(**options).remote(name, self._threads)
        self._actors[name] = actor
        self._runs[actor.run.remote(self._feed)] = name
        self._figures[name] = Figures(name)

    def follow(self, cancelled: Callable[[], bool]) -> None:
        """Until every scene has ended."""
        told_to_stop = False
        while self._runs:
            ended, _ = self._ray.wait(list(self._runs), num_returns=1, timeout=LOOK_S)
            finished = self._hear()
            for call in ended:
                self._ended(call, told_to_stop)
            self._give_up_silent()
            self._on_workers([f.shown(self._requests) for f in self._figures.values()])
            if cancelled() and not told_to_stop:
                told_to_stop = True
                self._ray.get(self._feed.cancel.remote())
            if finished and not told_to_stop:
                return
        self._hear()
        if told_to_stop:
            raise cancelled_error()
        if len(self._told) < len(self._requests):
            raise PrithviError(
                ErrorCode.WORKER_LOST,
                f"All workers were lost, {len(self._requests) - len(self._told)} scenes are left to do.",
                "Look into the workers' machines (memory, GPU), then run again: what is done is kept.",
            )

    def _give_up_silent(self) -> None:
        for name in list(self._runs.values()):
            # One that still waits for its place in the cluster has nothing to say.
            if self._figures[name].host and time.monotonic() - self._figures[name].heard > SILENCE_S:
                self._ray.kill(self._actors[name])

    def _ended(self, call: Any, stopping: bool) -> None:
        """A worker's long call is over: it has nothing left to do, or it is lost."""
        name = self._runs.pop(call)
        figures = self._figures[name]
        try:
            self._ray.get(call)
            figures.state = "ended"
            return
        except Exception as e:  # whatever killed it: Ray wraps it in one of many kinds
            cause = getattr(e, "cause", None)
            if stopping:
                figures.state = "ended"
                return
            if isinstance(cause, PrithviError):
                raise cause from e  # what concerns all scenes: a model that does not load
            why = (str(e).strip().split("\n") or [""])[-1][:300] or type(e).__name__
        figures.state = "lost"
        self._emit(Log("warning", f"{name} on {figures.host or 'an unknown host'} was lost: {why}"))
        for item in sorted({self._tasks.scene[task] for task in self._ray.get(self._feed.lost.remote(name))}):
            text = f"{self._name(item)} was being segmented when two workers were lost, one after the other."
            hint = "Segment it alone with prithvi:segment to see what it does."
            self._tell(item, SceneFailed(item, ErrorCode.WORKER_LOST.value, text, hint))
        if self._spare > 0 and len(self._told) < len(self._requests):
            self._spare -= 1
            self._start()

    def _hear(self) -> bool:
        """Take the news; returns whether every scene has ended."""
        news, finished = self._ray.get(self._feed.news.remote())
        for name, told in news:
            event = self._of_scene(told)
            self._figures[name].take(event)
            if event["kind"] == "joined" and event["version"] != __version__:
                raise PrithviError(
                    ErrorCode.CLUSTER_UNREACHABLE,
                    f"The engine on {event['host']} is version {event['version']}, here it is {__version__}.",
                    "Install the same version of the plugin and engine on every machine of the cluster.",
                )
            if event["kind"] == "began" and event["item"] not in self._begun:
                self._begun.add(event["item"])
                self._emit(SceneStarted(event["item"]))
            elif event["kind"] == "ended":
                message = decode(event["message"])
                if isinstance(message, (SceneDone, SceneFailed)):
                    self._tell(event["item"], message)
            elif event["kind"] == "block":
                self._blocks.add(told["item"])
                message = decode(event["message"])
                self._tiles += message.result.tiles if isinstance(message, SceneDone) else 0
            elif event["kind"] == "log":
                self._emit(Log(event["level"], f"{name}: {event['text']}"))
        seconds = max(time.monotonic() - self._began, 1e-9)
        rate = round(self._tiles / seconds, 2)
        begun = sum(self._tasks.part_done(scene, self._blocks) for scene in self._begun - self._told)
        stage = "segmenting" if self._begun else "starting"
        self._emit(Progress(len(self._told), len(self._requests), stage, rate, begun, self._tiles))
        return finished

    def _tell(self, item: int, message: SceneDone | SceneFailed) -> None:
        """Pass on how a scene ended, with its number in the run, the first time that it is heard."""
        if item in self._told:
            return
        self._told.add(item)
        whole = item not in self._shared
        if isinstance(message, SceneDone) and whole:
            self._tiles += message.result.tiles
        elif not whole:
            _remove_parts([self._requests[item]])
        self._emit(dataclasses.replace(message, number=item))

    def _of_scene(self, event: dict[str, Any]) -> dict[str, Any]:
        """An event of a task as one of its scene; the end of a block that went well is of the kind ``block``."""
        if "item" not in event:
            return event
        block = event["kind"] == "ended" and event["good"] and self._tasks.is_block(event["item"])
        return {**event, "item": self._tasks.scene[event["item"]], "kind": "block" if block else event["kind"]}

    def _name(self, item: int) -> str:
        return self._requests[item].source_name or self._requests[item].source


@contextlib.contextmanager
def _cleaning() -> Iterator[list[Segment]]:
    """A list for requests whose parts are removed when their workers are gone: of those cancelled or failed, too."""
    requests: list[Segment] = []
    try:
        yield requests
    finally:
        _remove_parts(requests)


def _remove_parts(requests: Sequence[Segment]) -> None:
    if requests:
        from ..parts import remove_parts  # needs rasterio, which a run without blocks has no use for here

        for request in requests:
            remove_parts(request)
