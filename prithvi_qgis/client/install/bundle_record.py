"""``bundle.json``: what a bundle holds, and whether it is finished."""

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
PARTS = "parts"
JOIN = "join.sh"
TOP = "prithvi-bundle"  # what the parts unpack to
ARCHIVE = f"{TOP}.tar"  # the parts of it are numbered
_FORMAT = 1


@dataclass(frozen=True)
class EngineRecord:
    """The wheels of one engine.

    Attributes:
        variant: ``cpu`` or ``cuda``; python: ``3.11`` to ``3.13``; machine: ``x86_64`` or ``aarch64``.
        lock: sha256 of the variant's lock; plugin: the version that it belongs to.
        glibc: the oldest C library that all wheels run with, such as ``2.31``.
        files: file name to sha256.
        ray: sha256 of the lock of this optional part, whose wheels are among the files; empty without it.
    """

    variant: str
    python: str
    machine: str
    lock: str
    plugin: str
    glibc: str
    files: dict[str, str]
    ray: str = ""

    @property
    def title(self) -> str:
        """For sentences."""
        return f"the {self.variant.upper()} engine for Python {self.python} on {self.machine}"

    def replaces(self, other: EngineRecord) -> bool:
        """Whether the other one is the same engine, or of another version of the plugin."""
        same = (self.variant, self.python, self.machine) == (other.variant, other.python, other.machine)
        return same or self.plugin != other.plugin


@dataclass(frozen=True)
class BundleRecord:
    """A bundle.

    Attributes:
        complete: False from the beginning of an export to its end.
        engines: what can be installed; models: id to file name to sha256.
    """

    complete: bool = False
    engines: tuple[EngineRecord, ...] = ()
    models: dict[str, dict[str, str]] = field(default_factory=dict)

    def with_engine(self, engine: EngineRecord) -> BundleRecord:
        """With one engine more, in the place of what it replaces."""
        return replace(self, engines=(*(e for e in self.engines if not engine.replaces(e)), engine))

    def wheels(self) -> dict[str, str]:
        """File name to sha256 of all engines."""
        return {name: digest for engine in self.engines for name, digest in engine.files.items()}


def read_record(folder: Path) -> BundleRecord | None:
    """What ``folder`` says of itself; None when it is no bundle.

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


def record_text(record: BundleRecord) -> str:
    """The file's content."""
    return json.dumps({"format": _FORMAT, **asdict(record)}, indent=1, sort_keys=True) + "\n"


def write_record(folder: Path, record: BundleRecord) -> None:
    """Write it in one step."""
    write_text(folder / RECORD, record_text(record))
