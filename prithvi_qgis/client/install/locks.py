"""Lock files of the optional components."""

from __future__ import annotations

from pathlib import Path

from ...core.system import paths
from ...core.system.file_checksum import sha256_of_file

RAY = "ray"


def part_lock(part: str) -> Path:
    """The list of what a part holds, with checksums."""
    return paths.resources() / "engine" / f"{part}.lock"


def part_checksum(part: str) -> str:
    """sha256 of :func:`part_lock`."""
    return sha256_of_file(part_lock(part))
