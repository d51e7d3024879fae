"""The client of several workers, against a driver that follows a script: what Ray will not do on demand."""

from __future__ import annotations

import json
import sys
import tempfile
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from prithvi_qgis.client.engine import worker_runs
from prithvi_qgis.client.runtime import readiness
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol import messages
from prithvi_qgis.core.system import paths
from prithvi_qgis.core.system.timeouts import TIMEOUTS

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform != "linux", reason="the engine runs on Linux"),
]
_DRIVER = """
import json, os, sys, time
from pathlib import Path
from prithvi_qgis.core.protocol.codec import decode, encode
from prithvi_qgis.core.protocol.messages import WorkerState
from prithvi_qgis.core.protocol.messages import *
asked = [decode(line) for line in Path(sys.argv[4]).read_bytes().splitlines()]
Path({home!r}, "arguments").write_text(json.dumps(sys.argv[5:]))
Path({home!r}, "pid").write_text(str(os.getpid()))
def say(message):
    sys.stdout.buffer.write(encode(message) + b"\\n")
    sys.stdout.flush()
def line_closed():
    while os.read(0, 4096):
        pass
"""


@pytest.fixture
def drive(tmp_path, monkeypatch):
    """Runs two scenes through a driver whose script is given; returns what was heard."""
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    python = paths.venv_python("cpu")
    python.parent.mkdir(parents=True)
    paths.ready_file("cpu").write_text(json.dumps({"lock": readiness.lock_checksum("cpu")}))
    script = tmp_path / "driver.py"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {script} "$@"\n')
    python.chmod(0o755)

    def run(body, is_cancelled=lambda: False, timeouts=TIMEOUTS):
        script.write_text(_DRIVER.format(home=str(tmp_path)) + textwrap.dedent(body))
        heard, workers = [], []
        requests = [messages.Segment(f"/s{n}.tif", "/models/m", f"/out/s{n}_mask.tif") for n in range(2)]
        try:
            worker_runs.segment_with_workers(
                requests, "cpu", 3, "north:6379", heard.append, workers.append, is_cancelled, timeouts
            )
        finally:
            pid = tmp_path / "pid"
            assert not pid.exists() or not Path(f"/proc/{pid.read_text()}").exists()
            assert not list(tmp_path.glob("prithvi-workers-*"))
        return heard, workers

    yield run


def test_requests_go_out_and_messages_and_figures_come_back(drive, tmp_path):
    heard, workers = drive(
        """
        print("some library says something")
        say(Workers((WorkerState("worker-1", "north", tiles_per_s=2.5),)))
        for n, request in enumerate(asked):
            say(SceneFailed(n, "source_unreadable", f"{request.source} is broken."))
        say(ManyDone(0, 2))
        """
    )
    assert [(m.number, m.text) for m in heard] == [(0, "/s0.tif is broken."), (1, "/s1.tif is broken.")]
    assert [(w.host, w.tiles_per_s) for (w,) in workers] == [("north", 2.5)]
    assert json.loads((tmp_path / "arguments").read_text()) == ["--workers", "3", "--cluster", "north:6379"]


def test_what_the_driver_refuses_is_raised_as_it_is(drive):
    with pytest.raises(PrithviError, match="No cluster there. Start one.") as e:
        drive('say(Failed("cluster_unreachable", "No cluster there.", "Start one."))')
    assert e.value.code is ErrorCode.CLUSTER_UNREACHABLE


def test_a_driver_that_dies_ends_the_run_with_its_last_words(drive):
    with pytest.raises(PrithviError, match="no room on the moon") as e:
        drive('print("no room on the moon", flush=True); os._exit(3)')
    assert e.value.code is ErrorCode.ENGINE_DIED
    assert "ended with 3" in e.value.text


def test_a_cancel_closes_the_line_and_waits_for_the_drivers_own_end(drive):
    with pytest.raises(PrithviError) as e:
        drive(
            """
            line_closed()
            say(Log("info", "ending"))
            say(Failed("cancelled", "Cancelled."))
            """,
            is_cancelled=lambda: True,
        )
    assert e.value.code is ErrorCode.CANCELLED


def test_a_driver_that_does_not_hear_a_cancel_is_ended(drive):
    short = replace(TIMEOUTS, cancel_grace_s=0.5, driver_exit_s=0.5)
    began = time.monotonic()
    with pytest.raises(PrithviError) as e:
        drive("time.sleep(100)", is_cancelled=lambda: True, timeouts=short)
    assert e.value.code is ErrorCode.CANCELLED
    assert time.monotonic() - began < 30


def test_without_an_engine_it_says_how_to_install_one(drive, tmp_path):
    paths.ready_file("cpu").unlink()
    with pytest.raises(PrithviError, match="installengine") as e:
        drive("")
    assert e.value.code is ErrorCode.ENGINE_MISSING
