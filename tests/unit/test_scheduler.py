"""The board: every scene is done once, whoever is lost on the way."""

from __future__ import annotations

import random

from prithvi_qgis.engine.cluster.coordinator import Coordinator
from prithvi_qgis.engine.cluster.scheduler import Scheduler
from tools.bench.scheduler import Weather, simulate


def portions(board, worker):
    """What a worker is handed, portion by portion, when it has done each before it asks again."""
    while taken := board.take(worker):
        yield taken
        for item in taken:
            board.done(worker, item)


def test_costly_scenes_are_handed_out_first():
    board = Scheduler([1, 5, 3, 5], portion=1, workers=1)
    assert list(portions(board, "a")) == [[1], [3], [2], [0]]
    assert board.finished


def test_portions_shrink_towards_the_end():
    sizes = [len(taken) for taken in portions(Scheduler([1.0] * 100, portion=20, workers=2), "a")]
    assert sizes[0] == 20
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1
    assert sum(sizes) == 100


def test_a_worker_that_comes_early_leaves_the_others_their_share():
    board = Scheduler([1.0] * 16, portion=100, workers=4)
    hoard = []
    while taken := board.take("early"):
        hoard += taken
    assert 1 <= len(hoard) <= 4


def test_scenes_of_a_lost_worker_are_done_by_another():
    board = Scheduler([1, 1, 1, 1], portion=3, workers=1)
    taken = board.take("a")
    assert len(taken) > 1
    board.begun("a", taken[0])
    assert board.done("a", taken[0])
    assert board.lost("a") == []
    again = [item for part in portions(board, "b") for item in part]
    assert sorted([taken[0], *again]) == [0, 1, 2, 3]
    assert board.finished


def test_a_scene_that_takes_two_workers_with_it_is_given_up_and_no_other_is():
    board = Scheduler([1.0] * 6, portion=6, workers=1)
    given_up = []
    for worker in "abc":
        board.join(worker)
        for item in board.take(worker):
            board.begun(worker, item)
            if item == 0:
                given_up += board.lost(worker)
                break
            board.done(worker, item)
    assert given_up == [0]
    while part := board.take("d"):
        for item in part:
            board.done("d", item)
    assert board.finished


def test_a_scene_that_was_not_begun_is_no_suspect():
    board = Scheduler([3, 1], portion=10, workers=1)
    board.join("a")
    for worker in ("a", "b", "c", "d"):
        assert board.take(worker) == [0]
        assert board.lost(worker) == []


def test_a_scene_that_ends_twice_counts_once():
    board = Scheduler([1], portion=1, workers=1)
    board.join("a")
    (item,) = board.take("a")
    board.lost("a")  # thought lost: only its connection was
    assert board.take("b") == [item]
    assert board.done("b", item) is True
    assert board.done("a", item) is False
    assert board.finished


def test_a_suspect_comes_alone():
    board = Scheduler([1.0] * 4, portion=10, workers=1)
    board.join("a")
    taken = board.take("a")
    board.begun("a", taken[0])
    board.lost("a")
    assert board.take("b") == [taken[0]]
    assert board.take("b") == []
    board.done("b", taken[0])
    assert taken[0] not in board.take("b") != []


def test_rough_conditions_lose_and_double_nothing():
    rough = Weather("rough", slow=0.1, deaths=0.5, poison=2)
    for seed in range(20):
        rng = random.Random(seed)
        outcome = simulate([rng.uniform(1, 30) for _ in range(200)], 16, 10.0, rough, rng)
        assert outcome.done + outcome.given_up == 200
        assert outcome.given_up >= 2  # the two, and whoever was with two dying workers by chance


JOIN = {3: (0, 1, 2)}  # three blocks of a scene, and the task that puts them together


def test_blocks_are_put_together_once_all_are_there():
    board = Scheduler([5, 5, 5, 0], portion=1, workers=2, after=JOIN)
    assert (board.take("a"), board.take("b")) == ([0], [1])
    board.done("a", 0)
    assert board.take("a") == [2]
    board.done("a", 2)
    assert board.take("a") == []
    assert not board.finished
    board.done("b", 1)
    assert board.take("b") == [3]
    board.done("b", 3)
    assert board.finished


