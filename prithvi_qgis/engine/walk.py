"""A scene's way through a model: rows are read ahead, tiles gathered, predicted, blended, and handed to the writer."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np
import torch

from ..contract.cards import ModelCard
from ..contract.messages import Log, Message, Segment
from .backend import Forward
from .blend import Blender, Finished
from .budget import Layout
from .chunks import RowReader
from .classify import Classifier
from .device import Device, wait
from .memory import others
from .source import Source
from .strip import Strip, span
from .tiling import TilePlan
from .writing import MaskWriter, WriterThread

HANDED_BYTES = 2 << 20  # of finished pixels at once: what waits for the writer does not grow with a scene's width
AHEAD = 2  # batches that may be under way on the device while the next one is being prepared


@dataclass(frozen=True)
class Tile:
    """A tile's place: its column band, row and column, and whether the model has to look at it."""

    band: int
    row: int
    col: int
    wanted: bool


class Walk:
    """Everything that one run keeps on the device, and :meth:`step`, which the backend calls back."""

    def __init__(
        self,
        request: Segment,
        card: ModelCard,
        scene: Source,
        plan: TilePlan,
        layout: Layout,
        device: Device,
        writer: MaskWriter,
        thread: WriterThread,
        log: Callable[[Message], None],
    ):
        """``layout``: how much of the scene is on the device at once."""
        self._classify = Classifier(writer.decision, device.torch)
        self._card, self._scene, self._plan, self._layout = card, scene, plan, layout
        self._device, self._writer, self._thread, self._log = device, writer, thread, log
        self._percent = bool(request.probability)
        folder = Path(request.output).absolute().parent
        self.blender = Blender(plan, layout.bands, card.channels, folder, device.torch, self._finished)
        places = coordinates(scene, plan, card) if card.location_coords else None
        self._coords = None if places is None else torch.from_numpy(places).to(device.torch)
        dates = scene.temporal if card.temporal_coords else None
        self._dates = None if dates is None else torch.from_numpy(dates).to(device.torch)
        self._strip: Optional[Strip] = None
        self._reader: Optional[RowReader] = None
        self._batch: Sequence[Tile] = ()
        self._added = 0
        self._limit = layout.batch
        self._under_way: deque[Any] = deque()

    # -- feeding -------------------------------------------------------------------------------------------------

    def batches(self) -> Iterator[list[Tile]]:
        """The scene's tiles in order, in lists that the backend can take at once; reading keeps ahead of them."""
        for band, group in itertools.groupby(self.blender.order(), key=lambda place: place[0]):
            self._open_band(band)
            places = [(row, col) for _, row, col in group]
            begin = 0
            while begin < len(places):
                batch = self._next_batch(band, places, begin)
                begin += len(batch)
                yield batch
            self._close_band()

    def numbers(self, batch: Sequence[Tile]) -> list[int]:
        """What the backend is given for a batch: the numbers of the tiles that the model has to look at."""
        self._batch, self._added = batch, 0
        return [number for number, tile in enumerate(batch) if tile.wanted]

    def step(self, numbers: Sequence[int], forward: Forward) -> None:
        """Predict and blend some tiles of the current batch.

        Raises:
            torch.OutOfMemoryError: when the device cannot hold a single tile.
        """
        todo = list(numbers)
        while todo:
            part = todo[: self._limit]
            logits = self._predict(part, forward)
            if logits is None:  # the device was full: the limit is lower now
                continue
            with self._device.computing():
                for number, prediction in zip(part, logits):
                    self._catch_up(number)
                    tile = self._batch[number]
                    self.blender.add(tile.band, tile.row, tile.col, prediction)
                    self._added = number + 1
            self._under_way.append(self._device.mark())
            if len(self._under_way) > AHEAD:
                wait(self._under_way.popleft())
            del todo[: len(part)], logits

    def complete(self) -> None:
        """Close the current batch: the tiles of nodata at its end."""
        with self._device.computing():
            self._catch_up(len(self._batch))

    def close(self) -> None:
        """Stop, and free what is on the device."""
        self._close_band()
        self.blender.close()

    # -- steps ---------------------------------------------------------------------------------------------------

    def _predict(self, numbers: Sequence[int], forward: Forward) -> Optional[torch.Tensor]:
        """(n, classes, crop, crop) float32 logits, or None when the device's memory did not suffice."""
        places = [(self._batch[n].row, self._batch[n].col) for n in numbers]
        strip = self._strip
        if strip is None:
            raise AssertionError("a step outside a band")
        coords = None
        if self._coords is not None:
            with self._device.computing():
                coords = torch.stack([self._coords[place] for place in places])
        try:
            with self._device.computing():
                pixels = strip.gather(places)
                if self._dates is None:
                    return forward(pixels, coords).float()
                return forward(pixels, coords, self._dates.expand(len(places), -1, -1)).float()
        except torch.OutOfMemoryError:
            if len(numbers) == 1:
                raise
        # Outside of the handler: its traceback holds the tensors that are to be freed.
        self._limit = max(1, len(numbers) // 2)
        self._device.settle()
        self._device.trim()
        self._log(
            Log(
                "warning",
                f"The GPU's memory was not enough for {len(numbers)} tiles at once; going on with {self._limit}."
                f"{others()}",
            )
        )
        return None

    def _catch_up(self, until: int) -> None:
        """Add the tiles of nodata before tile ``until`` of the batch."""
        for tile in self._batch[self._added : until]:
            self.blender.add(tile.band, tile.row, tile.col, None)
        self._added = max(self._added, until)

    def _finished(self, done: Finished) -> None:
        """Have finished rows classified and written, some at a time."""
        strip = self._strip
        if strip is None:
            raise AssertionError("rows outside a band")
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
        columns = layout.cut.column_edges(left, right)
        rows = layout.cut.row_edges(plan.rows.size)
        widest = max(b - a for a, b in itertools.pairwise(columns)) * max(b - a for a, b in itertools.pairwise(rows))
        self._strip = Strip(self._scene, self._device, plan, (left, right), layout.ring_rows, widest)
        self._reader = RowReader(self._scene.readers, rows, columns, self._strip.load, self._scene.patience)

    def _close_band(self) -> None:
        if self._reader is not None:
            self._reader.drain()
        self._under_way.clear()
        self._device.settle()
        self._strip = self._reader = None

    def _next_batch(self, band: int, places: list[tuple[int, int]], begin: int) -> list[Tile]:
        """The next tiles: as many as the model takes at once, from no more tile rows than the strip can hold."""
        strip, reader, axis = self._strip, self._reader, self._plan.rows
        if strip is None or reader is None:
            raise AssertionError("no band is open")
        first_row = places[begin][0]
        free_until = span(axis, first_row)[0] + self._layout.ring_rows
        reader.request(free_until, self._device.mark())
        batch: list[Tile] = []
        wanted, loaded_row = 0, -1
        for row, col in places[begin:]:
            if wanted == self._layout.batch or row >= first_row + self._layout.batch_rows:
                break
            if row != loaded_row:
                reader.wait(span(axis, row)[1])
                loaded_row = row
            holds = strip.may_hold_data(span(axis, row), span(self._plan.cols, col))
            batch.append(Tile(band, row, col, holds))
            wanted += holds
        return batch


def coordinates(scene: Source, plan: TilePlan, card: ModelCard) -> Optional[np.ndarray]:
    """(rows, cols, 2) float32 latitude and longitude of every tile's centre, or None where one is unknown."""
    y = [start + card.tile / 2 for start in plan.rows.read_starts]
    x = [start + card.tile / 2 for start in plan.cols.read_starts]
    rows, cols = np.meshgrid(y, x, indexing="ij")
    places = scene.location(rows.ravel().tolist(), cols.ravel().tolist())
    return None if places is None else places.reshape(len(y), len(x), 2)
