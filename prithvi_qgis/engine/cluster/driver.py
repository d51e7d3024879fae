"""A run of many scenes over several workers: starts them, follows them, replaces those that are lost."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ... import __version__
from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.codec import decode, encode
from ...core.protocol.messages import Log, Message, Progress, SceneDone, SceneFailed, SceneStarted, Segment, WorkerState
from ...core.system.heartbeat import cancelled_error
from ..device import nvml
from ..device.worker_count import wanted_workers
from .block_planning import plan_blocks
from .coordinator import Coordinator
from .ray_session import put_on_path, ray_cluster
from .scene_costs import local_bytes, scene_costs
from .scene_probe import probe_scenes
from .task_graph import Tasks
from .worker import Worker, WorkerRequirements
from .worker_stats import WorkerStats

PORTIONS = {"cpu": 32e6, "cuda": 512e6}  # bytes: a GPU has dozens of small scenes in hand
LOOK_S = 0.5  # between looks at the news
REPLACEMENTS = 2  # for each worker asked for: those that may be lost and replaced before any scene ends
PLACE_S = 300.0  # until the first worker has a place in the cluster
STOP_S = 60.0  # after a cancel, until workers are ended by force
SILENCE_S = 900.0  # a worker that says nothing for so long is given up: opening a file on a dead server never returns

Emit = Callable[[Message], None]
OnWorkers = Callable[[Sequence[WorkerState]], None]


@dataclass(frozen=True)
class ClusterOptions:
    """Who works.

    Attributes:
        workers: how many; 0 for one a GPU of the cluster, or one where there is none.
        address: of a Ray cluster, empty for one on this machine that lives as long as the run.
        variant: ``cpu`` or ``cuda``; threads: of each worker on the CPU, 0 shares the cores out.
        portion: the most that a worker is handed at once, in bytes of scenes; 0 for what keeps one busy.
        cut_from: bytes of the smallest scene that several workers may share.
    """

    workers: int
    address: str
    variant: str
    threads: int = 0
    portion: float = 0
    cut_from: float = 256e6


def run_workers(
    requests: Sequence[Segment],
    crew: ClusterOptions,
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
    gpus = nvml.count() if on_gpu and not crew.address else 0
    cores = len(os.sched_getaffinity(0))
    local = wanted_workers(crew.workers, crew.variant)
    if on_gpu and not crew.address and local > gpus:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"WORKERS {crew.workers} are more than the {gpus} GPU(s) of this machine.",
            "Give WORKERS 0 for one a GPU, or name a CLUSTER.",
        )
    with _cleaning() as shared, ray_cluster(crew.address, max(cores, local + 1), gpus) as ray:
        count = _count(ray, crew, emit)
        # On the CPU the workers of one machine share its cores; other machines are taken to be like this one.
        share = max(1, cores // -(-count // max(1, len(_hosts(ray)))))
        tasks = _tasks(requests, crew, count, emit, cancelled)
        shared += [requests[number] for number in tasks.shared]
        _remove_parts(shared)
        run = _Run(ray, requests, tasks, crew, count, crew.threads or (0 if on_gpu else share), emit)
        try:
            run.follow(on_workers, cancelled)
        except ray.exceptions.RayError as e:
            raise PrithviError(
                ErrorCode.CLUSTER_UNREACHABLE,
                f"The Ray cluster {crew.address or 'of this machine'} was lost during the run: {_why(e).rstrip('.')}.",
                "Run again when it is back: what is done is kept.",
            ) from e


def _tasks(
    requests: Sequence[Segment], crew: ClusterOptions, count: int, emit: Emit, cancelled: Callable[[], bool]
) -> Tasks:
    """What is to be handed out; says which scenes are cut."""
    sizes = [local_bytes(request) for request in requests]
    shares = _window_shares(requests, sizes, cancelled) if count > 1 else {}
    costs = scene_costs(requests, sizes, shares)
    cuts = plan_blocks(requests, costs, sizes, count, crew.cut_from, cancelled)
    for number, blocks in cuts.items():
        name = requests[number].source_name or requests[number].source
        emit(Log("info", f"{name} is shared by the workers, in {blocks} blocks."))
    return Tasks(requests, costs, cuts)


def _window_shares(
    requests: Sequence[Segment], sizes: Sequence[float], cancelled: Callable[[], bool]
) -> dict[int, float]:
    """What EXTENT leaves of scenes whose files are here: others would take minutes to open."""
    cut = {n: r for n, r in enumerate(requests) if r.extent is not None and sizes[n]}
    return {number: seen[0] for number, seen in probe_scenes("share", cut, cancelled).items()} if cut else {}


def _hosts(ray: Any) -> list[Any]:
    return [node for node in ray.nodes() if node.get("Alive")]


def _count(ray: Any, crew: ClusterOptions, emit: Emit) -> int:
    """How many workers to ask for; says so where the cluster has no place for all of them."""
    if crew.variant != "cuda":
        return crew.workers or len(_hosts(ray))
    gpus = int(ray.cluster_resources().get("GPU", 0))
    if not gpus:
        raise PrithviError(
            ErrorCode.DEVICE_MISSING,
            f"The Ray cluster {crew.address or 'of this machine'} has no GPU.",
            "Look at `nvidia-smi` there and at what `ray status` counts, or run with DEVICE=2 (CPU).",
        )
    if crew.workers > gpus:
        emit(Log("warning", f"WORKERS {crew.workers}, but the cluster has {gpus} GPU(s): the others wait for a place."))
    return crew.workers or gpus


def _why(e: BaseException) -> str:
    """The last line of what Ray says, which wraps whatever happened in many lines."""
    return (str(e).strip().split("\n") or [""])[-1].strip()[:300] or type(e).__name__


class _Run:
    def __init__(
        self,
        ray: Any,
        requests: Sequence[Segment],
        tasks: Tasks,
        crew: ClusterOptions,
        count: int,
        threads: int,
        emit: Emit,
    ):
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self._ray, self._requests, self._tasks, self._crew, self._threads = ray, requests, tasks, crew, threads
        self._emit = emit
        bodies = [encode(r) for r in tasks.requests]
        # Beside the driver: a machine that is lost must not take with it what the run knows.
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        feed = ray.remote(Coordinator).options(num_cpus=0, max_restarts=0, scheduling_strategy=here)
        portion = crew.portion or PORTIONS[crew.variant]
        self._feed = feed.remote(bodies, tasks.costs, portion, count, tasks.after, tasks.scene)
        self._names = (f"worker-{n}" for n in itertools.count(1))
        self._runs: dict[Any, str] = {}  # the long call of each worker that lives, and its name
        self._actors: dict[str, Any] = {}
        self._figures: dict[str, WorkerStats] = {}
        self._spare = self._most_spare = REPLACEMENTS * count
        self._blocks: set[int] = set()  # that are done
        self._begun: set[int] = set()
        self._told: set[int] = set()
        self._tiles, self._failed, self._began = 0, 0, time.monotonic()
        self._stop_by = 0.0  # when workers that still live after a cancel are ended
        for _ in range(min(count, len(tasks.requests))):
            self._start()

    def _start(self) -> None:
        name = next(self._names)
        need = {"num_gpus": 1} if self._crew.variant == "cuda" else {}
        # One CPU is enough to be placed; threads of its own are what the engine makes of them.
        options = {"num_cpus": 1, "max_restarts": 0, "max_task_retries": 0, **need}
        actor = self._ray.remote(Worker).options(**options).remote(name, self._threads, self._needs())
        self._actors[name] = actor
        self._runs[actor.run.remote(self._feed)] = name
        self._figures[name] = WorkerStats(name)

    def _needs(self) -> WorkerRequirements:
        folders = {str(Path(r.output).parent) for r in self._requests}
        models = {r.model for r in self._requests}
        return WorkerRequirements(self._crew.variant, tuple(sorted(models)), os.path.commonpath(folders))

    def follow(self, on_workers: OnWorkers, cancelled: Callable[[], bool]) -> None:
        """Until every scene has ended."""
        while self._runs:
            ended, _ = self._ray.wait(list(self._runs), num_returns=1, timeout=LOOK_S)
            finished = self._hear()
            for call in ended:
                self._ended(call)
            on_workers([f.shown(self._requests) for f in self._figures.values()])
            if finished and not self._stop_by:
                return
            if cancelled() and not self._stop_by:
                self._stop_by = time.monotonic() + STOP_S
                self._ray.get(self._feed.cancel.remote())
            self._end_useless()
        self._hear()
        if self._stop_by:
            raise cancelled_error()
        if len(self._told) < len(self._requests):
            raise PrithviError(
                ErrorCode.WORKER_LOST,
                f"All workers were lost, {len(self._requests) - len(self._told)} scenes are left to do.",
                "Look into the workers' machines (memory, GPU), then run again: what is done is kept.",
            )

    def _end_useless(self) -> None:
        """End workers that will not come to anything, and the run when none has found a place."""
        now = time.monotonic()
        for name in list(self._runs.values()):
            figures = self._figures[name]
            # One that still waits for its place in the cluster has nothing to say; one without a scene nothing to keep.
            silent = figures.host and now - figures.heard > SILENCE_S
            unneeded = self._stop_by and (now > self._stop_by or not figures.has_begun)
            if silent or unneeded:
                self._ray.kill(self._actors[name])
        if not any(f.host for f in self._figures.values()) and now - self._began > PLACE_S and not self._stop_by:
            free = self._ray.available_resources()
            raise PrithviError(
                ErrorCode.CLUSTER_UNREACHABLE,
                f"No worker got a place in the cluster within {PLACE_S:.0f} s: "
                f"{free.get('CPU', 0):g} CPU(s) and {free.get('GPU', 0):g} GPU(s) of it are free.",
                "Look at `ray status` for what other work holds there, and run again later.",
            )

    def _ended(self, call: Any) -> None:
        """A worker's long call is over: it has nothing left to do, or it is lost."""
        name = self._runs.pop(call)
        figures = self._figures[name]
        try:
            self._ray.get(call)
            figures.state = "ended"
            return
        except Exception as e:  # whatever killed it: Ray wraps it in one of many kinds
            if self._stop_by:
                figures.state = "ended"
                return
            cause = getattr(e, "cause", None)
            if isinstance(cause, PrithviError):
                raise cause from e  # what concerns all scenes: a model that does not load
            why = _why(e)
            # It did not die, it cannot begin: a machine of the cluster without this engine, or with another one.
            if not figures.host and _raised_there(self._ray, e):
                raise PrithviError(
                    ErrorCode.CLUSTER_UNREACHABLE,
                    f"A machine of the cluster cannot run this engine: {why.rstrip('.')}.",
                    "Start each of them with `python -m prithvi_qgis.engine node`, of the same version.",
                ) from e
        figures.state = "lost"
        self._ray.kill(self._actors[name])  # one that only the network took away would keep its GPU
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
                    self._spare = self._most_spare
                    self._tell(event["item"], message)
            elif event["kind"] == "block":
                self._spare = self._most_spare
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
        whole = item not in self._tasks.shared
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
        from ..writing.mask_blocks import (
            remove_blocks,  # needs rasterio, which a run without blocks has no use for here
        )

        for request in requests:
            remove_blocks(request)


def _raised_there(ray: Any, e: Exception) -> bool:
    """Whether the code of a worker raised ``e``; else its process or machine is gone."""
    return isinstance(e, ray.exceptions.RayTaskError) or "creation task" in str(e)
