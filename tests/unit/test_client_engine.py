"""The client against an engine that follows a script: what the real engine will not do on demand."""

from __future__ import annotations

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
from prithvi_qgis.core.system import paths
from prithvi_qgis.core.system.processes import is_alive
from prithvi_qgis.core.system.timeouts import TIMEOUTS

pytestmark = pytest.mark.timeout(120)


def failure(code: ErrorCode, call) -> PrithviError:
    with pytest.raises(PrithviError) as caught:
        call()
    assert caught.value.code == code, caught.value.line
    assert "\n" not in caught.value.line
    return caught.value


def test_first_request_starts_the_engine_and_the_second_finds_it_warm(desk):
    assert desk.segment().tiles == 3
    assert "starting" in desk.stages()
    desk.heard.clear()
    assert desk.segment().output == str(desk.output)
    assert "starting" not in desk.stages()
    assert len(desk.pids()) == 1


def test_starting_leaves_no_child_and_no_thread(desk):
    threads = threading.active_count()
    desk.segment()
    assert threading.active_count() == threads
    parent = Path(f"/proc/{desk.pids()[0]}/stat").read_text().rpartition(")")[2].split()[1]
    assert int(parent) != os.getpid()
    assert os.getpgid(desk.pids()[0]) != os.getpgid(0)


def test_the_engine_runs_a_copy_of_the_package_in_a_clean_environment(desk, monkeypatch):
    for name in ("LD_LIBRARY_PATH", "PYTHONHOME", "QT_QPA_PLATFORM", "GDAL_DATA"):
        monkeypatch.setenv(name, "/nowhere" if name != "PYTHONHOME" else "")
    desk.segment()
    pid = desk.pids()[0]
    environment = dict(v.split("=", 1) for v in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in v)
    assert not {"LD_LIBRARY_PATH", "PYTHONHOME", "QT_QPA_PLATFORM", "GDAL_DATA"} & set(environment)
    code = Path(environment["PYTHONPATH"])
    assert code.parent == desk.home / "code"
    assert [p.name for p in code.iterdir()] == ["prithvi_qgis"]
    assert not [p for p in code.rglob("*") if p.is_symlink()]
    assert environment["PYTHONSAFEPATH"] == "1"
    assert Path(f"/proc/{pid}/cwd").resolve() == desk.home
    assert paths.log_file().stat().st_mode & 0o077 == 0


def test_two_front_ends_at_once_get_one_engine(desk):
    desk.script(listen_after_s=1)
    results = []

    def run(number: int) -> None:
        results.append(desk.segment(output=str(desk.home / f"{number}.tif")))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(results) == 4
    assert len(desk.pids()) == 1


def test_an_engine_that_is_not_installed_names_the_command(desk):
    paths.ready_file("cpu").unlink()
    error = failure(ErrorCode.ENGINE_MISSING, desk.segment)
    assert "qgis_process run prithvi:installengine" in error.line


def test_an_engine_that_dies_at_its_start_tells_its_last_words(desk):
    desk.script(die_at_start=True)
    error = failure(ErrorCode.ENGINE_DIED, desk.segment)
    assert "no room for the model" in error.text
    assert str(paths.log_file()) in error.hint


def test_an_engine_killed_in_mid_run_leaves_no_partial_file_and_the_next_run_works(desk):
    desk.script(die_mid_run=True)
    error = failure(ErrorCode.ENGINE_DIED, desk.segment)
    assert "segmenting scene.tif" in error.text
    assert desk.leftovers() == []
    assert not desk.output.exists()
    desk.script()
    assert desk.segment().tiles == 3


def test_an_engine_that_gave_up_leaves_no_partial_file_and_the_next_run_works(desk):
    desk.script(give_up_mid_run=True)
    error = failure(ErrorCode.ENGINE_DIED, desk.segment)
    assert "got no further with scene.tif" in error.text
    assert desk.leftovers() == []
    desk.script()
    assert desk.segment().tiles == 3


def test_an_engine_that_leaves_as_the_request_comes_is_started_again(desk):
    desk.script(first_leaves_before_accepting=True)
    assert desk.segment().tiles == 3
    assert len(desk.pids()) == 2


def test_what_the_engine_refuses_is_raised_as_it_is(desk):
    desk.script(fail=True)
    error = failure(ErrorCode.BANDS_MISSING, desk.segment)
    assert error.line == "scene.tif has 4 bands. Name them in BANDS."


def test_cancel_leaves_no_file(desk):
    desk.script(steps=1000)
    running = messages.Progress(0, 3, "segmenting")
    failure(ErrorCode.CANCELLED, lambda: desk.segment(lambda: running in desk.heard))
    assert not desk.output.exists()
    assert desk.leftovers() == []
    assert process.engine_pid() == desk.pids()[0]


def test_cancel_that_crosses_the_result_leaves_no_file(desk):
    desk.script(cancel_too_late=True, step_s=0.5)
    failure(ErrorCode.CANCELLED, lambda: desk.segment(lambda: desk.output.with_name("starts").exists()))
    failure(ErrorCode.CANCELLED, lambda: desk.segment(lambda: bool(desk.stages().count("segmenting"))))
    assert not desk.output.exists()


def test_cancel_ends_the_wait_for_an_engine_that_starts(desk):
    desk.script(listen_after_s=60)
    started = time.monotonic()
    failure(ErrorCode.CANCELLED, lambda: desk.segment(lambda: time.monotonic() - started > 1))
    assert time.monotonic() - started < 10


