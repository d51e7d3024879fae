"""Paths of the user's data folder, the engine's socket and the package's resources."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import sys
from pathlib import Path
from typing import Optional

from ..errors import ErrorCode, PrithviError

_used_home: Optional[Path] = None


def use_home(folder: Optional[Path]) -> None:
    """Use ``folder`` as the data folder in this process; None restores the platform's default.

    The front end calls it with its setting. The engine is started with ``PRITHVI_QGIS_HOME``, which takes precedence.
    """
    global _used_home  # noqa: PLW0603  (one data folder per process; every path below depends on it)
    _used_home = folder.expanduser().absolute() if folder else None


def home() -> Path:
    """The data folder with engine, code copies, models and log.

    ``PRITHVI_QGIS_HOME`` takes precedence, then the folder given to :func:`use_home`, then the platform's default.
    """
    chosen = os.environ.get("PRITHVI_QGIS_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return _used_home or default_home()


def default_home() -> Path:
    """The platform's default data folder."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "prithvi_qgis"


def venv_folder(variant: str) -> Path:
    """The engine's venv for ``cpu`` or ``cuda``; it counts as installed only while :func:`ready_file` exists."""
    return home() / "engine" / variant


def ready_file(variant: str) -> Path:
    """The record that an installation writes last: JSON with ``lock`` (SHA-256 of the lock file), versions and time."""
    return venv_folder(variant) / "prithvi-ready.json"


def venv_python(variant: str) -> Path:
    """The Python of the engine's venv."""
    if sys.platform == "win32":
        return venv_folder(variant) / "Scripts" / "python.exe"
    return venv_folder(variant) / "bin" / "python"


def component_folder(variant: str, component: str) -> Path:
    """The packages of an optional component of the engine, such as ``ray``; the venv stays unchanged."""
    return home() / "engine" / f"{variant}-{component}"


def component_record(variant: str, component: str) -> Path:
    """The record that the component's installation writes last: JSON with ``lock`` and versions."""
    return component_folder(variant, component) / "prithvi-ready.json"


def existing_folder(path: Path) -> Path:
    """The path itself, or its nearest parent that exists."""
    return next((p for p in (path, *path.parents) if p.exists()), Path("/"))


def log_file() -> Path:
    """The engine's log: standard output and error of the process."""
    return home() / "engine.log"


def resources() -> Path:
    """The ``resources`` folder: inside the package in an installed plugin, next to it in a source tree."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


def model_folders() -> list[Path]:
    """The folders whose subfolders are models, the user's first."""
    return [home() / "models", resources() / "models"]


def run_folder() -> Path:
    """The private folder for socket, key and lock, created if needed; the same for desktop, cron and SSH.

    It lies in ``/tmp`` because socket paths near 100 characters fail, because home may be on a network disk, and
    because neither ``XDG_RUNTIME_DIR`` nor ``TMPDIR`` is the same in every kind of session. Each data folder has its
    own engine, hence the hash.

    Raises:
        PrithviError: ``engine_unreachable`` if the folder belongs to or is accessible by another user.
    """
    name = hashlib.sha256(f"{socket.gethostname()}:{home()}".encode()).hexdigest()[:10]
    folder = Path("/tmp") / f"prithvi-{os.getuid()}-{name}"  # nosec B108: 0700, owner checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    info = os.lstat(folder)
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.getuid() or stat.S_IMODE(info.st_mode) & 0o077:
        raise PrithviError(
            ErrorCode.ENGINE_UNREACHABLE,
            f"{folder} is not a private folder of yours, so the engine's socket cannot live there.",
            f"Remove {folder} or ask its owner to, then run again.",
        )
    return folder
