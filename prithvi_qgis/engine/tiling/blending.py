"""Blend overlapping predictions: weighted sums on the model's device, kept only where they still change."""

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

_COPY_BYTES = 8 << 20  # of sums per copy: with many classes a copy would otherwise be as large as all sums


class SeamBuffer:
    """Sums at the seam between two column strips, for every row of the scene, in an unnamed file.

    A file and not an array: at 100,000 rows, 20 classes and a small stride the seam alone would take gigabytes.
    Without a name the file disappears with the process, however that ends.
    """

    def __init__(self, folder: Path, channels: int, width: int):
        self._shape = (channels, width)
        self.row_bytes = channels * width * 4
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (lives as long as this object)

    def put(self, row: int, sums: np.ndarray) -> None:
        """Store (channels, rows, width) float32 sums from scene row ``row`` on."""
        self._file.seek(row * self.row_bytes)
        self._file.write(np.ascontiguousarray(sums.transpose(1, 0, 2)).tobytes())

    def get(self, row: int, rows: int) -> np.ndarray:
        """Return the (channels, rows, width) float32 sums of ``rows`` rows from scene row ``row`` on."""
        self._file.seek(row * self.row_bytes)
        data = np.empty(rows * self.row_bytes // 4, np.float32)
        self._file.readinto(data)  # type: ignore[attr-defined]
        return data.reshape(rows, *self._shape).transpose(1, 0, 2)

    def close(self) -> None:
        """Delete the file."""
        self._file.close()


@dataclass(frozen=True)
class FinishedRows:
    """Pixels that no later tile can change."""

    left: int
    """First scene column."""
    top: int
    """First scene row."""
    logits: torch.Tensor
    """(classes, rows, width) float32 on the model's device; overwritten after the callback."""


class StripAccumulator:
    """Sums of one column strip, processed from the top of the scene to its bottom.

    Memory holds as many rows as the kept part of a tile. Call :meth:`add` for each tile of a tile row, then
    :meth:`finish_row`, which emits the rows that no later tile can change. With ``finish_at_once`` all rows are kept,
    and the last :meth:`finish_row` emits them in a few operations in total.
    """

    def __init__(
        self,
        plan: TilePlan,
        strip: ColumnStrip,
        classes: int,
        left: Optional[SeamBuffer],
        folder: Path,
        device: torch.device,
        first: int,
        finish_at_once: bool,
    ):
        """Begin a strip.

        Args:
            plan: tiles of the scene.
            strip: which of their columns.
            classes: channels of the predictions.
            left: ``right`` of the previous strip; None for the first strip.
            folder: for the unnamed file of the seam to the next strip.
            device: of the sums.
            first: tile row of the first tile.
            finish_at_once: keep all rows from there to the last.
        """
        self._plan, self._strip, self._left, self._finish_at_once = plan, strip, left, finish_at_once
        self._mask = tile_weights(plan, device)
        self._top = plan.rows.core_starts[first]  # scene row of the first row in memory
        kept = plan.rows.size - self._top if finish_at_once else plan.rows.core
        self._sums = torch.zeros((classes, kept, strip.end - strip.begin), device=device)
        self._down = weight_sums(plan.rows, 0, plan.rows.size, device)
        self._across = weight_sums(plan.cols, strip.begin, strip.final, device)
        seam = strip.end - strip.final
        self.right: Optional[SeamBuffer] = SeamBuffer(folder, classes, seam) if seam else None

    def add(self, row: int, col: int, logits: torch.Tensor) -> None:
        """Add a tile's (classes, crop, crop) float32 prediction; ``row`` is the current tile row.

        Allocates nothing, so that a predicted batch can be added however full the device's memory is.
        """
        rows, cols = self._plan.rows, self._plan.cols
        top, begin = rows.core_starts[row] - self._top, cols.core_starts[col] - self._strip.begin
        kept = logits[:, rows.trim : rows.trim + rows.core, cols.trim : cols.trim + cols.core]
        self._sums[:, top : top + rows.core, begin : begin + cols.core].addcmul_(kept, self._mask)

    def finish_row(self, row: int, emit: Callable[[FinishedRows], None]) -> None:
        """Close tile row ``row``, and call ``emit`` with its finished rows in columns ``begin`` to ``final``.

        It gets the sums themselves, divided in place and valid until it returns: with many classes a copy would be as
        large as all sums.
        """
        is_last = row + 1 == len(self._plan.rows)
        if self._finish_at_once and not is_last:
            return
        top = self._top
        count = self._plan.rows.final_until(row) - top
        done = self._sums[:, :count]
        if self._left is not None:
            for at, rows in self._chunks(count, self._left):
                seam = torch.from_numpy(self._left.get(top + at, rows)).to(done.device)
                done[:, at : at + rows, : seam.shape[2]] += seam
        width = self._strip.final - self._strip.begin
        if self.right is not None:
            for at, rows in self._chunks(count, self.right):
                self.right.put(top + at, done[:, at : at + rows, width:].cpu().numpy())
        (ramps_y, counts_y), (ramps_x, counts_x) = self._down, self._across
        ys = slice(top, top + count)
        weights = torch.outer(ramps_y[ys], ramps_x)
        weights += BLEND_FLOOR * torch.outer(counts_y[ys], counts_x)
        emit(FinishedRows(self._strip.begin, top, done[:, :, :width].div_(weights.to(torch.float32))))
        if is_last:
            return
        self._top += count
        kept = self._sums.shape[1] - count
        for classes in self._sums.split(max(1, _COPY_BYTES // max(1, kept * self._sums.shape[2] * 4))):
            classes[:, :kept] = classes[:, count:].clone()
        self._sums[:, kept:] = 0

    @staticmethod
    def _chunks(count: int, seam: SeamBuffer) -> Iterator[tuple[int, int]]:
        """Yield first row and number of rows of each copy."""
        step = max(1, _COPY_BYTES // seam.row_bytes)
        for begin in range(0, count, step):
            yield begin, min(step, count - begin)


class Blender:
    """Blends a scene's tiles in the sequence of :meth:`order`: strip by strip, each from top to bottom."""

    def __init__(
        self,
        plan: TilePlan,
        strips: Sequence[ColumnStrip],
        classes: int,
        folder: Path,
        device: torch.device,
        emit: Callable[[FinishedRows], None],
        tile_rows: Optional[range] = None,
        finish_at_once: bool = False,
    ):
        """Prepare; memory is allocated with the first tile.

        Args:
            plan: tiles of the scene.
            strips: columns of tiles that are processed together.
            classes: channels of the predictions.
            folder: for the unnamed files of seams.
            device: of the sums.
            emit: called with finished rows.
            tile_rows: those to process; None for all.
            finish_at_once: keep all sums, and finish all rows at the end.
        """
        self._plan, self._strips, self._emit = plan, strips, emit
        self._tile_rows = range(len(plan.rows)) if tile_rows is None else tile_rows
        self._make = lambda strip, seam, first: StripAccumulator(
            plan, strip, classes, seam, folder, device, first, finish_at_once
        )
        self._index = -1
        self._sums: Optional[StripAccumulator] = None
        self._seam: Optional[SeamBuffer] = None

    def order(self) -> Iterator[tuple[int, int, int]]:
        """Yield strip, row and column of every tile, in the sequence that :meth:`add` requires."""
        for number, strip in enumerate(self._strips):
            for row in self._tile_rows:
                for col in range(strip.first, strip.last):
                    yield number, row, col

    def add(self, strip: int, row: int, col: int, logits: Optional[torch.Tensor]) -> None:
        """Add the next tile; None for a tile of nodata alone, whose pixels stay nodata whatever is predicted."""
        sums = self._sums
        if sums is None or strip != self._index:
            sums = self._next_strip(strip, row)
        if logits is not None:
            sums.add(row, col, logits)
        if col + 1 == self._strips[strip].last:
            sums.finish_row(row, self._emit)

    def _next_strip(self, strip: int, first: int) -> StripAccumulator:
        before, self._seam = self._seam, self._sums.right if self._sums else None
        if before is not None:
            before.close()
        self._index = strip
        self._sums = None  # frees its memory before the next one is allocated
        self._sums = self._make(self._strips[strip], self._seam, first)
        return self._sums

    def close(self) -> None:
        """Free sums and seams."""
        for seam in (self._seam, self._sums.right if self._sums else None):
            if seam is not None:
                seam.close()
        self._sums = None
