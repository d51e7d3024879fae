"""Read a whole scene into memory as reflectance, for vLLM's stock path and for comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

import numpy as np

from .raster_source import RasterSource
from .read_windows import PrefetchReader, ReadGrid, ReadWindow

if TYPE_CHECKING:
    import torch


def read_reflectance(scene: RasterSource) -> tuple[np.ndarray, np.ndarray]:
    """Read the window of a source with one date.

    Returns:
        (bands, h, w) float32 reflectance, 0 where nodata, and (h, w) bool nodata.
    Raises:
        PrithviError: ``cancelled``; ``source_unreadable``, also after a stall.
    """
    height, width = int(scene.window.height), int(scene.window.width)
    scale, offset = (np.array(v, np.float32)[:, None, None] for v in (scene.scaling.scale, scene.scaling.offset))
    reflectance, empty = np.empty((scene.channels, height, width), np.float32), np.empty((height, width), bool)
    targets = [reflectance, empty]

    def load(window: ReadWindow, _after: Optional[torch.cuda.Event]) -> None:
        stored, missing = np.empty((scene.channels, *window.shape), scene.dtype), np.empty(window.shape, bool)
        scene.read_window(window, stored, missing)
        pixels = stored.astype(np.float32)
        pixels[:, missing] = 0  # may be a number whose product overflows
        pixels = pixels * scale + offset
        pixels[:, missing] = 0
        rows, cols = slice(window.top, window.bottom), slice(window.left, window.right)
        for target, values in zip(targets, (pixels, missing)):
            target[..., rows, cols] = values

    pixel_bytes = scene.channels * np.dtype(scene.dtype).itemsize
    read_grid = ReadGrid.along(
        scene.block_shape, width, (int(scene.window.row_off), int(scene.window.col_off)), pixel_bytes
    )
    reader = PrefetchReader(
        scene.readers, read_grid.row_edges(height), read_grid.column_edges(0, width), load, scene.stall_timeout
    )
    try:
        reader.request(height, None)
        reader.wait(height)
    finally:
        reader.drain()
        targets.clear()  # a reader that hangs must not keep the whole scene in memory
    return reflectance, empty
