"""Whether an engine is installed and fits this version of the plugin. Quick: looks at files alone."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ...core.system.file_checksum import sha256_of_file

VARIANTS = ("cuda", "cpu")  # the faster first
NEXT_STEP = "Install it with Prithvi EO > Install engine in the Toolbox, or: qgis_process run prithvi:installengine"


@dataclass(frozen=True)
class Readiness:
    """Whether a variant can be started.

    Attributes:
        ready: it can.
        variant: ``cpu`` or ``cuda``.
        reason: why, or why not, as a sentence.
        next_step: what to do when it cannot, as a sentence; empty when ready.
    """

    ready: bool
    variant: str
    reason: str
    next_step: str = ""


def readiness(variant: str) -> Readiness:
    """Judge one variant by its venv and the record that the installation wrote last."""
    option = f"{NEXT_STEP} --VARIANT={'1' if variant == 'cuda' else '2'}."
    record = read_record(variant)
    if not record:
        return Readiness(False, variant, f"The {variant.upper()} engine is not installed.", option)
    if record.get("lock") != lock_checksum(variant):
        return Readiness(
            False, variant, f"The {variant.upper()} engine was installed for another version of the plugin.", option
        )
    if not os.access(paths.venv_python(variant), os.X_OK):
        return Readiness(
            False, variant, f"The {variant.upper()} engine's Python is gone ({paths.venv_python(variant)}).", option
        )
    versions = record.get("versions") or {}
    held = ", ".join(f"{name} {version}" for name, version in versions.items())
    return Readiness(True, variant, f"The {variant.upper()} engine is installed ({held}).")


def installed_variant() -> str:
    """``cuda`` when it is ready, else ``cpu`` when that is, else empty."""
    return next((v for v in VARIANTS if readiness(v).ready), "")


def read_record(variant: str) -> dict:
    """What the installation wrote last, or an empty dict."""
    try:
        record = json.loads(paths.ready_file(variant).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def lock_file(variant: str) -> Path:
    """The list of what the variant's venv holds, with checksums."""
    return paths.resources() / "engine" / f"{variant}.lock"


def lock_checksum(variant: str) -> str:
    """sha256 of the lock.

    Raises:
        PrithviError: ``install_failed`` when the plugin's folder lacks it.
    """
    try:
        return sha256_of_file(lock_file(variant))
    except OSError as e:
        raise PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"The plugin's own {lock_file(variant)} cannot be read ({e.strerror}).",
            "Install the plugin again.",
        ) from e
