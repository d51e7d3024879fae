"""Read, infer, blend, write: one scene through a backend, in pieces of bounded size."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

import numpy as np

from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from ..contract.messages import ClassArea, Progress, Segment
from .areas import Ground
from .backend import Backend, Loaded
from .blend import Blender, Finished
from .outputs import BLOCK, NODATA, PROBABILITY_TEXT, RasterSink, to_classes, to_percent
from .polygons import write_polygons
from .provenance import provenance
from .scene import Grid, Scene
from .sidecars import aux_xml, mask_qml
from .staging import Staging, disk_error
from .tiling import TilePlan, plan_bands, plan_tiles

READERS = 2
Tell = Callable[[Progress], None]
Cancelled = Callable[[], bool]


@dataclass
class Tally:
    """What a run counts: seconds by stage, tiles, pixels of each class in each row."""

    rows: np.ndarray  # (height, classes) int64
    tiles: int = 0
    nodata: int = 0
    timings: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("read", "infer", "blend", "write"), 0.0))

    def classes(self, card: ModelCard, grid: Grid) -> tuple[ClassArea, ...]:
        """Pixels and area of each class."""
        per_row = Ground(grid).row_areas()
        pixels = self.rows.sum(axis=0)
        areas = None if per_row is None else per_row @ self.rows
        return tuple(
            ClassArea(
                c.value,
                c.name,
                c.color,
                int(pixels[i]),
                float(areas[i]) if areas is not None and np.isfinite(areas[i]) else None,
            )
            for i, c in enumerate(card.classes)
        )


class Clock:
    """Adds the time spent in a ``with`` block to one of a tally's stages."""

    def __init__(self, tally: Tally, stage: str):
        self._tally, self._stage = tally, stage

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *exc: object) -> None:
        self._tally.timings[self._stage] += time.perf_counter() - self._start


class MaskWriter:
    """Turns finished rows into the outputs that were asked for."""

    def __init__(
        self, request: Segment, card: ModelCard, scene: Scene, backend: Loaded, plan: TilePlan, stack: ExitStack
    ):
        self._request, self._card, self._grid = request, card, scene.grid
        self._staging = stack.enter_context(Staging())
        self._probability: Optional[RasterSink] = None
        self._polygons = self._staging.stage(request.polygons) if request.polygons else None
        tags = provenance(request, card, scene, backend, plan)
        self._path = self._staging.stage(request.output)
        self._mask = RasterSink(self._path, request.output, self._grid, 1, tags)
        stack.callback(self._mask.abandon)
        self._mask.colour(card)
        if request.probability:
            path = self._staging.stage(request.probability)
            self._probability = RasterSink(path, request.probability, self._grid, len(card.classes), tags)
            stack.callback(self._probability.abandon)
            self._probability.describe([f"{c.name} ({PROBABILITY_TEXT})" for c in card.classes])
        self.tally = Tally(np.zeros((self._grid.height, len(card.classes)), np.int64))

    def write(self, done: Finished) -> None:
        """Write finished logits; a new ``left`` begins a column band."""
        with Clock(self.tally, "blend"):
            classes = to_classes(done.logits, done.empty)
            percent = to_percent(done.logits, done.empty) if self._probability else None
        self.write_classes(done.left, done.top, classes)
        if self._probability and percent is not None:
            with Clock(self.tally, "write"):
                self._probability.rows(done.left, percent)

    def write_classes(self, left: int, top: int, classes: np.ndarray) -> None:
        """Write (rows, width) uint8 class values, nodata among them."""
        with Clock(self.tally, "blend"):
            self.tally.nodata += int((classes == NODATA).sum())
            for i, c in enumerate(self._card.classes):
                self.tally.rows[top : top + len(classes), i] += (classes == c.value).sum(axis=1)
        with Clock(self.tally, "write"):
            self._mask.rows(left, classes[None])

    def finish(self, cancelled: Cancelled) -> tuple[ClassArea, ...]:
        """Close, check and rename everything into place; until then a cancel leaves nothing."""

        def check() -> None:
            if cancelled():
                raise cancelled_error()

        with Clock(self.tally, "write"):
            for sink in filter(None, (self._mask, self._probability)):
                sink.finish()
            classes = self.tally.classes(self._card, self._grid)
            if self._polygons:
                write_polygons(self._path, self._polygons, self._request.polygons, self._grid, self._card, check)
            try:
                self._staging.sidecar(self._request.output, ".aux.xml", aux_xml(classes))
                self._staging.sidecar(self._request.output, ".qml", mask_qml(classes))
                check()
                self._staging.commit()
            except OSError as e:
                raise disk_error(e, self._request.output) from e
        return classes


def plan_for(scene: Scene, card: ModelCard, stride: int) -> TilePlan:
    """Tiles of a scene with a model's sizes; ``stride`` 0 takes the model's.

    Raises:
        PrithviError: ``parameter_invalid`` for a stride outside 1 to the model's tile.
    """
    if stride < 0 or stride > card.tile:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"STRIDE {stride} is not between 1 and the tile of {card.id}, {card.tile} pixels.",
            f"Leave it at 0 for {card.stride}.",
        )
    grid = scene.grid
    return plan_tiles(grid.height, grid.width, card.tile, stride or card.stride, card.margin)


