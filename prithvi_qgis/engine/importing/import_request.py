"""What to import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

Report = Callable[[int, str], None]
"""Called with percent and the current step."""


@dataclass(frozen=True)
class ImportRequest:
    """The parameters of ``prithvi:importmodel``."""

    config: Path
    """YAML of a training, or ``model.json`` of a prepared model or its folder."""
    checkpoint: Optional[Path]
    """Weights; None for those next to ``model.json``."""
    model_id: str
    """Empty for the prepared model's own id."""
    classes: str = ""
    """JSON with classes, or with the quantity of a regression; empty uses the training's."""
    overwrite: bool = False
