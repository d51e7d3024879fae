"""A mirror of Pythons, in a folder, from which uv installs a copy of the Python that runs the tests."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import sys
import sysconfig
import tarfile
from pathlib import Path

_PATCH = "3.12.0"  # what the copy is called; its own version is that of the tests' Python
_LEFT_OUT = ("test", "idlelib", "tkinter", "ensurepip", "lib2to3", "pydoc_data", "__pycache__", "site-packages")


def can_copy() -> bool:
    """Whether the program of this Python works elsewhere: it holds its library."""
    return sys.platform == "linux" and "libpython" not in Path("/proc/self/maps").read_text()


def make_mirror(folder: Path, checksum: str = "") -> dict[str, str]:
    """Fill ``folder`` in the layout of python-build-standalone; returns the variables that lead uv to it.

    Args:
        checksum: what uv expects; empty for the right one.
    """
    machine = platform.machine()
    name = f"cpython-{_PATCH}+20240101-{machine}-unknown-linux-gnu-install_only_stripped.tar.gz"
    archive = folder / "20240101" / name
    archive.parent.mkdir(parents=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    with tarfile.open(archive, "w:gz", compresslevel=1, dereference=True) as tar:
        tar.add(Path(sys._base_executable).resolve(), f"python/bin/{version}")
        link = tarfile.TarInfo("python/bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, version
        tar.addfile(link)
        # uv adapts this file to where it unpacks, and marks its folder as managed.
        variables = b"# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n"
        made = tarfile.TarInfo(f"python/lib/python3.12/_sysconfigdata__linux_{machine}-linux-gnu.py")
        made.size = len(variables)
        tar.addfile(made, io.BytesIO(variables))
        for path in sorted(Path(sysconfig.get_path("stdlib")).iterdir()):
            if path.name not in _LEFT_OUT and not path.name.startswith("config-"):
                tar.add(path, f"python/lib/{version}/{path.name}", filter=_without_caches)
    entry = {
        "name": "cpython",
        "arch": {"family": machine, "variant": None},
        "os": "linux",
        "libc": "gnu",
        **dict(zip(("major", "minor", "patch"), map(int, _PATCH.split(".")))),
        "prerelease": "",
        "url": "https://github.com/astral-sh/python-build-standalone/releases/download/20240101/"
        + name.replace("+", "%2B"),
        "sha256": checksum or hashlib.sha256(archive.read_bytes()).hexdigest(),
        "variant": None,
        "build": "20240101",
    }
    listing = folder / "downloads.json"
    listing.write_text(json.dumps({f"cpython-{_PATCH}-linux-{machine}-gnu": entry}))
    return {"UV_PYTHON_INSTALL_MIRROR": folder.as_uri(), "UV_PYTHON_DOWNLOADS_JSON_URL": str(listing)}


def _without_caches(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in member.name else member