def stream(
    request: Segment, card: ModelCard, scene: Scene, backend: Backend, tell: Tell, cancelled: Cancelled
) -> tuple[Tally, tuple[ClassArea, ...]]:
    """Segment a prepared scene tile by tile.

    Raises:
        PrithviError: anything that went wrong, with nothing written; ``cancelled`` within one batch.
    """
    plan = plan_for(scene, card, request.stride)
    with ExitStack() as stack:
        writer = MaskWriter(request, card, scene, backend, plan, stack)
        pool = stack.enter_context(ThreadPoolExecutor(READERS, "read"))
        stack.callback(pool.shutdown, cancel_futures=True)
        _walk(request, card, scene, backend, plan, writer, pool, tell, cancelled)
        tell(Progress(plan.count, plan.count, "writing"))
        return writer.tally, writer.finish(cancelled)


def cancelled_error() -> PrithviError:
    """The end of a run that a person stopped."""
    return PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.")


@dataclass(frozen=True)
class _Tile:
    row: int
    col: int
    pixels: np.ndarray
    empty: np.ndarray
    coord: Optional[np.ndarray]


def _walk(
    request: Segment,
    card: ModelCard,
    scene: Scene,
    backend: Backend,
    plan: TilePlan,
    writer: MaskWriter,
    pool: ThreadPoolExecutor,
    tell: Tell,
    cancelled: Cancelled,
) -> None:
    """All tiles, in the order in which they can be blended."""
    bands = plan_bands(plan.cols, _max_columns(request.memory_mb, plan.rows.core, len(card.classes)), BLOCK)
    blender = Blender(plan, bands, len(card.classes), Path(request.output).absolute().parent)
    tally, done, began = writer.tally, 0, time.perf_counter()
    ahead = _ahead(request.memory_mb, card, backend.batch_size)
    tiles = _tiles(scene, plan, blender.order(), card.tile, pool, ahead, tally)
    with closing(blender):
        for batch in _batches(tiles, backend.batch_size):
            if cancelled():
                raise cancelled_error()
            with Clock(tally, "infer"):
                predictions = _infer([t for t in batch if not t.empty.all()], backend)
            for tile in batch:
                with Clock(tally, "blend"):
                    finished = blender.add(tile.row, tile.col, predictions.get((tile.row, tile.col)), tile.empty)
                if finished:
                    writer.write(finished)
            done += len(batch)
            tally.tiles = done
            tell(Progress(done, plan.count, "segmenting", done / (time.perf_counter() - began)))


def _tiles(
    scene: Scene,
    plan: TilePlan,
    order: Iterator[tuple[int, int]],
    crop: int,
    pool: ThreadPoolExecutor,
    ahead: int,
    tally: Tally,
) -> Iterator[_Tile]:
    """Tiles in ``order``, read by the pool at most ``ahead`` tiles in advance."""

    def read(row: int, col: int) -> _Tile:
        y, x = plan.rows.read_starts[row], plan.cols.read_starts[col]
        pixels, empty = scene.read_tile(y, x, crop)
        located = scene.location([y + crop / 2], [x + crop / 2])
        return _Tile(row, col, pixels, empty, None if located is None else located[0])

    waiting: deque[Future[_Tile]] = deque()
    for row, col in order:
        waiting.append(pool.submit(read, row, col))
        if len(waiting) > ahead:
            with Clock(tally, "read"):
                tile = waiting.popleft().result()
            yield tile
    while waiting:
        with Clock(tally, "read"):
            tile = waiting.popleft().result()
        yield tile


def _batches(tiles: Iterator[_Tile], size: int) -> Iterator[list[_Tile]]:
    """Lists of tiles with up to ``size`` that need the model; tiles of nothing but nodata ride along."""
    batch: list[_Tile] = []
    for tile in tiles:
        batch.append(tile)
        if sum(not t.empty.all() for t in batch) == size or len(batch) >= 4 * size:
            yield batch
            batch = []
    if batch:
        yield batch


def _infer(tiles: list[_Tile], backend: Backend) -> dict[tuple[int, int], np.ndarray]:
    """Logits of tiles by their place."""
    if not tiles:
        return {}
    coords = None if tiles[0].coord is None else np.stack([t.coord for t in tiles if t.coord is not None])
    if coords is not None and len(coords) != len(tiles):
        coords = None
    logits = backend.infer(np.stack([t.pixels for t in tiles]), coords)
    return {(t.row, t.col): out for t, out in zip(tiles, logits)}


def _max_columns(memory_mb: int, core: int, classes: int) -> int:
    """Scene columns that a thirty-second of the budget holds: sums, their quotient, and a few bytes of masks.

    So little that scenes from about 1,500 columns on take the same memory; a seam between bands costs next to nothing.
    """
    return max(1, memory_mb * 2**20 // 32 // (core * (classes * 8 + 6)))


def _ahead(memory_mb: int, card: ModelCard, batch: int) -> int:
    """Tiles to read in advance: two batches, or what a quarter of the budget holds."""
    tile_bytes = len(card.bands) * card.tile**2 * 4
    return max(1, min(2 * batch, memory_mb * 2**20 // 4 // tile_bytes))
