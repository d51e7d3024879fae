"""Finding the Python that the engine's venv is made from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from prithvi_qgis.client.install import find_python
from prithvi_qgis.client.install.python_versions import PYTHONS
from prithvi_qgis.core.errors import PrithviError

FITTING = (3, 11) <= sys.version_info[:2] <= (3, 14)


@pytest.fixture
def bin_folder(tmp_path, monkeypatch):
    """The only folder where interpreters are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(find_python, "_FOLDERS", ())
    monkeypatch.delenv("PRITHVI_QGIS_PYTHON", raising=False)
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "home"))
    return tmp_path


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.mark.skipif(not FITTING, reason="the Python of the tests is none of the fitting ones")
def test_shim_that_fails_is_passed_over(bin_folder):
    _script(bin_folder / "python3.11", "echo 'pyenv: python3.11: command not found' >&2; exit 127")
    _script(bin_folder / "python3.12", 'echo "no json"')
    _script(bin_folder / "python3", f'exec {sys.executable} "$@"')
    found = find_python.find_python()
    assert found.version[:2] == sys.version_info[:2]
    assert found.path == Path(os.path.realpath(sys._base_executable))


def test_wrong_versions_are_named_in_the_error(bin_folder):
    _script(bin_folder / "python3", """echo '[[3, 9, 2], "CPython", 64, 0, "/usr/bin/env", "/usr"]'""")
    with pytest.raises(PrithviError) as error:
        find_python.find_python()
    assert f"{bin_folder / 'python3'}: is 3.9" in error.value.line
    assert "needs Python 3.11 to 3.14;" in error.value.line


@pytest.mark.parametrize("version", PYTHONS)
def test_each_version_of_the_locks_serves(bin_folder, version):
    numbers = version.replace(".", ", ")
    _script(bin_folder / f"python{version}", f"""echo '[[{numbers}, 1], "CPython", 64, 0, "/usr/bin/env", "/usr"]'""")
    assert find_python.find_python().version == (*map(int, version.split(".")), 1)


def test_version_of_no_lock_is_refused_without_advice_that_brings_it_again(bin_folder):
    _script(bin_folder / "python3", """echo '[[3, 15, 0], "CPython", 64, 0, "/usr/bin/env", "/usr"]'""")
    with pytest.raises(PrithviError, match="python3: is 3.15") as error:
        find_python.find_python()
    assert "apt" not in error.value.hint
    assert "PRITHVI_QGIS_FETCH_PYTHON=1" in error.value.hint


def test_fetching_is_not_offered_where_it_would_not_happen(bin_folder):
    for arguments in ((None, ("3.14",)), (None, (), False)):
        with pytest.raises(PrithviError) as error:
            find_python.find_python(*arguments)
        assert "FETCH" not in error.value.hint
        assert "PRITHVI_QGIS_PYTHON" in error.value.hint


def test_fetched_python_is_found_without_uv(bin_folder):
    fetched = find_python.fetched_folder() / "cpython-3.12.4-linux-x86_64-gnu" / "bin"
    fetched.mkdir(parents=True)
    _script(fetched / "python3", """echo '[[3, 12, 4], "CPython", 64, 0, "/usr/bin/env", "/usr"]'""")
    assert find_python.find_python().version == (3, 12, 4)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ('[[3, 12, 1], "PyPy", 64, 0, "/usr/bin/env", "/usr"]', "PyPy"),
        ('[[3, 13, 1], "CPython", 64, 1, "/usr/bin/env", "/usr"]', "is no plain"),
        ('[[3, 12, 1], "CPython", 32, 0, "/usr/bin/env", "/usr"]', "is no plain"),
        ('[[3, 12, 1], "CPython", 64, 0, "/nowhere/python", "/usr"]', "is missing"),
        ('[[3, 12, 1], "CPython", 64, 0, "/usr/bin/env", "/opt/QGIS 3.40"]', "belongs to QGIS"),
    ],
)
def test_interpreters_that_cannot_serve_are_refused(bin_folder, answer, why):
    _script(bin_folder / "python3", f"echo '{answer}'")
    with pytest.raises(PrithviError, match=why):
        find_python.find_python()


def test_chosen_python_is_the_only_one_looked_at(bin_folder, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_PYTHON", str(bin_folder / "absent"))
    with pytest.raises(PrithviError, match="absent: no such file"):
        find_python.find_python()
