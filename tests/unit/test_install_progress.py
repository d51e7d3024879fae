"""Percent from what uv says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from prithvi_qgis.client.install.progress import InstallProgress


@pytest.fixture
def shown():
    return []


@pytest.fixture
def progress(shown, tmp_path):
    def placed():
        return tmp_path.glob("*.dist-info")

    return InstallProgress(4, 1000.0, 2000.0, placed, lambda percent, text: shown.append((percent, text)))


def test_percent_follows_the_megabytes(progress, shown):
    for line in (
        "Resolved 4 packages in 3ms",
        "Downloading torch (500.0MiB)",
        "Downloading vllm (400.0MiB)",
        " Downloaded vllm",
        " Downloaded torch",
        "Prepared 4 packages in 9s",
    ):
        progress.read_line(line)
    assert [percent for percent, _ in shown] == [5, 5, 5, 33, 68, 75]
    assert shown[3][1] == "400 of about 1000 MB; under way: torch (500 MB)"


def test_sizes_in_other_units_count_alike(progress, shown):
    progress.read_line("Downloading big (1.0GiB)")
    progress.read_line("Downloading small (512.0KiB)")
    progress.read_line(" Downloaded big")
    assert "1024 of about 1024 MB" in shown[-1][1]


def test_packages_in_place_are_counted(progress, shown, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}-1.dist-info").mkdir()
    progress.read_line("Prepared 4 packages in 9s")
    progress.poll()
    assert shown[-1] == (80, "2 of 4 packages in place")


def test_nothing_is_said_twice_and_percent_never_falls(progress, shown):
    progress.show(50, "half")
    progress.show(50, "half")
    progress.show(20, "back")
    assert shown == [(50, "half"), (50, "back")]


def test_lines_of_no_meaning_are_passed_over(progress, shown):
    progress.read_line(" + torch==2.13.0")
    progress.read_line("warning: something")
    assert shown == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_download_moves_while_it_is_under_way(progress, shown, tmp_path):
    # 300 MB unpacked are about 150 MB downloaded at this engine's ratio.
    writer = f"import time; f = open({str(tmp_path / 'cache')!r}, 'wb'); f.write(bytes(300 << 20)); f.flush();"
    with subprocess.Popen([sys.executable, "-c", f"{writer} print(flush=True); time.sleep(60)"], stdout=-1) as uv:
        progress.watch_process(uv.pid)
        progress.read_line("Downloading torch (500.0MiB)")
        uv.stdout.readline()
        progress.poll()
        assert shown[-1] == (15, "150 of about 1000 MB; under way: torch (500 MB)")
        uv.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_written_never_counts_for_more_than_what_is_under_way(progress, shown, tmp_path):
    writer = f"import time; f = open({str(tmp_path / 'cache')!r}, 'wb'); f.write(bytes(300 << 20)); f.flush();"
    with subprocess.Popen([sys.executable, "-c", f"{writer} print(flush=True); time.sleep(60)"], stdout=-1) as uv:
        progress.watch_process(uv.pid)
        progress.read_line("Downloading small (100.0MiB)")
        uv.stdout.readline()
        progress.poll()
        assert shown[-1] == (12, "100 of about 1000 MB; under way: small (100 MB)")
        uv.kill()
