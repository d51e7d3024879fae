"""A run of many scenes with several workers: starts them, replaces lost ones and relays what they report."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ... import __version__
from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.run_state import stopped
from ...core.protocol.messages import Log, SceneDone, SceneFailed, Segment, WorkerState
from ...core.system.heartbeat import cancelled_error
from ...core.system.network_options import network_options
from ...core.system.timeouts import TIMEOUTS
from ..device import nvml
from ..device.worker_count import wanted_workers
from .block_planning import plan_blocks
from .coordinator import Coordinator, WorkerJoined
from .ray_session import put_on_path, ray_cluster
from .scene_costs import local_bytes, scene_costs
from .scene_probe import probe_scenes
from .scene_tracker import Emit, SceneTracker
from .task_graph import TaskGraph
from .worker import Worker, WorkerRequirements

if TYPE_CHECKING:
    from ray import ObjectRef
    from ray.actor import ActorHandle

PORTIONS = {"cpu": 32e6, "cuda": 512e6}  # bytes: a GPU has dozens of small scenes in progress
REPLACEMENTS = 2  # per requested worker: those that may be lost and replaced before any scene ends

OnWorkers = Callable[[Sequence[WorkerState]], None]


@dataclass(frozen=True)
class ClusterOptions:
    """Which workers a run uses."""

    workers: int
    """0 for one per GPU of the cluster, or one where it has none."""
    address: str
    """Address of a Ray cluster; empty for a local one that ends with the run."""
    variant: str
    """``cpu`` or ``cuda``."""
    threads: int = 0
    """Threads per worker on the CPU; 0 divides the cores among the workers."""
    portion: float = 0
    """Upper limit of what a worker is assigned at once, in bytes of scenes; 0 for what keeps one busy."""
    min_block_bytes: float = 256e6
    """Size of the smallest scene that several workers share."""


def run_workers(
    requests: Sequence[Segment],
    cluster: ClusterOptions,
    emit: Emit,
    on_workers: OnWorkers,
    cancelled: Callable[[], bool],
) -> None:
    """Segment scenes with several workers.

    Args:
        requests: one per scene, each with its own output.
        cluster: which workers to use.
        emit: gets one SceneStarted and one SceneDone or SceneFailed per scene, Progress and Log, as from one engine.
        on_workers: called about twice per second.
        cancelled: called as often.
    Raises:
        PrithviError: ``cluster_unreachable``, ``engine_missing``, ``worker_lost`` when no worker can be started any
            more, or ``cancelled``. The scenes that ended until then have been reported.
    """
    put_on_path(cluster.variant)
    on_gpu = cluster.variant == "cuda"
    gpus = nvml.count() if on_gpu and not cluster.address else 0
    cores = len(os.sched_getaffinity(0))
    local = wanted_workers(cluster.workers, cluster.variant)
    if on_gpu and not cluster.address and local > gpus:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"WORKERS {cluster.workers} are more than the {gpus} GPU(s) of this machine.",
            "Give WORKERS 0 for one a GPU, or name a CLUSTER.",
        )
    with _block_removal() as divided, ray_cluster(cluster.address, max(cores, local + 1), gpus) as ray:
        count = _worker_count(ray, cluster, emit)
        # On the CPU the workers of one machine share its cores; other machines are taken to be like this one.
        share = max(1, cores // -(-count // max(1, len(_hosts(ray)))))
        tasks = plan_tasks(requests, cluster, count, emit, cancelled)
        divided += [requests[scene] for scene in tasks.block_counts]
        _remove_blocks(divided)
        tracker = SceneTracker(requests, tasks, emit, lambda scene: _remove_blocks([requests[scene]]))
        threads = cluster.threads or (0 if on_gpu else share)
        pool = _WorkerPool(ray, cluster.variant, threads, _requirements(requests, cluster.variant), tracker, emit)
        try:
            pool.start(tasks, cluster.portion or PORTIONS[cluster.variant], count)
            pool.follow(on_workers, cancelled)
        except ray.exceptions.RayError as e:
            raise PrithviError(
                ErrorCode.CLUSTER_UNREACHABLE,
                f"The Ray cluster {cluster.address or 'of this machine'} was lost during the run: "
                f"{_why(e).rstrip('.')}.",
                "Run again when it is back: what is done is kept.",
            ) from e


def plan_tasks(
    requests: Sequence[Segment], cluster: ClusterOptions, count: int, emit: Emit, cancelled: Callable[[], bool]
) -> TaskGraph:
    """Make the tasks of a run of ``count`` workers; log which scenes are divided into blocks."""
    sizes = [local_bytes(request) for request in requests]
    shares: dict[int, float] = {}
    # Remote scenes are not probed: opening them would take minutes.
    windows = {n: r for n, r in enumerate(requests) if r.extent is not None and sizes[n]}
    if count > 1 and windows:
        shares = {number: share for number, (share,) in probe_scenes("share", windows, cancelled).items()}
    costs = scene_costs(requests, sizes, shares)
    block_counts = plan_blocks(requests, costs, sizes, count, cluster.min_block_bytes, cancelled)
    for number, blocks in block_counts.items():
        name = requests[number].source_name or requests[number].source
        emit(Log("info", f"{name} is shared by the workers, in {blocks} blocks."))
    return TaskGraph(requests, costs, block_counts)


def _requirements(requests: Sequence[Segment], variant: str) -> WorkerRequirements:
    folders = {str(Path(r.output).parent) for r in requests}
    return WorkerRequirements(variant, tuple(sorted({r.model for r in requests})), os.path.commonpath(folders))


def _hosts(ray: ModuleType) -> list[object]:
    return [node for node in ray.nodes() if node.get("Alive")]


def _worker_count(ray: ModuleType, cluster: ClusterOptions, emit: Emit) -> int:
    """Return how many workers to start; warn if the cluster has no place for all of them."""
    if cluster.variant != "cuda":
        return cluster.workers or len(_hosts(ray))
    gpus = int(ray.cluster_resources().get("GPU", 0))
    if not gpus:
        raise PrithviError(
            ErrorCode.DEVICE_MISSING,
            f"The Ray cluster {cluster.address or 'of this machine'} has no GPU.",
            "Look at `nvidia-smi` there and at what `ray status` counts, or run with DEVICE=2 (CPU).",
        )
    if cluster.workers > gpus:
        text = f"WORKERS {cluster.workers}, but the cluster has {gpus} GPU(s): the others wait for a place."
        emit(Log("warning", text))
    return cluster.workers or gpus


def _why(e: BaseException) -> str:
    """Return the last line of Ray's error text, which wraps the cause in many lines."""
    return (str(e).strip().split("\n") or [""])[-1].strip()[:300] or type(e).__name__


