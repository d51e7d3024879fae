"""Installing the engine: complete or not at all, whatever happens on the way."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.scripted_home import SCRIPTED
from support.tiny_engine import TinyEngine, cancel, make_sdist, make_wheel, outcome, uv

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the engine runs on Linux")


def _unshare(*flags: str) -> tuple[str, ...]:
    """A command prefix that makes namespaces, or a skip where the system forbids it."""
    for command in (("unshare", *flags), ("unshare", "-r", *flags)):  # as root, or as a user who may be root inside
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    pytest.skip("this system allows no namespaces")


@pytest.fixture
def tiny(tmp_path):
    return TinyEngine(tmp_path)


def test_wheelhouse_is_enough_without_a_network(tiny):
    done = tiny.install(wrap=_unshare("-n"))
    assert done.get("fresh") is True, done
    assert done["variant"] == "cpu"
    assert done["versions"]["vllm"] == "1.0"
    assert tiny.ready()["ready"]
    assert tiny.leftovers() == []


def test_progress_rises_to_100_and_says_why_this_variant(tiny):
    progress = tiny.install()["progress"]
    percents = [percent for percent, _ in progress]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert progress[0][1] == "Variant: CPU, as asked."


def test_installed_engine_is_checked_and_kept(tiny):
    tiny.install()
    before = (tiny.home / "engine" / "cpu").stat().st_ino
    assert tiny.install()["fresh"] is False
    assert (tiny.home / "engine" / "cpu").stat().st_ino == before


def test_damaged_engine_is_made_anew(tiny):
    tiny.install()
    (module,) = (tiny.home / "engine" / "cpu").glob("lib/python3*/site-packages/vllm/__init__.py")
    module.unlink()
    module.write_text("raise ImportError('half a file')")
    done = tiny.install()
    assert done.get("fresh") is True, done
    assert tiny.install()["fresh"] is False


def test_wheel_with_another_checksum_is_refused(tiny):
    make_wheel(tiny.wheelhouse, "vllm", "__version__ = 'tampered'")
    done = tiny.install()
    assert done["code"] == "install_failed"
    assert "vllm" in done["line"]
    assert not tiny.ready()["ready"]
    assert tiny.leftovers() == []


def test_incomplete_wheelhouse_names_the_missing_wheel(tiny):
    (tiny.wheelhouse / "terratorch-1.0-py3-none-any.whl").unlink()
    done = tiny.install()
    assert done["code"] == "install_failed"
    assert "terratorch" in done["line"]
    assert "\n" not in done["line"]
    assert str(tiny.wheelhouse) in done["line"]


def test_failed_update_leaves_the_old_engine_whole(tiny):
    tiny.install()
    lock = tiny.resources / "cpu.lock"
    original = lock.read_text()
    lock.write_text(original + f"missing==1.0 --hash=sha256:{'0' * 64}\n")
    assert tiny.ready()["reason"] == "The CPU engine was installed for another version of the plugin."
    assert tiny.install()["code"] == "install_failed"
    lock.write_text(original)
    assert tiny.ready()["ready"]
    assert tiny.install()["fresh"] is False


def test_update_removes_what_the_lock_no_longer_names(tiny):
    make_wheel(tiny.wheelhouse, "extra", "")
    tiny.write_lock()
    tiny.install()
    (tiny.wheelhouse / "extra-1.0-py3-none-any.whl").unlink()
    tiny.write_lock()
    assert not tiny.ready()["ready"]
    assert tiny.install()["fresh"] is True
    assert not list((tiny.home / "engine" / "cpu").glob("lib/python3*/site-packages/extra"))


def test_cancel_while_uv_works_leaves_no_process_and_no_venv(tiny):
    make_sdist(tiny.wheelhouse, "slow", "def run():\n    import time; time.sleep(120)")
    tiny.write_lock()
    running = tiny.start()
    tiny.wait_for(running, "Making the environment")
    time.sleep(2)
    assert tiny.processes()
    started = time.monotonic()
    cancel(running)
    done = outcome(running)
    assert done["code"] == "cancelled"
    assert time.monotonic() - started < 15
    assert tiny.processes() == []
    assert tiny.leftovers() == []
    assert not tiny.ready()["ready"]


@pytest.mark.parametrize("moment", ["Making the environment", "Checking that the engine works"])
def test_killed_installation_is_finished_by_the_next_one(tiny, moment):
    make_sdist(
        tiny.wheelhouse, "slow", "def run():\n    import os, time; time.sleep(float(os.environ.get('SLOW_S', 0)))"
    )
    tiny.write_lock()
    slow = {"SLOW_S": "60"} if moment.startswith("Making") else {"TINY_IMPORT_S": "60"}
    running = tiny.start(**slow)
    tiny.wait_for(running, moment)
    time.sleep(2)
    running.send_signal(signal.SIGKILL)
    running.wait()
    orphans = tiny.processes()
    assert orphans, "the command that was running outlives its installer: that is what the next one must end"
    assert not tiny.ready()["ready"]
    done = tiny.install()
    assert done.get("fresh") is True, done
    assert not [
        pid for pid in orphans if Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert tiny.ready()["ready"]
    assert tiny.leftovers() == []


def test_update_waits_until_the_running_engine_is_idle(tiny):
    tiny.install()
    (tiny.home / "script.json").write_text('{"busy_s": 6}')
    command = [sys.executable, SCRIPTED, "prithvi_qgis.engine", "serve", "--variant", "cpu", "--code", "x"]
    engine = subprocess.Popen(command, env=tiny.environment(), cwd=tiny.plugins)
    try:
        with (tiny.resources / "cpu.lock").open("a") as lock:
            lock.write("# another version\n")
        done = tiny.install()
        assert done.get("fresh") is True, done
        assert any("Waiting for the running engine" in text for _, text in done["progress"])
        assert engine.wait(10) is not None
    finally:
        engine.kill()


def test_kill_between_the_two_renames_loses_no_engine(tiny):
    tiny.install()
    folder = tiny.home / "engine"
    (folder / "cpu").rename(folder / ".cpu-old")
    assert not tiny.ready()["ready"]
    assert tiny.install()["fresh"] is False
    assert tiny.leftovers() == []


def test_second_installation_at_once_names_the_first(tiny):
    first = tiny.start(TINY_IMPORT_S="8")
    tiny.wait_for(first, "Checking that the engine works")
    second = tiny.install()
    assert second["code"] == "install_failed"
    assert f"process {first.pid}" in second["line"]
    assert outcome(first)["fresh"] is True
    assert tiny.ready()["ready"]


def test_too_little_disk_is_refused_before_anything_is_made(tiny):
    tiny.set_need(installed_mb=10**9)
    done = tiny.install()
    assert done["code"] == "disk_full"
    assert "PRITHVI_QGIS_HOME" in done["line"]
    assert tiny.leftovers() == []


def test_disk_that_fills_up_on_the_way_is_told_and_cleaned(tiny):
    body = f"data = {os.urandom(2_000_000).hex()!r}\n"
    make_wheel(tiny.wheelhouse, "terratorch", body)
    tiny.write_lock()
    tiny.home.mkdir()
    inside = f'mount -t tmpfs -o size=3m none {tiny.home} && "$@"; code=$?; ls -a {tiny.home}/engine >&2; exit $code'
    running = tiny.start(wrap=(*_unshare("-m"), "sh", "-c", inside, "sh"), **_no_spare(tiny))
    out, _ = running.communicate(timeout=120)
    assert '"code": "disk_full"' in out, out
    assert ".cpu-new" not in out.rsplit("}", 1)[1]
    assert not tiny.ready()["ready"]


def _no_spare(tiny) -> dict[str, str]:
    """Let the installation believe that the disk is large enough."""
    module = tiny.package / "client" / "install" / "setup_plan.py"
    text = module.read_text()
    assert "SPARE_MB = 300" in text
    module.write_text(text.replace("SPARE_MB = 300", "SPARE_MB = 0"))
    return {}


def test_folder_that_cannot_be_written_is_one_line(tiny):
    tiny.home.write_text("a file where the folder should be")
    done = tiny.install()
    assert done["code"] == "install_failed"
    assert str(tiny.home) in done["line"]


def test_uv_comes_out_of_the_wheelhouse_when_there_is_none(tiny):
    wheel = make_wheel(tiny.wheelhouse, "uv", "", scripts={"uv": Path(uv())})
    checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (tiny.resources / "bootstrap.lock").write_text(f"uv==1.0 --hash=sha256:{checksum}\n")
    done = tiny.install(wrap=_unshare("-n"), PRITHVI_QGIS_UV="", PATH=_path_without_uv())
    assert done.get("fresh") is True, done
    assert (tiny.home / "tools" / "uv").is_file()


def test_uv_of_another_checksum_is_not_unpacked(tiny):
    make_wheel(tiny.wheelhouse, "uv", "", scripts={"uv": Path("/bin/true")})
    done = tiny.install(PRITHVI_QGIS_UV="", PATH=_path_without_uv())
    assert done["code"] == "install_failed"
    assert "matches the lock" in done["line"]
    assert not (tiny.home / "tools" / "uv").exists()


def test_unreachable_index_names_network_and_wheelhouse(tiny):
    done = tiny.install(wheelhouse="", UV_HTTP_RETRIES="0")
    assert done["code"] == "install_failed"
    assert "proxy" in done["line"]
    assert "WHEELHOUSE" in done["line"]


def test_engine_that_does_not_import_is_never_called_ready(tiny):
    make_wheel(tiny.wheelhouse, "vllm", "raise ImportError('libfoo.so.1: cannot open shared object file')")
    tiny.write_lock()
    done = tiny.install()
    assert done["code"] == "install_failed"
    assert "libfoo.so.1" in done["line"]
    assert not tiny.ready()["ready"]
    assert tiny.leftovers() == []


def test_engine_without_its_compiled_part_is_never_called_ready(tiny):
    words = "WARNING 11-23 [cpu.py:650] Failed to import from vllm._C_AVX512: ImportError('libfoo.so.1: cannot open')"
    done = tiny.install(TINY_KERNELS=words)
    assert done["code"] == "install_failed"
    assert "libfoo.so.1" in done["line"]
    assert not tiny.ready()["ready"]


def test_system_without_libnuma_is_told_before_the_download(tiny):
    python = tiny.home.parent / "python3"
    answer = f'[[3, 11, 2], "CPython", 64, 0, "{python}", "/usr"]'
    python.write_text(f"#!/bin/sh\ncase \"$*\" in *libnuma*) echo no such file; exit 1;; esac\necho '{answer}'\n")
    python.chmod(0o755)
    done = tiny.install(PRITHVI_QGIS_PYTHON=str(python))
    assert done["code"] == "install_failed"
    assert "apt install libnuma1" in done["line"]
    assert tiny.leftovers() == []


def test_cuda_engine_without_working_cuda_is_refused(tiny, tmp_path):
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.parent.mkdir()
    smi.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771, 580.95.05, 9.0'\n")
    smi.chmod(0o755)
    done = tiny.install("auto", PATH=f"{smi.parent}:/usr/bin:/bin")
    assert done["code"] == "install_failed"
    assert "CUDA does not work" in done["line"]
    assert not tiny.ready("cuda")["ready"]


def _path_without_uv() -> str:
    return os.pathsep.join(p for p in ("/usr/bin", "/bin") if not (Path(p) / "uv").exists())
