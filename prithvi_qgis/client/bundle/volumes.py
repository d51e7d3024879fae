"""A bundle in parts of a chosen size, for sticks with FAT and for mail; joined again with sh, cat and tar."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.system.atomic_files import write_text
from ..install.bundle_record import ARCHIVE, JOIN, NOTE, PARTS, SUMS, TOP
from ..runtime.subprocess_lines import cancelled

_MOST = 9999
_SCRIPT = f"""#!/bin/sh
# Puts the bundle together from the parts beside this file: sh {JOIN} [FOLDER]
set -eu
cd "$(dirname "$0")"
target=${{1:-.}}
if ! said=$(sha256sum -c {SUMS} 2>&1); then
    printf '%s\\n' "$said" | grep -v ': OK$' >&2
    echo "A part is missing or damaged: copy all parts into this folder again." >&2
    exit 1
fi
cat {ARCHIVE}.* | tar -xf - -C "$target"
cd "$target/{TOP}"
if ! said=$(sha256sum -c {SUMS} 2>&1); then
    printf '%s\\n' "$said" | grep -v ': OK$' >&2
    echo "Not everything was written: is the disk full?" >&2
    exit 1
fi
echo "The bundle is in $(pwd). Go on with {NOTE} there."
"""


def write_parts(
    folder: Path,
    names: Sequence[str],
    size_mb: int,
    note: str,
    report: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> int:
    """Pack ``names`` of the bundle ``folder`` into ``folder/parts``; how many parts there are.

    They appear together when all are written; earlier ones go first.

    Args:
        size_mb: of a part at most, in millions of bytes.
        note: for those who find the parts.
    """
    place, fresh = folder / PARTS, folder / f".{PARTS}"
    for old in (place, fresh):
        shutil.rmtree(old, ignore_errors=True)
    total = sum((folder / name).stat().st_size for name in names)
    if total / (size_mb * 10**6) > _MOST - 1:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"Parts of {size_mb} MB would be more than {_MOST}.",
            "Choose a larger PART_SIZE_MB.",
        )
    fresh.mkdir()
    out = _Splitter(fresh, size_mb * 10**6, lambda done: report(min(1.0, done / max(total, 1))), is_cancelled)
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.GNU_FORMAT, bufsize=1 << 20) as archive:
        for name in names:
            info = tarfile.TarInfo(f"{TOP}/{name}")
            info.size, info.mode, info.mtime = (folder / name).stat().st_size, 0o644, 1577836800
            with open(folder / name, "rb") as f:
                archive.addfile(info, f)
    out.close()
    write_text(fresh / JOIN, _SCRIPT)
    write_text(fresh / NOTE, note)
    write_text(fresh / SUMS, "".join(f"{digest}  {name}\n" for name, digest in out.sums.items()))
    fresh.rename(place)
    return len(out.sums)


class _Splitter(io.RawIOBase):
    """A file that goes on in the next one when it is full."""

    def __init__(self, folder: Path, size: int, report: Callable[[int], None], is_cancelled: Callable[[], bool]):
        super().__init__()
        self.sums: dict[str, str] = {}
        self._folder, self._size, self._report, self._is_cancelled = folder, size, report, is_cancelled
        self._file: Optional[io.BufferedWriter] = None
        self._digest = hashlib.sha256()
        self._here = self._done = 0

    def writable(self) -> bool:
        """For tarfile."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write all of it."""
        if self._is_cancelled():
            raise cancelled()
        view = memoryview(data)
        while view:
            if self._file is None:
                self._file = (self._folder / f"{ARCHIVE}.{len(self.sums) + 1:04d}").open("wb")
            piece = view[: self._size - self._here]
            self._file.write(piece)
            self._digest.update(piece)
            self._here += len(piece)
            view = view[len(piece) :]
            if self._here == self._size:
                self._finish()
        self._done += len(data)
        self._report(self._done)
        return len(data)

    def close(self) -> None:
        """Finish the last one."""
        if self._file is not None:
            self._finish()
        super().close()

    def _finish(self) -> None:
        if self._file is not None:
            self._file.close()
        self.sums[f"{ARCHIVE}.{len(self.sums) + 1:04d}"] = self._digest.hexdigest()
        self._file, self._digest, self._here = None, hashlib.sha256(), 0
