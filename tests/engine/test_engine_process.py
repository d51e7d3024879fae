"""The engine as a process: started, shared, stopped, killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from prithvi_qgis.core.protocol import channel
from prithvi_qgis.core.protocol.messages import (
    Accepted,
    Cancel,
    Failed,
    Hello,
    Progress,
    Result,
    Segment,
    Shutdown,
    Status,
    StatusReport,
    Stopping,
)
from prithvi_qgis.core.system import paths
from prithvi_qgis.core.system.heartbeat import read_heartbeat
from prithvi_qgis.engine.writing.atomic_outputs import MARK
from support import ROOT, VARIANT

pytestmark = pytest.mark.vllm


class Engine:
    """A real engine process with a data folder of its own."""

    def __init__(self, keep_warm, stuck):
        self.folder = paths.run_folder()
        log = open(paths.home() / "engine.log", "w")
        command = [
            sys.executable,
            "-m",
            "prithvi_qgis.engine",
            "serve",
            "--variant",
            VARIANT,
            "--keep-warm",
            str(keep_warm),
            "--stuck",
            str(stuck),
        ]
        self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=ROOT)
        log.close()

    def connect(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                peer = channel.connect(self.folder)
                hello = peer.receive(30)
                assert isinstance(hello, Hello)
                return peer
            except channel.ChannelClosed:
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def gone(self, within_s=40):
        self.process.wait(within_s)
        return not [p for p in psutil.process_iter() if _group(p.pid) == self.process.pid]


def _group(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Starts engines; ends them whatever the test did."""
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    engines = []

    def begin(keep_warm=10.0, stuck=15.0):
        engines.append(Engine(keep_warm, stuck))
        return engines[-1]

    yield begin
    for engine in engines:
        if engine.process.poll() is None:
            os.killpg(engine.process.pid, signal.SIGKILL)
            engine.process.wait()


def ask(peer, request, timeout_s=200):
    """Send a request and read to its end; returns all messages."""
    peer.send(request)
    messages = []
    while not messages or not isinstance(messages[-1], (Result, Failed, StatusReport, Stopping)):
        message = peer.receive(timeout_s)
        assert message is not None
        messages.append(message)
    return messages


def segment_request(card, source, tmp_path, **fields):
    return Segment(str(source), str(card.folder), str(tmp_path / "mask.tif"), **fields)


def unfinished(folder):
    return [p.name for p in folder.iterdir() if MARK in p.name]


def test_it_answers_at_once_and_tells_what_is_wrong_before_it_loads_anything(start, card, tmp_path):
    peer = start().connect()
    report = ask(peer, Status())[-1]
    assert report.state in ("starting", "idle")
    began = time.monotonic()
    failed = ask(peer, segment_request(card, tmp_path / "missing.tif", tmp_path))[-1]
    assert failed.code == "source_unreadable"
    assert ask(peer, Status())[-1].model == ""
    assert time.monotonic() - began < 20


def test_a_silent_peer_delays_nobody(start):
    engine = start()
    engine.connect()
    silent = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(4)]
    for s in silent:
        s.connect(str(channel.socket_path(engine.folder)))
    assert isinstance(ask(engine.connect(), Status())[-1], StatusReport)


def test_a_peer_without_the_key_gets_nothing(start):
    engine = start()
    engine.connect()
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    raw.connect(str(channel.socket_path(engine.folder)))
    raw.sendall(b"\x00\x00\x00\x02{}" * 50)
    raw.settimeout(20)
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := raw.recv(4096):
            data += chunk
    assert b"Hello" not in data


def test_the_socket_and_its_folder_are_private(start):
    engine = start()
    engine.connect()
    assert engine.folder.stat().st_mode & 0o777 == 0o700
    assert channel.socket_path(engine.folder).stat().st_mode & 0o777 == 0o600


def test_a_second_engine_waits_for_the_place_and_takes_it_when_the_first_leaves(start):
    first = start()
    first.connect()
    second = start()
    time.sleep(3)
    peer = first.connect()
    assert ask(peer, Status())[-1].pid == first.process.pid
    assert ask(peer, Shutdown())[-1] == Stopping(True)
    assert first.gone()
    assert ask(second.connect(), Status())[-1].pid == second.process.pid


def test_an_idle_engine_leaves(start):
    engine = start(keep_warm=0.02)
    assert engine.gone()
    assert not channel.socket_path(engine.folder).exists()


