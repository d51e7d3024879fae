"""How much of a scene is on the device at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.models.model_card import ModelCard
from ..reading.raster_source import RasterSource
from ..reading.read_windows import READER_BYTES, ReadGrid
from ..tiling.ring_buffer import stored_type
from ..tiling.tile_grid import ColumnStrip, TilePlan, plan_column_strips
from ..writing.geotiff_sink import BLOCK

FINISH_AT_ONCE_BYTES = 64 << 20  # of a scene's rows and sums: small enough to be kept whole


@dataclass(frozen=True)
class MemoryLayout:
    """What :class:`~prithvi_qgis.engine.inference.scene_inference.SceneInference` keeps."""

    strips: tuple[ColumnStrip, ...]
    """Columns whose tiles are taken together, from top to bottom."""
    read_grid: ReadGrid
    """How the source is read."""
    batch: int
    """Tiles that the model takes at once."""
    batch_rows: int
    """Tile rows that they may come from."""
    buffer_rows: int
    """Rows of the scene that are kept; enough to read on while a batch is computed."""
    size_bytes: int
    """Approximate size of rows and sums."""
    finish_at_once: bool = False
    """Whether the sums of all rows are kept and finished together, where all rows are wanted."""


def plan_layout(
    scene: RasterSource, card: ModelCard, plan: TilePlan, batch: int, budget: int, striped_budget: int
) -> MemoryLayout:
    """Choose strips as wide as the budget allows.

    Args:
        scene: prepared, with the window that is segmented.
        card: of the model.
        plan: tiles of the window.
        batch: tiles that the model takes at once.
        budget: bytes for rows of the scene and for sums; a strip is never narrower than one step of tiles.
        striped_budget: bytes where the source is stored in whole rows, which every strip has to decode again.
    """
    width, height = int(scene.window.width), int(scene.window.height)
    pixel = scene.channels * np.dtype(stored_type(scene.dtype)).itemsize
    offset = int(scene.window.row_off), int(scene.window.col_off)
    read_grid = ReadGrid.along(scene.block_shape, width, offset, pixel)
    allowed = striped_budget if read_grid.cols >= width else budget
    if scene.readers.count == 1 and width * height * pixel <= READER_BYTES:
        read_grid = ReadGrid.whole((height, width), offset)
    rows = plan.rows
    step = max((b - a for a, b in zip(rows.read_starts[:-1], rows.read_starts[1:])), default=0)
    across = len(plan.cols)
    sum_bytes = 2 * 4 * card.channels + 22  # sums and a temporary, float32 a class; weights in double; classes; nodata
    for _ in range(3):  # narrower strips need more rows for a batch, and more rows allow narrower strips only
        batch_rows = -(-batch // across) + 1
        buffer_rows = min(height, rows.crop + batch_rows * step + 2 * read_grid.rows)
        column = buffer_rows * (pixel + 1) + rows.core * sum_bytes
        strips = plan_column_strips(plan.cols, max(1, allowed // column), BLOCK)
        fewest = min(s.last - s.first for s in strips)
        if fewest >= across:
            break
        across = fewest
    widest = max(s.end - s.begin for s in strips)
    size = widest * column
    others = widest * (height - rows.core) * sum_bytes
    finish_at_once = len(strips) == 1 and buffer_rows == height and size + others <= min(allowed, FINISH_AT_ONCE_BYTES)
    return MemoryLayout(
        tuple(strips), read_grid, batch, batch_rows, buffer_rows, size + finish_at_once * others, finish_at_once
    )
