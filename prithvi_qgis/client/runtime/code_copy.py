"""The engine's own copy of this package: ``<home>/code/<hash>/prithvi_qgis``.

A running engine imports modules late, so it must not see a plugin folder that QGIS upgrades under it; and two QGIS
profiles with different versions must not mix their code. A copy is never changed after it is made.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ...core.system.atomic_files import replace_folder

_PACKAGE = "prithvi_qgis"
_KEPT_COPIES = 3
_HASHED_WHOLE = (".py", ".json", ".ini")


def installed_code() -> tuple[Path, str]:
    """Make sure that the copy of this package stands in the data folder.

    Returns:
        the folder for the engine's path (it holds ``prithvi_qgis``), and the copy's hash.
    Raises:
        PrithviError: ``engine_unreachable`` when the data folder cannot be written.
    """
    files = dict(_package_files())
    code = _hash(files)
    target = paths.home() / "code" / code
    try:
        if not target.is_dir() or not _is_whole(target / _PACKAGE, files, code):
            _copy(files, target)
        os.utime(target)
    except OSError as e:
        raise PrithviError(
            ErrorCode.ENGINE_UNREACHABLE,
            f"The engine's code cannot be copied to {target}: {e.strerror or e}.",
            "Free space there or make it writable, or set PRITHVI_QGIS_HOME to another folder.",
        ) from e
    return target, code


def current_hash() -> str:
    """The hash of this package as it is now."""
    return _hash(dict(_package_files()))


def remove_old_copies(keep: Path) -> None:
    """Remove all but ``keep`` and the most recently used copies. Call it only when no engine runs."""
    try:
        copies = sorted((p for p in keep.parent.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    except OSError:
        return
    for old in [p for p in copies if p != keep][_KEPT_COPIES - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


def _package_files() -> Iterator[tuple[str, Path]]:
    """(path inside the copied package, file) of all that an engine needs: modules, models, licence, metadata."""
    # In a staged plugin each entry is a link into the source tree, hence resolve() and following links.
    package = Path(__file__).resolve().parents[2]
    for path in _walk(package, skip=("resources",)):
        if path.suffix == ".py":
            yield path.relative_to(package).as_posix(), path
    models = paths.resources() / "models"
    for path in _walk(models):
        yield f"resources/models/{path.relative_to(models).as_posix()}", path
    for name in ("LICENSE", "metadata.txt"):
        for folder in (package, package.parent):
            if (folder / name).is_file():
                yield name, folder / name
                break


def _walk(top: Path, skip: tuple[str, ...] = ()) -> Iterator[Path]:
    for folder, subfolders, names in os.walk(top, followlinks=True):
        subfolders[:] = sorted(s for s in subfolders if s != "__pycache__" and not (Path(folder) == top and s in skip))
        yield from (Path(folder) / n for n in sorted(names) if not n.endswith(".pyc"))


def _hash(files: dict[str, Path]) -> str:
    """Over the contents of modules and cards, and the sizes of the rest: weights are too large to read each time."""
    total = hashlib.sha256()
    for name in sorted(files):
        path = files[name]
        body = path.read_bytes() if path.suffix in _HASHED_WHOLE else str(path.stat().st_size).encode()
        total.update(f"{name}\0{len(body)}\0".encode())
        total.update(body)
    return total.hexdigest()[:16]


def _is_whole(package: Path, files: dict[str, Path], code: str) -> bool:
    """Whether a copy still is what its name says; somebody may have cleaned up half of it."""
    try:
        return _hash({name: package / name for name in files}) == code
    except OSError:
        return False


def _copy(files: dict[str, Path], target: Path) -> None:
    """Write under a temporary name, then rename: nobody sees half a copy."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for name, path in files.items():
            goal = fresh / _PACKAGE / name
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, goal)
        # An existing copy is incomplete or was just written by another front end: this one is right.
        replace_folder(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
