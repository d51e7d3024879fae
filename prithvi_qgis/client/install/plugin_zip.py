"""The plugin as the one file that QGIS's plugin manager installs from."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from ... import __version__
from ...core.system.atomic_files import atomic_file

NAME = "prithvi_qgis"
_PACKAGE = Path(__file__).resolve().parents[2]
# What stands at the plugin's top beside its code: inside the package in an installed plugin, else beside it.
BESIDE = ("metadata.txt", "LICENSE", "CHANGELOG.md", "resources")
_LEFT_OUT = ("__pycache__", ".pyc", ".pyo", ".in", "~")
_EPOCH = (2020, 1, 1, 0, 0, 0)  # the same input gives the same bytes


def plugin_parts() -> dict[str, Path]:
    """What the plugin's folder holds at its top, by name."""
    inside = {p.name: p for p in sorted(_PACKAGE.iterdir()) if not p.name.startswith(("__pycache__", "."))}
    beside = {name: _PACKAGE.parent / name for name in BESIDE if name not in inside}
    return {**inside, **{name: path for name, path in beside.items() if path.exists()}}


def plugin_files() -> Iterator[tuple[str, Path]]:
    """Every file of the plugin with its name in the zip."""
    for name, source in plugin_parts().items():
        for path in sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]:
            below = path.relative_to(source).as_posix() if source.is_dir() else ""
            parts = (name, *below.split("/"))
            if not any(part.endswith(_LEFT_OUT) or part.startswith(".") for part in parts):
                yield f"{NAME}/{name}/{below}" if below else f"{NAME}/{name}", path


def zip_name() -> str:
    """The file's name."""
    return f"{NAME}-{__version__}.zip"


def write_zip(place: Path) -> None:
    """Pack the plugin; ``place`` is written in one step."""
    deflate = zipfile.ZIP_DEFLATED
    with atomic_file(place, durable=False) as new, zipfile.ZipFile(new, "w", deflate, compresslevel=9) as archive:
        for name, path in sorted(plugin_files()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = deflate
            archive.writestr(entry, path.read_bytes())