def test_an_engine_that_a_source_hangs_says_so_and_leaves(start, card, make_scene, tmp_path):
    os.mkfifo(tmp_path / "pipe.tif")  # nobody ever writes to it: opening it does not return
    engine = start(stuck=0.05)
    peer, waiting = engine.connect(), engine.connect()
    peer.send(segment_request(card, tmp_path / "pipe.tif", tmp_path))
    assert isinstance(peer.receive(30), Accepted)
    waiting.send(segment_request(card, make_scene(), tmp_path))
    while not isinstance(message := peer.receive(60), Failed):
        assert message is not None
    assert message.code == "engine_died"
    assert "no further with pipe.tif" in message.text
    assert engine.gone()
    assert not (engine.folder / "heartbeat").exists()
    with pytest.raises(channel.ChannelClosed):
        while True:
            waiting.receive(30)


def test_shutdown_ends_it_and_a_busy_engine_stays_when_asked_politely(start, card, make_scene, tmp_path):
    engine = start()
    peer, other = engine.connect(), engine.connect()
    peer.send(segment_request(card, make_scene(700, 700), tmp_path))
    assert isinstance(peer.receive(30), Accepted)
    assert ask(other, Shutdown(when_idle=True))[-1] == Stopping(False)
    assert ask(other, Shutdown())[-1] == Stopping(True)
    assert engine.gone(90)
    assert not (engine.folder / "heartbeat").exists()
    assert unfinished(tmp_path) == []


def test_a_warm_engine_works_is_cancelled_is_killed_and_leaves_nothing(start, card, make_scene, tmp_path):
    engine = start()
    peer = engine.connect()
    result = ask(peer, segment_request(card, make_scene(600, 600), tmp_path))[-1]
    assert isinstance(result, Result), result
    assert result.tiles == 4
    assert ask(peer, Status())[-1].model == "demo-water"
    open_to_others = [c for c in psutil.Process(engine.process.pid).net_connections("inet") if not c.raddr]
    listening = [c.laddr.ip for c in open_to_others]  # UDP, too
    assert listening  # vLLM's own; ours is no TCP
    assert set(listening) <= {"127.0.0.1", "::1"}

    assert read_heartbeat(engine.folder / "heartbeat") is None
    large = make_scene(2500, 2500, "large.tif")
    (tmp_path / "mask.tif").unlink()
    peer.send(segment_request(card, large, tmp_path))
    while not (isinstance(m := peer.receive(60), Progress) and m.done):
        pass
    assert time.monotonic() - read_heartbeat(engine.folder / "heartbeat") < 10
    peer.send(Cancel())
    began = time.monotonic()
    while not isinstance(message := peer.receive(60), (Failed, Result)):
        pass
    assert message.code == "cancelled"
    assert time.monotonic() - began < 10
    assert not (tmp_path / "mask.tif").exists()
    assert unfinished(tmp_path) == []

    # A front end that goes away cancels as well.
    gone = engine.connect()
    gone.send(segment_request(card, large, tmp_path))
    while not (isinstance(m := gone.receive(60), Progress) and m.done):
        pass
    gone.close()
    deadline = time.monotonic() + 30
    while ask(peer, Status())[-1].state != "idle":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert unfinished(tmp_path) == []

    peer.send(segment_request(card, large, tmp_path))
    while not (isinstance(m := peer.receive(60), Progress) and m.done):
        pass
    os.killpg(engine.process.pid, signal.SIGKILL)
    assert engine.gone()
    with pytest.raises(channel.ChannelClosed):
        while True:
            peer.receive(30)
    assert not (tmp_path / "mask.tif").exists()
    # The next run in that folder clears what the killed one could not.
    second = start()
    assert isinstance(ask(second.connect(), segment_request(card, make_scene(60, 60), tmp_path))[-1], Result)
    assert unfinished(tmp_path) == []


def test_loading_a_model_leaves_no_file_in_the_folder_for_temporary_files(vllm_backend):
    """vLLM makes a file for each model that it loads and never removes it."""
    import tempfile

    from prithvi_qgis.core.system.paths import run_folder

    own = run_folder() / f"vllm-{os.getpid()}"
    assert list(own.glob("vllm_dist_*"))
    assert tempfile.gettempdir() != str(own)
