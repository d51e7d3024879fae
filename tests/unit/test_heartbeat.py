"""Progress and cancels of a job, asked without side effects and readable from another process."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.system.heartbeat import Heartbeat, read_heartbeat
from support import ROOT


def test_questions_are_no_progress():
    heartbeat = Heartbeat()
    before = heartbeat.last_progress
    time.sleep(0.02)
    assert not heartbeat.cancelled
    heartbeat.check_cancelled()
    assert heartbeat.quiet_s >= 0.02
    assert heartbeat.last_progress == before
    heartbeat.advance()
    assert heartbeat.last_progress > before


def test_the_progress_of_a_part_counts_for_the_whole_and_a_cancel_of_the_whole_for_its_parts():
    whole = Heartbeat()
    part, other = whole.part(), whole.part()
    before = whole.last_progress, other.last_progress
    time.sleep(0.01)
    part.touch()
    assert whole.last_progress > before[0]
    assert other.last_progress == before[1]
    part.cancel()
    assert (part.cancelled, other.cancelled, whole.cancelled) == (True, False, False)
    whole.cancel()
    with pytest.raises(PrithviError) as e:
        other.advance()
    assert e.value.code is ErrorCode.CANCELLED


def test_a_further_reason_cancels():
    reasons = []
    heartbeat = Heartbeat(lambda: bool(reasons))
    assert not heartbeat.cancelled
    reasons.append(1)
    assert heartbeat.cancelled


def test_another_process_follows_it_until_it_ends(tmp_path):
    file = tmp_path / "heartbeat"
    file.write_bytes(b"\0" * 8)  # of an engine that was killed
    heartbeat = Heartbeat()
    heartbeat.publish(file)
    heartbeat.part().touch()
    code = "import sys; from prithvi_qgis.core.system.heartbeat import *; print(read_heartbeat(Path(sys.argv[1])))"
    seen = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    assert float(seen.stdout) == heartbeat.last_progress
    assert file.stat().st_mode & 0o077 == 0
    heartbeat.withdraw()
    assert read_heartbeat(file) is None
    assert not file.exists()
    heartbeat.touch()
