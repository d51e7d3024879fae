"""Runs in the background: what the task manager shows, cancelling, order, and what happens when things go away."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProcessingUtils, QgsProject, QgsRasterLayer, QgsTask

from prithvi_qgis.client.engine import process
from prithvi_qgis.gui.segment_task import LayerRun, SegmentTask
from prithvi_qgis.gui.task_queue import TaskQueue
from support import rasters
from support.qgis_window import settle, wait_for
from support.scripted_home import scripted_engine

pytestmark = pytest.mark.timeout(300)


@pytest.fixture()
def task_queue(provider, qgis_new_project):
    task_queue = TaskQueue(QgsApplication.taskManager())
    yield task_queue
    task_queue.abandon()
    assert task_queue.wait(20)
    settle()


@pytest.fixture()
def script(tmp_path, monkeypatch):
    """The scripted engine in a data folder of its own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(home))
    yield scripted_engine(home)
    pid = process.engine_pid()
    if pid:
        os.kill(pid, signal.SIGKILL)


def layer_of(path: str, name: str) -> QgsRasterLayer:
    layer = QgsRasterLayer(path, name)
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def task_of(*layers, finished=None) -> SegmentTask:
    runs = [LayerRun(layer, "demo-water") for layer in layers]
    assert all(run.prepare() for run in runs)
    return SegmentTask(runs, (finished if finished is not None else []).append)


def watch(task: SegmentTask, done) -> tuple[list[str], list[float]]:
    """Every description and progress until ``done``."""
    said, percent = [], []

    def look():
        if done():
            return True
        if task.description() not in said[-1:]:
            said.append(task.description())
        percent.append(task.progress())
        return False

    wait_for(look)
    return said, percent


def names() -> list[str]:
    return [node.name() for node in QgsProject.instance().layerTreeRoot().findLayers()]


def temporary_files() -> set[str]:
    return {str(p) for p in Path(QgsProcessingUtils.tempFolder()).rglob("*") if p.is_file()}


def test_each_layer_is_segmented_and_the_task_tells_layer_stage_and_rate(task_queue, tmp_path):
    layers = [layer_of(rasters.write(tmp_path / f"{n}.tif", rasters.scene(900, 900)), n) for n in ("north", "south")]
    finished = []
    task = task_of(*layers, finished=finished)
    task_queue.add(task)
    said, percent = watch(task, lambda: finished)
    assert names() == ["south - demo-water", "south", "north - demo-water", "north"]
    assert any(re.fullmatch(r"north \(1 of 2\): Segmenting, .* tiles/s, .* left", s) for s in said), said
    assert any(s.startswith("south (2 of 2): Segmenting") for s in said)
    assert percent == sorted(percent)
    assert max(percent) >= 50
    for run in finished[0].runs:
        assert run.error == ""
        assert Path(run.loaded.report).is_file()
        assert run.loaded.classes[1].name == "Water"


def test_a_failed_layer_does_not_stop_the_rest(task_queue, scene_file, tmp_path):
    narrow = rasters.write(tmp_path / "narrow.tif", rasters.scene(bands=4), names=())
    layers = [layer_of(scene_file, "one"), layer_of(narrow, "narrow"), layer_of(scene_file, "three")]
    finished = []
    task_queue.add(task_of(*layers, finished=finished))
    wait_for(lambda: finished)
    assert [bool(run.loaded) for run in finished[0].runs] == [True, False, True]
    assert "4 bands" in finished[0].runs[1].error
    assert "\n" not in finished[0].runs[1].error
    assert names() == ["three - demo-water", "three", "narrow", "one - demo-water", "one"]


def test_a_cancel_ends_the_run_long_before_its_end_and_leaves_nothing(task_queue, tmp_path):
    large = layer_of(rasters.write(tmp_path / "large.tif", rasters.scene(3000, 3000)), "large")
    before = temporary_files()
    finished = []
    task = task_of(large, finished=finished)
    task_queue.add(task)
    wait_for(lambda: "Segmenting, " in task.description())
    asked = time.monotonic()
    task.cancel()
    wait_for(lambda: finished)
    assert time.monotonic() - asked < 10
    assert temporary_files() == before
    assert names() == ["large"]


