"""Many scenes by two real workers under a real Ray: what is killed is done again, and nothing outlives the run."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.folder_runs import live_status
from prithvi_qgis.core.protocol.messages import ManyDone, Segment
from prithvi_qgis.engine.cluster import ray_reaper, ray_session
from prithvi_qgis.engine.many.segment_many import segment_many
from prithvi_qgis.engine.writing.atomic_outputs import MARK
from support import ROOT
from support.synthetic_scenes import blobs

pytestmark = [pytest.mark.timeout(580), pytest.mark.ray]
WAIT_S = 240.0


@pytest.fixture(scope="module", autouse=True)
def _engine(_home):
    """The tests' data folder has the installed engine and its parts."""
    place = Path(os.environ["PRITHVI_QGIS_HOME"]) / "engine"
    place.symlink_to(Path(sys.executable).parents[2])
    if not (place / "cpu-ray" / "prithvi-ready.json").is_file():
        pytest.fail("Ray is not installed: qgis_process run prithvi:installengine --VARIANT=2 --RAY=true")
    yield
    place.unlink()


@pytest.fixture
def start():
    """Starts a run of two workers; ends it with the test."""
    running = []

    def begin(*arguments):
        command = [sys.executable, "-m", "prithvi_qgis.engine", "segment", *map(str, arguments), "--workers", "2"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()


def wait_for(what, seconds=WAIT_S):
    """What ``what`` returns as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, what
        time.sleep(0.2)
    return found


def folder_of(process):
    return wait_for(lambda: list(Path("/tmp").glob(f"{ray_session.FOLDER}{process.pid}-*")))[0]


def rows(out):
    try:
        with open(out / "results.csv", newline="", encoding="utf-8") as f:
            return list(csv.DictReader(f))
    except OSError:
        return []


def writer_of(out, stem):
    """The process that is writing the mask of a scene."""
    names = [re.search(rf"^\.{stem}_mask{re.escape(MARK)}(\d+)-", p.name) for p in out.glob(".*")]
    return [int(n[1]) for n in names if n and Path(f"/proc/{n[1]}").exists()]


def listeners(pids):
    """Addresses, as /proc/net writes them, on which these processes listen."""
    inodes = set()
    for pid in pids:
        for fd in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.update(re.findall(r"socket:\[(\d+)\]", os.readlink(fd)))
            except OSError:
                continue
    found = []
    for table, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[9] in inodes and words[3] == state:
                found.append(words[1].split(":")[0])
    return found


def commands(pids, word):
    """Those of the processes whose command line has a word."""
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            if word in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def loopback(address):
    if len(address) == 8:
        return address.endswith("7F")
    return address in ("0" * 24 + "01000000", "0" * 16 + "FFFF00000100007F")


def of_session(leader):
    """Whatever the run started, by the session that the kernel keeps."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if not entry.name.isdigit():
                continue
            words = (entry / "stat").read_text().rpartition(")")[2].split()
            if words[3] == str(leader) and words[0] != "Z":
                found.append(int(entry.name))
    return found


def assert_nothing_is_left(run, folder):
    run.wait(60)
    wait_for(lambda: not of_session(run.pid) and not commands(pids(), str(folder).encode()), 30)
    assert not folder.exists()


def pids():
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def test_scenes_of_killed_workers_are_done_by_others_and_a_scene_that_kills_two_is_given_up(
    start, card, make_scene, vllm_backend, tmp_path
):
    (tmp_path / "in").mkdir()
    sizes = [(150 + 40 * (n % 3), 230 + 60 * (n % 4)) for n in range(12)]
    small = [make_scene(*size, f"in/s{n}.tif", values=blobs(*size, seed=n)) for n, size in enumerate(sizes)]
    make_scene(2400, 2400, "in/deadly.tif", values=blobs(2400, 2400))  # nobody lives to see its end
    out = tmp_path / "out"
    run = start(tmp_path / "in", out)
    folder = folder_of(run)

    killed = []
    while len(killed) < 2:
        (pid,) = wait_for(lambda: run.poll() is not None or [p for p in writer_of(out, "deadly") if p not in killed])
        wait_for(lambda: killed or len(rows(out)) >= 1)
        if not killed:
            started = of_session(run.pid)
            assert pid in started
            wait_for(lambda: set(of_session(run.pid)) - set(ray_reaper.processes_of_run(str(folder))) == {run.pid}, 10)
            assert commands(started, b"ray::DashboardAgent")
            addresses = listeners(started)
            assert len(addresses) >= 5
            assert all(map(loopback, addresses)), addresses
            (shown,) = live_status.running()
            assert {w.name for w in shown.workers} == {"worker-1", "worker-2"}
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)
    text, _ = run.communicate(timeout=WAIT_S)

    assert run.returncode == 1, text
    assert "13 scenes: 12 segmented, 0 already done, 1 failed" in text
    assert text.count("was lost") == 2
    by_stem = {Path(r["input"]).stem: r for r in rows(out)}
    assert len(rows(out)) == len(by_stem) == 13
    assert by_stem["deadly"]["error_code"] == "worker_lost"
    assert [stem for stem, r in by_stem.items() if r["success"] == "false"] == ["deadly"]
    assert_nothing_is_left(run, folder)
    assert live_status.running() == []

    (tmp_path / "one").mkdir()
    wanted = [Segment(str(s), str(card.folder), str(tmp_path / "one" / f"{s.stem}_mask.tif")) for s in small]

    class Loader:
        def load(self, request, card):
            return vllm_backend, 0.0

    assert segment_many(wanted, Loader(), lambda m: None) == ManyDone(12, 0)
    for request in wanted:
        with rasterio.open(request.output) as one, rasterio.open(out / Path(request.output).name) as other:
            assert np.array_equal(one.read(), other.read()), request.source
    assert not [p.name for p in out.glob(".*deadly*") if writer_of(out, "deadly")]


