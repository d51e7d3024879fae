"""Ring buffer on the model's device with the rows of a scene that tiles are gathered from, as stored in the file.

A scene row is kept at its number modulo the buffer's height, so nothing is ever moved. Overlap, reflection at the
scene's edges and normalisation happen when tiles are gathered, so that each pixel is read, converted and uploaded once
and in its smallest form.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Optional, Union

import numpy as np
import torch

from ..device.streams import Device, to_device
from ..reading.raster_source import RasterSource
from ..reading.read_windows import ReadWindow
from .device_tables import MAX_LISTED_TILES, all_tile_pixels, tile_pixels
from .tile_grid import TilePlan, span

CELL = 16  # pixels: granularity at which the host tracks where any data is

# Kept as stored; every other type becomes float32 when it is read. uint16 is kept as int16 with the same bits, because
# torch supports few operations on uint16.
_TORCH_DTYPES = {"uint8": torch.uint8, "int16": torch.int16, "uint16": torch.int16}

# Called with a read window, its (channels, rows, cols) stored values, and its (rows, cols) bool nodata.
OnRead = Callable[[ReadWindow, np.ndarray, np.ndarray], None]


def stored_type(dtype: str) -> str:
    """Return the NumPy type in which a scene of ``dtype`` is kept."""
    return dtype if dtype in _TORCH_DTYPES else "float32"


class TileRingBuffer:
    """Some columns of a scene, and as many of its rows as a batch of tiles needs.

    :meth:`load` may be called from several threads; everything else from one.
    """

    def __init__(
        self,
        scene: RasterSource,
        device: Device,
        plan: TilePlan,
        columns: tuple[int, int],
        buffer_rows: int,
        largest_window: int,
        on_read: Optional[OnRead] = None,
    ):
        """Allocate.

        Args:
            scene: to read.
            device: that holds the buffer.
            plan: tiles of the scene.
            columns: first scene column, and the one after the last.
            buffer_rows: scene rows that are kept.
            largest_window: pixels of the largest read window.
            on_read: called by the reading threads with every window that was read.
        """
        self._scene, self._device, self._on_read = scene, device, on_read
        self._left, self._buffer_rows = columns[0], buffer_rows
        self._unsigned = scene.dtype == "uint16"
        self._numpy_dtype = np.dtype(stored_type(scene.dtype))
        stored = _TORCH_DTYPES.get(scene.dtype, torch.float32)
        channels, width = scene.channels, columns[1] - columns[0]
        self._plan = plan
        with device.preparing():
            self._pixels = torch.zeros((channels, buffer_rows, width), dtype=stored, device=device.torch)
            self._empty = torch.zeros((buffer_rows, width), dtype=torch.bool, device=device.torch)
            self._gain, self._bias = (to_device(v, device.torch) for v in scene.normalisation)
            # Indices of each tile's pixels stay on the device: an upload per batch would wait for earlier batches.
            geometry = plan, buffer_rows, columns[0], device.torch
            self._ys, self._xs = tile_pixels(*geometry)
            every = columns == (span(plan.cols, 0)[0], span(plan.cols, len(plan.cols) - 1)[1])
            self._all = all_tile_pixels(*geometry) if every and plan.count <= MAX_LISTED_TILES else None
        self._largest = largest_window
        self._read_at_once = largest_window >= int(scene.window.height) * int(scene.window.width)
        self._host = threading.local()
        height = int(scene.window.height)
        self._lock = threading.Lock()  # windows may share a cell
        self._has_data = np.zeros((-(-height // CELL) + 1, -(-int(scene.window.width) // CELL) + 1), bool)
        device.filled()

    # -- filling -------------------------------------------------------------------------------------------------

    def load(self, window: ReadWindow, after: Optional[torch.cuda.Event]) -> None:
        """Read a window of the scene into the buffer, once ``after`` has passed on the device."""
        rows, cols = window.shape
        pixels, empty = self._host_arrays(rows, cols)
        self._scene.read_window(window, pixels, empty)
        self._track_data(window, empty)
        if self._on_read is not None:
            self._on_read(window, pixels, empty)
        x = slice(window.left - self._left, window.right - self._left)
        sources = torch.from_numpy(pixels.view(np.int16) if self._unsigned else pixels), torch.from_numpy(empty)
        pairs = []
        done = 0
        while done < rows:  # in two parts where the buffer wraps
            at = (window.top + done) % self._buffer_rows
            count = min(rows - done, self._buffer_rows - at)
            part = slice(done, done + count)
            pairs.append((self._pixels[:, at : at + count, x], sources[0][:, part]))
            pairs.append((self._empty[at : at + count, x], sources[1][part]))
            done += count
        self._device.upload(pairs, after)

    def _host_arrays(self, rows: int, cols: int) -> tuple[np.ndarray, np.ndarray]:
        """Return this thread's host memory for a window: (channels, rows, cols) pixels and (rows, cols) nodata."""
        kept: Optional[tuple[np.ndarray, np.ndarray]] = getattr(self._host, "kept", None)
        if kept is None:
            size = self._largest * self._scene.channels * self._numpy_dtype.itemsize
            kept = (
                self._device.buffer((size,), torch.uint8).numpy(),
                self._device.buffer((self._largest,), torch.bool).numpy(),
            )
            if not self._read_at_once:
                self._host.kept = kept
        count = self._scene.channels * rows * cols
        raw = kept[0][: count * self._numpy_dtype.itemsize].view(self._numpy_dtype)
        return raw.reshape(self._scene.channels, rows, cols), kept[1][: rows * cols].reshape(rows, cols)

    def _track_data(self, window: ReadWindow, empty: np.ndarray) -> None:
        """Mark the cells in which a pixel is valid."""
        top, left = window.top // CELL, window.left // CELL
        cells = self._has_data[top : (window.bottom - 1) // CELL + 1, left : (window.right - 1) // CELL + 1]
        valid: Union[bool, np.ndarray] = True
        if empty.any():
            rows = np.maximum(np.arange(top, top + len(cells)) * CELL - window.top, 0)
            cols = np.maximum(np.arange(left, left + cells.shape[1]) * CELL - window.left, 0)
            valid = np.logical_or.reduceat(np.logical_or.reduceat(~empty, rows, axis=0), cols, axis=1)
        with self._lock:
            cells |= valid

    # -- gathering -----------------------------------------------------------------------------------------------

    def may_hold_data(self, rows: tuple[int, int], cols: tuple[int, int]) -> bool:
        """Return False only if all pixels of the scene's (first, after the last) rows and columns are nodata."""
        y, x = ((a // CELL, (b - 1) // CELL + 1) for a, b in (rows, cols))
        return bool(self._has_data[y[0] : y[1], x[0] : x[1]].any())

    def gather(self, tiles: list[tuple[int, int]]) -> torch.Tensor:
        """Return (n, bands, [frames,] crop, crop) float32 normalised pixels of tiles (row, column); nodata is 0."""
        part = self._plan.contiguous_slice(tiles)
        if part is not None and self._all is not None:
            ys, xs = (listed[part] for listed in self._all)
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
        """Return a copy of the (rows, right - left) bool nodata from scene row ``top`` on."""
        index = torch.arange(top, top + rows, device=self._device.torch) % self._buffer_rows
        return self._empty[:, left - self._left : right - self._left].index_select(0, index)
