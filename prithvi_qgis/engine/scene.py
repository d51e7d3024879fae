"""Open a scene, and read windows of it as a model wants them: ordered, scaled, normalised, nodata told apart."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np
import rasterio
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.transform import Affine
from rasterio.warp import transform as transform_points
from rasterio.windows import Window

from ..contract.bands import choose_bands
from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from ..contract.scaling import Scaling, Spread, choose_scaling

SAMPLE_SIDE = 64  # pixels; 4 x 4 such windows judge the scaling without reading the scene
SAMPLE_GRID = 4
ABSURD = 1e4  # standard deviations from the mean; half precision ends at 65504


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


class Scene:
    """One date of one scene, with the window that is to be segmented.

    Reading is thread-safe: every thread gets its own handle, since GDAL's are not.
    """

    def __init__(self, source: str, name: str = ""):
        """Open ``source``.

        Raises:
            PrithviError: ``source_unreadable`` or ``source_unsupported``.
        """
        self.source = source
        self.name = name or Path(source).name or source
        self._local = threading.local()
        self._handles: list[Any] = []
        self._lock = threading.Lock()
        handle = self._open()
        self._refuse_unsupported(handle, [1] if handle.count < 3 else [])
        gcps, gcp_crs = handle.gcps
        self.full = Grid(
            handle.width, handle.height, handle.crs or (gcp_crs if gcps else None), handle.transform, tuple(gcps)
        )
        self.window = Window(0, 0, handle.width, handle.height)
        self.warnings: list[str] = []
        self.tags = _all_tags(handle)
        self.dtype = str(handle.dtypes[0])
        self._indexes: tuple[int, ...] = ()
        self._nodata: list[Optional[float]] = []
        self._mask_band: Optional[int] = None
        self._alpha: Optional[int] = None
        self._scaling: Optional[Scaling] = None
        if not self.full.located:
            self.warnings.append(self._unlocated())

    # -- choosing ------------------------------------------------------------------------------------------------

    def cut(self, extent: Optional[Sequence[float]]) -> None:
        """Restrict the scene to the whole pixels that ``extent`` (xmin, ymin, xmax, ymax in its CRS) touches.

        Raises:
            PrithviError: ``extent_outside``.
        """
        if extent is None:
            return
        xmin, ymin, xmax, ymax = extent
        back = ~self.full.transform
        corners = [back @ (x, y) for x in (xmin, xmax) for y in (ymin, ymax)]
        cols, rows = [c for c, _ in corners], [r for _, r in corners]
        tolerance = 1e-3  # of a pixel: an extent that follows pixel edges must not take one more for rounding
        left, top = (max(0, int(np.floor(min(v) + tolerance))) for v in (cols, rows))
        right = min(self.full.width, int(np.ceil(max(cols) - tolerance)))
        bottom = min(self.full.height, int(np.ceil(max(rows) - tolerance)))
        if right <= left or bottom <= top:
            shown = ", ".join(f"{v:.10g}" for v in extent)
            bounds = rasterio.transform.array_bounds(self.full.height, self.full.width, self.full.transform)
            raise PrithviError(
                ErrorCode.EXTENT_OUTSIDE,
                f"EXTENT {shown} (xmin, ymin, xmax, ymax) does not touch {self.name}, which spans "
                f"{', '.join(f'{v:.10g}' for v in bounds)}.",
                "Choose an extent over the scene; without a CRS in EXTENT its numbers are in the scene's CRS.",
            )
        self.window = Window(left, top, right - left, bottom - top)

    def prepare(self, card: ModelCard, bands: Sequence[int], scale: Optional[float], offset: Optional[float]) -> None:
        """Choose bands and scaling for a model; both are then fixed.

        Raises:
            PrithviError: ``bands_missing``, ``scaling_unknown``, ``source_unreadable``.
        """
        handle = self._handle()
        names = [d or handle.tags(i + 1).get("BandName", "") for i, d in enumerate(handle.descriptions)]
        data_bands = [i + 1 for i, c in enumerate(handle.colorinterp) if c != ColorInterp.alpha]
        usable = [names[i - 1] for i in data_bands]
        chosen, warnings = choose_bands(card.bands, names if bands else usable, bands, self.name, card.id, self.tags)
        self._indexes = chosen if bands else tuple(data_bands[i - 1] for i in chosen)
        self._refuse_unsupported(handle, self._indexes)
        self.dtype = str(handle.dtypes[self._indexes[0] - 1])
        self.warnings += warnings
        self._nodata = [handle.nodatavals[i - 1] for i in self._indexes]
        flags = [handle.mask_flag_enums[i - 1] for i in self._indexes]
        # GDAL makes a mask of an alpha band only in pictures of two or four bands, so alpha is looked at here.
        alphas = [i + 1 for i, c in enumerate(handle.colorinterp) if c == ColorInterp.alpha]
        self._alpha = next((a for a in alphas if a not in self._indexes), None)
        if any(MaskFlags.per_dataset in f and MaskFlags.alpha not in f for f in flags):
            self._mask_band = self._indexes[0]
        own = ([handle.scales[i - 1] for i in self._indexes], [handle.offsets[i - 1] for i in self._indexes])
        scaling, warnings = choose_scaling(
            (scale, offset),
            own,
            (card.scale, card.offset),
            len(self._indexes),
            self._sample(),
            self.dtype,
            self.tags,
            self.name,
        )
        self.warnings += warnings
        self._scaling = scaling
        unit = 10000.0 if card.units == "dn" else 1.0
        mean, std = np.array(card.mean), np.array(card.std)
        # (DN * scale + offset) * unit normalised by mean and std is one multiplication and one addition.
        self._gain = (np.array(scaling.scale) * unit / std).astype(np.float32)[:, None, None]
        self._bias = ((np.array(scaling.offset) * unit - mean) / std).astype(np.float32)[:, None, None]

    # -- what it is ----------------------------------------------------------------------------------------------

    @property
    def grid(self) -> Grid:
        """Size and georeference of the window."""
        w = self.window
        moved = self.full.transform
        if not moved.is_identity:
            moved = moved @ Affine.translation(w.col_off, w.row_off)
        gcps = tuple(
            rasterio.control.GroundControlPoint(g.row - w.row_off, g.col - w.col_off, g.x, g.y, g.z, g.id, g.info)
            for g in self.full.gcps
        )
        return Grid(int(w.width), int(w.height), self.full.crs, moved, gcps)

    def _unlocated(self) -> str:
        """What is missing of the georeference, and what follows."""
        if self.full.gcps:
            what, kept = "ground control points only", "the mask keeps them; polygons are in pixel coordinates"
        elif self.full.crs is None and not self.full.transform.is_identity:
            what, kept = "a geotransform but no CRS", "the mask keeps the geotransform"
        else:
            what, kept = "no georeference", "the mask has none either"
        return f"{self.name} has {what}: {kept}, and areas are counted in pixels only."

    @property
    def bands(self) -> tuple[int, ...]:
        """1-based numbers of the used bands, in the model's order."""
        return self._indexes

    @property
    def scaling(self) -> Scaling:
        """The scaling that :meth:`prepare` chose; ValueError before."""
        if self._scaling is None:
            raise ValueError("the scene is not prepared")
        return self._scaling

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

    def read_tile(self, row: int, col: int, crop: int) -> tuple[np.ndarray, np.ndarray]:
        """Read one tile's input.

        Args:
            row, col: first pixel in the window; negative or past the end is reflected.
            crop: side of the tile.
        Returns:
            (bands, crop, crop) float32 normalised, nodata exactly 0; and (h, w) bool nodata of the part that lies
            inside the window.
        Raises:
            PrithviError: ``source_unreadable``.
        """
        top, left = max(row, 0), max(col, 0)
        bottom, right = min(row + crop, int(self.window.height)), min(col + crop, int(self.window.width))
        values, empty = self._read(Window(left, top, right - left, bottom - top))
        out = values.astype(np.float32)
        out *= self._gain
        out += self._bias
        out[:, empty] = 0
        self._refuse_absurd(out, values)
        if out.shape[1:] != (crop, crop):
            pads = ((0, 0), (top - row, row + crop - bottom), (left - col, col + crop - right))
            out = np.pad(out, pads, mode="reflect")
        return out, empty

    def _refuse_absurd(self, normalised: np.ndarray, values: np.ndarray) -> None:
        """Undeclared fill such as -3.4e38 would turn the whole tile into no number at all, and that into a class."""
        if max(-float(normalised.min()), float(normalised.max())) < ABSURD:
            return
        band, row, col = (int(v) for v in np.unravel_index(np.abs(normalised).argmax(), normalised.shape))
        raise PrithviError(
            ErrorCode.SCALING_UNKNOWN,
            f"{self.name} holds {values[band, row, col]:g} in band {self._indexes[band]}, which is neither reflectance "
            "nor declared as nodata.",
            "Declare it as nodata, for example with gdal_edit.py -a_nodata.",
        )

    def read_reflectance(self) -> tuple[np.ndarray, np.ndarray]:
        """The whole window as (bands, h, w) float32 reflectance with nodata 0, and (h, w) bool nodata."""
        values, empty = self._read(Window(0, 0, self.window.width, self.window.height))
        out = values.astype(np.float32)
        out *= np.array(self.scaling.scale, np.float32)[:, None, None]
        out += np.array(self.scaling.offset, np.float32)[:, None, None]
        out[:, empty] = 0
        self._refuse_absurd(out, values)
        return out, empty

    def _read(self, part: Window) -> tuple[np.ndarray, np.ndarray]:
        """Stored numbers (bands, h, w) and (h, w) bool nodata of a part of the window."""
        window = Window(part.col_off + self.window.col_off, part.row_off + self.window.row_off, part.width, part.height)
        handle = self._handle()
        try:
            values = handle.read(self._indexes, window=window)
            empty = np.zeros(values.shape[1:], bool)
            if self._mask_band is not None:
                empty |= handle.read_masks(self._mask_band, window=window) == 0
            if self._alpha is not None:
                empty |= handle.read(self._alpha, window=window) == 0
        except (RasterioError, OSError) as e:
            raise self._unreadable(e) from e
        for i, nodata in enumerate(self._nodata):
            if nodata is not None and not np.isnan(nodata):
                empty |= values[i] == nodata
        if np.issubdtype(values.dtype, np.floating):
            empty |= ~np.isfinite(values).all(axis=0)
        return values, empty

    def _sample(self) -> Spread:
        """Percentiles of the valid stored numbers in small windows spread over the window."""
        h, w = int(self.window.height), int(self.window.width)
        side_y, side_x = min(SAMPLE_SIDE, h), min(SAMPLE_SIDE, w)
        block_y, block_x = self._handle().block_shapes[0]
        rows = _spread(h - side_y, block_y if side_y < block_y else 1, int(self.window.row_off))
        cols = _spread(w - side_x, block_x if side_x < block_x else 1, int(self.window.col_off))
        parts = []
        for r in rows:
            for c in cols:
                values, empty = self._read(Window(c, r, side_x, side_y))
                parts.append(values[:, ~empty].astype(np.float64))
        samples = np.concatenate(parts, axis=1)
        if not samples.size:
            return Spread()
        return Spread(*(tuple(map(float, p)) for p in np.percentile(samples, Spread.PERCENTILES, axis=1)))

    # -- handles -------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close every thread's handle."""
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()

    def _handle(self) -> Any:
        handle = getattr(self._local, "handle", None)
        return handle if handle is not None and not handle.closed else self._open()

    def _open(self) -> Any:
        try:
            handle = rasterio.open(self.source)
        except (RasterioIOError, RasterioError, OSError) as e:
            raise self._unreadable(e) from e
        with self._lock:
            self._handles.append(handle)
        self._local.handle = handle
        return handle

    def _unreadable(self, cause: Exception) -> PrithviError:
        detail = str(getattr(cause, "__cause__", None) or cause).split("\n")[0].rstrip(".")
        return PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"{self.name} cannot be read as a raster: {detail}.",
            "Check that the file is complete and readable, for example with gdalinfo -checksum.",
        )

    def _refuse_unsupported(self, handle: Any, indexes: Sequence[int]) -> None:
        """Refuse what no scaling makes reflectance. A classification beside the bands (QA, SCL) does no harm."""
        if handle.count == 0:
            first = (handle.subdatasets or ["none"])[0]
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"{self.name} has no bands of its own but {len(handle.subdatasets)} subdatasets.",
                f"Choose one of them, the first is {first}.",
            )
        for index in indexes:
            if "complex" in str(handle.dtypes[index - 1]):
                raise PrithviError(
                    ErrorCode.SOURCE_UNSUPPORTED,
                    f"{self.name} holds complex numbers ({handle.dtypes[index - 1]} in band {index}), such as radar "
                    "data; the models need reflectance.",
                    "Use optical bands.",
                )
            if handle.colorinterp[index - 1] == ColorInterp.palette:
                raise PrithviError(
                    ErrorCode.SOURCE_UNSUPPORTED,
                    f"Band {index} of {self.name} is a palette picture (colour table), not reflectance.",
                    "Use the product's original bands.",
                )


def _spread(last: int, block: int, offset: int) -> list[int]:
    """A few places from 0 to ``last``, moved back to where a block of the file begins: one block each is read."""
    places = (int(v) for v in np.linspace(0, last, SAMPLE_GRID))
    return sorted({max(0, (p + offset) // block * block - offset) for p in places})


def _all_tags(handle: Any) -> dict[str, str]:
    """Metadata of every domain that tells of the sensor or product."""
    tags = dict(handle.tags())
    for domain in ("IMAGERY", "TIFFTAG"):
        tags.update(handle.tags(ns=domain))
    return {k: str(v) for k, v in tags.items()}