def test_tasks_wait_their_turn_in_order_without_taking_a_thread(task_queue, script, scene_file):
    script(steps=15, step_s=0.1, fail=True)
    ended = []
    tasks = []
    for number in range(3):
        task = task_of(layer_of(scene_file, f"scene {number}"))
        task.taskCompleted.connect(lambda number=number: ended.append(number))
        task.taskTerminated.connect(lambda number=number: ended.append(number))
        tasks.append(task)
        task_queue.add(task)
    wait_for(lambda: "Segmenting" in tasks[0].description(), 30)
    assert [t.status() for t in tasks[1:]] == [QgsTask.TaskStatus.OnHold] * 2
    assert tasks[1].description() == "scene 1: Waiting, 1 before it"
    assert tasks[2].description() == "scene 2: Waiting, 2 before it"
    wait_for(lambda: ended == [0])
    assert tasks[2].description() == "scene 2: Waiting, 1 before it"
    wait_for(lambda: len(ended) == 3)
    assert ended == [0, 1, 2]
    assert len(task_queue) == 0


def test_a_cancelled_task_leaves_the_line_and_the_next_moves_up(task_queue, script, scene_file):
    script(steps=40, step_s=0.05, fail=True)
    tasks = [task_of(layer_of(scene_file, f"scene {number}")) for number in range(3)]
    for task in tasks:
        task_queue.add(task)
    wait_for(lambda: "Segmenting" in tasks[0].description(), 30)
    tasks[1].cancel()
    wait_for(lambda: len(task_queue) == 2)
    assert tasks[2].description() == "scene 2: Waiting, 1 before it"
    tasks[0].cancel()
    wait_for(lambda: "Segmenting" in tasks[2].description())


def test_closing_the_project_ends_the_run_and_keeps_the_next_project_clean(task_queue, script, scene_file, tmp_path):
    script(steps=400, step_s=0.05)
    QgsProject.instance().aboutToBeCleared.connect(task_queue.abandon)
    finished = []
    before = temporary_files()
    try:
        task = task_of(layer_of(scene_file, "scene"), finished=finished)
        task_queue.add(task)
        wait_for(lambda: "Segmenting" in task.description(), 30)
        QgsProject.instance().clear()
    finally:
        QgsProject.instance().aboutToBeCleared.disconnect(task_queue.abandon)
    assert task_queue.wait(10)
    wait_for(lambda: len(task_queue) == 0)
    assert finished == []
    assert names() == []
    assert temporary_files() == before


def test_a_result_that_arrives_after_the_project_was_closed_is_not_added(task_queue, scene_file):
    finished = []
    task = task_of(layer_of(scene_file, "scene"), finished=finished)
    task_queue.add(task)
    deadline = time.monotonic() + 120
    while not task.runs[0]._finished:  # the thread is done; the event loop has not run since
        assert time.monotonic() < deadline
        time.sleep(0.05)
    task_queue.abandon()
    QgsProject.instance().clear()
    wait_for(lambda: len(task_queue) == 0)
    assert names() == []
    assert finished == []


def test_a_layer_removed_while_it_is_segmented_does_no_harm(task_queue, tmp_path):
    layer = layer_of(rasters.write(tmp_path / "scene.tif", rasters.scene(900, 900)), "scene")
    finished = []
    task = task_of(layer, finished=finished)
    task_queue.add(task)
    wait_for(lambda: "Segmenting" in task.description())
    QgsProject.instance().removeMapLayer(layer.id())
    wait_for(lambda: finished)
    assert names() == ["scene - demo-water"]


def test_an_engine_that_dies_is_told_in_one_line(task_queue, script, scene_file):
    script(die_mid_run=True)
    finished = []
    task_queue.add(task_of(layer_of(scene_file, "scene"), finished=finished))
    wait_for(lambda: finished, 60)
    error = finished[0].runs[0].error
    assert error.startswith("The engine stopped while segmenting scene.tif")
    assert "\n" not in error
    assert names() == ["scene"]


def test_leaving_waits_for_the_thread_and_no_longer(task_queue, script, scene_file):
    script(steps=400, step_s=0.05)
    task = task_of(layer_of(scene_file, "scene"))
    task_queue.add(task)
    wait_for(lambda: "Segmenting" in task.description(), 30)
    began = time.monotonic()
    task_queue.abandon()
    assert task_queue.wait(10)
    assert time.monotonic() - began < 10
