"""What each worker is doing, kept up to date from the events that it tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...contract.messages import Failed, Progress, Result, decode


@dataclass
class WorkerFigures:
    """Live figures of one worker.

    Attributes:
        state: ``starting``, ``working``, ``ended`` or ``lost``.
        host, device: where it runs; scene: number of the scene it told of last, -1 for none.
        tiles_per_s: of that scene; scenes, errors: ended so far, and how many of them failed.
        gpu_used_mb, gpu_total_mb: 0 on the CPU.
    """

    name: str
    state: str = "starting"
    host: str = ""
    device: str = ""
    scene: int = -1
    tiles_per_s: float = 0.0
    scenes: int = 0
    errors: int = 0
    gpu_used_mb: int = 0
    gpu_total_mb: int = 0

    def take(self, event: dict[str, Any]) -> None:
        """Take one event of :class:`.feed.Feed`."""
        kind = event["kind"]
        if kind == "joined":
            self.state, self.host, self.device = "working", event["host"], event["variant"]
        elif kind == "began":
            self.scene = event["item"]
        elif kind == "progress":
            progress = decode(event["message"])
            self.scene = event["item"]
            self.gpu_used_mb, self.gpu_total_mb = event["gpu"]
            if isinstance(progress, Progress):
                self.tiles_per_s = progress.tiles_per_s
        elif kind == "ended":
            message = decode(event["message"])
            self.scenes += 1
            self.errors += isinstance(message, Failed)
            if isinstance(message, Result):
                self.device = message.device_name
