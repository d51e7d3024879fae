"""What each worker is doing, kept up to date from the events that it tells."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from ...core.protocol.codec import decode
from ...core.protocol.messages import Progress, SceneDone, SceneFailed, Segment, WorkerState


class WorkerStats:
    """Live figures of one worker.

    Attributes:
        name, host, device, state, scenes, errors: see :class:`engine.contract.live.WorkerState`.
        heard: :func:`time.monotonic` when it last said anything.
    """

    def __init__(self, name: str):
        self.name, self.host, self.device, self.state = name, "", "", "starting"
        self.scenes = self.errors = self._gpu_used_mb = self._gpu_total_mb = 0
        self._scene, self._tiles_per_s = -1, 0.0
        self.heard = time.monotonic()

    @property
    def has_begun(self) -> bool:
        """Whether it ever began a scene."""
        return self._scene >= 0

    def take(self, event: dict[str, Any]) -> None:
        """Take one event of :class:`engine.cluster.coordinator.Coordinator`."""
        self.heard = time.monotonic()
        kind = event["kind"]
        if kind == "joined":
            self.host, self.device = event["host"], event["variant"]
        elif kind == "began":
            self.state = "working"
            self._scene = event["item"]
        elif kind == "progress":
            progress = decode(event["message"])
            if isinstance(progress, Progress):
                self._tiles_per_s = progress.tiles_per_s
                self._gpu_used_mb, self._gpu_total_mb = progress.gpu_used_mb, progress.gpu_total_mb
        elif kind in ("ended", "block"):
            message = decode(event["message"])
            self.scenes += kind == "ended"
            self.errors += isinstance(message, SceneFailed)
            if isinstance(message, SceneDone):
                self.device = message.result.device_name

    def shown(self, requests: Sequence[Segment]) -> WorkerState:
        """As it is shown: with the scene's name."""
        working = self.state == "working" and self._scene >= 0
        name = requests[self._scene].source_name or requests[self._scene].source if working else ""
        return WorkerState(
            self.name,
            self.host,
            self.device,
            self.state,
            name,
            self._tiles_per_s if working else 0.0,
            self.scenes,
            self.errors,
            self._gpu_used_mb,
            self._gpu_total_mb,
        )
