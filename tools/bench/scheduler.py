"""Simulation of the scheduler of many scenes: no GPU and no Ray, only the scheduler and a clock.

Run with any Python: python3 -m tools.bench scheduler [--scenes 1000] [--workers 64] [--runs 20]
Prints a table: seconds of a run and the shortest possible, for calm and for rough conditions.
"""

from __future__ import annotations

import argparse
import heapq
import random
import statistics
from dataclasses import dataclass

from prithvi_qgis.engine.cluster.scheduler import Scheduler


@dataclass(frozen=True)
class Weather:
    """Conditions of a simulated run."""

    name: str
    slow: float = 0.0
    """Share of the workers that are stragglers."""
    slowness: float = 4.0
    """Seconds of a straggler per second of a normal worker."""
    deaths: float = 0.0
    """Share of the workers that die at a random time."""
    return_s: float = 60.0
    """From a worker's death to its replacement."""
    poison: int = 0
    """Number of scenes that end the worker that begins them."""


WEATHERS = (
    Weather("calm"),
    Weather("5 % of the workers 4 x slower", slow=0.05),
    Weather("10 % of the workers die, replaced after 60 s", deaths=0.1),
    Weather("20 % die, 5 % slow, 3 poisoned scenes", slow=0.05, deaths=0.2, poison=3),
)


@dataclass
class Outcome:
    """Result of a simulated run: its seconds, the shortest possible, scenes done, failed, and begun twice."""

    seconds: float
    ideal: float
    done: int
    given_up: int
    repeated: int


def simulate(costs: list[float], workers: int, portion: float, weather: Weather, rng: random.Random) -> Outcome:
    """Simulate one run. ``costs`` are seconds on a normal worker; a worker needs 40 s to start its engine."""
    board = Scheduler(costs, portion, workers)
    speed = [weather.slowness if rng.random() < weather.slow else 1.0 for _ in range(workers)]
    length = sum(costs) / workers
    dies = [rng.uniform(0, length + 40) if rng.random() < weather.deaths else float("inf") for _ in range(workers)]
    poisoned = set(rng.sample(range(len(costs)), weather.poison))
    events: list[tuple[float, int, int]] = [(40.0, n, 0) for n in range(workers)]  # time, worker, generation
    heapq.heapify(events)
    generation = [0] * workers
    given_up: list[int] = []
    done = repeated = 0
    begun: set[int] = set()
    queue: list[list[int]] = [[] for _ in range(workers)]
    doing: list[int | None] = [None] * workers
    now = 0.0

    def name(n: int) -> str:
        return f"{n}.{generation[n]}"

    def lose(n: int) -> None:
        given_up.extend(board.lost(name(n)))
        queue[n], doing[n] = [], None
        generation[n] += 1
        heapq.heappush(events, (now + weather.return_s, n, generation[n]))

    while not board.finished:
        now, n, born = heapq.heappop(events)
        if born != generation[n]:
            continue
        if now >= dies[n]:
            dies[n] = float("inf")
            lose(n)
            continue
        if doing[n] is not None:
            done += board.done(name(n), doing[n])
            doing[n] = None
        if not queue[n]:
            queue[n] = board.take(name(n))
        if not queue[n]:
            heapq.heappush(events, (now + 0.5, n, born))
            continue
        item = queue[n].pop(0)
        board.begun(name(n), item)
        repeated += item in begun
        begun.add(item)
        if item in poisoned:
            lose(n)
            continue
        doing[n] = item
        end = now + costs[item] * speed[n]
        heapq.heappush(events, (min(end, dies[n]), n, born))
    # A straggler counts for what it can do; the start is the same for all.
    power = sum(1 / s for s in speed)
    healthy = sum(c for i, c in enumerate(costs) if i not in poisoned)
    return Outcome(now, 40 + max(healthy / power, *costs), done, len(given_up), repeated)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--portion", type=float, default=10.0, help="the most that is handed out at once, in seconds")
    options = parser.parse_args()
    print(f"{options.scenes} scenes, {options.workers} workers, medians of {options.runs} runs")
    print("| conditions | seconds | shortest possible | ratio | worst ratio | done | given up | begun twice |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for weather in WEATHERS:
        outcomes = []
        for run in range(options.runs):
            rng = random.Random(run)  # nosec B311: a simulation
            # Mostly small scenes and a few very large ones: a median of 6 s, one in a hundred above a minute.
            costs = [rng.lognormvariate(1.8, 1.0) for _ in range(options.scenes)]
            outcomes.append(simulate(costs, options.workers, options.portion, weather, rng))
        ratios = [o.seconds / o.ideal for o in outcomes]
        middle = [statistics.median(getattr(o, f) for o in outcomes) for f in ("seconds", "ideal")]
        done, given_up, repeated = (
            statistics.median(getattr(o, f) for o in outcomes) for f in ("done", "given_up", "repeated")
        )
        seconds = f"{middle[0]:.0f} | {middle[1]:.0f} | {statistics.median(ratios):.2f} | {max(ratios):.2f}"
        print(f"| {weather.name} | {seconds} | {done:.0f} | {given_up:.0f} | {repeated:.0f} |")
    return 0
