"""Output files that appear whole or not at all."""

from __future__ import annotations

import glob
import hashlib
import itertools
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.system.atomic_files import sync_file
from ...core.system.processes import is_alive
from .sidecars import merged_aux_xml

_NUMBERS = itertools.count(1)  # outputs that hang and come back must not meet the files of later ones
MARK = ".prithvi-"  # in the name of every unfinished file; one that is found after a crash may be removed
_AUX = ".aux.xml"
_SIDECARS = (".ovr", _AUX, ".msk")


class AtomicOutputs:
    """Unfinished outputs next to their targets, under hidden names; committed together.

    Use as a context manager: leaving it without :meth:`commit` removes everything.
    """

    def __init__(self) -> None:
        self._pending: dict[Path, Path] = {}  # target or sidecar -> unfinished file
        self._targets: set[Path] = set()
        self._temporary: list[Path] = []
        self._number = next(_NUMBERS)

    def stage(self, target: str) -> Path:
        """Return where to write ``target`` until it is finished.

        Raises:
            PrithviError: ``output_unwritable``.
        """
        path = Path(target).absolute()
        unfinished = self._unfinished(path, path.suffix)
        if not path.parent.is_dir():
            raise _unwritable(path, f"the folder {path.parent} does not exist", "Create it, or choose another.")
        if path.is_dir():
            raise _unwritable(path, "it is a folder", "Give a file name.")
        try:
            unfinished.touch()
        except OSError as e:
            raise _unwritable(path, (e.strerror or str(e)).lower(), "Choose a folder that you may write to.") from e
        self._pending[path] = unfinished
        self._targets.add(path)
        return unfinished

    def temp_path(self, target: str, suffix: str) -> Path:
        """Return a hidden name next to ``target`` for a temporary file, which is removed at the end in any case."""
        path = self._unfinished(Path(target).absolute(), suffix)
        self._temporary.append(path)
        return path

    def sidecar(self, target: str, suffix: str, text: str) -> None:
        """Write a small text file that belongs to ``target``: its name plus ``suffix``, or with it instead."""
        path = Path(target).absolute()
        name = path.with_suffix(suffix) if suffix == ".qml" else path.with_name(path.name + suffix)
        unfinished = self._unfinished(path, suffix)
        self._pending[name] = unfinished
        unfinished.write_bytes(text.encode())

    def commit(self, check: Callable[[], None] = lambda: None) -> None:
        """Rename everything into place. Stale files of an older run go first, the targets come last.

        Args:
            check: called when everything is on the disk, which may take long; an exception leaves all as it was.
        """
        for target in self._targets:
            self._adopt_aux_xml(target)
        for unfinished in self._pending.values():
            sync_file(unfinished)
        check()
        for target in self._targets:
            for stale in _stale(target):
                stale.unlink(missing_ok=True)
        for target in sorted(self._pending, key=lambda p: p in self._targets):
            os.replace(self._pending[target], target)
        self._pending.clear()

    def __enter__(self) -> AtomicOutputs:
        return self

    def __exit__(self, *exc: object) -> None:
        for unfinished in (*self._pending.values(), *self._temporary):
            for leftover in unfinished.parent.glob(
                glob.escape(unfinished.name) + "*"
            ):  # GDAL's and SQLite's own siblings
                leftover.unlink(missing_ok=True)
        self._pending.clear()
        self._temporary.clear()

    def _adopt_aux_xml(self, target: Path) -> None:
        """Take along what GDAL has written next to the unfinished file, merged with our own sidecar if there is one."""
        unfinished = self._pending[target]
        of_gdal, sidecar = unfinished.with_name(unfinished.name + _AUX), target.with_name(target.name + _AUX)
        if not of_gdal.is_file():
            return
        ours = self._pending.get(sidecar)
        if ours is None:
            self._pending[sidecar] = of_gdal
        else:
            ours.write_bytes(merged_aux_xml(of_gdal.read_text("utf-8"), ours.read_text("utf-8")).encode())
            of_gdal.unlink()

    def _unfinished(self, path: Path, suffix: str) -> Path:
        return path.parent / f".{path.stem}{MARK}{os.getpid()}-{_host()}-{self._number}-{len(self._pending)}{suffix}"


def _host() -> str:
    """Return this machine as six letters: on shared disks, process ids of several machines meet."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]


def _stale(target: Path) -> list[Path]:
    """Return the files that an older target of this name may have left, and that would describe the new one wrongly."""
    if target.suffix.lower() == ".gpkg":
        return [target.with_name(target.name + suffix) for suffix in ("-wal", "-shm", "-journal")]
    return [target.with_name(target.name + s) for s in _SIDECARS] + [target.with_suffix(".qml")]


def clean_leftovers(folder: Path) -> int:
    """Remove unfinished files of this machine's engines that are gone; returns how many."""
    removed = 0
    for path in folder.glob(f".*{MARK}*"):
        pid, _, rest = path.name.rsplit(MARK, 1)[1].partition("-")
        if pid.isdigit() and rest.startswith(f"{_host()}-") and not is_alive(int(pid)):
            with suppress(OSError):  # another user's, in a shared folder
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _unwritable(path: Path, why: str, hint: str) -> PrithviError:
    return PrithviError(ErrorCode.OUTPUT_UNWRITABLE, f"{path} cannot be written: {why}.", hint)
