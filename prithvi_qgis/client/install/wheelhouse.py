"""Source of an installation without a network: a folder of wheels, or a bundle."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ..runtime.hardware import Choice, choose_variant
from ..runtime.readiness import lock_checksum
from .bundle_record import ARCHIVE, JOIN, TOP, VOLUMES, WHEELS, BundleRecord, EngineRecord, read_bundle_record


@dataclass(frozen=True)
class Wheelhouse:
    """A folder of wheels."""

    folder: Path
    """The wheels' folder, absolute."""
    bundle: Path | None = None
    """The bundle that the folder belongs to; None for bare wheels."""
    engines: tuple[EngineRecord, ...] = ()
    """Engines of the bundle that run on this machine."""

    def choose(self, wanted: str) -> Choice:
        """Return the variant to install: ``wanted``, or for ``auto`` the one that fits the machine and the bundle.

        Raises:
            PrithviError: ``device_missing``, or ``install_failed`` if the bundle has no engine that fits.
        """
        choice = choose_variant(wanted)
        if self.bundle is None:
            return choice
        variants = {e.variant for e in self.engines}
        if choice.variant not in variants:
            if wanted != "auto":
                available = " and ".join(e.title for e in self.engines)
                raise PrithviError(
                    ErrorCode.INSTALL_FAILED,
                    f"The bundle {self.bundle} has no {choice.variant.upper()} engine; it holds {available}.",
                    "Choose another VARIANT, or add that engine to the bundle with prithvi:exportbundle.",
                )
            other = variants.pop()
            choice = Choice(
                choose_variant(other).variant,
                f"{other.upper()}, the only engine in {self.bundle}; this machine by itself: {choice.reason}",
            )
        if not any(e.variant == choice.variant and e.lock == lock_checksum(e.variant) for e in self.engines):
            versions = ", ".join(sorted({e.plugin for e in self.engines}))
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"The bundle {self.bundle} was made by another version of the plugin ({versions}).",
                "Install the plugin from the zip that is in it, or make the bundle anew with this version.",
            )
        return choice

    def pythons(self, variant: str) -> tuple[str, ...]:
        """Python versions that the wheels are for; empty if unknown."""
        return tuple(sorted({e.python for e in self.engines if e.variant == variant}))


def open_wheelhouse(folder: Path) -> Wheelhouse:
    """Find the wheels in a bundle, its folder of wheels, a folder of joined volumes, or a folder of bare wheels.

    Raises:
        PrithviError: ``parameter_invalid`` for any other folder, and for volumes that have yet to be joined.
    """
    folder = folder.absolute()
    if not folder.is_dir():
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID, f"The wheelhouse {folder} is no folder.", "Name one that holds the wheels."
        )
    for candidate in (folder, folder.parent if folder.name == WHEELS else folder, folder / TOP):
        record = read_bundle_record(candidate)
        if record is not None:
            return _from_bundle(candidate, record)
    for candidate in (folder, folder / VOLUMES):
        if any(candidate.glob(f"{ARCHIVE}.*")):
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"{folder} holds parts that were not joined yet.",
                f"Join them: sh {candidate / JOIN}; then name {candidate / TOP}.",
            )
    return Wheelhouse(folder)


def _from_bundle(folder: Path, record: BundleRecord) -> Wheelhouse:
    if not record.complete:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"The bundle {folder} is unfinished.",
            "Run prithvi:exportbundle with that OUTPUT again where there is a network; it goes on where it stopped.",
        )
    machine = platform.machine()
    fitting = tuple(e for e in record.engines if e.machine == machine)
    if not fitting:
        available = " and ".join(e.title for e in record.engines) or "no engine"
        raise PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"The bundle {folder} holds {available}; this machine is {machine}.",
            f"Make one with prithvi:exportbundle and ARCHITECTURE={machine}.",
        )
    return Wheelhouse(folder / WHEELS, folder, fitting)
