"""``prithvi:installengine`` through ``qgis_process``, with an engine of tiny wheels."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from support.tiny_engine import ROOT, TinyEngine


@pytest.fixture
def tiny(tmp_path):
    tiny = TinyEngine(tmp_path)
    for name in ("metadata.txt", "LICENSE"):
        (tiny.package / name).write_bytes((ROOT / name).read_bytes())
    return tiny


def _qgis(tiny, *arguments):
    environment = tiny.environment(
        QGIS_PLUGINPATH=str(tiny.plugins),
        QGIS_CUSTOM_CONFIG_PATH=str(tiny.home.parent / "profile"),
        QT_QPA_PLATFORM="offscreen",
    )
    del environment["PYTHONPATH"]
    return subprocess.run(["qgis_process", *arguments], capture_output=True, text=True, env=environment, check=False)


def test_algorithm_installs_and_tells_what_and_why(tiny):
    _qgis(tiny, "plugins", "enable", "prithvi_qgis")
    done = _qgis(tiny, "--json", "run", "prithvi:installengine", "--VARIANT=2", f"--WHEELHOUSE={tiny.wheelhouse}")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["VARIANT"] == "cpu"
    assert results["REASON"] == "CPU, as asked."
    assert results["FOLDER"] == str(tiny.home / "engine" / "cpu")
    assert Path(results["PYTHON"]).is_file()
    assert "vllm 1.0" in results["VERSIONS"]
    assert tiny.ready()["ready"]


def test_failure_is_one_line_and_exit_code_1(tiny):
    _qgis(tiny, "plugins", "enable", "prithvi_qgis")
    (tiny.wheelhouse / "vllm-1.0-py3-none-any.whl").unlink()
    done = _qgis(tiny, "run", "prithvi:installengine", "--VARIANT=2", f"--WHEELHOUSE={tiny.wheelhouse}")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    # QGIS itself says an error up to three times.
    (line,) = {t.replace("ERROR:\t", "") for t in done.stderr.splitlines() if "could not install" in t}
    assert "vllm" in line
    assert "air-gapped" in line


def test_wheelhouse_that_is_no_folder_is_refused(tiny):
    _qgis(tiny, "plugins", "enable", "prithvi_qgis")
    done = _qgis(tiny, "run", "prithvi:installengine", "--VARIANT=2", "--WHEELHOUSE=/nowhere/at/all")
    assert done.returncode == 1
    assert "/nowhere/at/all" in done.stderr
    assert not (tiny.home / "engine" / "cpu").exists()
