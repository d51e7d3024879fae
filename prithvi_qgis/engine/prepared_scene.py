"""The object that travels from the opened scene to the finished mask."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from ..core.models.model_card import ModelCard
from ..core.protocol.messages import Message, Segment
from ..core.system.heartbeat import Heartbeat
from ..core.system.timeouts import TIMEOUTS, Timeouts
from .mask.class_rules import ClassRules, class_rules
from .mask.pixel_area import area_warnings
from .model.backend import InferenceModel
from .reading.raster_source import RasterSource
from .tiling.tile_grid import TilePlan, plan_tiles

Emit = Callable[[Message], None]


@dataclass(eq=False)
class PreparedScene:
    """A request whose scene is open and fits its model. The caller closes ``scene``.

    Raises:
        PrithviError: ``parameter_invalid`` for a smallest patch that does not fit.
    """

    request: Segment
    card: ModelCard
    scene: RasterSource
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    timeouts: Timeouts = TIMEOUTS
    began: float = field(default_factory=time.perf_counter)
    """:func:`time.perf_counter` when work on the scene began."""
    started: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    """The same moment as a date."""
    rules: ClassRules = field(init=False)
    plan: TilePlan = field(init=False)
    backend: InferenceModel = field(init=False)
    """The loaded model; set once it is there."""

    def __post_init__(self) -> None:
        card, grid = self.card, self.scene.grid
        self.rules = class_rules(self.request, card, grid)
        notes = [self.rules.patch_note] if self.rules.patch_note else []
        self.scene.warnings += [*area_warnings(grid, self.scene.name), *notes]
        self.plan = plan_tiles(grid.height, grid.width, card.tile, self.request.stride or card.stride, card.margin)

    @property
    def started_text(self) -> str:
        """When work on the scene began, as ISO 8601."""
        return self.started.isoformat(timespec="seconds")

    def count_from(self, started: datetime) -> None:
        """Count the time from ``started``, when others began with the scene."""
        passed_s = (datetime.now(timezone.utc) - started).total_seconds()
        self.began, self.started = time.perf_counter() - max(0.0, passed_s), started
