"""Weighted sums of overlapping predictions, kept only where they are still growing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np

from .tiling import BLEND_FLOOR, ColumnBand, TilePlan


class EdgeStore:
    """Sums at the seam between two column bands, for every row of the scene, in an unnamed file.

    A file and not an array: at 100,000 rows, 20 classes and a small stride the seam alone would be gigabytes.
    The file has no name, so nothing is left behind whatever happens to the process.
    """

    def __init__(self, folder: Path, channels: int, width: int):
        self._shape = (channels, width)
        self._row_bytes = channels * width * 4
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (lives as long as this object)

    def put(self, row: int, sums: np.ndarray) -> None:
        """Keep (channels, rows, width) float32 sums from scene row ``row`` on."""
        self._file.seek(row * self._row_bytes)
        self._file.write(np.ascontiguousarray(sums.transpose(1, 0, 2)).tobytes())

    def get(self, row: int, rows: int) -> np.ndarray:
        """The sums kept for ``rows`` rows from ``row`` on."""
        self._file.seek(row * self._row_bytes)
        data = self._file.read(rows * self._row_bytes)
        return np.frombuffer(data, np.float32).reshape(rows, *self._shape).transpose(1, 0, 2)

    def close(self) -> None:
        """Free the file."""
        self._file.close()


class BandSums:
    """Sums of one column band, walked from the top of the scene to its bottom.

    Only as many rows as a tile keeps are in memory. Call :meth:`add` for each tile of a tile row, then
    :meth:`finish_row`, which hands out the rows that no later tile can change.
    """

    def __init__(self, plan: TilePlan, band: ColumnBand, classes: int, left: Optional[EdgeStore], folder: Path):
        """Begin a band.

        Args:
            left: ``right`` of the band before, None for the first band.
            folder: where the seam to the next band may keep an unnamed file.
        """
        self._plan, self._band, self._left = plan, band, left
        self._mask = plan.blend_mask()
        width = band.end - band.begin
        self._sums = np.zeros((classes, plan.rows.core, width), np.float32)
        self._empty = np.zeros((plan.rows.core, width), bool)
        self._ramps_y, self._counts_y = plan.rows.weight_sums()
        ramps_x, counts_x = plan.cols.weight_sums()
        self._ramps_x = ramps_x[band.begin : band.final]
        self._counts_x = counts_x[band.begin : band.final]
        seam = band.end - band.final
        self.right: Optional[EdgeStore] = EdgeStore(folder, classes + 1, seam) if seam else None

    def add(self, row: int, col: int, logits: Optional[np.ndarray], empty: np.ndarray) -> None:
        """Add a tile of the current tile row.

        Args:
            row, col: its place in the grid of tiles.
            logits: (classes, crop, crop) prediction; None for a tile of nothing but nodata, whose pixels are nodata
                whatever is predicted there.
            empty: (h, w) nodata of its input inside the scene.
        """
        rows, cols = self._plan.rows, self._plan.cols
        begin = cols.core_starts[col] - self._band.begin
        x = slice(begin, begin + cols.core)
        # At the scene's first row and column the margin lies outside the scene, where ``empty`` has nothing.
        skip_y = rows.core_starts[row] - max(rows.read_starts[row], 0)
        skip_x = cols.core_starts[col] - max(cols.read_starts[col], 0)
        self._empty[:, x] = empty[skip_y : skip_y + rows.core, skip_x : skip_x + cols.core]
        if logits is not None:
            kept = logits[:, rows.trim : rows.trim + rows.core, cols.trim : cols.trim + cols.core]
            self._sums[:, :, x] += kept * self._mask

    def finish_row(self, row: int) -> tuple[int, np.ndarray, np.ndarray]:
        """Close tile row ``row``.

        Returns:
            First scene row; (classes, rows, width) float32 blended logits and (rows, width) bool nodata of the scene
            columns ``band.begin`` to ``band.final``.
        """
        top = self._plan.rows.core_starts[row]
        count = self._plan.rows.final_until(row) - top
        done, empty = self._sums[:, :count], self._empty[:count]
        if self._left is not None:
            seam = self._left.get(top, count)
            done[:, :, : seam.shape[2]] += seam[:-1]
            empty[:, : seam.shape[2]] |= seam[-1] > 0
        width = self._band.final - self._band.begin
        if self.right is not None:
            self.right.put(top, np.concatenate([done[:, :, width:], empty[None, :, width:]], axis=0))
        ys = slice(top, top + count)
        weights = np.outer(self._ramps_y[ys], self._ramps_x)
        weights += BLEND_FLOOR * np.outer(self._counts_y[ys], self._counts_x)
        logits = done[:, :, :width] / weights.astype(np.float32)
        empty = empty[:, :width].copy()
        kept = self._sums.shape[1] - count
        self._sums[:, :kept] = self._sums[:, count:].copy()
        self._sums[:, kept:] = 0
        self._empty[:kept] = self._empty[count:].copy()
        self._empty[kept:] = False
        return top, logits, empty


@dataclass(frozen=True)
class Finished:
    """Pixels that no later tile can change.

    Attributes:
        left, top: their first scene column and row.
        logits: (classes, rows, width) float32; empty: (rows, width) bool nodata.
    """

    left: int
    top: int
    logits: np.ndarray
    empty: np.ndarray


class Blender:
    """Blends a scene's tiles, given in :meth:`order`: column band by column band, each from top to bottom."""

    def __init__(self, plan: TilePlan, bands: Sequence[ColumnBand], classes: int, folder: Path):
        """``folder``: where seams between bands may keep unnamed files."""
        self._plan, self._bands, self._classes, self._folder = plan, bands, classes, folder
        self._index = -1
        self._sums: Optional[BandSums] = None
        self._seam: Optional[EdgeStore] = None

    def order(self) -> Iterator[tuple[int, int]]:
        """Row and column of every tile, in the order that :meth:`add` wants."""
        for band in self._bands:
            for row in range(len(self._plan.rows)):
                for col in range(band.first, band.last):
                    yield row, col

    def add(self, row: int, col: int, logits: Optional[np.ndarray], empty: np.ndarray) -> Optional[Finished]:
        """Add the next tile, see :meth:`BandSums.add`; at the end of a tile row returns what is finished."""
        sums = self._sums
        if sums is None or (row == 0 and col == self._bands[self._index].last):
            sums = self._next_band()
        band = self._bands[self._index]
        sums.add(row, col, logits, empty)
        if col + 1 < band.last:
            return None
        top, blended, nodata = sums.finish_row(row)
        return Finished(band.begin, top, blended, nodata)

    def _next_band(self) -> BandSums:
        before, self._seam = self._seam, self._sums.right if self._sums else None
        if before is not None:
            before.close()
        self._index += 1
        self._sums = BandSums(self._plan, self._bands[self._index], self._classes, self._seam, self._folder)
        return self._sums

    def close(self) -> None:
        """Free the seams."""
        for seam in (self._seam, self._sums.right if self._sums else None):
            if seam is not None:
                seam.close()
