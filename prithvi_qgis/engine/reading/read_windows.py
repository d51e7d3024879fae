"""Read a strip of a scene window by window, in parallel, decoding each block of the file as nearly once as possible."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from ...core.system.timeouts import TIMEOUTS
from .reader_pool import ReaderPool
from .stall_timeout import StallTimeout

if TYPE_CHECKING:
    import torch

READER_BYTES = 16 << 20  # of a scene's pixels per reading thread; a smaller scene is read in one go
WINDOW_BYTES = 4 << 20  # read at once by one thread: small enough to use many threads, large enough to be worth one
MAX_READERS = 8
LoadWindow = Callable[["ReadWindow", "Optional[torch.cuda.Event]"], None]


@dataclass(frozen=True)
class ReadWindow:
    """A rectangle in pixels of the window that is segmented; ``bottom`` and ``right`` are exclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left


@dataclass(frozen=True)
class ReadGrid:
    """How a window is divided for reading: along the file's blocks, so that few are decoded twice; or not at all."""

    rows: int
    """Rows per read window."""
    cols: int
    """Columns per read window."""
    row_offset: int
    """First row of the window in the file."""
    col_offset: int
    """First column of the window in the file."""

    @classmethod
    def along(cls, block: tuple[int, int], width: int, offset: tuple[int, int], pixel_bytes: int) -> ReadGrid:
        """Divide a window along the blocks of its file.

        Args:
            block: (height, width) of the blocks.
            width: of the window.
            offset: (row, column) of the window in the file.
            pixel_bytes: of all channels.
        """
        high, wide = block
        if wide >= width:  # striped file, or a narrow window: whole rows, a few stripes at a time
            rows = max(1, min(256, WINDOW_BYTES // (width * pixel_bytes)))
            rows = max(high, rows // high * high) if high <= 1024 else rows
            return cls(rows, wide, *offset)
        rows = high if 64 <= high <= 1024 else 256
        fits = WINDOW_BYTES // (rows * pixel_bytes)
        return cls(rows, max(wide, fits // wide * wide), *offset)

    @classmethod
    def whole(cls, size: tuple[int, int], offset: tuple[int, int]) -> ReadGrid:
        """Read a window of (height, width) at once."""
        return cls(offset[0] + size[0], offset[1] + size[1], *offset)

    def row_edges(self, height: int) -> list[int]:
        """Return where read windows begin and end down a window of ``height`` rows."""
        return _edges(0, height, self.rows, self.row_offset)

    def column_edges(self, left: int, right: int) -> list[int]:
        """Return where read windows begin and end across the window's columns ``left`` to ``right``."""
        return _edges(left, right, self.cols, self.col_offset)


def _edges(begin: int, end: int, step: int, offset: int) -> list[int]:
    first = begin + step - (begin + offset) % step
    return [begin, *range(first, end, step), end]


def clip_edges(edges: list[int], begin: int, end: int) -> list[int]:
    """Return the edges of the same read windows where only pixels ``begin`` to ``end`` are needed."""
    return [begin, *(edge for edge in edges if begin < edge < end), end]


def reader_count() -> int:
    """Return the number of reading threads: one per two cores, because they share the GIL with the GPU's thread.

    On 16 cores and an H200, 16 readers make a large scene 9 % slower than 8.
    """
    return max(2, min(MAX_READERS, len(os.sched_getaffinity(0)) // 2))


class PrefetchReader:
    """Reads the windows of a strip from top to bottom, ahead of their use.

    One thread requests and waits; the pool's threads read.
    """

    def __init__(
        self,
        pool: ReaderPool,
        row_edges: list[int],
        column_edges: list[int],
        load: LoadWindow,
        stall_timeout: StallTimeout,
    ):
        """Prepare, without reading anything yet.

        Args:
            row_edges: of the read windows, from :class:`ReadGrid`.
            column_edges: likewise.
            load: ``load(window, after)`` reads and stores a window, in any thread of the pool.
            stall_timeout: waits for the reading tasks.
        """
        self._pool, self._columns, self._load, self._stall_timeout = pool, column_edges, load, stall_timeout
        self._rows = deque(zip(row_edges[:-1], row_edges[1:]))
        self._pending: deque[tuple[int, Future[None]]] = deque()  # (first row, its task), from top to bottom

    def request(self, until: int, after: Optional[torch.cuda.Event]) -> None:
        """Start to read every row of windows that ends at or before row ``until``; ``after`` is passed to ``load``."""
        while self._rows and self._rows[0][1] <= until:
            top, bottom = self._rows.popleft()
            for left, right in zip(self._columns[:-1], self._columns[1:]):
                task = self._pool.submit(self._load, ReadWindow(top, left, bottom, right), after)
                self._pending.append((top, task))

    def wait(self, until: int) -> None:
        """Wait until all rows before ``until`` are read; they must have been requested.

        Raises:
            PrithviError: ``cancelled``; ``source_unreadable`` after a stall; whatever ``load`` raised.
        """
        while self._pending and self._pending[0][0] < until:
            self._stall_timeout.result(self._pending[0][1])
            self._pending.popleft()
        if self._rows and self._rows[0][0] < until:
            raise AssertionError(f"row {until} was not requested: the strip is too small for a batch")

    def drain(self) -> None:
        """Stop reading, and wait briefly for tasks in progress; one that hangs keeps its memory until it ends."""
        self._rows.clear()
        wait([task for _, task in self._pending if not task.cancel()], TIMEOUTS.io_exit_s)
        self._pending.clear()
