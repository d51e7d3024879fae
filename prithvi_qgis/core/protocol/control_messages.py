"""Messages that start, question and end an engine.

:class:`Hello`, :class:`Shutdown` and :class:`Stopping` keep their fields in every version: with them a plugin replaces
the engine of another version.
"""

from __future__ import annotations

from dataclasses import dataclass

PROTOCOL_VERSION = 2


@dataclass(frozen=True)
class Hello:
    """The engine's greeting."""

    package: str
    """Version of the package that it runs."""
    contract: int
    """:data:`PROTOCOL_VERSION` of the engine. The name is that of version 1, for plugins of every version."""
    code: str
    """Hash of the code that it runs, see :mod:`prithvi_qgis.client.runtime.code_copy`."""
    variant: str
    """``cpu`` or ``cuda``."""
    pid: int


@dataclass(frozen=True)
class Status:
    """Request a :class:`StatusReport`, which is sent at once."""


@dataclass(frozen=True)
class StatusReport:
    """The engine's state. GPU fields are 0 without a GPU."""

    state: str
    """``starting``, ``loading``, ``idle`` or ``busy``."""
    variant: str
    device: str = ""
    device_name: str = ""
    model: str = ""
    """Id of the loaded model, or empty."""
    waiting: int = 0
    """Requests queued behind the running one."""
    idle_s: float = 0.0
    """Since the last request ended."""
    keep_warm_min: float = 10.0
    """Idle minutes before the engine exits."""
    gpu_free_mb: int = 0
    gpu_total_mb: int = 0
    gpu_used_by_engine_mb: int = 0
    memory_mb: int = 0
    """Resident memory of the engine."""
    pid: int = 0
    gpu_temperature_c: int = 0
    gpu_busy_percent: int = 0
    scene: str = ""
    """The scene in progress, or empty."""
    done: int = 0
    """Tiles of ``scene``, or scenes of a SegmentMany."""
    total: int = 0
    """Total in the unit of ``done``; 0 if unknown."""
    scenes: int = 0
    """Scenes of the running SegmentMany, else 0."""


@dataclass(frozen=True)
class Shutdown:
    """End the engine; answered with :class:`Stopping`."""

    when_idle: bool = False
    """Only if no request runs or waits."""


@dataclass(frozen=True)
class Stopping:
    """Answer to :class:`Shutdown`."""

    yes: bool
    """False when the engine stays because it is busy."""
