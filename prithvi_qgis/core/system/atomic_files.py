"""Atomic replacement of files and folders: readers see the old or the new content, never a mixture."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_NUMBERS = itertools.count(1)  # threads of one process may write the same file


@contextlib.contextmanager
def atomic_file(path: Path, durable: bool = True) -> Iterator[Path]:
    """Yield a hidden path next to ``path``; what is written there replaces ``path`` when the block ends.

    Args:
        path: replaced if it exists.
        durable: sync the content to the disk before the replacement.
    Raises:
        OSError: not writable; ``path`` is unchanged and the temporary file is removed, as after any other error.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{next(_NUMBERS)}.part")
    try:
        yield temporary
        if durable:
            sync_file(temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str, durable: bool = True, mode: int = 0o666) -> None:
    """Replace a small text file atomically.

    Args:
        path: replaced if it exists.
        text: written as UTF-8 with Unix line ends on every system.
        durable: sync to the disk; False for a file that is rewritten every second.
        mode: permissions of the new file, less the umask.
    Raises:
        OSError: not writable; the old file is unchanged.
    """
    with atomic_file(path, durable) as temporary:
        temporary.unlink(missing_ok=True)  # of a killed process that had the same number, as in containers
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as f:
            f.write(text)


def sync_file(path: Path) -> None:
    """Block until the file's content is on the disk."""
    with open(path, "rb+") as f:  # Windows syncs only a file that is open for writing
        os.fsync(f.fileno())


def replace_folder(new: Path, target: Path, backup: Path | None = None) -> None:
    """Rename ``new`` to ``target`` on the same disk; an existing ``target`` is restored if that fails.

    Args:
        backup: name of the old folder between the two renames, from which a caller can recover it if the process is
            killed there; by default hidden next to ``new``.
    Raises:
        OSError: not renamed.
    """
    backup = backup or new.with_name(f".{target.name}.{os.getpid()}.old")
    remove_folder(backup)
    with contextlib.suppress(FileNotFoundError):
        target.rename(backup)
    try:
        new.rename(target)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            backup.rename(target)
        raise
    remove_folder(backup)


def remove_folder(path: Path) -> None:
    """Remove a folder or a link to one, as far as possible; errors are ignored."""
    if path.is_symlink():
        with contextlib.suppress(OSError):
            path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
