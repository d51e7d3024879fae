"""Find the files that an engine is installed from on another machine: uv lists them, the locks decide.

uv runs as it does for an installation, with the user's index, proxy and certificates. Nothing is built or run.
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
from ..install.find_python import Python, find_python
from ..install.optional_packages import RAY
from ..install.uv import find_uv, index_options, uv_environment
from ..runtime.readiness import lock_file, read_record
from ..runtime.subprocess_lines import last_error_line, run
from .wheel_tags import NEWEST_GLIBC, glibc_needed, rank

# Python has tomllib since 3.11; QGIS's own may be older, the engine's never is.
_TO_JSON = "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb')), default=str))"


@dataclass(frozen=True)
class Package:
    """One file to fetch."""

    name: str
    """File name."""
    url: str
    size: int
    """Bytes; 0 if the index does not report them."""
    sha256: str
    """Checksum in the lock file."""


def locks(variant: str, ray: bool = False) -> list[Path]:
    """Return the locks of everything an installation needs: engine, build tools, uv, and Ray on request."""
    return [lock_file(name) for name in (variant, "build", "bootstrap", *([RAY] if ray else []))]


def python_here(variant: str) -> str:
    """Return the version of the engine's Python, or of the one it would be installed with, such as ``3.11``."""
    version = str(read_record(variant).get("python", ""))
    if not version:
        version = ".".join(map(str, find_python(find_uv()).version))
    return ".".join(version.split(".")[:2])


def find_packages(
    uv: Path,
    python: Python,
    target: tuple[str, str, str],
    work: Path,
    offered: Mapping[str, str],
    is_cancelled: Callable[[], bool],
    ray: bool = False,
) -> list[Package]:
    """Look up the files of the locks in the package index.

    Args:
        uv: 0.7 or newer.
        python: an interpreter of this machine.
        target: variant, Python (``3.12``) and machine that the files are for.
        work: an existing folder for temporary files.
        offered: proxy and certificates of the front end.
        ray: also the files of this optional component.
    Raises:
        PrithviError: ``download_failed``, ``cancelled``.
    """
    variant, version, machine = target
    found: dict[str, Package] = {}
    for lock in locks(variant, ray):
        hashes = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", lock.read_text(encoding="utf-8")))
        if not hashes:
            continue
        out = work / f"pylock.{lock.stem}.toml"
        platform = f"{machine}-manylinux_{NEWEST_GLIBC[0]}_{NEWEST_GLIBC[1]}"
        command = [str(uv), "pip", "compile", "--quiet", "--no-deps", "--format", "pylock.toml", "-o", str(out)]
        command += ["--no-header", "--no-python-downloads", "--python", str(python.path), "--python-version", version]
        environment = uv_environment(offered)
        command += ["--python-platform", platform, *index_options(environment), str(lock)]
        lines: list[str] = []
        if run(command, environment, work, lines.append, is_cancelled) != 0:
            raise _index_error(lines)
        for entry in _read_toml(python, out, environment, is_cancelled).get("packages", []):
            package = _choose(entry, hashes, version, machine, out.parent)
            found[package.name] = package
    return sorted(found.values(), key=lambda p: p.name)


def oldest_glibc(names: list[str], machine: str) -> str:
    """Return the oldest glibc that all these wheels run with, such as ``2.31``; empty if none needs one."""
    needed = [glibc_needed(name, machine) or (0, 0) for name in names if name.endswith(".whl")]
    newest = max(needed, default=(0, 0))
    return f"{newest[0]}.{newest[1]}" if newest > (0, 0) else ""


def _read_toml(
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
    """Return the wheel that fits best, else the source; only files whose checksum is in the lock."""
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
    # Only the last component of the unquoted path: an index that names "..%2Fx" must not choose the folder.
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    return Package(name, url, int(file.get("size") or 0), str((file.get("hashes") or {}).get("sha256", "")))


def _index_error(lines: list[str]) -> PrithviError:
    return PrithviError(
        ErrorCode.DOWNLOAD_FAILED,
        f"The package index does not tell what is needed: {last_error_line(lines)}.",
        "Check the network and the proxy (HTTPS_PROXY), or the index in the settings of uv or pip; then run it again.",
    )
