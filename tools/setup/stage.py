"""The plugin's folder as QGIS wants it: linked into a plugins folder, or packed.

Usage: stage.py link PLUGINS_FOLDER | stage.py zip FOLDER
"""

from __future__ import annotations

import configparser
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "prithvi_qgis"
BESIDE = ("metadata.txt", "LICENSE", "CHANGELOG.md", "resources")
LEFT_OUT = ("__pycache__", ".pyc", ".pyo", ".in", "~")
MAX_MB = 25  # the plugin repository's limit
EPOCH = (2020, 1, 1, 0, 0, 0)  # the same input gives the same bytes


def parts() -> dict[str, Path]:
    """What the plugin's folder holds at its top, by name."""
    package = {p.name: p for p in sorted((ROOT / NAME).iterdir()) if not p.name.startswith(("__pycache__", "."))}
    return {**package, **{name: ROOT / name for name in BESIDE}}


def link(plugins: Path) -> Path:
    """Make ``plugins/prithvi_qgis`` of symbolic links; what is no longer there goes."""
    folder = plugins / NAME
    folder.mkdir(parents=True, exist_ok=True)
    wanted = parts()
    for present in folder.iterdir():
        if present.name not in wanted or not present.is_symlink():
            shutil.rmtree(present) if present.is_dir() and not present.is_symlink() else present.unlink()
    for name, source in wanted.items():
        target = os.path.relpath(source, folder)
        place = folder / name
        if not place.is_symlink() or os.readlink(place) != target:
            place.unlink(missing_ok=True)
            place.symlink_to(target)
    return folder


def files() -> Iterator[tuple[str, Path]]:
    """Every file of the plugin with its name in the zip."""
    for name, source in parts().items():
        inside = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        for path in inside:
            if not any(part.endswith(LEFT_OUT) or part.startswith(".") for part in path.relative_to(ROOT).parts):
                below = path.relative_to(source).as_posix() if source.is_dir() else ""
                yield f"{NAME}/{name}/{below}" if below else f"{NAME}/{name}", path


def pack(folder: Path) -> Path:
    """Write the zip.

    Raises:
        SystemExit: it is larger than the plugin repository takes.
    """
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{NAME}-{metadata['general']['version']}.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in sorted(files()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    size_mb = place.stat().st_size / 1e6
    if size_mb > MAX_MB:
        sys.exit(f"{place} has {size_mb:.1f} MB; the plugin repository takes {MAX_MB}.")
    print(f"{place}: {size_mb:.1f} MB")
    return place


if __name__ == "__main__":
    action, where = sys.argv[1:]
    link(Path(where)) if action == "link" else pack(Path(where))
