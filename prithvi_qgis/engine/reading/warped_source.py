"""A scene on another grid, warped window by window while it is read.

Pixels are those of GDAL's ``WarpedVRT`` (a test compares the two), which supports nodata values and alpha only and
treats a pixel as valid while any band has a value. Here a pixel that is nodata in any used band, by value, NaN, mask or
alpha, stays nodata: the scene is read first, and its nodata is warped separately.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

import numpy as np
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject
from rasterio.warp import transform as transform_points
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from ..gdal_errors import GDAL_ERRORS
from .band_vrt import cause_text
from .nodata import SAME
from .raster_source import Grid, RasterSource
from .rasterio_source import RasterioSource
from .read_windows import ReadWindow
from .reader_pool import ReaderPool

RESAMPLINGS = {"bilinear": Resampling.bilinear, "nearest": Resampling.nearest, "cubic": Resampling.cubic}
_STORED_DTYPES = ("uint8", "int16", "uint16")  # kept where nothing is interpolated
_LATTICE = 17  # points per side at which a window is transformed to the scene
_BLOCK = 256, 256  # the file's blocks are not aligned with the grid
_WARP_BYTES = 8 << 20  # of the scene, held at once by a thread


class WarpedSource(RasterSource):
    """``scene`` on ``grid``; ``window`` is the part of the grid that is segmented."""

    def __init__(self, scene: RasterioSource, grid: Grid, window: Window, resampling: str):
        """Warp ``scene`` with ``resampling``, a key of :data:`RESAMPLINGS`."""
        super().__init__(scene.source, scene.name)
        self.files = scene.files
        self.full_grid, self.window, self.dtype = grid, window, "float32"
        self.warnings, self.notes, self.records = scene.warnings, scene.notes, scene.records
        self.stall_timeout, self.block_shape = scene.stall_timeout, _BLOCK
        self._scene, self._resampling = scene, resampling
        self._ratio = self._pixel_ratio()

    def prepare(
        self, card: ModelCard, bands: Sequence[int], scale: Optional[float], offset: Optional[float], sensor: str = ""
    ) -> None:
        """Prepare the scene, judging its scaling by the part that the window covers.

        See :meth:`~prithvi_qgis.engine.reading.rasterio_source.RasterioSource.prepare`.

        Raises:
            PrithviError: ``extent_outside`` when the window covers no part of it.
        """
        covered = self._scene_window(ReadWindow(0, 0, int(self.window.height), int(self.window.width)))
        if covered is None:
            raise PrithviError(
                ErrorCode.EXTENT_OUTSIDE,
                f"{self.name} does not touch the part of the first scene that is to be segmented.",
                "All dates must be of the same place.",
            )
        scene = self._scene
        scene.window = Window(covered.left, covered.top, covered.right - covered.left, covered.bottom - covered.top)
        scene.work_bytes = int(self.window.width) * int(self.window.height) * len(card.bands) * 4
        scene.prepare(card, bands, scale, offset, sensor)
        scene.window = Window(
            0, 0, scene.full_grid.width, scene.full_grid.height
        )  # the kernel reaches beyond the window
        self.bands, self.scaling, self.normalisation = scene.bands, scene.scaling, scene.normalisation
        self.counted = scene.counted
        if self._resampling == "nearest" and scene.dtype in _STORED_DTYPES:
            self.dtype = scene.dtype

    # -- reading -------------------------------------------------------------------------------------------------

    @property
    def readers(self) -> ReaderPool:
        return self._scene.readers

    def refuse_changed(self) -> None:
        self._scene.refuse_changed()

    def close(self) -> None:
        self._scene.close()

    def read_window(self, window: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """Read stored values; see :meth:`RasterSource.read_window`. Nodata is counted in pixels of the grid."""
        part = self._scene_window(window)
        if part is None:
            pixels[...], empty[...] = 0, True
            return
        rows, cols = window.shape
        needed = (part.bottom - part.top) * (part.right - part.left) * len(self.bands) * 4
        if needed <= _WARP_BYTES or max(rows, cols) == 1:
            self._warp(window, part, pixels, empty)
        elif rows >= cols:
            half = rows // 2
            upper, lower = replace(window, bottom=window.top + half), replace(window, top=window.top + half)
            self.read_window(upper, pixels[:, :half], empty[:half])
            self.read_window(lower, pixels[:, half:], empty[half:])
        else:
            half = cols // 2
            left, right = replace(window, right=window.left + half), replace(window, left=window.left + half)
            self.read_window(left, pixels[..., :half], empty[:, :half])
            self.read_window(right, pixels[..., half:], empty[:, half:])

    def _warp(self, window: ReadWindow, part: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """Read ``part`` of the scene and warp it onto ``window``."""
        values, missing = np.empty((len(self.bands), *part.shape), self.dtype), np.empty(part.shape, bool)
        reasons = self._scene.read_with_reasons(part, values, missing)
        state = (~missing).astype(np.uint8)  # 0 nodata, 1 data, and from 2 on a reason
        if reasons is not None:
            state[reasons > 0] = reasons[reasons > 0] + 1
        options: dict[str, object] = {
            "src_transform": self._scene.full_grid.transform @ Affine.translation(part.left, part.top),
            "src_crs": self._scene.full_grid.crs,
            "dst_transform": self._transform(window),
            "dst_crs": self.full_grid.crs,
            # The same for every window, so that no seam shows where windows meet.
            "XSCALE": min(1.0, 1 / self._ratio[0]),
            "YSCALE": min(1.0, 1 / self._ratio[1]),
        }
        at = np.zeros(empty.shape, np.uint8)
        warped = np.zeros((len(values), *empty.shape), values.dtype)
        try:
            reproject(state, at, resampling=Resampling.nearest, **options)
            if self._resampling == "nearest":
                reproject(values, warped, resampling=Resampling.nearest, **options)
            else:
                values[:, missing] = np.nan
                method = RESAMPLINGS[self._resampling]
                reproject(values, warped, src_nodata=np.nan, dst_nodata=np.nan, resampling=method, **options)
        except GDAL_ERRORS as e:
            raise PrithviError(
                ErrorCode.SOURCE_UNREADABLE,
                f"{self.name} cannot be warped to the grid that is needed: {cause_text(e)}.",
                "Warp it with gdalwarp to the first scene's CRS and pixels, and use that.",
            ) from e
        nodata = (at != 1) & (at != SAME + 1)
        if reasons is not None:
            self.counted[0].add(window, np.where(at > 0, at - 1, 0))
        if warped.dtype == np.float32:
            nodata |= ~np.isfinite(warped).all(axis=0)
        warped[:, nodata] = 0
        pixels[...], empty[...] = warped, nodata

    # -- from grid to scene --------------------------------------------------------------------------------------

    def coverage(self) -> float:
        """Return the approximate share of the window that lies inside the scene's bounds, nodata included."""
        cols, rows = self._scene_pixels(ReadWindow(0, 0, int(self.window.height), int(self.window.width)), 101)
        inside = (
            (cols >= 0) & (cols < self._scene.full_grid.width) & (rows >= 0) & (rows < self._scene.full_grid.height)
        )
        return float(inside.mean())

    def _transform(self, window: ReadWindow) -> Affine:
        return self.full_grid.transform @ Affine.translation(
            self.window.col_off + window.left, self.window.row_off + window.top
        )

    def _scene_pixels(self, window: ReadWindow, points: int = _LATTICE) -> tuple[np.ndarray, np.ndarray]:
        """Return (points**2,) columns and rows of the scene at a lattice over a window; NaN where undefined."""
        height, width = window.shape
        x, y = np.linspace(0, width, points), np.linspace(0, height, points)
        cols, rows = (v.ravel() for v in np.meshgrid(x, y))
        xs, ys = self._transform(window) @ (cols, rows)
        if self.full_grid.crs != self._scene.full_grid.crs:
            try:
                xs, ys = transform_points(self.full_grid.crs, self._scene.full_grid.crs, xs, ys)[:2]
            except GDAL_ERRORS:
                return np.full(cols.size, np.nan), np.full(cols.size, np.nan)
        found = ~self._scene.full_grid.transform @ (np.asarray(xs, float), np.asarray(ys, float))
        return tuple(np.where(np.isfinite(v), v, np.nan) for v in found)

    def _scene_window(self, window: ReadWindow) -> Optional[ReadWindow]:
        """Return the part of the scene that a window needs, kernel margin included; None where it needs none."""
        cols, rows = self._scene_pixels(window)
        known = np.isfinite(cols) & np.isfinite(rows)
        if not known.any():
            return None
        full = self._scene.full_grid
        edges = []
        for numbers, size, ratio in ((rows, full.height, self._ratio[1]), (cols, full.width, self._ratio[0])):
            margin = 3 * max(1.0, ratio) + 2
            first, last = numbers[known].min() - margin, numbers[known].max() + margin
            edges.append((max(0, int(np.floor(first))), min(size, int(np.ceil(last)))))
        (top, bottom), (left, right) = edges
        return ReadWindow(top, left, bottom, right) if bottom > top and right > left else None

    def _pixel_ratio(self) -> tuple[float, float]:
        """Return how many columns and rows of the scene a pixel of the grid spans, in the window's centre."""
        row, col = int(self.window.height) // 2, int(self.window.width) // 2
        cols, rows = self._scene_pixels(ReadWindow(row, col, row + 1, col + 1), 2)
        if not (np.isfinite(cols).all() and np.isfinite(rows).all()):
            return 1.0, 1.0
        return float(max(np.ptp(cols), 1e-3)), float(max(np.ptp(rows), 1e-3))