def test_a_block_of_a_lost_worker_is_done_by_another_before_they_are_put_together():
    board = Scheduler([5, 5, 5, 0], portion=1, workers=2, after=JOIN)
    for worker in "ab":
        board.begun(worker, *board.take(worker))
    board.lost("a")
    board.done("b", 1)
    assert list(portions(board, "b")) == [[0], [2], [3]]
    assert board.finished


def feed_of_two_scenes():
    """A scene in three blocks (tasks 0 to 2, put together by 3), and a small one (task 4)."""
    return Coordinator([b"0", b"1", b"2", b"3", b"4"], [5, 5, 5, 0, 1], 1.0, 2, JOIN, [0, 0, 0, 0, 1])


def ended(feed, worker, item, good=True):
    feed.tell(worker, [{"kind": "ended", "item": item, "good": good}])


def numbers(feed, worker):
    return [number for number, _ in feed.take(worker)[0]]


def test_a_block_that_fails_fails_its_scene_once_and_the_other_blocks_are_dropped():
    feed = feed_of_two_scenes()
    assert (numbers(feed, "a"), numbers(feed, "b")) == ([0], [1])
    ended(feed, "a", 0, good=False)
    ended(feed, "b", 1, good=False)  # too late to be told
    assert [event["item"] for _, event in feed.news()[0]] == [0]
    assert numbers(feed, "a") == [4]
    ended(feed, "a", 4)
    assert feed.news()[1]


def test_a_block_that_takes_two_workers_with_it_gives_its_scene_up():
    feed = feed_of_two_scenes()
    given_up = []
    for worker in "abcd":
        feed.join(worker, {})
        for item in numbers(feed, worker):
            feed.tell(worker, [{"kind": "opening", "item": item}])
            if item == 0:
                given_up += feed.lost(worker)
            else:
                ended(feed, worker, item)
    assert given_up == [0]
    assert numbers(feed, "e") in ([], [4])
    ended(feed, "e", 4)
    assert feed.news()[1]


def test_blocks_and_joins_are_all_done_however_workers_are_lost():
    for seed in range(50):
        rng = random.Random(seed)
        board = Scheduler([5, 5, 5, 0, *[1] * 10], portion=2, workers=3, after=JOIN)
        hands = {}
        done, given_up = [], []
        for _ in range(10_000):
            if board.finished:
                break
            worker = f"{rng.randrange(3)}"
            hands.setdefault(worker, []).extend(board.take(worker))
            if hands[worker] and rng.random() < 0.05:
                board.begun(worker, hands[worker][0])
                given_up += board.lost(worker)
                if given_up:
                    board.drop(range(4) if given_up[-1] < 4 else ())
                hands[worker] = []
            elif hands[worker]:
                item = hands[worker].pop(0)
                if board.done(worker, item):
                    assert item != 3 or {0, 1, 2} <= set(done)
                    done.append(item)
        assert board.finished, seed
        assert len(set(done)) == len(done)
        lost = set(given_up)
        assert set(range(4, 14)) <= set(done) | lost
        assert (3 in done) != bool(lost & set(range(4)))


def test_a_worker_that_comes_back_after_it_was_given_up_gets_nothing_and_what_it_did_counts_once():
    feed = Coordinator([b"a", b"b"], [1, 1], portion=1, workers=1)
    feed.join("w1", {})
    ((first, _),), stay = feed.take("w1")
    assert stay
    feed.lost("w1")
    assert feed.take("w1") == ([], False)
    ended = {"kind": "ended", "item": first, "good": True, "message": b""}
    assert feed.tell("w1", [ended]) is True
    assert feed.tell("w2", [ended]) is False
    news, _ = feed.news()
    assert [event["kind"] for _, event in news] == ["joined", "ended"]


def test_a_worker_that_was_given_up_fails_nothing_that_another_is_doing():
    feed = feed_of_two_scenes()
    assert numbers(feed, "a") == [0]
    feed.tell("a", [{"kind": "opening", "item": 0}])
    feed.lost("a")
    again = list(iter(lambda: (numbers(feed, "b") or [None])[0], 0))
    assert None not in again
    ended(feed, "a", 0, good=False)  # it lived, and was told to stop in the middle of it
    ended(feed, "b", 0)
    news = [event for _, event in feed.news()[0] if event["kind"] == "ended"]
    assert [(event["item"], event["good"]) for event in news][-1] == (0, True)
    assert all(event["good"] for event in news)
