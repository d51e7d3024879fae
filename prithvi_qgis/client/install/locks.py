"""Lock files of the engine's optional components."""

from __future__ import annotations

from pathlib import Path

from ...core.system import paths
from ...core.system.file_checksum import sha256_of_file

RAY = "ray"


def component_lock(component: str) -> Path:
    """The lock file with the component's packages and their checksums."""
    return paths.resources() / "engine" / f"{component}.lock"


def component_checksum(component: str) -> str:
    """SHA-256 of :func:`component_lock`."""
    return sha256_of_file(component_lock(component))
