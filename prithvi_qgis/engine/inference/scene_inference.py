"""Take a scene through a model: read rows ahead, gather tiles, blend predictions, hand finished rows to the writer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np
import torch

from ..device.streams import device_for, to_device, wait
from ..mask.classifier import Classifier
from ..prepared_scene import PreparedScene
from ..reading.read_windows import PrefetchReader, ReadWindow, clip_edges
from ..tiling.blending import Blender, FinishedRows
from ..tiling.ring_buffer import TileRingBuffer
from ..tiling.row_blocks import RowBlock
from ..tiling.tile_grid import span
from ..writing.mask_blocks import Writer
from ..writing.writer_thread import WriterThread
from .memory_layout import MemoryLayout

HANDED_BYTES = 2 << 20  # of finished pixels at once: what waits for the writer does not grow with a scene's width

# Pixels, (n, 2) coordinates and (n, frames, 2) dates of n tiles; None where the model does not take them.
Tiles = tuple[torch.Tensor, Optional[torch.Tensor], Optional[torch.Tensor]]


@dataclass(frozen=True)
class Tile:
    """A tile's position, and whether the model has to see it."""

    strip: int
    row: int
    col: int
    wanted: bool


class SceneInference:
    """What a scene keeps on the device while :class:`.BatchRunner` runs its tiles."""

    most: int
    """Tiles that the next batch may have for the model."""

    def __init__(
        self, prepared: PreparedScene, layout: MemoryLayout, block: RowBlock, writer: Writer, thread: WriterThread
    ):
        """``block``: the rows that are wanted."""
        request, scene, plan = prepared.request, prepared.scene, prepared.plan
        self.card = card = prepared.card
        self._scene, self._plan, self._layout, self._block = scene, plan, layout, block
        self._writer, self._thread = writer, thread
        self._device = device = device_for(prepared.backend.device)
        self._classify = Classifier(prepared.rules, device.torch)
        self._percent = bool(request.probability)
        self._blender = Blender(
            plan,
            layout.strips,
            card.channels,
            Path(request.output).absolute().parent,
            device.torch,
            self._finished,
            block.tile_rows,
            finish_at_once=layout.finish_at_once and len(block.tile_rows) == len(plan.rows),
        )
        coords = coordinates(prepared) if card.location_coords else None
        self._coords = None if coords is None else to_device(coords, device.torch)
        dates = scene.temporal if card.temporal_coords else None
        self._dates = None if dates is None else to_device(dates, device.torch)
        self._buffer: Optional[TileRingBuffer] = None
        self._reader: Optional[PrefetchReader] = None
        self._batch: Sequence[Tile] = ()
        self._added = 0
        self._under_way, self._last = False, None  # whether a batch is not complete; when the last one is done
        self._strip = -1
        self.most = layout.batch

    # -- feeding -------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin to read, before the first batch is taken."""
        self._open_strip(0)

    def batches(self) -> Iterator[list[Tile]]:
        """Yield the scene's tiles in order, at most :attr:`most` for the model at a time; reading keeps ahead."""
        for strip, group in itertools.groupby(self._blender.order(), key=lambda tile: tile[0]):
            if strip != self._strip:
                self._open_strip(strip)
            tiles = [(row, col) for _, row, col in group]
            begin = 0
            while begin < len(tiles):
                batch = self._next_batch(strip, tiles, begin)
                begin += len(batch)
                yield batch
            self._close_strip()

    def numbers(self, batch: Sequence[Tile]) -> list[int]:
        """Make ``batch`` the current one; return the numbers of its tiles that the model has to see."""
        self._batch, self._added, self._under_way = batch, 0, True
        return [number for number, tile in enumerate(batch) if tile.wanted]

    def gather(self, numbers: Sequence[int]) -> Tiles:
        """Return pixels, coordinates and dates of tiles of the current batch, on the computing stream.

        They are what a :data:`~prithvi_qgis.engine.model.backend.ForwardFn` takes.
        """
        tiles = [(self._batch[n].row, self._batch[n].col) for n in numbers]
        if self._buffer is None:
            raise AssertionError("a step outside a strip")
        coords = None if self._coords is None else self._picked(self._coords, tiles)
        dates = None if self._dates is None else self._dates.expand(len(tiles), -1, -1)
        return self._buffer.gather(tiles), coords, dates

    def _picked(self, coords: torch.Tensor, tiles: list[tuple[int, int]]) -> torch.Tensor:
        """Return (n, 2) of tiles (row, column), from (rows, columns, 2)."""
        contiguous_slice = self._plan.contiguous_slice(tiles)
        if contiguous_slice is None:
            return torch.stack([coords[tile] for tile in tiles])
        return coords.view(-1, 2)[contiguous_slice]

    def add(self, number: int, prediction: torch.Tensor) -> None:
        """Blend the (classes, crop, crop) float32 logits of tile ``number`` of the current batch."""
        self._catch_up(number)
        tile = self._batch[number]
        self._blender.add(tile.strip, tile.row, tile.col, prediction)
        self._added = number + 1

    def complete(self) -> None:
        """Close the current batch with the tiles of nodata at its end."""
        with self._device.computing():
            self._catch_up(len(self._batch))
        self._under_way, self._last = False, self._device.mark()

    @property
    def conditioning(self) -> tuple[bool, bool]:
        """Whether the model takes coordinates, and dates; tiles with and without cannot share a pass."""
        return self._coords is not None, self._dates is not None

    def close(self) -> None:
        """Stop, and free what is on the device."""
        self._close_strip()
        self._blender.close()

    # -- steps ---------------------------------------------------------------------------------------------------

    def _catch_up(self, until: int) -> None:
        """Add the tiles of nodata before tile ``until`` of the batch."""
        for tile in self._batch[self._added : until]:
            self._blender.add(tile.strip, tile.row, tile.col, None)
        self._added = max(self._added, until)

    def _finished(self, done: FinishedRows) -> None:
        """Have finished rows classified and written, some at a time."""
        if self._buffer is None:
            raise AssertionError("rows outside a strip")
        if done.top < self._block.top:
            return  # of the block above: tiles before it are missing in their sums
        channels, rows, width = done.logits.shape
        empty = self._buffer.empty(done.top, rows, done.left, done.left + width)
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

    # -- strips --------------------------------------------------------------------------------------------------

    def _open_strip(self, number: int) -> None:
        strip, plan, layout = self._layout.strips[number], self._plan, self._layout
        left = min(strip.begin, span(plan.cols, strip.first)[0])
        right = span(plan.cols, strip.last - 1)[1]
        columns = layout.read_grid.column_edges(left, right)
        first = span(plan.rows, self._block.first)[0]
        rows = clip_edges(layout.read_grid.row_edges(plan.rows.size), first, span(plan.rows, self._block.end - 1)[1])
        self._scene.count_within(ReadWindow(self._block.top, strip.begin, self._block.bottom, strip.final))
        widest = max(b - a for a, b in itertools.pairwise(columns)) * max(b - a for a, b in itertools.pairwise(rows))
        show = self._writer.thumbnail.scene if self._writer.thumbnail else None
        self._buffer = TileRingBuffer(self._scene, self._device, plan, (left, right), layout.buffer_rows, widest, show)
        self._reader = PrefetchReader(self._scene.readers, rows, columns, self._buffer.load, self._scene.stall_timeout)
        self._reader.request(first + layout.buffer_rows, None)  # nothing under way uses a buffer that is new
        self._strip = number

    def _close_strip(self) -> None:
        if self._reader is not None:
            self._reader.drain()
        # Only for what uses this buffer: batches of other scenes may be waiting behind it.
        if self._under_way:
            self._device.settle()
        else:
            wait(self._last)
        self._buffer = self._reader = None

    def _next_batch(self, strip: int, tiles: list[tuple[int, int]], begin: int) -> list[Tile]:
        """Return as many tiles as the model takes at once, from no more tile rows than the buffer can hold."""
        buffer, reader, axis = self._buffer, self._reader, self._plan.rows
        if buffer is None or reader is None:
            raise AssertionError("no strip is open")
        first_row = tiles[begin][0]
        free_until = span(axis, first_row)[0] + self._layout.buffer_rows
        reader.request(free_until, self._device.mark())
        batch: list[Tile] = []
        wanted, loaded_row = 0, -1
        for row, col in tiles[begin:]:
            if wanted == self.most or row >= first_row + self._layout.batch_rows:
                break
            if row != loaded_row:
                reader.wait(span(axis, row)[1])
                loaded_row = row
            holds = buffer.may_hold_data(span(axis, row), span(self._plan.cols, col))
            batch.append(Tile(strip, row, col, holds))
            wanted += holds
        return batch


def coordinates(prepared: PreparedScene) -> Optional[np.ndarray]:
    """Return (rows, cols, 2) float32 latitude and longitude of each tile's centre, or None where one is unknown."""
    plan, half = prepared.plan, prepared.card.tile / 2
    y = [start + half for start in plan.rows.read_starts]
    x = [start + half for start in plan.cols.read_starts]
    rows, cols = np.meshgrid(y, x, indexing="ij")
    places = prepared.scene.location(rows.ravel().tolist(), cols.ravel().tolist())
    return None if places is None else places.reshape(len(y), len(x), 2)
