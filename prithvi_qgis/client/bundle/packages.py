"""The files that an engine is installed from on another machine: uv finds them, the locks decide.

uv is asked as the installation asks it, so the user's index, proxy and certificates count. Nothing is built or run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ..install.find_python import Python, find_python
from ..install.uv import find_uv, index_options, uv_environment
from ..runtime.readiness import lock_file, read_record
from ..runtime.subprocess_lines import last_error_line, run
from .wheel_tags import NEWEST_GLIBC, glibc_needed, rank

# tomllib came with Python 3.11; QGIS's own Python may be older, the engine's never is.
_TO_JSON = "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb')), default=str))"


@dataclass(frozen=True)
class Package:
    """One file to have.

    Attributes:
        name: of the file; url: where it is; size: in bytes, 0 when the index does not tell; sha256: as in the lock.
    """

    name: str
    url: str
    size: int
    sha256: str


def locks(variant: str, ray: bool = False) -> list[Path]:
    """What an installation takes from a folder of wheels: the engine, what it is built with, uv; on demand Ray."""
    folder = paths.resources() / "engine"
    names = ["build.lock", "bootstrap.lock", *(["ray.lock"] if ray else [])]
    return [lock_file(variant), *(folder / name for name in names)]


def python_here(variant: str) -> str:
    """The engine's Python on this machine, or the one that it would be installed with; ``3.11`` and so on."""
    version = str(read_record(variant).get("python", ""))
    if not version:
        version = ".".join(map(str, find_python(find_uv()).version))
    return ".".join(version.split(".")[:2])


def find_packages(
    uv: Path,
    python: Python,
    target: tuple[str, str, str],
    scratch: Path,
    offered: Mapping[str, str],
    is_cancelled: Callable[[], bool],
    ray: bool = False,
) -> list[Package]:
    """Ask the index where the files of the locks are.

    Args:
        uv: 0.7 or newer; python: an interpreter of this machine.
        target: variant, Python (``3.12``) and machine that the files are for.
        scratch: an existing folder for what is in between.
        offered: proxy and certificates of the front end.
        ray: also the files of this optional part.
    Raises:
        PrithviError: ``download_failed``, ``cancelled``.
    """
    variant, version, machine = target
    found: dict[str, Package] = {}
    for lock in locks(variant, ray):
        hashes = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", lock.read_text(encoding="utf-8")))
        if not hashes:
            continue
        out = scratch / f"pylock.{lock.stem}.toml"
        platform = f"{machine}-manylinux_{NEWEST_GLIBC[0]}_{NEWEST_GLIBC[1]}"
        command = [str(uv), "pip", "compile", "--quiet", "--no-deps", "--format", "pylock.toml", "-o", str(out)]
        command += ["--no-header", "--no-python-downloads", "--python", str(python.path), "--python-version", version]
        environment = uv_environment(offered)
        command += ["--python-platform", platform, *index_options(environment), str(lock)]
        lines: list[str] = []
        if run(command, environment, scratch, lines.append, is_cancelled) != 0:
            raise _no_answer(lines)
        for entry in _parsed(python, out, environment, is_cancelled).get("packages", []):
            package = _choose(entry, hashes, version, machine, out.parent)
            found[package.name] = package
    return sorted(found.values(), key=lambda p: p.name)


def oldest_glibc(names: list[str], machine: str) -> str:
    """The oldest C library with which all these wheels run."""
    needed = [glibc_needed(name, machine) or (0, 0) for name in names if name.endswith(".whl")]
    newest = max(needed, default=(0, 0))
    return f"{newest[0]}.{newest[1]}" if newest > (0, 0) else ""


def _parsed(
    python: Python, path: Path, environment: Mapping[str, str], is_cancelled: Callable[[], bool]
) -> dict[str, Any]:
    lines: list[str] = []
    command = [str(python.path), "-I", "-c", _TO_JSON, str(path)]
    code = run(command, environment, path.parent, lines.append, is_cancelled)
    try:
        body = json.loads(lines[-1]) if code == 0 and lines else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise PrithviError(ErrorCode.DOWNLOAD_FAILED, f"uv's list of files cannot be read: {last_error_line(lines)}.")
    return body


def _choose(entry: dict[str, Any], hashes: set[str], python: str, machine: str, base: Path) -> Package:
    """The wheel that fits best, else the source; only what the lock names counts."""
    files = [_package(f, base) for f in entry.get("wheels") or []]
    fitting = [(r, f.name, f) for f in files if f.sha256 in hashes and (r := rank(f.name, python, machine)) is not None]
    if fitting:
        return min(fitting)[2]
    source = _package(entry["sdist"], base) if entry.get("sdist") else None
    if source and source.sha256 in hashes:
        return source
    raise PrithviError(
        ErrorCode.DOWNLOAD_FAILED,
        f"The package index has no file of {entry.get('name')} {entry.get('version')} for Python {python} on {machine}"
        " with the lock's checksum.",
        "Use an index that mirrors the public one (the settings of uv or pip), or another Python.",
    )


def _package(file: dict[str, Any], base: Path) -> Package:
    url = str(file.get("url") or (base / str(file.get("path", ""))).resolve().as_uri())
    # The last part once more: an index that names "..%2Fx" must not choose the folder.
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    return Package(name, url, int(file.get("size") or 0), str((file.get("hashes") or {}).get("sha256", "")))


def _no_answer(lines: list[str]) -> PrithviError:
    return PrithviError(
        ErrorCode.DOWNLOAD_FAILED,
        f"The package index does not tell what is needed: {last_error_line(lines)}.",
        "Check the network and the proxy (HTTPS_PROXY), or the index in the settings of uv or pip; then run it again.",
    )
