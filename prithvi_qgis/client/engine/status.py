"""The state of the engines and the machine. May take seconds: engine and driver are queried."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...core.errors import PrithviError
from ...core.folder_runs import live_status
from ...core.protocol import messages
from ...core.system import paths
from ..runtime import hardware
from ..runtime.readiness import VARIANTS, Readiness, read_record, readiness
from . import engine_client


@dataclass(frozen=True)
class EngineState:
    """The state of the engines and the machine."""

    variants: tuple[Readiness, ...]
    versions: dict[str, dict[str, str]]
    """Versions of the main packages, by installed variant."""
    report: messages.StatusReport | None = None
    """The running engine's report; None when none runs."""
    trouble: str = ""
    """Why a running engine did not answer."""
    gpus: list[hardware.Gpu] = field(default_factory=list)
    no_gpu: str = ""
    """Why no GPU was found."""
    runs: list[live_status.RunState] = field(default_factory=list)
    """Folder runs in progress."""

    @property
    def installed(self) -> list[str]:
        """Variants that can be started."""
        return [r.variant for r in self.variants if r.ready]

    @property
    def state(self) -> str:
        """``not installed``, ``outdated``, ``stopped``, ``not answering``, or the engine's own state."""
        if self.trouble:
            return "not answering"
        if self.report is not None:
            return self.report.state
        if self.installed:
            return "stopped"
        return "outdated" if any(read_record(v) for v in VARIANTS) else "not installed"


def engine_status(known_gpus: tuple[list[hardware.Gpu], str] | None = None) -> EngineState:
    """Query everything.

    Args:
        known_gpus: an earlier result of ``hardware.find_gpus``, which saves a query of a slow driver.
    """
    gpus, no_gpu = hardware.find_gpus() if known_gpus is None else known_gpus
    variants = tuple(readiness(v) for v in VARIANTS)
    versions = {r.variant: dict(read_record(r.variant).get("versions") or {}) for r in variants if r.ready}
    try:
        report, runs, trouble = engine_client.status(), live_status.running(), ""
    except PrithviError as e:
        report, runs, trouble = None, [], e.line
    return EngineState(variants, versions, report, trouble, gpus, no_gpu, runs)


def log_tail(lines: int) -> list[str]:
    """Return the last lines of the engine's log."""
    try:
        with paths.log_file().open("rb") as f:
            f.seek(0, 2)
            f.seek(max(0, f.tell() - 400 * lines))
            return f.read().decode(errors="replace").splitlines()[-lines:]
    except OSError:
        return []
