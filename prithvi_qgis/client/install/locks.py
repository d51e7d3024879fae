"""Lock files of the optional components."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ...core.system import paths

RAY = "ray"


def part_lock(part: str) -> Path:
    """The list of what a part holds, with checksums."""
    return paths.resources() / "engine" / f"{part}.lock"


def part_checksum(part: str) -> str:
    """sha256 of :func:`part_lock`."""
    return hashlib.sha256(part_lock(part).read_bytes()).hexdigest()
