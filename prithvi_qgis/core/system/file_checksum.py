"""SHA-256 of files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

CHUNK_BYTES = 1 << 20


def sha256_of_file(
    path: Path, chunk_bytes: int = CHUNK_BYTES, report: Callable[[int], None] = lambda done_bytes: None
) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits.

    Args:
        report: called after each chunk with the bytes read so far; an error that it raises ends the reading.
    Raises:
        OSError: not readable.
    """
    digest, done = hashlib.sha256(), 0
    with open(path, "rb") as f:
        while chunk := f.read(chunk_bytes):
            digest.update(chunk)
            done += len(chunk)
            report(done)
    return digest.hexdigest()


def copy_with_sha256(source: Path, target: Path, report: Callable[[int], None] = lambda done_bytes: None) -> str:
    """Copy a file and return the SHA-256 of the copied bytes; the file is read once.

    Args:
        report: as in :func:`sha256_of_file`.
    Raises:
        OSError: not readable or not writable.
    """
    digest, done = hashlib.sha256(), 0
    with open(source, "rb") as f, open(target, "wb") as out:
        while chunk := f.read(CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
            done += len(chunk)
            report(done)
    return digest.hexdigest()