@dataclass
class _WorkerHandle:
    """A worker as the driver sees it."""

    actor: ActorHandle
    call: ObjectRef
    """Its only call, which lasts as long as the worker."""
    state: WorkerState
    last_report: float
    """Time of the last report, as ``time.monotonic`` seconds."""

    @property
    def joined(self) -> bool:
        return bool(self.state.host)


class _WorkerPool:
    """The worker actors of a run and their coordinator."""

    def __init__(
        self,
        ray: ModuleType,
        variant: str,
        threads: int,
        requirements: WorkerRequirements,
        tracker: SceneTracker,
        emit: Emit,
    ):
        self._ray, self._tracker, self._emit = ray, tracker, emit
        self._arguments = threads, requirements, network_options()
        # One CPU places a worker; its number of threads is the engine's own setting. Never restarted by Ray: a lost
        # worker is replaced by a new one, whose scenes the scheduler knows.
        resources = {"num_cpus": 1, "max_restarts": 0, **({"num_gpus": 1} if variant == "cuda" else {})}
        self._worker_class = ray.remote(**resources)(Worker)
        self._names = (f"worker-{n}" for n in itertools.count(1))
        self._workers: dict[str, _WorkerHandle] = {}
        self._running: dict[ObjectRef, str] = {}  # the call and the name of each worker that has not ended
        self._began = time.monotonic()
        self._kill_at = 0.0  # when workers that still run after a cancel are killed; 0 before a cancel

    def start(self, tasks: TaskGraph, portion: float, count: int) -> None:
        """Start the coordinator and up to ``count`` workers."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        # On the driver's machine: a machine that is lost must not take the state of the run with it.
        here = NodeAffinitySchedulingStrategy(self._ray.get_runtime_context().get_node_id(), soft=False)
        coordinator = self._ray.remote(num_cpus=0, scheduling_strategy=here)(Coordinator)
        self._coordinator = coordinator.remote(tasks.requests, tasks.costs, portion, count, tasks.after, tasks.scenes)
        self._replacements = self._max_replacements = REPLACEMENTS * count
        for _ in range(min(count, len(tasks.requests))):
            self._start_worker()

    def follow(self, on_workers: OnWorkers, cancelled: Callable[[], bool]) -> None:
        """Return when every scene has ended."""
        while self._running:
            ended, _ = self._ray.wait(list(self._running), timeout=TIMEOUTS.cluster_poll_s)
            finished = self._take_reports()
            for call in ended:
                self._worker_ended(self._running.pop(call))
            on_workers([worker.state for worker in self._workers.values()])
            if finished and not self._kill_at:
                return
            if cancelled() and not self._kill_at:
                self._kill_at = time.monotonic() + TIMEOUTS.worker_exit_s
                self._ray.get(self._coordinator.cancel.remote())
            self._kill_useless()
            self._check_placed()
        self._take_reports()
        if self._kill_at:
            raise cancelled_error()
        if self._tracker.left:
            raise PrithviError(
                ErrorCode.WORKER_LOST,
                f"All workers were lost, {self._tracker.left} scenes are left to do.",
                "Look into the workers' machines (memory, GPU), then run again: what is done is kept.",
            )

    def _start_worker(self) -> None:
        name = next(self._names)
        actor = self._worker_class.remote(name, *self._arguments)
        call = actor.run.remote(self._coordinator)
        self._workers[name] = _WorkerHandle(actor, call, WorkerState(name), time.monotonic())
        self._running[call] = name

    def _kill_useless(self) -> None:
        """Kill workers that have gone silent and, after a cancel, those that are late or hold no scene."""
        now = time.monotonic()
        for name in self._running.values():
            worker = self._workers[name]
            # A worker without a place in the cluster has nothing to report.
            silent = worker.joined and now - worker.last_report > TIMEOUTS.worker_silence_s
            if silent or (self._kill_at and (now > self._kill_at or not worker.state.scene)):
                self._ray.kill(worker.actor)

    def _check_placed(self) -> None:
        """Abort the run if no worker was placed in time."""
        late = time.monotonic() - self._began > TIMEOUTS.worker_start_s
        if not late or self._kill_at or any(worker.joined for worker in self._workers.values()):
            return
        free = self._ray.available_resources()
        raise PrithviError(
            ErrorCode.CLUSTER_UNREACHABLE,
            f"No worker got a place in the cluster within {TIMEOUTS.worker_start_s:.0f} s: "
            f"{free.get('CPU', 0):g} CPU(s) and {free.get('GPU', 0):g} GPU(s) of it are free.",
            "Look at `ray status` for what other work holds there, and run again later.",
        )

    def _worker_ended(self, name: str) -> None:
        """Handle the end of a worker's call: it has nothing left to do, or it is lost."""
        worker = self._workers[name]
        try:
            self._ray.get(worker.call)
        except Exception as e:  # Ray wraps what ended the worker in one of many types
            if not self._kill_at:
                self._worker_lost(name, e)
                return
        worker.state = stopped(worker.state)

    def _worker_lost(self, name: str, error: Exception) -> None:
        worker, why = self._workers[name], _why(error)
        cause = getattr(error, "cause", None)
        if isinstance(cause, PrithviError):
            raise cause from error  # concerns all scenes, such as a model that does not load
        # The worker's code failed before it joined: a machine without this engine, or with another version.
        exceptions = self._ray.exceptions
        cannot_start = isinstance(error, exceptions.RayTaskError) or getattr(error, "actor_init_failed", False)
        if cannot_start and not worker.joined:
            raise PrithviError(
                ErrorCode.CLUSTER_UNREACHABLE,
                f"A machine of the cluster cannot run this engine: {why.rstrip('.')}.",
                "Start each of them with `python -m prithvi_qgis.engine node`, of the same version.",
            ) from error
        worker.state = stopped(worker.state, "lost")
        self._ray.kill(worker.actor)  # one that only the network cut off would keep its GPU
        self._emit(Log("warning", f"{name} on {worker.state.host or 'an unknown host'} was lost: {why}"))
        failed = self._ray.get(self._coordinator.lost.remote(name))
        for scene in sorted({self._tracker.scene_of(task) for task in failed}):
            text = f"{self._tracker.name(scene)} was being segmented when two workers were lost, one after the other."
            hint = "Segment it alone with prithvi:segment to see what it does."
            self._tracker.end(scene, SceneFailed(scene, ErrorCode.WORKER_LOST.value, text, hint))
        if self._replacements > 0 and self._tracker.left:
            self._replacements -= 1
            self._start_worker()

    def _take_reports(self) -> bool:
        """Take the workers' reports; return whether every scene has ended."""
        reports, finished = self._ray.get(self._coordinator.reports.remote())
        for name, report in reports:
            worker = self._workers[name]
            worker.last_report = time.monotonic()
            if isinstance(report, WorkerJoined):
                _check_version(report)
                worker.state = dataclasses.replace(worker.state, host=report.host, device=report.variant)
                continue
            worker.state = self._tracker.state_after(worker.state, report)
            if isinstance(report, (SceneDone, SceneFailed)):
                self._replacements = self._max_replacements
            self._tracker.take(name, report)
        self._tracker.report_progress()
        return bool(finished)


def _check_version(worker: WorkerJoined) -> None:
    if worker.version != __version__:
        raise PrithviError(
            ErrorCode.CLUSTER_UNREACHABLE,
            f"The engine on {worker.host} is version {worker.version}, here it is {__version__}.",
            "Install the same version of the plugin and engine on every machine of the cluster.",
        )


@contextlib.contextmanager
def _block_removal() -> Iterator[list[Segment]]:
    """Yield a list for requests whose blocks are removed when the workers have ended, however the run ends."""
    requests: list[Segment] = []
    try:
        yield requests
    finally:
        _remove_blocks(requests)


def _remove_blocks(requests: Sequence[Segment]) -> None:
    if requests:
        from ..writing.mask_blocks import remove_blocks  # needs rasterio, which a run without blocks does not

        for request in requests:
            remove_blocks(request)
