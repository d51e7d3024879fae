"""What a cluster's machines must have, the secret they share, and the end of what a run started. Without Ray."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.engine.cluster import ray_reaper, ray_token
from prithvi_qgis.engine.cluster.worker import WorkerRequirements
from support import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the engine runs on Linux")


@pytest.mark.parametrize(
    ("lacks", "code"),
    [
        ("variant", ErrorCode.DEVICE_MISSING),
        ("output", ErrorCode.OUTPUT_UNWRITABLE),
        ("model", ErrorCode.MODEL_MISSING),
        ("nothing", None),
    ],
)
def test_a_machine_that_lacks_something_is_named_before_any_scene_fails(tmp_path, lacks, code):
    model, output = tmp_path / "model", tmp_path / "out"
    if lacks != "model":
        model.mkdir()
        (model / "model.json").write_text("{}")
    if lacks != "output":
        output.mkdir()
    needs = WorkerRequirements("cuda" if lacks == "variant" else "cpu", (str(model),), str(output))
    if code is None:
        needs.check("north", "cpu")
        return
    with pytest.raises(PrithviError, match="north") as e:
        needs.check("north", "cpu")
    assert e.value.code is code


def test_a_new_token_is_the_owners_alone_and_is_found_again(tmp_path, monkeypatch):
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert not ray_token.has_token()
    path = ray_token.make_token()
    assert path == tmp_path / ".ray" / "auth_token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text()) == 64
    assert ray_token.has_token()
    with pytest.raises(OSError, match="exists"):
        ray_token.make_token()


@pytest.mark.parametrize("end", ["killed", "done"])
def test_what_a_run_started_ends_with_it(tmp_path, end):
    folder = tmp_path / "prithvi-ray"
    folder.mkdir()
    script = (
        "import subprocess, sys; from pathlib import Path; from prithvi_qgis.engine.cluster.ray_reaper import ray_reaper\n"
        "with ray_reaper(Path(sys.argv[1])):\n"
        "    print(subprocess.Popen(['sleep', '300'], stdout=subprocess.DEVNULL).pid, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    child = int(driver.stdout.readline())
    deadline = time.monotonic() + 30
    while ray_reaper.processes_of_run(str(folder)) != [child]:  # the child's environment is not readable at once
        assert time.monotonic() < deadline
        time.sleep(0.1)
    if end == "killed":
        driver.kill()
    driver.communicate(timeout=60)
    deadline = time.monotonic() + 30
    while ray_reaper.processes_of_run(str(folder)) or folder.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
