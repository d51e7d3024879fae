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
    """What :class:`engine.walk.Walk` keeps.

    Attributes:
        bands: columns that are walked down together.
        cut: how the source is read.
        batch: tiles that the model takes at once; batch_rows: tile rows that they may come from.
        ring_rows: rows of the scene that are kept; enough to read on while a batch is computed.
        size_bytes: of rows and sums, about.
        together: whether the sums of all rows are kept and finished at once, where all rows are wanted.
    """

    bands: tuple[ColumnStrip, ...]
    read_grid: ReadGrid
    batch: int
    batch_rows: int
    buffer_rows: int
    size_bytes: int
    finish_at_once: bool = False


def plan_layout(
    scene: RasterSource, card: ModelCard, plan: TilePlan, batch: int, budget: int, striped_budget: int
) -> MemoryLayout:
    """Choose bands as wide as the budget allows.

    Args:
        batch: tiles at once.
        budget: bytes for rows of the scene and for sums; a band is never narrower than one step of tiles.
        striped_budget: bytes where the source is stored in whole rows, which every band has to decode again.
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
    for _ in range(3):  # narrower bands need more rows for a batch, and more rows allow narrower bands only
        batch_rows = -(-batch // across) + 1
        buffer_rows = min(height, rows.crop + batch_rows * step + 2 * read_grid.rows)
        column = buffer_rows * (pixel + 1) + rows.core * sum_bytes
        bands = plan_column_strips(plan.cols, max(1, allowed // column), BLOCK)
        fewest = min(b.last - b.first for b in bands)
        if fewest >= across:
            break
        across = fewest
    widest = max(b.end - b.begin for b in bands)
    size = widest * column
    others = widest * (height - rows.core) * sum_bytes
    finish_at_once = len(bands) == 1 and buffer_rows == height and size + others <= min(allowed, FINISH_AT_ONCE_BYTES)
    return MemoryLayout(
        tuple(bands), read_grid, batch, batch_rows, buffer_rows, size + finish_at_once * others, finish_at_once
    )
