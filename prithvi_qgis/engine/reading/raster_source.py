"""What a run reads, however it comes about: a scene as its file stores it, on another grid, or several dates of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.warp import transform as transform_points
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes.scaling import Scaling
from .read_windows import ReadWindow
from .reader_pool import ReaderPool
from .stall_timeout import StallTimeout


@dataclass(frozen=True)
class Grid:
    """Size and georeference of a scene or of a window of it; what the mask inherits."""

    width: int
    height: int
    crs: Any  # rasterio CRS or None
    transform: Affine
    gcps: tuple[Any, ...] = ()

    @property
    def located(self) -> bool:
        """Whether pixels have a place on Earth (by geotransform, not by ground control points)."""
        return self.crs is not None and not self.transform.is_identity

    def part(self, col: int, row: int, width: int, height: int) -> Grid:
        """The grid of some of its pixels."""
        moved = self.transform
        if not moved.is_identity:
            moved = moved @ Affine.translation(col, row)
        gcps = tuple(
            rasterio.control.GroundControlPoint(g.row - row, g.col - col, g.x, g.y, g.z, g.id, g.info)
            for g in self.gcps
        )
        return Grid(width, height, self.crs, moved, gcps)


class RasterSource(ABC):
    """Pixels on a grid, with the window of it that is to be segmented.

    Attributes:
        source: path or GDAL name; name: what a person calls it.
        opens: what GDAL opens to see the same pixels, empty where there is no such thing.
        full_grid: the whole grid; window: the part that is segmented; dtype: in which :meth:`read_piece` gives numbers.
        warnings, notes: lines for the person; records: tags for the mask's metadata.
        frames: dates in it; temporal: (frames, 2) float32 year and day of the year from 0, None where not known.
        patience: how long a run waits for it.
        frame_lines: a line a date, for reports; resampled: how it came to another pixel size, or empty.
    """

    opens = ""
    full_grid: Grid
    window: Window
    dtype: str

    def __init__(self, source: str, name: str):
        self.source, self.name = source, name
        self.warnings: list[str] = []
        self.notes: list[str] = []
        self.records: dict[str, str] = {}
        self.frames = 1
        self.frame_lines: tuple[str, ...] = ()
        self.temporal: Optional[np.ndarray] = None
        self.resampled = ""
        self.stall_timeout = StallTimeout(source=name)

    # -- what it is ----------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def bands(self) -> tuple[int, ...]:
        """1-based numbers of the used bands in the file (of several, the first that was named), the model's order."""

    @property
    @abstractmethod
    def scaling(self) -> Scaling:
        """From stored numbers to reflectance; ValueError before that is chosen."""

    @property
    def channels(self) -> int:
        """Numbers that are read for a pixel: bands of every date."""
        return len(self.bands) * self.frames

    @property
    @abstractmethod
    def normalisation(self) -> tuple[np.ndarray, np.ndarray]:
        """(channels, 1, 1) float32 gain and bias: stored number x gain + bias is the model's input."""

    @property
    @abstractmethod
    def block_shape(self) -> tuple[int, int]:
        """Rows and columns of the blocks in which it is best read."""

    # -- where it is ---------------------------------------------------------------------------------------------

    def set_extent(self, extent: Optional[Sequence[float]]) -> None:
        """Restrict the scene to the whole pixels that ``extent`` (xmin, ymin, xmax, ymax in its CRS) touches.

        Raises:
            PrithviError: ``extent_outside``.
        """
        if extent is None:
            return
        xmin, ymin, xmax, ymax = extent
        back = ~self.full_grid.transform
        corners = [back @ (x, y) for x in (xmin, xmax) for y in (ymin, ymax)]
        cols, rows = [c for c, _ in corners], [r for _, r in corners]
        tolerance = 1e-3  # of a pixel: an extent that follows pixel edges must not take one more for rounding
        left, top = (max(0, int(np.floor(min(v) + tolerance))) for v in (cols, rows))
        right = min(self.full_grid.width, int(np.ceil(max(cols) - tolerance)))
        bottom = min(self.full_grid.height, int(np.ceil(max(rows) - tolerance)))
        if right <= left or bottom <= top:
            shown = ", ".join(f"{v:.10g}" for v in extent)
            bounds = rasterio.transform.array_bounds(
                self.full_grid.height, self.full_grid.width, self.full_grid.transform
            )
            raise PrithviError(
                ErrorCode.EXTENT_OUTSIDE,
                f"EXTENT {shown} (xmin, ymin, xmax, ymax) does not touch {self.name}, which spans "
                f"{', '.join(f'{v:.10g}' for v in bounds)}.",
                "Choose an extent over the scene; without a CRS in EXTENT its numbers are in the scene's CRS.",
            )
        self.window = Window(left, top, right - left, bottom - top)

    @property
    def grid(self) -> Grid:
        """Size and georeference of the window."""
        w = self.window
        return self.full_grid.part(w.col_off, w.row_off, int(w.width), int(w.height))

    def location(self, rows: Sequence[float], cols: Sequence[float]) -> Optional[np.ndarray]:
        """(n, 2) float32 latitude and longitude of pixels of the window, or None without georeference."""
        grid = self.grid
        if not grid.located:
            return None
        points = [grid.transform @ (c, r) for r, c in zip(rows, cols)]
        try:
            lon, lat = transform_points(grid.crs, "EPSG:4326", [p[0] for p in points], [p[1] for p in points])[:2]
        except RasterioError:
            return None
        out = np.array([lat, lon], np.float64).T
        return out.astype(np.float32) if np.isfinite(out).all() else None

    # -- reading -------------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def readers(self) -> ReaderPool:
        """Threads to read it with."""

    @abstractmethod
    def read_piece(self, piece: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """Read stored numbers; many threads may do so at once.

        Args:
            piece: of the window.
            pixels: (channels, rows, cols) to fill, of ``dtype`` or float32.
            empty: (rows, cols) bool to fill with nodata.
        Raises:
            PrithviError: ``source_unreadable``; ``scaling_unknown`` for numbers that no scaling makes reflectance.
        """

    @abstractmethod
    def close(self) -> None:
        """End the threads and close the files."""
