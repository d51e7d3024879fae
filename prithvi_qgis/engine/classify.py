"""From blended logits to what is written, on the model's device."""

from __future__ import annotations

import torch

from .outputs import NODATA


def to_classes(logits: torch.Tensor, empty: torch.Tensor) -> torch.Tensor:
    """(classes, h, w) logits to (h, w) uint8 class values; nodata where ``empty``. Ties go to the lower class."""
    two = len(logits) == 2
    out = (logits[1] > logits[0]).to(torch.uint8) if two else logits.argmax(dim=0).to(torch.uint8)
    return out.masked_fill_(empty, NODATA)


def to_percent(logits: torch.Tensor, empty: torch.Tensor) -> torch.Tensor:
    """(classes, h, w) logits to uint8 softmax probabilities in percent; nodata where ``empty``."""
    percent = logits.softmax(dim=0).mul_(100).round_().to(torch.uint8)
    return percent.masked_fill_(empty, NODATA)
