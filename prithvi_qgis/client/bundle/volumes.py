"""Split a bundle into volumes of a given size, for FAT sticks and mail; sh, cat and tar join them again."""

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
from ..install.bundle_record import ARCHIVE, JOIN, NOTE, SUMS, TOP, VOLUMES
from ..runtime.subprocess_lines import cancelled

_MAX_VOLUMES = 9999
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


def write_volumes(
    folder: Path,
    names: Sequence[str],
    size_mb: int,
    note: str,
    report: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> int:
    """Pack files of the bundle ``folder`` into volumes; returns their number.

    Earlier volumes are removed first; the new ones appear together once all are written.

    Args:
        names: the files, relative to ``folder``.
        size_mb: largest size of a volume in millions of bytes.
        note: text of the instructions next to the volumes.
        report: called with the share that is done, 0 to 1.
    Raises:
        PrithviError: ``parameter_invalid`` for a size that is too small, ``cancelled``.
    """
    target, staging = folder / VOLUMES, folder / f".{VOLUMES}"
    for old in (target, staging):
        shutil.rmtree(old, ignore_errors=True)
    total = sum((folder / name).stat().st_size for name in names)
    if total / (size_mb * 10**6) > _MAX_VOLUMES - 1:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"Parts of {size_mb} MB would be more than {_MAX_VOLUMES}.",
            "Choose a larger PART_SIZE_MB.",
        )
    staging.mkdir()
    out = _VolumeWriter(staging, size_mb * 10**6, lambda done: report(min(1.0, done / max(total, 1))), is_cancelled)
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.GNU_FORMAT, bufsize=1 << 20) as archive:
        for name in names:
            info = tarfile.TarInfo(f"{TOP}/{name}")
            info.size, info.mode, info.mtime = (folder / name).stat().st_size, 0o644, 1577836800
            with open(folder / name, "rb") as f:
                archive.addfile(info, f)
    out.close()
    write_text(staging / JOIN, _SCRIPT)
    write_text(staging / NOTE, note)
    write_text(staging / SUMS, "".join(f"{digest}  {name}\n" for name, digest in out.sums.items()))
    staging.rename(target)
    return len(out.sums)


class _VolumeWriter(io.RawIOBase):
    """A file that continues in the next volume when one is full; ``sums`` maps their names to SHA-256."""

    def __init__(self, folder: Path, size: int, report: Callable[[int], None], is_cancelled: Callable[[], bool]):
        super().__init__()
        self.sums: dict[str, str] = {}
        self._folder, self._size, self._report, self._is_cancelled = folder, size, report, is_cancelled
        self._file: Optional[io.BufferedWriter] = None
        self._digest = hashlib.sha256()
        self._volume_bytes = self._total_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self._is_cancelled():
            raise cancelled()
        rest = memoryview(data)
        while rest:
            if self._file is None:
                self._file = (self._folder / self._name()).open("wb")
            chunk = rest[: self._size - self._volume_bytes]
            self._file.write(chunk)
            self._digest.update(chunk)
            self._volume_bytes += len(chunk)
            rest = rest[len(chunk) :]
            if self._volume_bytes == self._size:
                self._finish()
        self._total_bytes += len(data)
        self._report(self._total_bytes)
        return len(data)

    def close(self) -> None:
        if self._file is not None:
            self._finish()
        super().close()

    def _name(self) -> str:
        return f"{ARCHIVE}.{len(self.sums) + 1:04d}"

    def _finish(self) -> None:
        if self._file is not None:
            self._file.close()
        self.sums[self._name()] = self._digest.hexdigest()
        self._file, self._digest, self._volume_bytes = None, hashlib.sha256(), 0
