"""The scheduler and the coordinator: every scene is done once, whichever worker is lost on the way."""

from __future__ import annotations

import random

from prithvi_qgis.core.protocol.messages import Result, SceneDone, SceneFailed, Segment
from prithvi_qgis.engine.cluster.coordinator import Coordinator, WorkerJoined
from prithvi_qgis.engine.cluster.scheduler import Scheduler
from tools.bench.scheduler import Weather, simulate

JOINED = WorkerJoined("north", "cpu", "1.0")
RESULT = Result("m.tif", "model", "cpu", "x", "e", 1, 1.0, {}, 1, 1, 0, (), (), "s")


def requests(count):
    return [Segment(f"s{n}.tif", "model", f"m{n}.tif") for n in range(count)]


def portions(scheduler, worker):
    """What a worker is handed, portion by portion, when it has done each before it asks again."""
    while taken := scheduler.take(worker):
        yield taken
        for item in taken:
            scheduler.done(worker, item)


def test_costly_scenes_are_handed_out_first():
    scheduler = Scheduler([1, 5, 3, 5], portion=1, workers=1)
    assert list(portions(scheduler, "a")) == [[1], [3], [2], [0]]
    assert scheduler.finished


def test_portions_shrink_towards_the_end():
    sizes = [len(taken) for taken in portions(Scheduler([1.0] * 100, portion=20, workers=2), "a")]
    assert sizes[0] == 20
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1
    assert sum(sizes) == 100


def test_a_worker_that_comes_early_leaves_the_others_their_share():
    scheduler = Scheduler([1.0] * 16, portion=100, workers=4)
    hoard = []
    while taken := scheduler.take("early"):
        hoard += taken
    assert 1 <= len(hoard) <= 4


def test_scenes_of_a_lost_worker_are_done_by_another():
    scheduler = Scheduler([1, 1, 1, 1], portion=3, workers=1)
    taken = scheduler.take("a")
    assert len(taken) > 1
    scheduler.begun("a", taken[0])
    assert scheduler.done("a", taken[0])
    assert scheduler.lost("a") == []
    again = [item for part in portions(scheduler, "b") for item in part]
    assert sorted([taken[0], *again]) == [0, 1, 2, 3]
    assert scheduler.finished


def test_a_scene_that_takes_two_workers_with_it_is_given_up_and_no_other_is():
    scheduler = Scheduler([1.0] * 6, portion=6, workers=1)
    given_up = []
    for worker in "abc":
        scheduler.join(worker)
        for item in scheduler.take(worker):
            scheduler.begun(worker, item)
            if item == 0:
                given_up += scheduler.lost(worker)
                break
            scheduler.done(worker, item)
    assert given_up == [0]
    while part := scheduler.take("d"):
        for item in part:
            scheduler.done("d", item)
    assert scheduler.finished


def test_a_scene_that_was_not_begun_is_no_suspect():
    scheduler = Scheduler([3, 1], portion=10, workers=1)
    scheduler.join("a")
    for worker in ("a", "b", "c", "d"):
        assert scheduler.take(worker) == [0]
        assert scheduler.lost(worker) == []


def test_a_scene_that_ends_twice_counts_once():
    scheduler = Scheduler([1], portion=1, workers=1)
    scheduler.join("a")
    (item,) = scheduler.take("a")
    scheduler.lost("a")  # thought lost: only its connection was
    assert scheduler.take("b") == [item]
    assert scheduler.done("b", item) is True
    assert scheduler.done("a", item) is False
    assert scheduler.finished


def test_a_suspect_comes_alone():
    scheduler = Scheduler([1.0] * 4, portion=10, workers=1)
    scheduler.join("a")
    taken = scheduler.take("a")
    scheduler.begun("a", taken[0])
    scheduler.lost("a")
    assert scheduler.take("b") == [taken[0]]
    assert scheduler.take("b") == []
    scheduler.done("b", taken[0])
    assert taken[0] not in scheduler.take("b") != []


def test_rough_conditions_lose_and_double_nothing():
    rough = Weather("rough", slow=0.1, deaths=0.5, poison=2)
    for seed in range(20):
        rng = random.Random(seed)
        outcome = simulate([rng.uniform(1, 30) for _ in range(200)], 16, 10.0, rough, rng)
        assert outcome.done + outcome.given_up == 200
        assert outcome.given_up >= 2  # the two, and whoever was with two dying workers by chance


JOIN = {3: (0, 1, 2)}  # three blocks of a scene, and the task that puts them together


def test_blocks_are_put_together_once_all_are_there():
    scheduler = Scheduler([5, 5, 5, 0], portion=1, workers=2, after=JOIN)
    assert (scheduler.take("a"), scheduler.take("b")) == ([0], [1])
    scheduler.done("a", 0)
    assert scheduler.take("a") == [2]
    scheduler.done("a", 2)
    assert scheduler.take("a") == []
    assert not scheduler.finished
    scheduler.done("b", 1)
    assert scheduler.take("b") == [3]
    scheduler.done("b", 3)
    assert scheduler.finished


