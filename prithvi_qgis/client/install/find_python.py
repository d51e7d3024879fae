"""Find a Python interpreter for the engine's venv."""

from __future__ import annotations

import json
import os
import shutil
import subprocess  # nosec B404  # asks Python interpreters for their version
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ...core.system.timeouts import TIMEOUTS
from ..runtime.environment import scrubbed
from .python_versions import PYTHONS
from .uv import find_uv

_FOLDERS = ("/usr/bin", "/usr/local/bin", "/bin")
_QUERY = (
    "import json, os, platform, struct, sys, sysconfig;"
    "print(json.dumps([sys.version_info[:3], platform.python_implementation(), struct.calcsize('P') * 8,"
    "sysconfig.get_config_var('Py_GIL_DISABLED') or 0,"
    "os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable), sys.base_prefix]))"
)


@dataclass(frozen=True)
class Python:
    """An interpreter that runs."""

    path: Path
    """Its own path, not that of a shim or a venv."""
    version: tuple[int, int, int]


def find_python(uv: Path | None = None, versions: Sequence[str] = (), may_fetch: bool = True) -> Python:
    """Return the first usable interpreter, the oldest version first; ``PRITHVI_QGIS_PYTHON`` overrides the search.

    Args:
        uv: also lists the interpreters that it manages; none is downloaded.
        versions: the only ones that wheels are available for, such as ``3.12``; empty for any.
        may_fetch: whether the error offers to have uv fetch one, see :mod:`.fetch_python`.
    Raises:
        PrithviError: ``install_failed``, naming the interpreters that were examined.
    """
    chosen = os.environ.get("PRITHVI_QGIS_PYTHON")
    rejected: list[str] = []
    for candidate in [chosen] if chosen else _candidates(uv):
        python, reason = _examine(candidate)
        if python:
            short = f"{python.version[0]}.{python.version[1]}"
            if not versions or short in versions:
                return python
            reason = f"is {short}"
        rejected.append(f"{candidate}: {reason}")
    wanted = f"{' or '.join(versions)}, which the bundle was made for" if versions else f"{PYTHONS[0]} to {PYTHONS[-1]}"
    raise PrithviError(
        ErrorCode.INSTALL_FAILED,
        f"The engine needs Python {wanted}; none was found ({'; '.join(rejected[:6]) or 'no Python at all'}).",
        _next_step(bool(chosen), bool(versions), may_fetch),
    )


def missing_python() -> str:
    """Return why no Python fits the engine, as one sentence; empty if one does."""
    try:
        find_python(find_uv())
    except PrithviError as e:
        return e.text
    return ""


def fetched_folder() -> Path:
    """Where uv puts a Python that it fetches for the engine."""
    return paths.home() / "engine" / "python"


def any_python() -> Path | None:
    """Return an interpreter of any version, which is enough to fetch uv with; None without one."""
    found = shutil.which("python3", path=os.pathsep.join(_folders()))
    return Path(found) if found else None


def _next_step(chosen: bool, bundle: bool, may_fetch: bool) -> str:
    """Return what to do without a fitting Python. The distribution's own may be the one that does not fit."""
    if chosen:
        return "Correct PRITHVI_QGIS_PYTHON, or unset it to have one found."
    if bundle:
        return (
            "Install it or make a bundle for another Python (prithvi:exportbundle); or name it in PRITHVI_QGIS_PYTHON."
        )
    if may_fetch:
        return (
            "Set PRITHVI_QGIS_FETCH_PYTHON=1 (in QGIS: Settings > Options > Prithvi) and run prithvi:installengine,"
            " which then has uv fetch one; or install one beside the system's and name it in PRITHVI_QGIS_PYTHON."
        )
    return "Install one beside the system's, name it in PRITHVI_QGIS_PYTHON, and run this again."


def _folders() -> list[str]:
    return [p for p in os.environ.get("PATH", "").split(os.pathsep) if p] + list(_FOLDERS)


def _candidates(uv: Path | None) -> Iterator[str]:
    """Yield interpreters by name from the PATH and the usual folders, each once, then fetched ones and uv's own."""
    folders = _folders()
    names = [f"python{version}" for version in PYTHONS] + ["python3", "python"]
    seen = set()
    for name in names:
        for folder in folders:
            found = shutil.which(name, path=folder)
            if found and found not in seen:
                seen.add(found)
                yield found
    yield from (str(p) for p in sorted(fetched_folder().glob("cpython-*.*.*/bin/python3")))
    for version in PYTHONS if uv else ():
        found = _managed(uv, version)
        if found and found not in seen:
            seen.add(found)
            yield found


def _managed(uv: Path | None, version: str) -> str:
    """Return the path of the interpreter that uv manages, or an empty string."""
    command = [str(uv), "python", "find", "--managed-python", "--no-python-downloads", "--no-project", version]
    code, out, _ = _run(command)
    return out.strip() if code == 0 else ""


def _examine(candidate: str) -> tuple[Python | None, str]:
    """Run an interpreter; returns it, or None and why it is not usable, such as a pyenv shim without a version."""
    code, out, error = _run([candidate, "-I", "-c", _QUERY])
    if code != 0:
        return None, error or "does not run"
    try:
        version, implementation, bits, free_threaded, path, prefix = json.loads(out.strip().splitlines()[-1])
        version = tuple(version)
    except (ValueError, IndexError, TypeError):
        return None, "gives no sensible answer"
    if implementation != "CPython" or bits != 64 or free_threaded:
        return None, f"is no plain 64-bit CPython ({implementation})"
    if f"{version[0]}.{version[1]}" not in PYTHONS:
        return None, f"is {version[0]}.{version[1]}"
    if (Path(prefix) / "apps" / "qgis").exists() or "qgis" in Path(prefix).name.lower():
        return None, "belongs to QGIS"
    if not os.access(path, os.X_OK):
        return None, f"its own program {path} is missing"
    return Python(Path(path), version), ""


def _run(command: list[str]) -> tuple[int, str, str]:
    """Run a command; returns exit code, standard output, and an error in a few words."""
    try:
        done = subprocess.run(  # nosec B603  # a list without a shell
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUTS.command_s,
            check=False,
            stdin=subprocess.DEVNULL,
            env=scrubbed(),
        )
    except subprocess.TimeoutExpired:
        return 1, "", "does not answer"
    except OSError as e:
        return 1, "", (e.strerror or str(e)).lower()
    return done.returncode, done.stdout, (done.stderr.strip().splitlines() or [""])[0][:100]
