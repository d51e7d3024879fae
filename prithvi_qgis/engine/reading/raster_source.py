"""Base class of everything that a run reads: one file, a file on another grid, or several dates."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np
import rasterio
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform as transform_points
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes.pixel_window import pixel_window
from ...core.scenes.scaling import Scaling
from ..gdal_errors import GDAL_ERRORS
from .geodetic_base import GeodeticBase, geodetic_base, wkt_of
from .nodata import ValidityCounts
from .read_windows import ReadWindow
from .reader_pool import ReaderPool
from .stall_timeout import StallTimeout


@dataclass(frozen=True)
class Grid:
    """Size and georeference of a scene or of a window of it; the mask inherits it."""

    width: int
    """Columns."""
    height: int
    """Rows."""
    crs: Optional[CRS]
    """None without one."""
    transform: Affine
    """From (column, row) to coordinates of ``crs``; the identity without georeference."""
    gcps: tuple[GroundControlPoint, ...] = ()
    """Ground control points, in ``crs``."""

    @property
    def georeferenced(self) -> bool:
        """Whether it has a CRS and a geotransform; ground control points do not count."""
        return self.crs is not None and not self.transform.is_identity

    @property
    def located(self) -> bool:
        """Whether both place the pixels on a planet: not so in an engineering or local CRS."""
        return self.base is not None

    @property
    def wkt(self) -> str:
        """The CRS as well-known text 2; empty where the grid is not ``georeferenced``."""
        return wkt_of(self.crs) if self.georeferenced else ""

    @property
    def base(self) -> Optional[GeodeticBase]:
        """Longitude and latitude behind the CRS; None where the grid is not ``located``."""
        return geodetic_base(self.wkt) if self.georeferenced else None

    def part(self, col: int, row: int, width: int, height: int) -> Grid:
        """Return the grid of a window of it."""
        moved = self.transform
        if not moved.is_identity:
            moved = moved @ Affine.translation(col, row)
        gcps = tuple(GroundControlPoint(g.row - row, g.col - col, g.x, g.y, g.z, g.id, g.info) for g in self.gcps)
        return Grid(width, height, self.crs, moved, gcps)


class RasterSource(ABC):
    """Pixels on a grid, and the window of it that is to be segmented."""

    source: str
    """Path or GDAL name."""
    name: str
    """For messages."""
    files: list[str]
    """Files or URLs that it is read from: its bands' where they are stacked, else ``source``; of the first date."""
    opens = ""
    """What GDAL opens to read the same pixels; empty where no such name exists."""
    full_grid: Grid
    """The whole grid."""
    window: Window
    """The part of ``full_grid`` that is segmented."""
    dtype: str
    """NumPy type of the values that :meth:`read_window` returns."""
    warnings: list[str]
    """Lines for the user's attention."""
    notes: list[str]
    """Lines for the log."""
    records: dict[str, str]
    """Tags for the metadata of the mask."""
    frames: int
    """Number of dates."""
    frame_lines: tuple[str, ...]
    """One line per date, for reports."""
    temporal: Optional[np.ndarray]
    """(frames, 2) float32 year and day of the year from 0; None where a date is unknown."""
    resampled: str
    """The original and the new pixel size; empty without resampling."""
    stall_timeout: StallTimeout
    """Waits for its reading tasks."""
    bands: tuple[int, ...]
    """1-based numbers of the used bands in the model's order, of the first date; () before the source is prepared, when
    the next three are missing."""
    scaling: Scaling
    """Scaling from stored values to reflectance, for the first date."""
    normalisation: tuple[np.ndarray, np.ndarray]
    """(channels, 1, 1) float32 gain and bias: stored value x gain + bias is the model's input."""
    counted: list[ValidityCounts]
    """What is counted of the nodata of each date while it is read."""
    block_shape: tuple[int, int]
    """Rows and columns of the blocks along which reading is cheapest."""

    def __init__(self, source: str, name: str):
        self.source, self.name, self.files = source, name, [source]
        self.warnings, self.notes, self.records = [], [], {}
        self.frames, self.frame_lines, self.temporal = 1, (), None
        self.resampled, self.bands, self.counted = "", (), []
        self.stall_timeout = StallTimeout(source=name)

    @property
    def channels(self) -> int:
        """Values per pixel: the bands of every date."""
        return len(self.bands) * self.frames

    # -- where it is ---------------------------------------------------------------------------------------------

    def set_extent(self, extent: Optional[Sequence[float]], crs: str = "") -> None:
        """Set the window to the whole pixels that an extent touches; without one it stays the whole grid.

        Args:
            extent: xmin, ymin, xmax, ymax.
            crs: of ``extent``; the source's if empty.
        Raises:
            PrithviError: ``extent_outside``, also where ``extent`` cannot be transformed.
        """
        if extent is None:
            return
        if crs:
            extent = self._transformed(extent, crs)
        xmin, ymin, xmax, ymax = extent
        to_pixel, base = ~self.full_grid.transform, self.full_grid.base
        turn = 2 * math.pi / base.unit_rad if base is not None and base.geographic else 0.0
        area = None
        for shift in (0.0, turn, -turn):  # 190 degrees east are 170 west
            corners = [to_pixel @ (x + shift, y) for x in (xmin, xmax) for y in (ymin, ymax)]
            area = area or pixel_window(corners, self.full_grid.width, self.full_grid.height)
        if area is None:
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
        self.window = Window(*area)

    def _transformed(self, extent: Sequence[float], crs: str) -> Sequence[float]:
        """Return an extent of another CRS in the source's; xmax may lie beyond the antimeridian."""
        grid = self.full_grid
        try:
            given = CRS.from_user_input(crs)
            if given == grid.crs:
                return extent
            if grid.base is None:
                why = f"{self.name} has no georeference on Earth, so EXTENT in another CRS has no place in it."
                raise PrithviError(
                    ErrorCode.EXTENT_OUTSIDE, why, "Leave EXTENT empty, or give it in the scene's coordinates."
                )
            xmin, ymin, xmax, ymax = transform_bounds(given, grid.crs, *extent, densify_pts=21)
            if not all(map(math.isfinite, (xmin, ymin, xmax, ymax))):
                raise ValueError("it reaches beyond where that CRS is defined")
        except (*GDAL_ERRORS, ValueError) as e:
            cause = str(e).split("\n")[0][:200]
            why = f"EXTENT ({crs[:200]}) cannot be brought into the CRS of {self.name}: {cause}."
            raise PrithviError(ErrorCode.EXTENT_OUTSIDE, why, "Give EXTENT with a CRS that covers the scene.") from e
        if xmax < xmin and grid.base.geographic:
            xmax += 2 * math.pi / grid.base.unit_rad
        return xmin, ymin, xmax, ymax

    @property
    def grid(self) -> Grid:
        """Size and georeference of the window."""
        w = self.window
        return self.full_grid.part(w.col_off, w.row_off, int(w.width), int(w.height))

    def location(self, rows: Sequence[float], cols: Sequence[float]) -> Optional[np.ndarray]:
        """Return (n, 2) float32 latitude and longitude of pixels of the window; None without georeference."""
        grid = self.grid
        if not grid.located:
            return None
        points = [grid.transform @ (c, r) for r, c in zip(rows, cols)]
        try:
            lon, lat = transform_points(grid.crs, "EPSG:4326", [p[0] for p in points], [p[1] for p in points])[:2]
        except GDAL_ERRORS:
            return None
        out = np.array([lat, lon], np.float64).T
        return out.astype(np.float32) if np.isfinite(out).all() else None

    # -- reading -------------------------------------------------------------------------------------------------

    def count_within(self, part: ReadWindow) -> None:
        """Count nodata in a part of the window only, from now on: what is read in turn may overlap."""
        for counts in self.counted:
            counts.within = part

    def validity_lines(self) -> tuple[list[str], list[str]]:
        """Return warnings and notes on the nodata of what was read; for the end of a run."""
        pixels = int(self.window.width) * int(self.window.height)
        lines = [counts.lines(pixels) for counts in self.counted]
        return [w for warnings, _ in lines for w in warnings], [n for _, notes in lines for n in notes]

    @property
    @abstractmethod
    def readers(self) -> ReaderPool:
        """Threads that read it; with several dates those of the first read all."""

    @abstractmethod
    def read_window(self, window: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """Read stored values; thread-safe.

        Args:
            window: within :attr:`window`.
            pixels: (channels, rows, cols) to fill, of ``dtype`` or float32.
            empty: (rows, cols) bool to fill: True where nodata.
        Raises:
            PrithviError: ``source_unreadable``; ``scaling_unknown`` for values that no scaling turns into reflectance.
        """

    @abstractmethod
    def refuse_changed(self) -> None:
        """Refuse a mask of files that were replaced while they were read; call it before the mask is put in place.

        Raises:
            PrithviError: ``source_unreadable``.
        """

    @abstractmethod
    def close(self) -> None:
        """End the threads and close the files."""
