"""The plugin as a zip file for QGIS's plugin manager."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from ... import __version__
from ...core.system.atomic_files import atomic_file

NAME = "prithvi_qgis"
_PACKAGE = Path(__file__).resolve().parents[2]
# Entries at the plugin's top level besides its code: inside the package in an installed plugin, else next to it.
_OUTSIDE = ("metadata.txt", "LICENSE", "CHANGELOG.md", "resources")
_EXCLUDED = ("__pycache__", ".pyc", ".pyo", ".in", "~")
_EPOCH = (2020, 1, 1, 0, 0, 0)  # equal input gives equal bytes


def top_level() -> dict[str, Path]:
    """Names and sources of the entries at the top level of the plugin's folder."""
    inside = {p.name: p for p in sorted(_PACKAGE.iterdir()) if not p.name.startswith(("__pycache__", "."))}
    outside = {name: _PACKAGE.parent / name for name in _OUTSIDE if name not in inside}
    return {**inside, **{name: path for name, path in outside.items() if path.exists()}}


def plugin_files() -> Iterator[tuple[str, Path]]:
    """Yield the name in the zip and the source of each file of the plugin."""
    for name, source in top_level().items():
        for path in sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]:
            names = (name, *path.relative_to(source).parts)
            if not any(n.endswith(_EXCLUDED) or n.startswith(".") for n in names):
                yield "/".join((NAME, *names)), path


def zip_name() -> str:
    """Return the name of the zip file."""
    return f"{NAME}-{__version__}.zip"


def write_zip(target: Path) -> None:
    """Pack the plugin; ``target`` is replaced atomically."""
    deflate = zipfile.ZIP_DEFLATED
    with atomic_file(target, durable=False) as new, zipfile.ZipFile(new, "w", deflate, compresslevel=9) as archive:
        for name, path in sorted(plugin_files()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = deflate
            archive.writestr(entry, path.read_bytes())
