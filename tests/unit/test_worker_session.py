"""What a worker of a cluster tells, in which order, and for which answers it waits."""

from __future__ import annotations

from prithvi_qgis.core.protocol.codec import encode
from prithvi_qgis.core.protocol.messages import Log, SceneFailed, SceneStarted, Segment
from prithvi_qgis.engine.cluster.worker import WorkerSession

REQUEST = Segment("scene.tif", "model", "mask.tif")


def desk(portions, answers=()):
    """A desk that is handed ``portions``, and what it says: (kind, whether it waits)."""
    said, answers, portions = [], list(answers), list(portions)

    def tell(events, wait):
        said.extend((event["kind"], event.get("item"), wait) for event in events)
        return bool(answers and answers.pop(0))

    def take():
        numbers = portions.pop(0) if portions else []
        return [(n, encode(REQUEST)) for n in numbers], bool(portions)

    return WorkerSession(take, tell), said


def test_a_scene_is_told_before_it_is_opened_and_the_answer_is_waited_for():
    a, said = desk([[7, 3]])
    requests = a.requests()
    assert next(requests) == REQUEST
    assert said == [("opening", 7, True)]
    next(requests)
    assert said[1:] == [("opening", 3, True)]


def test_what_begins_and_ends_is_told_at_once_and_not_waited_for():
    a, said = desk([[7]])
    next(a.requests())
    a.emit(SceneStarted(0))
    a.emit(Log("warning", "memory"))
    a.emit(SceneFailed(0, "source_unreadable", "no", "look"))
    assert said[1:] == [("began", 7, False), ("log", None, False), ("ended", 7, False)]


def test_a_worker_that_is_told_to_stop_takes_no_more():
    a, said = desk([[1, 2, 3]], answers=[False, True])
    assert len(list(a.requests())) == 1
    assert a.stop
    assert [item for _, item, _ in said] == [1, 2]
