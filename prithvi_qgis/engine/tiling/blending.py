"""Weighted sums of overlapping predictions, kept only where they are still growing, on the model's device."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np
import torch

from .device_tables import tile_weights, weight_sums
from .tile_grid import BLEND_FLOOR, ColumnStrip, TilePlan

_COPIED_BYTES = 8 << 20  # of sums, at once: with many classes copies would else be as large as all that is kept


class SeamBuffer:
    """Sums at the seam between two column bands, for every row of the scene, in an unnamed file.

    A file and not an array: at 100,000 rows, 20 classes and a small stride the seam alone would be gigabytes.
    The file has no name, so nothing is left behind whatever happens to the process.
    """

    def __init__(self, folder: Path, channels: int, width: int):
        self._shape = (channels, width)
        self.row_bytes = channels * width * 4
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (lives as long as this object)

    def put(self, row: int, sums: np.ndarray) -> None:
        """Keep (channels, rows, width) float32 sums from scene row ``row`` on."""
        self._file.seek(row * self.row_bytes)
        self._file.write(np.ascontiguousarray(sums.transpose(1, 0, 2)).tobytes())

    def get(self, row: int, rows: int) -> np.ndarray:
        """The sums kept for ``rows`` rows from ``row`` on."""
        self._file.seek(row * self.row_bytes)
        data = np.empty(rows * self.row_bytes // 4, np.float32)
        self._file.readinto(data)  # type: ignore[attr-defined]
        return data.reshape(rows, *self._shape).transpose(1, 0, 2)

    def close(self) -> None:
        """Free the file."""
        self._file.close()


@dataclass(frozen=True)
class FinishedRows:
    """Pixels that no later tile can change.

    Attributes:
        left, top: their first scene column and row.
        logits: (classes, rows, width) float32 on the model's device; not to be kept.
    """

    left: int
    top: int
    logits: torch.Tensor


class StripAccumulator:
    """Sums of one column band, walked from the top of the scene to its bottom.

    Only as many rows as a tile keeps are in memory. Call :meth:`add` for each tile of a tile row, then
    :meth:`finish_row`, which hands on the rows that no later tile can change. With ``finish_at_once`` all
    rows are kept, and the last :meth:`finish_row` hands them on, in a few operations and not in a few a tile row.
    """

    def __init__(
        self,
        plan: TilePlan,
        band: ColumnStrip,
        classes: int,
        left: Optional[SeamBuffer],
        folder: Path,
        device: torch.device,
        first: int,
        finish_at_once: bool,
    ):
        """Begin a band.

        Args:
            left: ``right`` of the band before, None for the first band.
            folder: where the seam to the next band may keep an unnamed file.
            first: tile row; together: keep all rows from there to the last.
        """
        self._plan, self._band, self._left, self._together = plan, band, left, finish_at_once
        self._mask = tile_weights(plan, device)
        self._top = plan.rows.core_starts[first]  # scene row of the first that is kept
        kept = plan.rows.size - self._top if finish_at_once else plan.rows.core
        self._sums = torch.zeros((classes, kept, band.end - band.begin), device=device)
        self._down = weight_sums(plan.rows, 0, plan.rows.size, device)
        self._across = weight_sums(plan.cols, band.begin, band.final, device)
        seam = band.end - band.final
        self.right: Optional[SeamBuffer] = SeamBuffer(folder, classes, seam) if seam else None

    def add(self, row: int, col: int, logits: torch.Tensor) -> None:
        """Add a tile's (classes, crop, crop) float32 prediction; ``row`` is the current tile row.

        Nothing is allocated: a batch that was predicted is also added, however full the device is.
        """
        rows, cols = self._plan.rows, self._plan.cols
        top, begin = rows.core_starts[row] - self._top, cols.core_starts[col] - self._band.begin
        kept = logits[:, rows.trim : rows.trim + rows.core, cols.trim : cols.trim + cols.core]
        self._sums[:, top : top + rows.core, begin : begin + cols.core].addcmul_(kept, self._mask)

    def finish_row(self, row: int, emit: Callable[[FinishedRows], None]) -> None:
        """Close tile row ``row``: ``emit`` gets its finished rows in columns ``band.begin`` to ``band.final``.

        What it gets are the sums themselves, divided in place, and good until it returns: with many classes a second
        copy would be as large as all that is kept.
        """
        is_last = row + 1 == len(self._plan.rows)
        if self._together and not is_last:
            return
        top = self._top
        count = self._plan.rows.final_until(row) - top
        done = self._sums[:, :count]
        if self._left is not None:
            for at, rows in self._pieces(count, self._left):
                seam = torch.from_numpy(self._left.get(top + at, rows)).to(done.device)
                done[:, at : at + rows, : seam.shape[2]] += seam
        width = self._band.final - self._band.begin
        if self.right is not None:
            for at, rows in self._pieces(count, self.right):
                self.right.put(top + at, done[:, at : at + rows, width:].cpu().numpy())
        (ramps_y, counts_y), (ramps_x, counts_x) = self._down, self._across
        ys = slice(top, top + count)
        weights = torch.outer(ramps_y[ys], ramps_x)
        weights += BLEND_FLOOR * torch.outer(counts_y[ys], counts_x)
        emit(FinishedRows(self._band.begin, top, done[:, :, :width].div_(weights.to(torch.float32))))
        if is_last:
            return
        self._top += count
        kept = self._sums.shape[1] - count
        for some in self._sums.split(max(1, _COPIED_BYTES // max(1, kept * self._sums.shape[2] * 4))):
            some[:, :kept] = some[:, count:].clone()
        self._sums[:, kept:] = 0

    @staticmethod
    def _pieces(count: int, store: SeamBuffer) -> Iterator[tuple[int, int]]:
        """First row and number of rows of pieces that are copied at once."""
        step = max(1, _COPIED_BYTES // store.row_bytes)
        for begin in range(0, count, step):
            yield begin, min(step, count - begin)


class Blender:
    """Blends a scene's tiles, given in :meth:`order`: column band by column band, each from top to bottom."""

    def __init__(
        self,
        plan: TilePlan,
        bands: Sequence[ColumnStrip],
        classes: int,
        folder: Path,
        device: torch.device,
        emit: Callable[[FinishedRows], None],
        tile_rows: Optional[range] = None,
        finish_at_once: bool = False,
    ):
        """Begin.

        Args:
            folder: where seams may keep unnamed files; emit: called with finished rows.
            tile_rows: those to walk, None for all; together: keep all sums, and finish all rows at the end.
        """
        self._plan, self._bands, self._emit = plan, bands, emit
        self._tile_rows = range(len(plan.rows)) if tile_rows is None else tile_rows
        self._make = lambda band, seam, first: StripAccumulator(
            plan, band, classes, seam, folder, device, first, finish_at_once
        )
        self._index = -1
        self._sums: Optional[StripAccumulator] = None
        self._seam: Optional[SeamBuffer] = None

    def order(self) -> Iterator[tuple[int, int, int]]:
        """Band, row and column of every tile, in the order that :meth:`add` wants."""
        for number, band in enumerate(self._bands):
            for row in self._tile_rows:
                for col in range(band.first, band.last):
                    yield number, row, col

    def add(self, band: int, row: int, col: int, logits: Optional[torch.Tensor]) -> None:
        """Add the next tile; None for one of nothing but nodata, whose pixels are nodata whatever is predicted."""
        sums = self._sums
        if sums is None or band != self._index:
            sums = self._next_band(band, row)
        if logits is not None:
            sums.add(row, col, logits)
        if col + 1 == self._bands[band].last:
            sums.finish_row(row, self._emit)

    def _next_band(self, band: int, first: int) -> StripAccumulator:
        before, self._seam = self._seam, self._sums.right if self._sums else None
        if before is not None:
            before.close()
        self._index = band
        self._sums = None  # its memory may serve the next one
        self._sums = self._make(self._bands[band], self._seam, first)
        return self._sums

    def close(self) -> None:
        """Free the seams."""
        for seam in (self._seam, self._sums.right if self._sums else None):
            if seam is not None:
                seam.close()
        self._sums = None
