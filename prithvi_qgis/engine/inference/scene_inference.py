"""A scene's way through a model: rows are read ahead, tiles gathered, predicted, blended, and handed to the writer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np
import torch

from ...core.models.model_card import ModelCard
from ...core.protocol.messages import Segment
from ..device.streams import Device, to_device, wait
from ..mask.classifier import Classifier
from ..reading.raster_source import RasterSource
from ..reading.read_windows import PrefetchReader, clip_edges
from ..tiling.blending import Blender, FinishedRows
from ..tiling.ring_buffer import TileRingBuffer
from ..tiling.row_blocks import RowBlock
from ..tiling.tile_grid import TilePlan, span
from ..writing.mask_blocks import Writer
from ..writing.mask_writer import WriterThread
from .memory_layout import MemoryLayout

HANDED_BYTES = 2 << 20  # of finished pixels at once: what waits for the writer does not grow with a scene's width


# Pixels, (n, 2) places and (n, frames, 2) dates of n tiles; None where the model is not told.
Tiles = tuple[torch.Tensor, Optional[torch.Tensor], Optional[torch.Tensor]]


@dataclass(frozen=True)
class Tile:
    """A tile's place: its column band, row and column, and whether the model has to look at it."""

    band: int
    row: int
    col: int
    wanted: bool