def test_a_silent_engine_is_given_up_in_mid_run(desk):
    desk.script(hang_mid_run=True)
    short = replace(TIMEOUTS, engine_silence_s=1.0)
    error = failure(ErrorCode.ENGINE_UNREACHABLE, lambda: desk.segment(timeouts=short))
    assert "prithvi:stopengine" in error.hint


def test_a_peer_that_never_greets_does_not_block_for_ever(desk):
    desk.script(silent_peer=True)
    short = replace(TIMEOUTS, auth_s=0.5, engine_start_s=2.0)
    error = failure(ErrorCode.ENGINE_UNREACHABLE, lambda: desk.segment(timeouts=short))
    assert str(desk.pids()[0]) in error.text


def test_an_engine_that_hangs_up_on_everybody_is_given_up(desk):
    desk.script(hang_up=True)
    short = replace(TIMEOUTS, engine_start_s=2.0)
    failure(ErrorCode.ENGINE_UNREACHABLE, lambda: desk.segment(timeouts=short))


def test_an_engine_with_another_key_is_refused(desk):
    desk.script(wrong_key=True)
    error = failure(ErrorCode.ENGINE_UNREACHABLE, desk.segment)
    assert "key" in error.text


def test_an_idle_engine_of_another_version_is_replaced(desk):
    desk.script(first_is_older=True)
    assert desk.segment().tiles == 3
    first, second = desk.pids()
    assert not is_alive(first)
    assert process.engine_pid() == second


@pytest.mark.parametrize("busy_s", [0, 3])
def test_an_engine_of_0_1_0_is_replaced_when_idle(desk, busy_s):
    desk.script(first_is_0_1_0=True, busy_s=busy_s)
    assert desk.segment().tiles == 3
    first, second = desk.pids()
    assert not is_alive(first)
    assert process.engine_pid() == second
    assert ("busy engine of version 0.1.0" in desk.said()) == bool(busy_s)


def test_a_busy_engine_of_another_version_is_waited_for_and_said_so(desk):
    desk.script(first_is_older=True, busy_s=3)
    started = time.monotonic()
    assert desk.segment().tiles == 3
    assert time.monotonic() - started > 2
    assert "busy engine of version 0.0.1" in desk.said()
    assert "waiting" in desk.stages()


def test_waiting_for_a_busy_engine_can_be_cancelled(desk):
    desk.script(first_is_older=True, busy_s=100)
    failure(ErrorCode.CANCELLED, lambda: desk.segment(lambda: "waiting" in desk.stages()))
    assert len(desk.pids()) == 1


def test_status_never_starts_an_engine(desk):
    assert engine_client.status() is None
    assert not (desk.home / "starts").exists()
    desk.segment()
    report = engine_client.status()
    assert (report.state, report.variant) == ("idle", "cpu")


def test_stop_ends_the_engine(desk):
    assert engine_client.stop()
    desk.segment()
    assert engine_client.stop()
    assert not is_alive(desk.pids()[0])
    assert engine_client.status() is None


def test_stop_when_idle_leaves_a_busy_engine_alone(desk):
    desk.script(busy_s=100)
    desk.segment()
    assert engine_client.stop(when_idle=True) is False
    assert process.engine_pid() == desk.pids()[0]


@pytest.mark.parametrize("behaviour", ["ignore_shutdown", "wrong_key"])
def test_stop_ends_an_engine_that_does_not_obey(desk, behaviour):
    desk.script(**{behaviour: True, "ignore_term": True})
    if behaviour == "wrong_key":
        failure(ErrorCode.ENGINE_UNREACHABLE, desk.segment)
    else:
        desk.segment()
    assert engine_client.stop(timeout_s=1, timeouts=replace(TIMEOUTS, engine_term_grace_s=0.5))
    assert not is_alive(desk.pids()[0])


def test_stop_spares_a_process_that_took_over_the_number(desk):
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


def test_a_long_log_is_put_aside_before_a_start(desk):
    paths.log_file().write_bytes(b"x" * (6 << 20))
    desk.segment()
    assert paths.log_file().stat().st_size < 1 << 20
    assert paths.log_file().with_name("engine.log.1").stat().st_size == 6 << 20


def test_last_words_prefer_the_error_to_what_follows_it(desk):
    paths.log_file().write_text("loading\nOSError: disk full\n^^^^\ngoodbye\n")
    assert launch.log_tail() == "OSError: disk full"


def test_last_words_are_those_of_the_engine_that_died_and_not_of_one_before_it(desk):
    paths.log_file().write_text("OSError: long ago\n")
    desk.script(die_mid_run=True)
    error = failure(ErrorCode.ENGINE_DIED, desk.segment)
    assert "long ago" not in error.text
    with paths.log_file().open("a") as log:
        log.write("\x1b[31mOSError: now\x1b[0m\n")
    assert launch.log_tail() == "OSError: now"


def test_what_was_said_in_passing_is_no_last_word(desk):
    paths.log_file().write_text("2026-11-25 14:48:18,093 INFO engine listens\n(pid=7) WARNING 11-25 [a.py:1] slow\n")
    assert launch.log_tail() == ""
    paths.log_file().write_text("W1125 20:18:41.977000 15672 /a/cpp_extension.py:178] No CUDA runtime is found\n")
    assert launch.log_tail() == ""
    paths.log_file().write_text("/a/b.py:12: FutureWarning: this goes away.\n  wrapper = lookup(vars(value))\n")
    assert launch.log_tail() == ""
    paths.log_file().write_text("\rLoading safetensors checkpoint shards: 100% Completed | 1/1 [00:00<00:00, 60it/s]\n")
    assert launch.log_tail() == ""
