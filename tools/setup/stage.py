"""Link the plugin's folder into a plugins folder, or pack it as a zip.

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
    """Fill ``plugins/prithvi_qgis`` with symbolic links; stale entries are removed."""
    folder = plugins / plugin_zip.NAME
    folder.mkdir(parents=True, exist_ok=True)
    wanted = plugin_zip.top_level()
    for present in folder.iterdir():
        if present.name not in wanted or not present.is_symlink():
            shutil.rmtree(present) if present.is_dir() and not present.is_symlink() else present.unlink()
    for name, source in wanted.items():
        target = os.path.relpath(source, folder)
        entry = folder / name
        if not entry.is_symlink() or os.readlink(entry) != target:
            entry.unlink(missing_ok=True)
            entry.symlink_to(target)
    return folder


def pack(folder: Path) -> Path:
    """Write the zip.

    Raises:
        SystemExit: larger than the plugin repository accepts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / plugin_zip.zip_name()
    plugin_zip.write_zip(target)
    size_mb = target.stat().st_size / 1e6
    if size_mb > MAX_MB:
        sys.exit(f"{target} has {size_mb:.1f} MB; the plugin repository takes {MAX_MB}.")
    print(f"{target}: {size_mb:.1f} MB")
    return target


if __name__ == "__main__":
    action, where = sys.argv[1:]
    link(Path(where)) if action == "link" else pack(Path(where))
