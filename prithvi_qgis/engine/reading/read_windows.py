"""Reading a strip of the scene piece by piece, in parallel, each block of the file as nearly once as can be."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any

from ...core.system.timeouts import TIMEOUTS
from .reader_pool import ReaderPool
from .stall_timeout import StallTimeout

READER_BYTES = 16 << 20  # of a scene's pixels for each thread that reads; a smaller scene is read at once
PIECE_BYTES = 4 << 20  # what one thread reads at once: small enough for many threads, large enough to be worth one
MOST_READERS = 8


@dataclass(frozen=True)
class ReadWindow:
    """A rectangle of the scene's window, in its pixels."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class ReadGrid:
    """How a window is cut into pieces: along the file's blocks, so that few are decoded twice; or not at all.

    Attributes:
        rows, cols: of a piece; row_offset, col_offset: of the window in the file.
    """

    rows: int
    cols: int
    row_offset: int
    col_offset: int

    @classmethod
    def along(cls, block: tuple[int, int], width: int, offset: tuple[int, int], pixel_bytes: int) -> ReadGrid:
        """For blocks of (height, width) in a window ``width`` wide at (row, column) ``offset`` of the file."""
        high, wide = block
        if wide >= width:  # strips, or a narrow window: whole rows, a few strips at a time
            rows = max(1, min(256, PIECE_BYTES // (width * pixel_bytes)))
            rows = max(high, rows // high * high) if high <= 1024 else rows
            return cls(rows, wide, *offset)
        rows = high if 64 <= high <= 1024 else 256
        fits = PIECE_BYTES // (rows * pixel_bytes)
        return cls(rows, max(wide, fits // wide * wide), *offset)

    @classmethod
    def whole(cls, size: tuple[int, int], offset: tuple[int, int]) -> ReadGrid:
        """For a window of (height, width) that is one piece."""
        return cls(offset[0] + size[0], offset[1] + size[1], *offset)

    def row_edges(self, height: int) -> list[int]:
        """Where pieces begin and end down a window of ``height`` rows."""
        return _edges(0, height, self.rows, self.row_offset)

    def column_edges(self, left: int, right: int) -> list[int]:
        """Where pieces begin and end across the window's columns ``left`` to ``right``."""
        return _edges(left, right, self.cols, self.col_offset)


def _edges(begin: int, end: int, step: int, offset: int) -> list[int]:
    first = begin + step - (begin + offset) % step
    return [begin, *range(first, end, step), end]


def clip_edges(edges: list[int], begin: int, end: int) -> list[int]:
    """The edges of the same pieces where only pixels ``begin`` to ``end`` are wanted."""
    return [begin, *(edge for edge in edges if begin < edge < end), end]


def reader_count() -> int:
    """Threads that read: one for every other core, since they share Python's lock with the thread that feeds the GPU.

    On 16 cores and an H200, 16 readers make a large scene 9 % slower than 8.
    """
    return max(2, min(MOST_READERS, len(os.sched_getaffinity(0)) // 2))


class PrefetchReader:
    """Has the pieces of a strip read from top to bottom, as far ahead as it is told to.

    One thread asks and waits; the pool's threads read.
    """

    def __init__(
        self,
        pool: ReaderPool,
        row_edges: list[int],
        column_edges: list[int],
        load: Callable[[ReadWindow, Any], None],
        stall_timeout: StallTimeout,
    ):
        """``load(piece, after)`` reads a piece and puts it away, in any thread; ``stall_timeout`` waits for it."""
        self._pool, self._columns, self._load, self._stall_timeout = pool, column_edges, load, stall_timeout
        self._rows = deque(zip(row_edges[:-1], row_edges[1:]))
        self._pending: deque[tuple[int, Future[None]]] = deque()  # (first row, its reading), from top to bottom

    def request(self, until: int, after: Any) -> None:
        """Begin to read every row of pieces that ends at or before row ``until``; ``after`` goes to ``load``."""
        while self._rows and self._rows[0][1] <= until:
            top, bottom = self._rows.popleft()
            for left, right in zip(self._columns[:-1], self._columns[1:]):
                task = self._pool.submit(self._load, ReadWindow(top, left, bottom, right), after)
                self._pending.append((top, task))

    def wait(self, until: int) -> None:
        """Return once all rows before ``until``, which must have been requested, are there.

        Raises:
            PrithviError: ``cancelled``, or ``source_unreadable`` when nothing comes; whatever ``load`` raised.
        """
        while self._pending and self._pending[0][0] < until:
            self._stall_timeout.result(self._pending[0][1])
            self._pending.popleft()
        if self._rows and self._rows[0][0] < until:
            raise AssertionError(f"row {until} was not requested: the strip is too small for a batch")

    def drain(self) -> None:
        """Read no more, and wait a little for what is under way; what hangs keeps its own memory until it ends."""
        self._rows.clear()
        wait([task for _, task in self._pending if not task.cancel()], TIMEOUTS.io_exit_s)
        self._pending.clear()
