"""The rows of a scene that tiles are being cut from, on the model's device as the file stores them.

A ring: a row of the scene lies at its number modulo the ring's height, so nothing is ever moved. Tiles overlap, are
reflected at the scene's edges and are normalised only when they are gathered, so that each pixel is read, converted and
sent to the device once and in its smallest form.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Optional

import numpy as np
import torch

from ..device.streams import Device, to_device
from ..reading.raster_source import RasterSource
from ..reading.read_windows import ReadWindow
from .device_tables import MOST_LISTED, all_tile_pixels, tile_pixels
from .tile_grid import TilePlan, span

CELL = 16  # pixels: granularity at which the host knows where there is data at all

# Kept as stored; anything else becomes float32 when it is read. Unsigned 16 bits travel as signed ones with the same
# bits: torch knows few operations on the unsigned type.
_TORCH = {"uint8": torch.uint8, "int16": torch.int16, "uint16": torch.int16}


# A piece of the scene's window, its (channels, rows, cols) stored numbers, and its (rows, cols) bool nodata.
Show = Callable[[ReadWindow, np.ndarray, np.ndarray], None]


def stored_type(dtype: str) -> str:
    """The NumPy type in which a scene of ``dtype`` is kept."""
    return dtype if dtype in _TORCH else "float32"


class TileRingBuffer:
    """Columns ``left`` to ``right`` of a scene, and as many of its rows as a batch of tiles needs.

    :meth:`load` may be called by many threads; everything else by one.
    """

    def __init__(
        self,
        scene: RasterSource,
        device: Device,
        plan: TilePlan,
        columns: tuple[int, int],
        buffer_rows: int,
        largest_piece: int,
        show: Optional[Show] = None,
    ):
        """Allocate.

        Args:
            columns: first, and after the last; largest_piece: pixels of the largest that :meth:`load` gets.
            show: called by the reading threads with every piece that was read.
        """
        self._scene, self._device, self._show = scene, device, show
        self._left, self._ring_rows = columns[0], buffer_rows
        self._unsigned = scene.dtype == "uint16"
        self._numpy = np.dtype(stored_type(scene.dtype))
        stored = _TORCH.get(scene.dtype, torch.float32)
        channels, width = scene.channels, columns[1] - columns[0]
        self._plan = plan
        with device.preparing():
            self._pixels = torch.zeros((channels, buffer_rows, width), dtype=stored, device=device.torch)
            self._empty = torch.zeros((buffer_rows, width), dtype=torch.bool, device=device.torch)
            self._gain, self._bias = (to_device(v, device.torch) for v in scene.normalisation)
            # Where each tile's pixels lie, on the device: a copy for each batch would wait for the batches before it.
            geometry = plan, buffer_rows, columns[0], device.torch
            self._ys, self._xs = tile_pixels(*geometry)
            every = columns == (span(plan.cols, 0)[0], span(plan.cols, len(plan.cols) - 1)[1])
            self._all = all_tile_pixels(*geometry) if every and plan.count <= MOST_LISTED else None
        self._largest = largest_piece
        self._once = largest_piece >= int(scene.window.height) * int(scene.window.width)  # one piece, then no more
        self._buffers = threading.local()
        height = int(scene.window.height)
        self._lock = threading.Lock()  # pieces may share a cell
        self._data = np.zeros((-(-height // CELL) + 1, -(-int(scene.window.width) // CELL) + 1), bool)
        device.filled()

    # -- filling -------------------------------------------------------------------------------------------------

    def load(self, piece: ReadWindow, after: Optional[Any]) -> None:
        """Read a piece of the scene into the ring, once ``after`` has passed on the device."""
        rows, cols = piece.bottom - piece.top, piece.right - piece.left
        pixels, empty = self._buffer(rows, cols)
        self._scene.read_piece(piece, pixels, empty)
        self._note_data(piece, empty)
        if self._show is not None:
            self._show(piece, pixels, empty)
        x = slice(piece.left - self._left, piece.right - self._left)
        sources = torch.from_numpy(pixels.view(np.int16) if self._unsigned else pixels), torch.from_numpy(empty)
        pairs = []
        done = 0
        while done < rows:  # in two parts where the ring begins anew
            at = (piece.top + done) % self._ring_rows
            count = min(rows - done, self._ring_rows - at)
            part = slice(done, done + count)
            pairs.append((self._pixels[:, at : at + count, x], sources[0][:, part]))
            pairs.append((self._empty[at : at + count, x], sources[1][part]))
            done += count
        self._device.upload(pairs, after)

    def _buffer(self, rows: int, cols: int) -> tuple[np.ndarray, np.ndarray]:
        """This thread's own memory for a piece: (channels, rows, cols) pixels and (rows, cols) nodata."""
        kept: Optional[tuple[np.ndarray, np.ndarray]] = getattr(self._buffers, "kept", None)
        if kept is None:
            size = self._largest * self._scene.channels * self._numpy.itemsize
            kept = (
                self._device.buffer((size,), torch.uint8).numpy(),
                self._device.buffer((self._largest,), torch.bool).numpy(),
            )
            if not self._once:
                self._buffers.kept = kept
        count = self._scene.channels * rows * cols
        raw = kept[0][: count * self._numpy.itemsize].view(self._numpy)
        return raw.reshape(self._scene.channels, rows, cols), kept[1][: rows * cols].reshape(rows, cols)

    def _note_data(self, piece: ReadWindow, empty: np.ndarray) -> None:
        """Mark the cells in which a pixel is valid."""
        top, left = piece.top // CELL, piece.left // CELL
        cells = self._data[top : (piece.bottom - 1) // CELL + 1, left : (piece.right - 1) // CELL + 1]
        held: Any = True
        if empty.any():
            rows = np.maximum(np.arange(top, top + len(cells)) * CELL - piece.top, 0)
            cols = np.maximum(np.arange(left, left + cells.shape[1]) * CELL - piece.left, 0)
            held = np.logical_or.reduceat(np.logical_or.reduceat(~empty, rows, axis=0), cols, axis=1)
        with self._lock:
            cells |= held

    # -- taking --------------------------------------------------------------------------------------------------

    def may_hold_data(self, rows: tuple[int, int], cols: tuple[int, int]) -> bool:
        """False only where every pixel of the scene's rows and columns, first and after the last, is nodata."""
        y, x = ((a // CELL, (b - 1) // CELL + 1) for a, b in (rows, cols))
        return bool(self._data[y[0] : y[1], x[0] : x[1]].any())

    def gather(self, tiles: list[tuple[int, int]]) -> torch.Tensor:
        """(n, bands, [frames,] crop, crop) float32 normalised pixels of tiles (row, column); nodata is exactly 0."""
        contiguous_slice = self._plan.contiguous_slice(tiles)
        if contiguous_slice is not None and self._all is not None:
            ys, xs = (listed[contiguous_slice] for listed in self._all)
        else:
            ys = torch.stack([self._ys[row] for row, _ in tiles])
            xs = torch.stack([self._xs[col] for _, col in tiles])
        picked = self._pixels[:, ys[:, :, None], xs[:, None, :]]
        if self._unsigned:
            picked = picked.view(torch.uint16)
        pixels = picked.to(torch.float32).transpose(0, 1).contiguous()
        pixels.mul_(self._gain).add_(self._bias)
        pixels.masked_fill_(self._empty[ys[:, :, None], xs[:, None, :]][:, None], 0.0)
        if self._scene.frames > 1:
            pixels = pixels.unflatten(1, (self._scene.frames, -1)).transpose(1, 2)
        return pixels

    def empty(self, top: int, rows: int, left: int, right: int) -> torch.Tensor:
        """(rows, right - left) bool nodata from scene row ``top`` on, a copy."""
        index = torch.arange(top, top + rows, device=self._device.torch) % self._ring_rows
        return self._empty[:, left - self._left : right - self._left].index_select(0, index)
