"""The messages of several workers become those of one run: each scene starts and ends once."""

from __future__ import annotations

import pytest

from prithvi_qgis.core.protocol.messages import (
    Log,
    Progress,
    Result,
    SceneDone,
    SceneFailed,
    SceneStarted,
    Segment,
    WorkerState,
)
from prithvi_qgis.engine.cluster.scene_tracker import SceneTracker
from prithvi_qgis.engine.cluster.task_graph import TaskGraph

RESULT = Result("m.tif", "model", "cpu", "x", "e", 10, 1.0, {}, 1, 1, 0, (), (), "s")


class Run:
    """Two scenes: tasks 0 to 2 are two blocks of the first and their merge, task 3 is the second."""

    def __init__(self):
        requests = [Segment(f"s{n}.tif", "model", f"m{n}.tif") for n in range(2)]
        self.messages, self.removed = [], []
        tasks = TaskGraph(requests, [2.0, 1.0], {0: 2})
        self.tracker = SceneTracker(requests, tasks, self.messages.append, self.removed.append)

    def take(self, *messages):
        for message in messages:
            self.tracker.take("worker-1", message)
        taken, self.messages[:] = list(self.messages), []
        return taken

    def progress(self):
        self.tracker.report_progress()
        return self.messages.pop()


@pytest.fixture
def run():
    return Run()


def done(task):
    return SceneDone(task, RESULT, "now")


def test_a_divided_scene_starts_with_its_first_block_and_ends_with_the_merge(run):
    assert run.take(SceneStarted(1), SceneStarted(0), done(1), done(0), SceneStarted(2)) == [SceneStarted(0)]
    assert (run.tracker.left, run.removed) == (2, [])
    assert run.take(done(2)) == [done(0)]
    assert (run.tracker.left, run.removed) == (1, [0])


def test_a_scene_ends_once(run):
    assert run.take(done(3), SceneFailed(3, "broken", "Broken.")) == [done(1)]
    assert run.tracker.left == 1


def test_progress_counts_scenes_blocks_and_tiles_once(run):
    assert run.progress() == Progress(0, 2, "starting", 0.0, 0.0, 0)
    run.take(SceneStarted(0), done(0), SceneStarted(3))
    progress = run.progress()
    assert (progress.done, progress.stage, progress.tiles) == (0, "segmenting", 10)
    assert progress.begun == pytest.approx(1 / 3 + 0.5)
    run.take(done(1), done(2), done(3))
    progress = run.progress()
    assert (progress.done, progress.begun, progress.tiles) == (2, 0.0, 30)


def test_a_log_line_names_its_worker(run):
    assert run.take(Log("warning", "Little memory.")) == [Log("warning", "worker-1: Little memory.")]


def test_a_worker_counts_scenes_and_no_blocks(run):
    worker = WorkerState("worker-1", "north", "cpu")
    for message in (SceneStarted(3), Progress(1, 2, "segmenting", 3.5, gpu_used_mb=9, gpu_total_mb=90), done(0)):
        worker = run.tracker.state_after(worker, message)
    assert worker == WorkerState("worker-1", "north", "x", "working", "s1.tif", 3.5, 0, 0, 9, 90)
    for message in (done(3), SceneFailed(0, "broken", "Broken.")):
        worker = run.tracker.state_after(worker, message)
    assert (worker.scenes, worker.errors) == (2, 1)
