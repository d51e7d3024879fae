"""A run of many scenes over several workers: starts them, follows them, replaces those that are lost."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Union

from ...contract.errors import ErrorCode, PrithviError
from ...contract.messages import Failed, Log, Result, Segment, decode, encode
from .feed import Feed
from .figures import WorkerFigures
from .local_ray import put_on_path, ray_cluster
from .worker import Worker

LOOK_S = 0.5  # between looks at the news
REPLACEMENTS = 2  # workers that may be started in place of lost ones, for each worker asked for

OnOutcome = Callable[[int, Union[Result, Failed], str], None]


@dataclass(frozen=True)
class Crew:
    """Who works.

    Attributes:
        workers: how many; 0 for one a GPU of the cluster, or one where there is none.
        address: of a Ray cluster, empty for one on this machine that lives as long as the run.
        variant: ``cpu`` or ``cuda``; threads: of each worker on the CPU, 0 shares the cores out.
        portion: the most pixels that a worker is handed at once.
    """

    workers: int
    address: str
    variant: str
    threads: int = 0
    portion: float = 64e6


def run_crew(
    requests: Sequence[Segment],
    costs: Sequence[float],
    crew: Crew,
    on_outcome: OnOutcome,
    on_figures: Callable[[list[WorkerFigures]], None],
    on_log: Callable[[Log], None],
    cancelled: Callable[[], bool],
) -> None:
    """Have every request done by one of several workers.

    Args:
        requests: each with its own output. costs: of each, in pixels.
        on_outcome: called once a request, with its number, how it ended, and the worker.
        on_figures: called about twice a second.
    Raises:
        PrithviError: ``cluster_unreachable``, ``engine_missing``, ``worker_lost`` when no worker can be had any more,
            or ``cancelled``. What was done until then has been told.
    """
    put_on_path(crew.variant)
    on_gpu = crew.variant == "cuda"
    gpus = gpu_count() if on_gpu and not crew.address else 0
    cores = len(os.sched_getaffinity(0))
    local = crew.workers or max(1, gpus)
    if on_gpu and not crew.address and local > gpus:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"WORKERS {crew.workers} are more than the {gpus} GPU(s) of this machine.",
            "Give WORKERS 0 for one a GPU, or name a CLUSTER.",
        )
    with ray_cluster(crew.address, max(cores, local + 1), gpus) as ray:
        count = crew.workers or max(1, int(ray.cluster_resources().get("GPU", 0)) if on_gpu else 1)
        threads = crew.threads or (0 if on_gpu else max(1, cores // count))
        _Run(ray, requests, costs, crew, count, threads, on_outcome, on_figures, on_log).follow(cancelled)


class _Run:
    def __init__(
        self,
        ray: Any,
        requests: Sequence[Segment],
        costs: Sequence[float],
        crew: Crew,
        count: int,
        threads: int,
        on_outcome: OnOutcome,
        on_figures: Callable[[list[WorkerFigures]], None],
        on_log: Callable[[Log], None],
    ):
        self._ray, self._requests, self._crew, self._threads = ray, requests, crew, threads
        self._on_outcome, self._on_figures, self._on_log = on_outcome, on_figures, on_log
        bodies = [encode(r) for r in requests]
        self._feed = ray.remote(Feed).options(num_cpus=0, max_restarts=0).remote(bodies, list(costs), crew.portion)
        self._names = (f"worker-{n}" for n in itertools.count(1))
        self._runs: dict[Any, str] = {}  # the long call of each worker that lives, and its name
        self._actors: dict[str, Any] = {}
        self._figures: dict[str, WorkerFigures] = {}
        self._spare = REPLACEMENTS * count
        self._told: set[int] = set()
        for _ in range(min(count, len(requests))):
            self._start()

    def _start(self) -> None:
        name = next(self._names)
        gpu = {"num_gpus": 1} if self._crew.variant == "cuda" else {}
        # One CPU is enough to be placed; threads of its own are what the engine makes of them.
        options = {"num_cpus": 1, "max_restarts": 0, "max_task_retries": 0, **gpu}
        actor = self._ray.remote(Worker).options(**options).remote(name, self._threads)
        self._actors[name] = actor
        self._runs[actor.run.remote(self._feed)] = name
        self._figures[name] = WorkerFigures(name)

    def follow(self, cancelled: Callable[[], bool]) -> None:
        """Until every scene has ended."""
        told_to_stop = False
        while True:
            ended, _ = self._ray.wait(list(self._runs), num_returns=1, timeout=LOOK_S)
            for call in ended:
                self._ended(call)
            finished = self._hear()
            self._on_figures(list(self._figures.values()))
            if cancelled() and not told_to_stop:
                told_to_stop = True
                self._ray.get(self._feed.cancel.remote())
            if not self._runs:
                self._hear()
                break
            if finished and not told_to_stop:
                break
        if told_to_stop:
            raise PrithviError(ErrorCode.CANCELLED, "Cancelled; the scenes that were done are kept.")
        if len(self._told) < len(self._requests):
            raise PrithviError(
                ErrorCode.WORKER_LOST,
                f"All workers were lost, {len(self._requests) - len(self._told)} scenes are left to do.",
                "Look into the workers' machines (memory, GPU), then run again: what is done is kept.",
            )

    def _ended(self, call: Any) -> None:
        """A worker's long call is over: it has nothing left to do, or it is lost."""
        name = self._runs.pop(call)
        try:
            self._ray.get(call)
            self._figures[name].state = "ended"
            return
        except Exception as e:  # whatever killed it: Ray wraps it in one of many kinds
            why = (str(e).strip().split("\n") or [""])[-1][:300] or type(e).__name__
        self._figures[name].state = "lost"
        self._on_log(Log("warning", f"{name} on {self._figures[name].host or 'an unknown host'} was lost: {why}"))
        self._hear()
        for item in self._ray.get(self._feed.lost.remote(name)):
            name_of = self._requests[item].source_name or self._requests[item].source
            text = f"{name_of} was being segmented when two workers were lost, one after the other."
            hint = "Segment it alone with prithvi:segment to see what it does."
            self._tell(item, Failed(ErrorCode.WORKER_LOST.value, text, hint), name)
        if self._spare > 0 and len(self._told) < len(self._requests):
            self._spare -= 1
            self._start()

    def _hear(self) -> bool:
        news, finished = self._ray.get(self._feed.news.remote())
        for name, event in news:
            self._figures[name].take(event)
            if event["kind"] == "ended":
                message = decode(event["message"])
                if isinstance(message, (Result, Failed)):
                    self._tell(event["item"], message, name)
            elif event["kind"] == "warning":
                request = self._requests[event["item"]]
                self._on_log(Log("warning", f"{request.source_name or request.source}: {event['text']}"))
        return finished

    def _tell(self, item: int, message: Union[Result, Failed], worker: str) -> None:
        if item not in self._told:
            self._told.add(item)
            self._on_outcome(item, message, worker)


def gpu_count() -> int:
    """GPUs that this process may use."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([v for v in visible.split(",") if v.strip()])
    try:
        import pynvml

        pynvml.nvmlInit()
        try:
            return int(pynvml.nvmlDeviceGetCount())
        finally:
            pynvml.nvmlShutdown()
    except Exception:  # no library, no driver, no GPU: all the same to the caller
        return 0
