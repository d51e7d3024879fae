"""The folder that an engine is installed from without a network: bare wheels, or a bundle."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ..runtime.hardware import Choice, choose_variant
from ..runtime.readiness import lock_checksum
from .bundle_record import ARCHIVE, JOIN, PARTS, TOP, WHEELS, BundleRecord, EngineRecord, read_record


@dataclass(frozen=True)
class Wheelhouse:
    """Where the wheels are.

    Attributes:
        folder: of the wheels, absolute.
        bundle: the folder of the bundle around them; None for bare wheels.
        engines: of the bundle that this machine can take.
    """

    folder: Path
    bundle: Path | None = None
    engines: tuple[EngineRecord, ...] = ()

    def choose(self, wanted: str) -> Choice:
        """The variant to install: as asked, else what fits the machine among what is there.

        Raises:
            PrithviError: ``device_missing``, or ``install_failed`` when the bundle has no engine that fits.
        """
        if self.bundle is None:
            return choose_variant(wanted)
        held = {e.variant for e in self.engines}
        choice = choose_variant(wanted)
        if choice.variant not in held:
            if wanted != "auto":
                raise self._lacking(f"no {choice.variant.upper()} engine")
            other = held.pop()
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
        """Python versions that there are wheels for; empty where nothing tells."""
        return tuple(sorted({e.python for e in self.engines if e.variant == variant}))

    def _lacking(self, what: str) -> PrithviError:
        there = " and ".join(e.title for e in self.engines)
        return PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"The bundle {self.bundle} has {what}; it holds {there}.",
            "Choose another VARIANT, or add that engine to the bundle with prithvi:exportbundle.",
        )


def open_wheelhouse(folder: Path) -> Wheelhouse:
    """Find the wheels in what a person named: a bundle, its folder of wheels, what parts were joined to, bare wheels.

    Raises:
        PrithviError: ``parameter_invalid`` for what is none of these, or parts that have yet to be joined.
    """
    folder = folder.absolute()
    if not folder.is_dir():
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID, f"The wheelhouse {folder} is no folder.", "Name one that holds the wheels."
        )
    for place in (folder, folder.parent if folder.name == WHEELS else folder, folder / TOP):
        record = read_record(place)
        if record is not None:
            return _from_bundle(place, record)
    how = unjoined(folder) or unjoined(folder / PARTS)
    if how:
        raise PrithviError(ErrorCode.PARAMETER_INVALID, f"{folder} holds parts that were not joined yet.", how)
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
        there = " and ".join(e.title for e in record.engines) or "no engine"
        raise PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"The bundle {folder} holds {there}; this machine is {machine}.",
            f"Make one with prithvi:exportbundle and ARCHITECTURE={machine}.",
        )
    return Wheelhouse(folder / WHEELS, folder, fitting)


def unjoined(folder: Path) -> str:
    """How to join the parts that lie in a folder, as a sentence; empty when there are none."""
    if any(folder.glob(f"{ARCHIVE}.*")):
        return f"Join them: sh {folder / JOIN}; then name {folder / TOP}."
    return ""
