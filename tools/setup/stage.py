"""The plugin's folder as QGIS wants it: linked into a plugins folder, or packed.

Usage: stage.py link PLUGINS_FOLDER | stage.py zip FOLDER
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from prithvi_qgis.client.install import plugin_zip

MAX_MB = 25  # the plugin repository's limit


def link(plugins: Path) -> Path:
    """Make ``plugins/prithvi_qgis`` of symbolic links; what is no longer there goes."""
    folder = plugins / plugin_zip.NAME
    folder.mkdir(parents=True, exist_ok=True)
    wanted = plugin_zip.plugin_parts()
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


def pack(folder: Path) -> Path:
    """Write the zip.

    Raises:
        SystemExit: it is larger than the plugin repository takes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / plugin_zip.zip_name()
    plugin_zip.write_zip(place)
    size_mb = place.stat().st_size / 1e6
    if size_mb > MAX_MB:
        sys.exit(f"{place} has {size_mb:.1f} MB; the plugin repository takes {MAX_MB}.")
    print(f"{place}: {size_mb:.1f} MB")
    return place


if __name__ == "__main__":
    action, where = sys.argv[1:]
    link(Path(where)) if action == "link" else pack(Path(where))
