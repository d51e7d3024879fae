"""The board: every scene is done once, whoever is lost on the way."""

from __future__ import annotations

import random

from prithvi_qgis.engine.cluster.board import Board
from prithvi_qgis.engine.cluster.feed import Feed
from tools.bench.scheduler import Weather, simulate


def portions(board, worker):
    """What a worker is handed, portion by portion, when it has done each before it asks again."""
    while taken := board.take(worker):
        yield taken
        for item in taken:
            board.done(worker, item)


def test_costly_scenes_are_handed_out_first():
    board = Board([1, 5, 3, 5], portion=1, workers=1)
    assert list(portions(board, "a")) == [[1], [3], [2], [0]]
    assert board.finished


def test_portions_shrink_towards_the_end():
    sizes = [len(taken) for taken in portions(Board([1.0] * 100, portion=20, workers=2), "a")]
    assert sizes[0] == 20
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1
    assert sum(sizes) == 100


def test_a_worker_that_comes_early_leaves_the_others_their_share():
    board = Board([1.0] * 16, portion=100, workers=4)
    hoard = []
    while taken := board.take("early"):
        hoard += taken
    assert 1 <= len(hoard) <= 4


def test_scenes_of_a_lost_worker_are_done_by_another():
    board = Board([1, 1, 1, 1], portion=3, workers=1)
    taken = board.take("a")
    assert len(taken) > 1
    board.begun("a", taken[0])
    assert board.done("a", taken[0])
    assert board.lost("a") == []
    again = [item for part in portions(board, "b") for item in part]
    assert sorted([taken[0], *again]) == [0, 1, 2, 3]
    assert board.finished


def test_a_scene_that_takes_two_workers_with_it_is_given_up_and_no_other_is():
    board = Board([1.0] * 6, portion=6, workers=1)
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
    board = Board([3, 1], portion=10, workers=1)
    board.join("a")
    for worker in ("a", "b", "c", "d"):
        assert board.take(worker) == [0]
        assert board.lost(worker) == []


def test_a_scene_that_ends_twice_counts_once():
    board = Board([1], portion=1, workers=1)
    board.join("a")
    (item,) = board.take("a")
    board.lost("a")  # thought lost: only its connection was
    assert board.take("b") == [item]
    assert board.done("b", item) is True
    assert board.done("a", item) is False
    assert board.finished


def test_a_suspect_comes_alone():
    board = Board([1.0] * 4, portion=10, workers=1)
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


def test_a_worker_that_comes_back_after_it_was_given_up_gets_nothing_and_what_it_did_counts_once():
    feed = Feed([b"a", b"b"], [1, 1], portion=1, workers=1)
    feed.join("w1", {})
    ((first, _),), stay = feed.take("w1")
    assert stay
    feed.lost("w1")
    assert feed.take("w1") == ([], False)
    ended = {"kind": "ended", "item": first, "message": b""}
    assert feed.tell("w1", [ended]) is True
    assert feed.tell("w2", [ended]) is False
    news, _ = feed.news()
    assert [event["kind"] for _, event in news] == ["joined", "ended"]
