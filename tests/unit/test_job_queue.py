"""The engine's queue of jobs."""

from __future__ import annotations

import threading
import time

import pytest

from prithvi_qgis.core.protocol.messages import Failed, Progress, Segment
from prithvi_qgis.engine.server.job_queue import Job, JobQueue
from prithvi_qgis.engine.server.watchdog import watch


class Peer:
    """A front end that keeps what it is sent."""

    def __init__(self):
        self.heard = []

    def send(self, message):
        self.heard.append(message)


@pytest.fixture()
def jobs():
    return JobQueue()


def add(jobs: JobQueue) -> tuple[Job, Peer]:
    peer = Peer()
    job = Job(Segment("scene.tif", "model", "mask.tif"), peer)
    jobs.add(job)
    return job, peer


def test_a_cancel_takes_a_waiting_job_out_of_the_queue_at_once(jobs):
    (running, _), (waiting, peer), (last, _) = add(jobs), add(jobs), add(jobs)
    assert jobs.take(0) is running
    jobs.cancel(waiting)
    assert [type(m) for m in peer.heard] == [Failed]
    assert peer.heard[0].code == "cancelled"
    assert waiting.done.is_set()
    assert jobs.ahead(last) == 1
    jobs.finish(running, Failed("internal", "x"))
    assert jobs.take(0) is None  # the one that left
    assert jobs.take(0) is last


def test_a_cancel_lets_a_running_job_end_by_itself(jobs):
    job, peer = add(jobs)
    assert jobs.take(0) is job
    jobs.cancel(job)
    assert job.heartbeat.cancelled
    assert not job.done.is_set()
    assert peer.heard == []
    jobs.finish(job, Failed("cancelled", "x"))
    assert job.done.is_set()


def test_those_who_wait_move_up_when_a_job_is_done(jobs):
    (first, _), (second, _), (third, _) = add(jobs), add(jobs), add(jobs)
    assert [jobs.ahead(j) for j in (first, second, third)] == [0, 1, 2]
    jobs.finish(jobs.take(0), Failed("internal", "x"))
    assert [jobs.ahead(j) for j in (second, third)] == [0, 1]
    assert len(jobs) == 2


def test_a_job_without_a_sign_of_life_is_answered_and_the_engine_ends(jobs):
    ended = []
    threading.Thread(target=watch, args=(jobs, 0.4, ended.append), daemon=True).start()
    job, peer = add(jobs)
    assert jobs.take(0) is job
    for _ in range(12):  # slow, but alive
        time.sleep(0.1)
        job.heartbeat.touch()
    assert ended == []
    assert not peer.heard
    deadline = time.monotonic() + 10
    while not ended:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert ended == [1]
    assert [m.code for m in peer.heard] == ["engine_died"]
    assert "no further with scene.tif" in peer.heard[0].text


def test_a_repeated_progress_is_not_taken_for_progress(jobs):
    job, _ = add(jobs)
    job.emit(Progress(1, 9, "segmenting"))
    before = job.heartbeat.last_progress
    job.emit(Progress(1, 9, "segmenting", tiles_per_s=3.0))
    job.repeat_progress()
    assert job.heartbeat.last_progress == before
    job.emit(Progress(2, 9, "segmenting"))
    assert job.heartbeat.last_progress > before