@pytest.mark.parametrize("end", ["cancelled", "killed"])
def test_nothing_outlives_a_run_that_is(start, make_scene, tmp_path, end):
    (tmp_path / "in").mkdir()
    for n in range(4):
        make_scene(1200, 1200, f"in/s{n}.tif", values=blobs(1200, 1200, seed=n))
    out = tmp_path / "out"
    run = start(tmp_path / "in", out)
    folder = folder_of(run)
    wait_for(lambda: writer_of(out, "s0") or writer_of(out, "s1"))
    if end == "cancelled":
        began = time.monotonic()
        run.send_signal(signal.SIGINT)
        text, _ = run.communicate(timeout=60)
        assert run.returncode == 130, text
        assert time.monotonic() - began < 60
        assert not list(out.glob(f".*{MARK}*"))
        assert len(rows(out)) == len(list(out.glob("*_mask.tif"))) < 4
    else:
        run.kill()
    assert_nothing_is_left(run, folder)


@pytest.fixture
def head(tmp_path, monkeypatch):
    """The first machine of a cluster, on loopback; its address, and a folder that stands for the user's home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:  # sockets need a short path
        more = [f"--port={port}", "--node-ip-address=127.0.0.1", "--num-cpus=1", f"--temp-dir={folder}"]
        log = tmp_path / "head.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "prithvi_qgis.engine", "node", "--head", "--", *more],
                env={**os.environ, "PYTHONPATH": str(ROOT), ray_reaper.MARK: folder},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for(lambda: "Ray runtime started" in log.read_text() or process.poll() is not None, 120)
            assert process.poll() is None, log.read_text()
            yield f"127.0.0.1:{port}", folder
        finally:
            for pid in ray_reaper.processes_of_run(folder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


def test_a_cluster_is_used_with_its_token_and_left_as_it_was(start, head, make_scene, tmp_path):
    address, folder = head
    token = tmp_path / ".ray" / "auth_token"
    assert token.stat().st_mode & 0o777 == 0o600
    assert all(map(loopback, listeners(ray_reaper.processes_of_run(folder))))
    (tmp_path / "in").mkdir()
    for n in range(2):
        make_scene(260, 260, f"in/s{n}.tif", values=blobs(260, 260, seed=n))

    run = start(tmp_path / "in", tmp_path / "out", "--cluster", address)
    text, _ = run.communicate(timeout=WAIT_S)
    assert run.returncode == 0, text
    assert {r["success"] for r in rows(tmp_path / "out")} == {"true"}
    wait_for(lambda: not commands(ray_reaper.processes_of_run(folder), b"Worker.run"), 60)
    with socket.create_connection(address.split(":"), 10):
        pass

    token.write_text("0" * 64)
    run = start(tmp_path / "in", tmp_path / "again", "--cluster", address)
    text, _ = run.communicate(timeout=WAIT_S)
    assert run.returncode == 1
    assert text.splitlines()[-1].startswith(f"Error: The Ray cluster {address} cannot be used from here")
    assert "same token" in text.splitlines()[-1]


SHARING = """
import sys
from prithvi_qgis.engine.device import runtime_env
runtime_env.prepare("cpu")
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.cluster.driver import ClusterOptions, run_workers
model, out, *scenes = sys.argv[1:]
wanted = [Segment(s, model, f"{out}/{n}_mask.tif") for n, s in enumerate(scenes)]
cluster = ClusterOptions(2, "", "cpu", min_block_bytes=1e6)
run_workers(wanted, cluster, lambda m: print(m, flush=True), lambda w: None, lambda: False)
"""


def test_workers_share_a_large_scene_and_a_block_of_one_that_is_killed_is_done_again(
    card, make_scene, vllm_backend, tmp_path
):
    large = make_scene(2000, 1000, "large.tif")
    small = make_scene(200, 300, "small.tif", values=blobs(200, 300, seed=4))
    out = tmp_path / "out"
    out.mkdir()
    run = subprocess.Popen(
        [sys.executable, "-c", SHARING, card.folder, out, large, small],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    begun = re.compile(rf"block-1of2{re.escape(MARK)}(\d+)-")
    try:
        writing = wait_for(lambda: run.poll() is not None or [m for p in out.glob(".*") if (m := begun.search(p.name))])
        os.kill(int(writing[0][1]), signal.SIGKILL)
        printed, _ = run.communicate(timeout=WAIT_S)
    finally:
        run.kill()
    assert run.returncode == 0
    assert "large.tif is shared by the workers, in 2 blocks." in printed
    assert printed.count("was lost") == 1
    assert printed.count("SceneDone(") == 2
    assert printed.count("SceneStarted(") == 2
    assert "SceneFailed(" not in printed
    assert sorted(p.name for p in out.glob("*.tif") if p.name[0] != ".") == ["0_mask.tif", "1_mask.tif"]
    assert not list(out.glob(f".*{MARK}block*"))

    class Loader:
        def load(self, request, card):
            return vllm_backend, 0.0

    alone = Segment(str(large), str(card.folder), str(tmp_path / "alone.tif"))
    assert segment_many([alone], Loader(), lambda m: None) == ManyDone(1, 0)
    with rasterio.open(alone.output) as one, rasterio.open(out / "0_mask.tif") as other:
        assert np.array_equal(one.read(), other.read())
        assert 0.05 < one.read().mean() < 0.95
