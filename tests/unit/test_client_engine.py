"""The client against an engine that follows a script: what the real engine will not do on demand."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from prithvi_qgis.client.engine import engine_client, launch, process
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol import messages
from prithvi_qgis.core.system import engine_log, paths
from prithvi_qgis.core.system.network_options import NAMES
from prithvi_qgis.core.system.processes import is_alive
from prithvi_qgis.core.system.timeouts import TIMEOUTS

pytestmark = pytest.mark.timeout(120)


def failure(code: ErrorCode, call) -> PrithviError:
    with pytest.raises(PrithviError) as caught:
        call()
    assert caught.value.code == code, caught.value.line
    assert "\n" not in caught.value.line
    return caught.value


def test_first_request_starts_the_engine_and_the_second_finds_it_warm(client_home):
    assert client_home.segment().tiles == 3
    assert "starting" in client_home.stages()
    client_home.received.clear()
    assert client_home.segment().output == str(client_home.output)
    assert "starting" not in client_home.stages()
    assert len(client_home.pids()) == 1


def test_starting_leaves_no_child_and_no_thread(client_home):
    threads = threading.active_count()
    client_home.segment()
    assert threading.active_count() == threads
    parent = Path(f"/proc/{client_home.pids()[0]}/stat").read_text().rpartition(")")[2].split()[1]
    assert int(parent) != os.getpid()
    assert os.getpgid(client_home.pids()[0]) != os.getpgid(0)


def test_the_engine_runs_a_copy_of_the_package_in_a_clean_environment(client_home, monkeypatch):
    for name in ("LD_LIBRARY_PATH", "PYTHONHOME", "QT_QPA_PLATFORM", "GDAL_DATA"):
        monkeypatch.setenv(name, "/nowhere" if name != "PYTHONHOME" else "")
    client_home.segment()
    pid = client_home.pids()[0]
    environment = dict(v.split("=", 1) for v in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in v)
    assert not {"LD_LIBRARY_PATH", "PYTHONHOME", "QT_QPA_PLATFORM", "GDAL_DATA"} & set(environment)
    code = Path(environment["PYTHONPATH"])
    assert code.parent == client_home.home / "code"
    assert [p.name for p in code.iterdir()] == ["prithvi_qgis"]
    assert not [p for p in code.rglob("*") if p.is_symlink()]
    assert environment["PYTHONSAFEPATH"] == "1"
    assert Path(f"/proc/{pid}/cwd").resolve() == client_home.home
    assert paths.log_file().stat().st_mode & 0o077 == 0


def test_two_front_ends_at_once_get_one_engine(client_home):
    client_home.script(listen_after_s=1)
    results = []

    def run(number: int) -> None:
        results.append(client_home.segment(output=str(client_home.home / f"{number}.tif")))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(results) == 4
    assert len(client_home.pids()) == 1


def test_an_engine_that_is_not_installed_names_the_command(client_home):
    paths.ready_file("cpu").unlink()
    error = failure(ErrorCode.ENGINE_MISSING, client_home.segment)
    assert "qgis_process run prithvi:installengine" in error.line


def test_an_engine_that_dies_at_its_start_tells_its_last_words(client_home):
    client_home.script(die_at_start=True)
    error = failure(ErrorCode.ENGINE_DIED, client_home.segment)
    assert "no room for the model" in error.text
    assert str(paths.log_file()) in error.hint


def test_an_engine_killed_in_mid_run_leaves_no_partial_file_and_the_next_run_works(client_home):
    client_home.script(die_mid_run=True)
    error = failure(ErrorCode.ENGINE_DIED, client_home.segment)
    assert "segmenting scene.tif" in error.text
    assert client_home.leftovers() == []
    assert not client_home.output.exists()
    client_home.script()
    assert client_home.segment().tiles == 3


def test_an_engine_that_gave_up_leaves_no_partial_file_and_the_next_run_works(client_home):
    client_home.script(give_up_mid_run=True)
    error = failure(ErrorCode.ENGINE_DIED, client_home.segment)
    assert "got no further with scene.tif" in error.text
    assert client_home.leftovers() == []
    client_home.script()
    assert client_home.segment().tiles == 3


def test_an_engine_that_leaves_as_the_request_comes_is_started_again(client_home):
    client_home.script(first_leaves_before_accepting=True)
    assert client_home.segment().tiles == 3
    assert len(client_home.pids()) == 2


def test_what_the_engine_refuses_is_raised_as_it_is(client_home):
    client_home.script(fail=True)
    error = failure(ErrorCode.BANDS_MISSING, client_home.segment)
    assert error.line == "scene.tif has 4 bands. Name them in BANDS."


def test_cancel_leaves_no_file(client_home):
    client_home.script(steps=1000)
    running = messages.Progress(0, 3, "segmenting")
    failure(ErrorCode.CANCELLED, lambda: client_home.segment(lambda: running in client_home.received))
    assert not client_home.output.exists()
    assert client_home.leftovers() == []
    assert process.engine_pid() == client_home.pids()[0]


def test_cancel_that_crosses_the_result_leaves_no_file(client_home):
    client_home.script(cancel_too_late=True, step_s=0.5)
    failure(ErrorCode.CANCELLED, lambda: client_home.segment(lambda: client_home.output.with_name("starts").exists()))
    failure(ErrorCode.CANCELLED, lambda: client_home.segment(lambda: bool(client_home.stages().count("segmenting"))))
    assert not client_home.output.exists()


def test_cancel_ends_the_wait_for_an_engine_that_starts(client_home):
    client_home.script(listen_after_s=60)
    started = time.monotonic()
    failure(ErrorCode.CANCELLED, lambda: client_home.segment(lambda: time.monotonic() - started > 1))
    assert time.monotonic() - started < 10


def test_a_silent_engine_is_given_up_in_mid_run(client_home):
    client_home.script(hang_mid_run=True)
    short = replace(TIMEOUTS, engine_silence_s=1.0)
    error = failure(ErrorCode.ENGINE_UNREACHABLE, lambda: client_home.segment(timeouts=short))
    assert "prithvi:stopengine" in error.hint


def test_a_peer_that_never_greets_does_not_block_for_ever(client_home):
    client_home.script(silent_peer=True)
    short = replace(TIMEOUTS, auth_s=0.5, engine_start_s=2.0)
    error = failure(ErrorCode.ENGINE_UNREACHABLE, lambda: client_home.segment(timeouts=short))
    assert str(client_home.pids()[0]) in error.text


def test_an_engine_that_hangs_up_on_everybody_is_given_up(client_home):
    client_home.script(hang_up=True)
    short = replace(TIMEOUTS, engine_start_s=2.0)
    failure(ErrorCode.ENGINE_UNREACHABLE, lambda: client_home.segment(timeouts=short))


def test_an_engine_with_another_key_is_refused(client_home):
    client_home.script(wrong_key=True)
    error = failure(ErrorCode.ENGINE_UNREACHABLE, client_home.segment)
    assert "key" in error.text


def test_an_idle_engine_of_another_version_is_replaced(client_home):
    client_home.script(first_is_older=True)
    assert client_home.segment().tiles == 3
    first, second = client_home.pids()
    assert not is_alive(first)
    assert process.engine_pid() == second


@pytest.mark.parametrize("busy_s", [0, 3])
def test_an_engine_of_0_1_0_is_replaced_when_idle(client_home, busy_s):
    client_home.script(first_is_0_1_0=True, busy_s=busy_s)
    assert client_home.segment().tiles == 3
    first, second = client_home.pids()
    assert not is_alive(first)
    assert process.engine_pid() == second
    assert ("busy engine of version 0.1.0" in client_home.log_text()) == bool(busy_s)


def test_a_busy_engine_of_another_version_is_waited_for_and_said_so(client_home):
    client_home.script(first_is_older=True, busy_s=3)
    started = time.monotonic()
    assert client_home.segment().tiles == 3
    assert time.monotonic() - started > 2
    assert "busy engine of version 0.0.1" in client_home.log_text()
    assert "waiting" in client_home.stages()


def test_waiting_for_a_busy_engine_can_be_cancelled(client_home):
    client_home.script(first_is_older=True, busy_s=100)
    failure(ErrorCode.CANCELLED, lambda: client_home.segment(lambda: "waiting" in client_home.stages()))
    assert len(client_home.pids()) == 1


def test_status_never_starts_an_engine(client_home):
    assert engine_client.status() is None
    assert not (client_home.home / "starts").exists()
    client_home.segment()
    report = engine_client.status()
    assert (report.state, report.variant) == ("idle", "cpu")


def test_stop_ends_the_engine(client_home):
    assert engine_client.stop()
    client_home.segment()
    assert engine_client.stop()
    assert not is_alive(client_home.pids()[0])
    assert engine_client.status() is None


def test_stop_when_idle_leaves_a_busy_engine_alone(client_home):
    client_home.script(busy_s=100)
    client_home.segment()
    assert engine_client.stop(when_idle=True) is False
    assert process.engine_pid() == client_home.pids()[0]


@pytest.mark.parametrize("behaviour", ["ignore_shutdown", "wrong_key"])
def test_stop_ends_an_engine_that_does_not_obey(client_home, behaviour):
    client_home.script(**{behaviour: True, "ignore_term": True})
    if behaviour == "wrong_key":
        failure(ErrorCode.ENGINE_UNREACHABLE, client_home.segment)
    else:
        client_home.segment()
    assert engine_client.stop(timeout_s=1, timeouts=replace(TIMEOUTS, engine_term_grace_s=0.5))
    assert not is_alive(client_home.pids()[0])


def test_stop_spares_a_process_that_took_over_the_number(client_home):
    other = subprocess.Popen(["sleep", "60"])
    try:
        (paths.run_folder() / "engine.lock").write_text(f"{other.pid}\n")
        assert process.engine_pid() is None
        assert engine_client.stop()
        assert not process.end_group(other.pid, 0.1)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_long_log_is_put_aside_before_a_start(client_home):
    paths.log_file().write_bytes(b"x" * (6 << 20))
    client_home.segment()
    assert paths.log_file().stat().st_size < 1 << 20
    assert paths.log_file().with_name("engine.log.1").stat().st_size == 6 << 20


def test_last_words_prefer_the_error_to_what_follows_it(client_home):
    paths.log_file().write_text("loading\nOSError: disk full\n^^^^\ngoodbye\n")
    assert launch.log_tail() == "OSError: disk full"


def test_last_words_are_those_of_the_engine_that_died_and_not_of_one_before_it(client_home):
    paths.log_file().write_text("OSError: long ago\n")
    client_home.script(die_mid_run=True)
    error = failure(ErrorCode.ENGINE_DIED, client_home.segment)
    assert "long ago" not in error.text
    with paths.log_file().open("a") as log:
        log.write("\x1b[31mOSError: now\x1b[0m\n")
    assert launch.log_tail() == "OSError: now"


@pytest.mark.parametrize("mark", [engine_log.RUN_BEGINS, engine_log.RUN_ENDS])
def test_last_words_are_those_of_the_run_in_which_the_engine_died(mark, client_home):
    earlier = f"{engine_log.mark_line(engine_log.ENGINE_STARTED)}ERROR 1: truncated.tif: TIFFFillTile failed\n"
    paths.log_file().write_text(earlier + engine_log.mark_line(mark))
    assert launch.log_tail() == ""
    paths.log_file().write_text(earlier + engine_log.mark_line(mark) + "MemoryError: big.tif\n")
    assert launch.log_tail() == "MemoryError: big.tif"


def test_what_was_said_in_passing_is_no_last_word(client_home):
    paths.log_file().write_text("2026-11-25 14:48:18,093 INFO engine listens\n(pid=7) WARNING 11-25 [a.py:1] slow\n")
    assert launch.log_tail() == ""
    paths.log_file().write_text("2026-11-25 14:48:18,093 INFO GDAL signalled an error: err_no=1\n")
    assert launch.log_tail() == ""
    paths.log_file().write_text("W1125 20:18:41.977000 15672 /a/cpp_extension.py:178] No CUDA runtime is found\n")
    assert launch.log_tail() == ""
    paths.log_file().write_text("/a/b.py:12: FutureWarning: this goes away.\n  wrapper = lookup(vars(value))\n")
    assert launch.log_tail() == ""
    paths.log_file().write_text("\rLoading safetensors checkpoint shards: 100% Completed | 1/1 [00:00<00:00, 60it/s]\n")
    assert launch.log_tail() == ""


def test_the_callers_access_to_servers_reaches_the_engine_before_the_request(client_home, monkeypatch):
    monkeypatch.setenv("GDAL_HTTP_BEARER", "secret")
    client_home.segment()
    sent = json.loads((paths.home() / "network_options.json").read_text())
    assert sent["GDAL_HTTP_BEARER"] == "secret"
    assert set(sent) <= set(NAMES)
    assert "secret" not in paths.log_file().read_text()
