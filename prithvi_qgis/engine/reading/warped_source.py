"""A scene as it would be on another grid, warped piece by piece while it is read.

It is GDAL's warper, as ``WarpedVRT`` has it (a test compares the two). But that one knows of nodata values and alpha
only, and takes a pixel for valid while any band has a value; here a pixel without data in any used band, by value, NaN,
mask or alpha, is none in the outcome, so the scene is read first and its nodata told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Optional

import numpy as np
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.warp import reproject
from rasterio.warp import transform as transform_points
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from ...core.scenes.scaling import Scaling
from .band_vrt import cause_text
from .raster_source import Grid, RasterSource
from .rasterio_source import RasterioSource
from .read_windows import ReadWindow
from .reader_pool import ReaderPool

RESAMPLINGS = {"bilinear": Resampling.bilinear, "nearest": Resampling.nearest, "cubic": Resampling.cubic}
_WHOLE = ("uint8", "int16", "uint16")  # kept as stored where nothing is interpolated
_LATTICE = 17  # points a side by which a piece is looked up in the scene
_BLOCK = 256
_PART_BYTES = 8 << 20  # of the scene, held at once by a thread for a part of a piece


class WarpedSource(RasterSource):
    """``scene`` on ``grid``; ``window`` is the part of the grid that is segmented."""

    def __init__(self, scene: RasterioSource, grid: Grid, window: Window, resampling: str):
        """``resampling``: a key of :data:`RESAMPLINGS`."""
        super().__init__(scene.source, scene.name)
        self.full_grid, self.window, self.dtype = grid, window, "float32"
        self.warnings, self.notes, self.records = scene.warnings, scene.notes, scene.records
        self.stall_timeout = scene.stall_timeout
        self._scene, self._resampling = scene, resampling
        self._reach = self._scene_pixels_a_pixel()

    def prepare(
        self, card: ModelCard, bands: Sequence[int], scale: Optional[float], offset: Optional[float], sensor: str = ""
    ) -> None:
        """As :meth:`engine.reading.rasterio_source.RasterioSource.prepare`, by the part of the scene that the window
        shows.

        Raises:
            PrithviError: ``extent_outside`` when it shows none.
        """
        shown = self._look_up(ReadWindow(0, 0, int(self.window.height), int(self.window.width)))
        if shown is None:
            raise PrithviError(
                ErrorCode.EXTENT_OUTSIDE,
                f"{self.name} does not touch the part of the first scene that is to be segmented.",
                "All dates must be of the same place.",
            )
        scene = self._scene
        scene.window = Window(shown.left, shown.top, shown.right - shown.left, shown.bottom - shown.top)
        scene.work_bytes = int(self.window.width) * int(self.window.height) * len(card.bands) * 4
        scene.prepare(card, bands, scale, offset, sensor)
        scene.window = Window(0, 0, scene.full_grid.width, scene.full_grid.height)  # edges need what lies beyond them
        if self._resampling == "nearest" and scene.dtype in _WHOLE:
            self.dtype = scene.dtype

    # -- what it is ----------------------------------------------------------------------------------------------

    @property
    def bands(self) -> tuple[int, ...]:
        """See :class:`engine.reading.raster_source.RasterSource`."""
        return self._scene.bands

    @property
    def scaling(self) -> Scaling:
        """See :class:`engine.reading.raster_source.RasterSource`."""
        return self._scene.scaling

    @property
    def normalisation(self) -> tuple[np.ndarray, np.ndarray]:
        """See :class:`engine.reading.raster_source.RasterSource`."""
        return self._scene.normalisation

    @property
    def block_shape(self) -> tuple[int, int]:
        """Squares: the file's own blocks lie anyhow on this grid."""
        return _BLOCK, _BLOCK

    # -- reading -------------------------------------------------------------------------------------------------

    @property
    def readers(self) -> ReaderPool:
        """The scene's own."""
        return self._scene.readers

    def close(self) -> None:
        """See :class:`engine.reading.raster_source.RasterSource`."""
        self._scene.close()

    def read_piece(self, piece: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """See :class:`engine.reading.raster_source.RasterSource`."""
        around = self._look_up(piece)
        if around is None:
            pixels[...], empty[...] = 0, True
            return
        rows, cols = piece.bottom - piece.top, piece.right - piece.left
        needed = (around.bottom - around.top) * (around.right - around.left) * len(self.bands) * 4
        if needed <= _PART_BYTES or max(rows, cols) == 1:
            self._warp(piece, around, pixels, empty)
        elif rows >= cols:
            cut = rows // 2
            upper, lower = replace(piece, bottom=piece.top + cut), replace(piece, top=piece.top + cut)
            self.read_piece(upper, pixels[:, :cut], empty[:cut])
            self.read_piece(lower, pixels[:, cut:], empty[cut:])
        else:
            cut = cols // 2
            left, right = replace(piece, right=piece.left + cut), replace(piece, left=piece.left + cut)
            self.read_piece(left, pixels[..., :cut], empty[:, :cut])
            self.read_piece(right, pixels[..., cut:], empty[:, cut:])

    def _warp(self, piece: ReadWindow, around: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """Read ``around`` of the scene and warp it onto ``piece``."""
        shape = around.bottom - around.top, around.right - around.left
        values, missing = np.empty((len(self.bands), *shape), self.dtype), np.empty(shape, bool)
        self._scene.read_piece(around, values, missing)
        to = self._transform(piece)
        options: dict[str, Any] = {
            "src_transform": self._scene.full_grid.transform @ Affine.translation(around.left, around.top),
            "src_crs": self._scene.full_grid.crs,
            "dst_transform": to,
            "dst_crs": self.full_grid.crs,
            # The same for every piece, so that no seam shows where pieces meet.
            "XSCALE": min(1.0, 1 / self._reach[0]),
            "YSCALE": min(1.0, 1 / self._reach[1]),
        }
        valid = np.zeros(empty.shape, np.uint8)
        found = np.zeros((len(values), *empty.shape), values.dtype)
        try:
            reproject((~missing).astype(np.uint8), valid, resampling=Resampling.nearest, **options)
            if self._resampling == "nearest":
                reproject(values, found, resampling=Resampling.nearest, **options)
            else:
                values[:, missing] = np.nan
                how = RESAMPLINGS[self._resampling]
                reproject(values, found, src_nodata=np.nan, dst_nodata=np.nan, resampling=how, **options)
        except RasterioError as e:
            raise PrithviError(
                ErrorCode.SOURCE_UNREADABLE,
                f"{self.name} cannot be warped to the grid that is needed: {cause_text(e)}.",
                "Warp it with gdalwarp to the first scene's CRS and pixels, and use that.",
            ) from e
        nothing = valid == 0
        if found.dtype == np.float32:
            nothing |= ~np.isfinite(found).all(axis=0)
        found[:, nothing] = 0
        pixels[...], empty[...] = found, nothing

    # -- from grid to scene --------------------------------------------------------------------------------------

    def covered(self) -> float:
        """The share of the window that lies inside the scene, about; of its place only, nodata is not looked at."""
        cols, rows = self._at(ReadWindow(0, 0, int(self.window.height), int(self.window.width)), 101)
        inside = (
            (cols >= 0) & (cols < self._scene.full_grid.width) & (rows >= 0) & (rows < self._scene.full_grid.height)
        )
        return float(inside.mean())

    def _transform(self, piece: ReadWindow) -> Affine:
        return self.full_grid.transform @ Affine.translation(
            self.window.col_off + piece.left, self.window.row_off + piece.top
        )

    def _at(self, piece: ReadWindow, points: int = _LATTICE) -> tuple[np.ndarray, np.ndarray]:
        """Columns and rows of the scene at a lattice over a piece of the window; what has no place there is NaN."""
        x = np.linspace(0, piece.right - piece.left, points)
        y = np.linspace(0, piece.bottom - piece.top, points)
        cols, rows = (v.ravel() for v in np.meshgrid(x, y))
        xs, ys = self._transform(piece) @ (cols, rows)
        if self.full_grid.crs != self._scene.full_grid.crs:
            try:
                xs, ys = transform_points(self.full_grid.crs, self._scene.full_grid.crs, xs, ys)[:2]
            except RasterioError:
                return np.full(cols.size, np.nan), np.full(cols.size, np.nan)
        found = ~self._scene.full_grid.transform @ (np.asarray(xs, float), np.asarray(ys, float))
        return tuple(np.where(np.isfinite(v), v, np.nan) for v in found)

    def _look_up(self, piece: ReadWindow) -> Optional[ReadWindow]:
        """What of the scene is needed for a piece, with what the kernel reaches over; None where that is nothing."""
        cols, rows = self._at(piece)
        known = np.isfinite(cols) & np.isfinite(rows)
        if not known.any():
            return None
        full = self._scene.full_grid
        edges = []
        for places, size, reach in ((rows, full.height, self._reach[1]), (cols, full.width, self._reach[0])):
            more = 3 * max(1.0, reach) + 2
            first, last = places[known].min() - more, places[known].max() + more
            edges.append((max(0, int(np.floor(first))), min(size, int(np.ceil(last)))))
        (top, bottom), (left, right) = edges
        return ReadWindow(top, left, bottom, right) if bottom > top and right > left else None

    def _scene_pixels_a_pixel(self) -> tuple[float, float]:
        """Columns and rows of the scene that a pixel of the grid spans, in the window's middle."""
        row, col = int(self.window.height) // 2, int(self.window.width) // 2
        cols, rows = self._at(ReadWindow(row, col, row + 1, col + 1), 2)  # left and right above, left and right below
        if not (np.isfinite(cols).all() and np.isfinite(rows).all()):
            return 1.0, 1.0
        return float(max(np.ptp(cols), 1e-3)), float(max(np.ptp(rows), 1e-3))
