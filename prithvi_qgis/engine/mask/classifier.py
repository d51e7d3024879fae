"""Turn blended logits into mask values and probabilities, on the model's device."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from .class_rules import ClassRules

CHUNK_BYTES = 8 << 20  # of float32 logits per softmax, which needs as much again
PERCENT_NODATA = 255
_TORCH_DTYPES = {"uint8": torch.uint8, "uint16": torch.uint16}


class Classifier:
    """Applies :class:`ClassRules` to finished rows."""

    def __init__(self, rules: ClassRules, device: torch.device):
        self._rules = rules
        self._floor, self._ignored = None, None
        if rules.min_probabilities:
            floor = torch.zeros(rules.channels, dtype=torch.float32)
            for value, minimum in rules.min_probabilities:
                floor[value] = minimum
            self._floor = floor.to(device)
        if rules.ignored:
            ignored = torch.zeros(rules.channels, dtype=torch.bool)
            ignored[[c.value for c in rules.ignored]] = True
            self._ignored = ignored.to(device)

    @property
    def value_bytes(self) -> int:
        """Bytes of one pixel of :meth:`values`."""
        return np.dtype(self._rules.dtype).itemsize

    def values(self, logits: torch.Tensor, empty: torch.Tensor) -> torch.Tensor:
        """Return the (h, w) raster values, in the rules' type, of (channels, h, w) logits.

        Nodata where ``empty``, where the class is ignored, and where a regression's number is not finite. Ties go to
        the lower class.
        """
        rules = self._rules
        if rules.quantity is not None:
            number = logits[0]
            return torch.where(empty | ~torch.isfinite(number), rules.nodata, number)
        if rules.channels == 2 and self._floor is None and self._ignored is None:
            return (logits[1] > logits[0]).to(torch.uint8).masked_fill_(empty, rules.nodata)
        winner = logits.argmax(dim=0)
        out = winner.to(torch.int32)
        if self._floor is not None:
            for rows in _chunks(logits):
                probability = logits[:, rows].softmax(dim=0).amax(dim=0)
                out[rows].masked_fill_(probability < self._floor[winner[rows]], rules.uncertain)
        if self._ignored is not None:
            # Ignored takes precedence over uncertain.
            out.masked_fill_(self._ignored[winner], rules.nodata)
        return out.masked_fill_(empty, rules.nodata).to(_TORCH_DTYPES[rules.dtype])

    def percent(self, logits: torch.Tensor, empty: torch.Tensor) -> torch.Tensor:
        """Return (classes, h, w) uint8 softmax probabilities in percent of logits; 255 where ``empty``."""
        out = torch.empty(logits.shape, dtype=torch.uint8, device=logits.device)
        for rows in _chunks(logits):
            out[:, rows] = logits[:, rows].softmax(dim=0).mul_(100).round_().to(torch.uint8)
        return out.masked_fill_(empty, PERCENT_NODATA)


def _chunks(logits: torch.Tensor) -> Iterator[slice]:
    """Yield rows in chunks of CHUNK_BYTES."""
    channels, rows, width = logits.shape
    step = max(1, CHUNK_BYTES // (4 * channels * width))
    for begin in range(0, rows, step):
        yield slice(begin, begin + step)
