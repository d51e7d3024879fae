"""How much of a scene is on the device at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.models.model_card import ModelCard
from ..reading.raster_source import Source
from ..reading.read_windows import READER_BYTES, Cut
from ..tiling.ring_buffer import stored_type
from ..tiling.tile_grid import ColumnBand, TilePlan, plan_bands
from ..writing.geotiff_sink import BLOCK

TOGETHER_BYTES = 64 << 20  # of a scene's rows and sums: small enough to be kept whole


@dataclass(frozen=True)
class Layout:
    """What :class:`..walk.Walk` keeps.

    Attributes:
        bands: columns that are walked down together.
        cut: how the source is read.
        batch: tiles that the model takes at once; batch_rows: tile rows that they may come from.
        ring_rows: rows of the scene that are kept; enough to read on while a batch is computed.
        size_bytes: of rows and sums, about.
        together: whether the sums of all rows are kept and finished at once, where all rows are wanted.
    """

    bands: tuple[ColumnBand, ...]
    cut: Cut
    batch: int
    batch_rows: int
    ring_rows: int
    size_bytes: int
    together: bool = False


def plan_layout(scene: Source, card: ModelCard, plan: TilePlan, batch: int, budget: int, striped_budget: int) -> Layout:
    """Choose bands as wide as the budget allows.

    Args:
        batch: tiles at once.
        budget: bytes for rows of the scene and for sums; a band is never narrower than one step of tiles.
        striped_budget: bytes where the source is stored in whole rows, which every band has to decode again.
    """
    width, height = int(scene.window.width), int(scene.window.height)
    pixel = scene.channels * np.dtype(stored_type(scene.dtype)).itemsize
    offset = int(scene.window.row_off), int(scene.window.col_off)
    cut = Cut.along(scene.block_shape, width, offset, pixel)
    allowed = striped_budget if cut.cols >= width else budget
    if scene.readers.count == 1 and width * height * pixel <= READER_BYTES:
        cut = Cut.whole((height, width), offset)
    rows = plan.rows
    step = max((b - a for a, b in zip(rows.read_starts[:-1], rows.read_starts[1:])), default=0)
    across = len(plan.cols)
    sum_bytes = 2 * 4 * card.channels + 22  # sums and a temporary, float32 a class; weights in double; classes; nodata
    for _ in range(3):  # narrower bands need more rows for a batch, and more rows allow narrower bands only
        batch_rows = -(-batch // across) + 1
        ring_rows = min(height, rows.crop + batch_rows * step + 2 * cut.rows)
        column = ring_rows * (pixel + 1) + rows.core * sum_bytes
        bands = plan_bands(plan.cols, max(1, allowed // column), BLOCK)
        fewest = min(b.last - b.first for b in bands)
        if fewest >= across:
            break
        across = fewest
    widest = max(b.end - b.begin for b in bands)
    size = widest * column
    others = widest * (height - rows.core) * sum_bytes
    together = len(bands) == 1 and ring_rows == height and size + others <= min(allowed, TOGETHER_BYTES)
    return Layout(tuple(bands), cut, batch, batch_rows, ring_rows, size + together * others, together)
