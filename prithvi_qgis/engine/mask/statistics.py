"""Statistics of a mask, counted while its rows are written: areas of classes, or moments of a regression."""

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
from .pixel_area import ground_areas

COUNT_PIXELS = 1 << 18  # at once, so that counting needs little memory


@dataclass
class MaskStatistics:
    """Tiles, nodata pixels and timings of a mask; subclasses count the valid pixels."""

    tiles: int = 0
    """Tiles that were predicted, or skipped because they hold nodata alone."""
    nodata: int = 0
    """Pixels without data."""
    timings: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("read", "infer", "write"), 0.0))

    @property
    def rate(self) -> float:
        """Tiles per second of reading and inference; time shared with other scenes counts by tiles."""
        return self.tiles / max(self.timings["read"] + self.timings["infer"], 1e-9)

    def count(self, left: int, top: int, values: np.ndarray) -> None:
        """Count (rows, columns) values of the raster from column ``left`` and row ``top`` on."""
        raise NotImplementedError

    def classes(self) -> tuple[ClassArea, ...]:
        """Return pixels and area of each class; empty for a regression."""
        return ()

    def values(self) -> dict[str, float]:
        """Return mean, standard deviation, minimum, maximum and pixels of a regression; empty for classes."""
        return {}


class ClassStatistics(MaskStatistics):
    """Counts classes; memory depends neither on the scene's height nor on the values."""

    pixels: np.ndarray
    """(classes,) int64."""

    def __init__(self, rules: ClassRules, grid: Grid):
        super().__init__()
        self._rules = rules
        classes = len(rules.classes)
        self.pixels = np.zeros(classes, np.int64)
        self._ground = ground_areas(grid)
        self._areas: Optional[np.ndarray] = None if self._ground is None else np.zeros(classes)
        self._columns = None if self._ground is None else self._ground.columns_of_cells(0, grid.width)
        # From value to number of its class; two more numbers for nodata and for values that no rule yields.
        self._numbers = np.full(np.iinfo(rules.dtype).max + 1, classes + 1, np.int32)
        self._numbers[[c.value for c in rules.classes]] = np.arange(classes)
        self._numbers[int(rules.nodata)] = classes

    def count(self, left: int, top: int, values: np.ndarray) -> None:
        classes, ground = len(self.pixels), self._ground
        for begin, rows in _chunks(values):
            numbers = self._numbers[rows]
            areas = np.zeros((1, 1))  # of the cells that the rows touch, counted one by one
            if ground is not None and self._columns is not None:
                cells = ground.rows_of_cells(top + begin, len(rows))
                areas = ground.areas[cells[0] : cells[-1] + 1]
                if len(areas) > 1:
                    numbers += ((cells - cells[0]) * areas.shape[1] * (classes + 2)).astype(np.int32)[:, None]
                if areas.shape[1] > 1:
                    numbers += (self._columns[left : left + rows.shape[1]] * (classes + 2)).astype(np.int32)
            counts = np.bincount(numbers.ravel(), minlength=areas.size * (classes + 2)).reshape(-1, classes + 2)
            self.pixels += counts[:, :classes].sum(axis=0)
            self.nodata += int(counts[:, classes].sum())
            if self._areas is not None:
                self._areas += areas.ravel() @ counts[:, :classes]

    def classes(self) -> tuple[ClassArea, ...]:
        return self._rules.areas(self.pixels, self._areas)


class ValueStatistics(MaskStatistics):
    """Moments of a regression's values, in double precision."""

    def __init__(self, rules: ClassRules):
        super().__init__()
        self._nodata = np.float32(rules.nodata)
        self._pixels, self._mean, self._square = 0, 0.0, 0.0
        self._least, self._most = math.inf, -math.inf

    def count(self, left: int, top: int, values: np.ndarray) -> None:
        for _, part in _chunks(values):
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
        if not self._pixels:
            return {"pixels": 0}
        return {
            "mean": self._mean,
            "std": math.sqrt(self._square / self._pixels),
            "min": self._least,
            "max": self._most,
            "pixels": self._pixels,
        }


def _chunks(values: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield first row and (rows, width) values of chunks of about COUNT_PIXELS."""
    step = max(1, COUNT_PIXELS // values.shape[1])
    for begin in range(0, len(values), step):
        yield begin, values[begin : begin + step]


def statistics_for(rules: ClassRules, grid: Grid) -> Union[ClassStatistics, ValueStatistics]:
    """Return a new statistics accumulator for a mask."""
    return ValueStatistics(rules) if rules.quantity is not None else ClassStatistics(rules, grid)


class StageTimer:
    """Adds the time spent in a ``with`` block to a stage of ``statistics``."""

    def __init__(self, statistics: MaskStatistics, stage: str):
        self._statistics, self._stage = statistics, stage

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *exc: object) -> None:
        self._statistics.timings[self._stage] += time.perf_counter() - self._start
