"""``bundle.json``: what a bundle contains, and whether its export finished."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.system.atomic_files import write_text

RECORD = "bundle.json"
SUMS = "SHA256SUMS"
NOTE = "INSTALL.txt"
WHEELS = "wheels"
MODELS = "models"
VOLUMES = "parts"
JOIN = "join.sh"
TOP = "prithvi-bundle"  # the folder that the volumes are unpacked to
ARCHIVE = f"{TOP}.tar"  # followed by the number of the volume
_FORMAT = 1


@dataclass(frozen=True)
class EngineRecord:
    """The wheels of one engine."""

    variant: str
    """``cpu`` or ``cuda``."""
    python: str
    """``3.11`` to ``3.14``."""
    machine: str
    """``x86_64`` or ``aarch64``."""
    lock: str
    """SHA-256 of the variant's lock file."""
    plugin: str
    """Version of the plugin that the lock file belongs to."""
    glibc: str
    """Oldest C library that all wheels run with, such as ``2.31``."""
    files: dict[str, str]
    """File names to SHA-256."""
    ray: str = ""
    """SHA-256 of the lock file of Ray, whose wheels are among ``files``; empty without Ray."""

    @property
    def title(self) -> str:
        """The engine as in the middle of a sentence."""
        return f"the {self.variant.upper()} engine for Python {self.python} on {self.machine}"

    def replaces(self, other: EngineRecord) -> bool:
        """Whether ``other`` is for the same machine, or of another version of the plugin."""
        same = (self.variant, self.python, self.machine) == (other.variant, other.python, other.machine)
        return same or self.plugin != other.plugin


@dataclass(frozen=True)
class BundleRecord:
    """A bundle."""

    complete: bool = False
    """False from the beginning of an export to its end."""
    engines: tuple[EngineRecord, ...] = ()
    models: dict[str, dict[str, str]] = field(default_factory=dict)
    """Model ids to file names to SHA-256."""

    def with_engine(self, engine: EngineRecord) -> BundleRecord:
        """Return a copy with one more engine and without those that it replaces."""
        return replace(self, engines=(*(e for e in self.engines if not engine.replaces(e)), engine))

    def wheels(self) -> dict[str, str]:
        """File names to SHA-256 of all engines."""
        return {name: digest for engine in self.engines for name, digest in engine.files.items()}


def read_bundle_record(folder: Path) -> BundleRecord | None:
    """Return the record of the bundle ``folder``; None if it is not a bundle.

    Raises:
        PrithviError: ``parameter_invalid`` for a record that cannot be read.
    """
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body["format"] != _FORMAT:
            raise ValueError(f"format {body['format']} is not {_FORMAT}")
        models = {str(name): dict(files) for name, files in body["models"].items()}
        engines = tuple(EngineRecord(**engine) for engine in body["engines"])
        return BundleRecord(bool(body["complete"]), engines, models)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as e:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"{path} cannot be read: {type(e).__name__} {e}.",
            "Copy the bundle again, or make it anew with prithvi:exportbundle.",
        ) from e


def bundle_record_text(record: BundleRecord) -> str:
    """Return the content of ``bundle.json``."""
    return json.dumps({"format": _FORMAT, **asdict(record)}, indent=1, sort_keys=True) + "\n"


def write_bundle_record(folder: Path, record: BundleRecord) -> None:
    """Replace ``bundle.json`` atomically."""
    write_text(folder / RECORD, bundle_record_text(record))
