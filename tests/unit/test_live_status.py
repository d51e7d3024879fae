"""What a run of many scenes shows of itself while it runs."""

from __future__ import annotations

import json
import os
import re
import sys

import pytest

from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.folder_runs import live_status
from prithvi_qgis.core.folder_runs.live_status import Live, running
from prithvi_qgis.core.folder_runs.prometheus import check_metrics, prometheus_text
from prithvi_qgis.core.folder_runs.run_state import RunState
from prithvi_qgis.core.protocol.messages import WorkerState


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "home"))
    yield
    live_status.run_folder().rmdir()


def state(**changes):
    worker = WorkerState("worker-1", "north", "NVIDIA H200", "working", 'a "b".tif', 320.5, 7, 1, 9000, 143771)
    fields = {"pid": os.getpid(), "started": 1.0, "output": "/masks", "total": 10, "done": 6, "failed": 1}
    return RunState(**{**fields, "workers": (worker,), **changes})


def test_a_run_is_seen_while_it_runs_and_gone_after():
    shown = Live()
    shown.show(state())
    (seen,) = running()
    assert seen.workers[0].tiles_per_s == 320.5
    assert (seen.total, seen.done, seen.failed) == (10, 6, 1)
    shown.close()
    assert running() == []


def test_where_no_engine_runs_there_is_nothing_to_see(monkeypatch):
    with monkeypatch.context() as windows:
        windows.setattr(sys, "platform", "win32")
        windows.delattr(os, "getuid")
        assert running() == []


def test_two_runs_of_one_process_are_both_seen_and_end_alone():
    one, other = Live(), Live()
    one.show(state(output="/one"))
    other.show(state(output="/other", started=2.0))
    assert [r.output for r in running()] == ["/one", "/other"]
    one.close()
    assert [r.output for r in running()] == ["/other"]
    other.close()


def test_a_run_that_was_killed_is_not_shown(tmp_path):
    Live().show(state(pid=2**22 + 1))  # above every process number that Linux gives
    assert running() == []
    assert list(live_status.run_folder().glob("*")) == []


def test_half_a_file_hides_no_other_run():
    broken = live_status.run_folder() / "run-1.json"
    broken.write_text('{"pid":')
    shown = Live()
    shown.show(state())
    assert len(running()) == 1
    shown.close()
    broken.unlink()


def test_metrics_are_in_prometheus_text_format(tmp_path):
    target = tmp_path / "prithvi.prom"
    shown = Live(str(target))
    shown.show(state(started=1795632243.5))
    shown.close()
    text = target.read_text()
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+\{(\w+="([^"\\\n]|\\.)*",?)*\} [-+.\de]+', line), line
    assert 'prithvi_run_scenes{output="/masks",state="failed"} 1' in text
    assert re.search(r'prithvi_worker_gpu_memory_used_bytes\{.*host="north".*\} 9437184000$', text, re.MULTILINE)
    assert 'prithvi_run_started_seconds{output="/masks"} 1795632243.5\n' in text
    assert re.search(r'prithvi_worker_scene_info\{.*worker="worker-1".*,scene="a \\"b\\".tif"\} 1$', text, re.MULTILINE)
    assert [p.name for p in tmp_path.iterdir() if "prom" in p.name] == ["prithvi.prom"]


def test_a_disk_that_cannot_be_written_stops_no_run(tmp_path):
    shown = Live(str(tmp_path / "missing" / "prithvi.prom"))
    shown.show(state())
    assert len(running()) == 1
    shown.close()


def test_a_file_of_figures_that_cannot_be_written_is_refused_before_a_run(tmp_path):
    for bad in (tmp_path / "missing" / "prithvi.prom", tmp_path):
        with pytest.raises(PrithviError, match="cannot be written"):
            check_metrics(str(bad))
    check_metrics(str(tmp_path / "prithvi.prom"))
    check_metrics("")


def test_json_holds_what_the_reader_needs():
    shown = Live()
    shown.show(state())
    (path,) = live_status.run_folder().glob(f"run-{os.getpid()}-*.json")
    body = json.loads(path.read_text())
    assert body["updated"] > 1e9
    shown.close()
    assert prometheus_text([]) == ""