class SceneInference:
    """Everything that one scene keeps on the device while its tiles go through the model, see
    :class:`engine.crowd.Crowd`.

    Attributes:
        most: tiles that the next batch may ask the model to look at.
    """

    def __init__(
        self,
        request: Segment,
        card: ModelCard,
        scene: RasterSource,
        plan: TilePlan,
        layout: MemoryLayout,
        block: RowBlock,
        device: Device,
        writer: Writer,
        thread: WriterThread,
    ):
        """``layout``: how much of the scene is on the device at once; ``block``: the rows that are wanted."""
        self._classify = Classifier(writer.rules, device.torch)
        self._card, self._scene, self._plan, self._layout, self._block = card, scene, plan, layout, block
        self._device, self._writer, self._thread = device, writer, thread
        self._percent = bool(request.probability)
        folder = Path(request.output).absolute().parent
        channels = card.channels
        whole = layout.finish_at_once and len(block.tile_rows) == len(plan.rows)
        self.blender = Blender(
            plan, layout.bands, channels, folder, device.torch, self._finished, block.tile_rows, finish_at_once=whole
        )
        places = coordinates(scene, plan, card) if card.location_coords else None
        self._coords = None if places is None else to_device(places, device.torch)
        dates = scene.temporal if card.temporal_coords else None
        self._dates = None if dates is None else to_device(dates, device.torch)
        self._strip: Optional[TileRingBuffer] = None
        self._reader: Optional[PrefetchReader] = None
        self._batch: Sequence[Tile] = ()
        self._added = 0
        self._under_way, self._last = False, None  # whether a batch is not complete; when the last one is done
        self._band = -1
        self.most = layout.batch

    # -- feeding -------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin to read, before the first batch is asked for."""
        self._open_band(0)

    def batches(self) -> Iterator[list[Tile]]:
        """The scene's tiles in order, at most :attr:`most` to look at in a list; reading keeps ahead of them."""
        for band, group in itertools.groupby(self.blender.order(), key=lambda place: place[0]):
            if band != self._band:
                self._open_band(band)
            places = [(row, col) for _, row, col in group]
            begin = 0
            while begin < len(places):
                batch = self._next_batch(band, places, begin)
                begin += len(batch)
                yield batch
            self._close_band()

    def numbers(self, batch: Sequence[Tile]) -> list[int]:
        """Make ``batch`` the current one; returns the numbers of its tiles that the model has to look at."""
        self._batch, self._added, self._under_way = batch, 0, True
        return [number for number, tile in enumerate(batch) if tile.wanted]

    def gather(self, numbers: Sequence[int]) -> Tiles:
        """Pixels, places and dates of tiles of the current batch, as :data:`engine.backend.Forward` takes them.

        For :class:`engine.crowd.Crowd`, on the computing stream.
        """
        places = [(self._batch[n].row, self._batch[n].col) for n in numbers]
        strip = self._strip
        if strip is None:
            raise AssertionError("a step outside a band")
        coords = None if self._coords is None else self._picked(self._coords, places)
        dates = None if self._dates is None else self._dates.expand(len(places), -1, -1)
        return strip.gather(places), coords, dates

    def _picked(self, coords: torch.Tensor, places: list[tuple[int, int]]) -> torch.Tensor:
        """(n, 2) of tiles (row, column), from (rows, columns, 2)."""
        contiguous_slice = self._plan.contiguous_slice(places)
        return (
            torch.stack([coords[at] for at in places])
            if contiguous_slice is None
            else coords.view(-1, 2)[contiguous_slice]
        )

    def add(self, number: int, prediction: torch.Tensor) -> None:
        """Blend the (classes, crop, crop) float32 logits of tile ``number`` of the current batch."""
        self._catch_up(number)
        tile = self._batch[number]
        self.blender.add(tile.band, tile.row, tile.col, prediction)
        self._added = number + 1

    def complete(self) -> None:
        """Close the current batch: the tiles of nodata at its end."""
        with self._device.computing():
            self._catch_up(len(self._batch))
        self._under_way, self._last = False, self._device.mark()

    @property
    def conditioning(self) -> tuple[bool, bool]:
        """Whether the model is told where tiles lie, and when; tiles with and without cannot share a pass."""
        return self._coords is not None, self._dates is not None

    def close(self) -> None:
        """Stop, and free what is on the device."""
        self._close_band()
        self.blender.close()

    # -- steps ---------------------------------------------------------------------------------------------------

    def _catch_up(self, until: int) -> None:
        """Add the tiles of nodata before tile ``until`` of the batch."""
        for tile in self._batch[self._added : until]:
            self.blender.add(tile.band, tile.row, tile.col, None)
        self._added = max(self._added, until)

    def _finished(self, done: FinishedRows) -> None:
        """Have finished rows classified and written, some at a time."""
        strip = self._strip
        if strip is None:
            raise AssertionError("rows outside a band")
        if done.top < self._block.top:
            return  # of the block above: tiles before it are missing in their sums
        channels, rows, width = done.logits.shape
        empty = strip.empty(done.top, rows, done.left, done.left + width)
        step = max(1, HANDED_BYTES // (width * (channels if self._percent else self._classify.value_bytes)))
        for begin in range(0, rows, step):
            part = slice(begin, begin + step)
            self._hand_over(done.left, done.top + begin, done.logits[:, part], empty[part])

    def _hand_over(self, left: int, top: int, logits: torch.Tensor, empty: torch.Tensor) -> None:
        """Classify rows on the device, and give them to the writer."""
        values = self._device.download(self._classify.values(logits, empty))
        percent = self._device.download(self._classify.percent(logits, empty)) if self._percent else None
        ready = self._device.mark()

        def write() -> None:
            wait(ready)
            self._writer.write(left, top, values.numpy(), None if percent is None else percent.numpy())

        self._thread.put(write)

    # -- bands ---------------------------------------------------------------------------------------------------

    def _open_band(self, number: int) -> None:
        band, plan, layout = self._layout.bands[number], self._plan, self._layout
        left = min(band.begin, span(plan.cols, band.first)[0])
        right = span(plan.cols, band.last - 1)[1]
        columns = layout.read_grid.column_edges(left, right)
        first = span(plan.rows, self._block.first)[0]
        rows = clip_edges(layout.read_grid.row_edges(plan.rows.size), first, span(plan.rows, self._block.end - 1)[1])
        widest = max(b - a for a, b in itertools.pairwise(columns)) * max(b - a for a, b in itertools.pairwise(rows))
        show = self._writer.thumbnail.scene if self._writer.thumbnail else None
        self._strip = TileRingBuffer(self._scene, self._device, plan, (left, right), layout.buffer_rows, widest, show)
        self._reader = PrefetchReader(self._scene.readers, rows, columns, self._strip.load, self._scene.stall_timeout)
        self._reader.request(first + layout.buffer_rows, None)  # nothing under way uses a strip that is new
        self._band = number

    def _close_band(self) -> None:
        if self._reader is not None:
            self._reader.drain()
        # Only for what uses this strip: batches of other scenes may be waiting behind it.
        if self._under_way:
            self._device.settle()
        else:
            wait(self._last)
        self._strip = self._reader = None

    def _next_batch(self, band: int, places: list[tuple[int, int]], begin: int) -> list[Tile]:
        """The next tiles: as many as the model takes at once, from no more tile rows than the strip can hold."""
        strip, reader, axis = self._strip, self._reader, self._plan.rows
        if strip is None or reader is None:
            raise AssertionError("no band is open")
        first_row = places[begin][0]
        free_until = span(axis, first_row)[0] + self._layout.buffer_rows
        reader.request(free_until, self._device.mark())
        batch: list[Tile] = []
        wanted, loaded_row = 0, -1
        for row, col in places[begin:]:
            if wanted == self.most or row >= first_row + self._layout.batch_rows:
                break
            if row != loaded_row:
                reader.wait(span(axis, row)[1])
                loaded_row = row
            holds = strip.may_hold_data(span(axis, row), span(self._plan.cols, col))
            batch.append(Tile(band, row, col, holds))
            wanted += holds
        return batch


def coordinates(scene: RasterSource, plan: TilePlan, card: ModelCard) -> Optional[np.ndarray]:
    """(rows, cols, 2) float32 latitude and longitude of every tile's centre, or None where one is unknown."""
    y = [start + card.tile / 2 for start in plan.rows.read_starts]
    x = [start + card.tile / 2 for start in plan.cols.read_starts]
    rows, cols = np.meshgrid(y, x, indexing="ij")
    places = scene.location(rows.ravel().tolist(), cols.ravel().tolist())
    return None if places is None else places.reshape(len(y), len(x), 2)
