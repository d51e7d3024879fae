"""What a run counts while rows are written: pixels and areas of classes, or mean and spread of a regression."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Optional, Union

import numpy as np

from ...core.protocol.messages import ClassArea
from ..reading.raster_source import Grid
from .class_rules import ClassRules
from .pixel_area import row_areas

COUNTED = 1 << 18  # pixels at once, so that counting needs little memory


@dataclass
class MaskStatistics:
    """Seconds by stage, tiles, and pixels without data; subclasses count what has some."""

    tiles: int = 0
    nodata: int = 0
    timings: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("read", "infer", "write"), 0.0))

    @property
    def rate(self) -> float:
        """Tiles a second while the engine worked on this scene; what it shares with others counts by tiles."""
        return self.tiles / max(self.timings["read"] + self.timings["infer"], 1e-9)

    def count(self, top: int, values: np.ndarray) -> None:
        """Count (rows, width) values of the raster from row ``top`` on."""
        raise NotImplementedError

    def classes(self) -> tuple[ClassArea, ...]:
        """Pixels and area of each class; empty for a regression."""
        return ()

    def values(self) -> dict[str, float]:
        """Mean, standard deviation, minimum, maximum and pixels of a regression; empty for classes."""
        return {}


class ClassStatistics(MaskStatistics):
    """Counts classes; memory depends neither on the scene's height nor on how large the values are.

    Attributes:
        pixels: (classes,) int64.
    """

    def __init__(self, rules: ClassRules, grid: Grid):
        super().__init__()
        self._rules = rules
        kinds = len(rules.classes)
        self.pixels = np.zeros(kinds, np.int64)
        self._row_areas = row_areas(grid)
        self._areas: Optional[np.ndarray] = None if self._row_areas is None else np.zeros(kinds)
        # Where pixels are of one size, rows need not be counted one by one.
        self._alike = self._row_areas is None or bool(self._row_areas.min() == self._row_areas.max())
        # Value to place among the classes; two more for nodata and for what no decision can give.
        self._place = np.full(np.iinfo(rules.dtype).max + 1, kinds + 1, np.int32)
        self._place[[c.value for c in rules.classes]] = np.arange(kinds)
        self._place[int(rules.nodata)] = kinds

    def count(self, top: int, values: np.ndarray) -> None:
        """See :meth:`MaskStatistics.count`."""
        kinds = len(self.pixels)
        for begin, rows in _parts(values):
            part = self._place[rows]
            apart = 1 if self._alike else len(part)
            if apart > 1:
                part += np.arange(apart, dtype=np.int32)[:, None] * (kinds + 2)
            counts = np.bincount(part.ravel(), minlength=apart * (kinds + 2)).reshape(apart, kinds + 2)
            self.pixels += counts[:, :kinds].sum(axis=0)
            self.nodata += int(counts[:, kinds].sum())
            if self._areas is not None and self._row_areas is not None:
                first = top + begin
                self._areas += self._row_areas[first : first + apart] @ counts[:, :kinds]

    def classes(self) -> tuple[ClassArea, ...]:
        """See :meth:`MaskStatistics.classes`."""
        return self._rules.areas(self.pixels, self._areas)


class ValueTally(MaskStatistics):
    """Counts numbers, in double precision."""

    def __init__(self, rules: ClassRules):
        super().__init__()
        self._nodata = np.float32(rules.nodata)
        self._pixels, self._mean, self._square = 0, 0.0, 0.0
        self._least, self._most = math.inf, -math.inf

    def count(self, top: int, values: np.ndarray) -> None:
        """See :meth:`MaskStatistics.count`."""
        for _, part in _parts(values):
            known = part[part != self._nodata].astype(np.float64)
            self.nodata += part.size - known.size
            if not known.size:
                continue
            # Chan, Golub and LeVeque's update: squares of large numbers would else swallow small differences.
            mean = float(known.mean())
            both, off = self._pixels + known.size, mean - self._mean
            self._square += float(((known - mean) ** 2).sum()) + off**2 * self._pixels * known.size / both
            self._mean += off * known.size / both
            self._pixels = both
            self._least, self._most = min(self._least, float(known.min())), max(self._most, float(known.max()))

    def values(self) -> dict[str, float]:
        """See :meth:`MaskStatistics.values`."""
        if not self._pixels:
            return {"pixels": 0}
        return {
            "mean": self._mean,
            "std": math.sqrt(self._square / self._pixels),
            "min": self._least,
            "max": self._most,
            "pixels": self._pixels,
        }


def _parts(values: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """(rows, width) values some rows at a time, each with the number of its first."""
    step = max(1, COUNTED // values.shape[1])
    for begin in range(0, len(values), step):
        yield begin, values[begin : begin + step]


def statistics_for(rules: ClassRules, grid: Grid) -> Union[ClassStatistics, ValueTally]:
    """Fresh."""
    return ValueTally(rules) if rules.quantity is not None else ClassStatistics(rules, grid)


class StageTimer:
    """Adds the time spent in a ``with`` block to one of a tally's stages."""

    def __init__(self, statistics: MaskStatistics, stage: str):
        self._statistics, self._stage = statistics, stage

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *exc: object) -> None:
        self._statistics.timings[self._stage] += time.perf_counter() - self._start
