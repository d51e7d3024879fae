"""A whole scene in memory as reflectance, for those who take no less: vLLM's stock path, and comparisons."""

from __future__ import annotations

from typing import Any

import numpy as np

from .raster_source import RasterSource
from .read_windows import PrefetchReader, ReadGrid, ReadWindow


def read_reflectance(scene: RasterSource) -> tuple[np.ndarray, np.ndarray]:
    """(bands, h, w) float32 reflectance of a window of one date, 0 where there is no data, and (h, w) bool nodata.

    Read piece by piece, each waited for with the run's patience.

    Raises:
        PrithviError: ``cancelled``; ``source_unreadable``, also when nothing comes.
    """
    height, width = int(scene.window.height), int(scene.window.width)
    scale, offset = (np.array(v, np.float32)[:, None, None] for v in (scene.scaling.scale, scene.scaling.offset))
    whole = [np.empty((scene.channels, height, width), np.float32), np.empty((height, width), bool)]
    goal = list(whole)

    def load(piece: ReadWindow, _after: Any) -> None:
        shape = piece.bottom - piece.top, piece.right - piece.left
        stored, missing = np.empty((scene.channels, *shape), scene.dtype), np.empty(shape, bool)
        scene.read_piece(piece, stored, missing)
        pixels = stored.astype(np.float32)
        pixels[:, missing] = 0  # may be a number that has no product
        pixels = pixels * scale + offset
        pixels[:, missing] = 0
        place = slice(piece.top, piece.bottom), slice(piece.left, piece.right)
        for to, values in zip(goal, (pixels, missing)):
            to[(..., *place)] = values

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
        goal.clear()  # a reader that hangs must not keep all of the scene
    return whole[0], whole[1]
