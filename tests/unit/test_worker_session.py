"""What a worker of a cluster reports, in which order, and for which answers it waits."""

from __future__ import annotations

from prithvi_qgis.core.protocol.messages import Log, SceneFailed, SceneStarted, Segment
from prithvi_qgis.engine.cluster.worker import WorkerSession

REQUEST = Segment("scene.tif", "model", "mask.tif")


class ScriptedCoordinator:
    """Assigns ``portions`` and gives ``answers``; keeps the calls as (call or message, task, whether it waits)."""

    def __init__(self, portions, answers=()):
        self._portions, self._answers, self.calls = list(portions), list(answers), []

    def take(self):
        tasks = self._portions.pop(0) if self._portions else []
        return [(task, REQUEST) for task in tasks], bool(self._portions)

    def opening(self, task):
        self.calls.append(("opening", task, True))
        return bool(self._answers and self._answers.pop(0))

    def report(self, message, wait):
        self.calls.append((type(message), getattr(message, "number", None), wait))
        return bool(self._answers and self._answers.pop(0))


def test_a_scene_is_reported_before_it_is_opened_and_the_answer_is_waited_for():
    coordinator = ScriptedCoordinator([[7, 3]])
    requests = WorkerSession(coordinator).requests()
    assert next(requests) == REQUEST
    assert coordinator.calls == [("opening", 7, True)]
    next(requests)
    assert coordinator.calls[1:] == [("opening", 3, True)]


def test_what_begins_and_ends_is_reported_at_once_and_not_waited_for():
    coordinator = ScriptedCoordinator([[7]])
    session = WorkerSession(coordinator)
    next(session.requests())
    session.emit(SceneStarted(0))
    session.emit(Log("warning", "memory"))
    session.emit(SceneFailed(0, "source_unreadable", "no", "look"))
    assert coordinator.calls[1:] == [(SceneStarted, 7, False), (Log, None, False), (SceneFailed, 7, False)]


def test_a_worker_that_is_to_stop_takes_no_more():
    coordinator = ScriptedCoordinator([[1, 2, 3]], answers=[False, True])
    session = WorkerSession(coordinator)
    assert len(list(session.requests())) == 1
    assert session.stop
    assert [task for _, task, _ in coordinator.calls] == [1, 2]