def test_a_block_of_a_lost_worker_is_done_by_another_before_they_are_put_together():
    scheduler = Scheduler([5, 5, 5, 0], portion=1, workers=2, after=JOIN)
    for worker in "ab":
        scheduler.begun(worker, *scheduler.take(worker))
    scheduler.lost("a")
    scheduler.done("b", 1)
    assert list(portions(scheduler, "b")) == [[0], [2], [3]]
    assert scheduler.finished


def coordinator_of_two_scenes():
    """A scene in three blocks (tasks 0 to 2, put together by 3), and a small one (task 4)."""
    return Coordinator(requests(5), [5, 5, 5, 0, 1], 1.0, 2, JOIN, [0, 0, 0, 0, 1])


def ended(coordinator, worker, item, good=True):
    coordinator.report(worker, SceneDone(item, RESULT, "now") if good else SceneFailed(item, "broken", "Broken."))


def numbers(coordinator, worker):
    return [number for number, _ in coordinator.take(worker)[0]]


def test_a_block_that_fails_fails_its_scene_once_and_the_other_blocks_are_dropped():
    coordinator = coordinator_of_two_scenes()
    assert (numbers(coordinator, "a"), numbers(coordinator, "b")) == ([0], [1])
    ended(coordinator, "a", 0, good=False)
    ended(coordinator, "b", 1, good=False)  # too late to be told
    assert [report.number for _, report in coordinator.reports()[0]] == [0]
    assert numbers(coordinator, "a") == [4]
    ended(coordinator, "a", 4)
    assert coordinator.reports()[1]


def test_a_block_that_takes_two_workers_with_it_gives_its_scene_up():
    coordinator = coordinator_of_two_scenes()
    given_up = []
    for worker in "abcd":
        coordinator.join(worker, JOINED)
        for item in numbers(coordinator, worker):
            coordinator.opening(worker, item)
            if item == 0:
                given_up += coordinator.lost(worker)
            else:
                ended(coordinator, worker, item)
    assert given_up == [0]
    assert numbers(coordinator, "e") in ([], [4])
    ended(coordinator, "e", 4)
    assert coordinator.reports()[1]


def test_blocks_and_joins_are_all_done_however_workers_are_lost():
    for seed in range(50):
        rng = random.Random(seed)
        scheduler = Scheduler([5, 5, 5, 0, *[1] * 10], portion=2, workers=3, after=JOIN)
        hands = {}
        done, given_up = [], []
        for _ in range(10_000):
            if scheduler.finished:
                break
            worker = f"{rng.randrange(3)}"
            hands.setdefault(worker, []).extend(scheduler.take(worker))
            if hands[worker] and rng.random() < 0.05:
                scheduler.begun(worker, hands[worker][0])
                given_up += scheduler.lost(worker)
                if given_up:
                    scheduler.drop(range(4) if given_up[-1] < 4 else ())
                hands[worker] = []
            elif hands[worker]:
                item = hands[worker].pop(0)
                if scheduler.done(worker, item):
                    assert item != 3 or {0, 1, 2} <= set(done)
                    done.append(item)
        assert scheduler.finished, seed
        assert len(set(done)) == len(done)
        lost = set(given_up)
        assert set(range(4, 14)) <= set(done) | lost
        assert (3 in done) != bool(lost & set(range(4)))


def test_a_worker_that_comes_back_after_it_was_given_up_gets_nothing_and_what_it_did_counts_once():
    coordinator = Coordinator(requests(2), [1, 1], portion=1, workers=1)
    coordinator.join("w1", JOINED)
    ((first, _),), stay = coordinator.take("w1")
    assert stay
    coordinator.lost("w1")
    assert coordinator.take("w1") == ([], False)
    done = SceneDone(first, RESULT, "now")
    assert coordinator.report("w1", done) is True
    assert coordinator.report("w2", done) is False
    reports, _ = coordinator.reports()
    assert [type(report) for _, report in reports] == [WorkerJoined, SceneDone]


def test_a_worker_that_was_given_up_fails_nothing_that_another_is_doing():
    coordinator = coordinator_of_two_scenes()
    assert numbers(coordinator, "a") == [0]
    coordinator.opening("a", 0)
    coordinator.lost("a")
    again = list(iter(lambda: (numbers(coordinator, "b") or [None])[0], 0))
    assert None not in again
    ended(coordinator, "a", 0, good=False)  # it lived, and was told to stop in the middle of it
    ended(coordinator, "b", 0)
    ends = [report for _, report in coordinator.reports()[0]]
    assert (type(ends[-1]), ends[-1].number) == (SceneDone, 0)
    assert all(isinstance(end, SceneDone) for end in ends)
