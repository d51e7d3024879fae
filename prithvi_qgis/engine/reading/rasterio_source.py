"""Open a scene, and read windows of it as a model wants them: ordered, scaled, normalised, nodata told apart."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

import numpy as np
import rasterio
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import ModelCard
from ...core.scenes.bands import choose_bands, order_note
from ...core.scenes.dates import FILE_DATE, FoundDate, date_in_name, day_of_text, find_date
from ...core.scenes.granules import with_whole_product
from ...core.scenes.pixel_types import refuse_unsupported
from ...core.scenes.sampling import Box, rows_and_columns, sample_windows
from ...core.scenes.scaling import Scaling, Spread, choose_scaling
from ...core.scenes.sensors import Sensor, fill_nodata, find_sensor
from ...core.system.heartbeat import cancelled_error
from ...core.system.timeouts import TIMEOUTS
from .band_vrt import cause_text, product_at, resolve
from .nodata import ABSURD, declared_empty, refuse_absurd
from .raster_source import Grid, RasterSource
from .read_windows import PIECE_BYTES, READER_BYTES, ReadWindow, reader_count
from .reader_pool import ReaderPool


class RasterioSource(RasterSource):
    """One date of one scene, with the window that is to be segmented.

    Reading is thread-safe: no two threads use one handle at a time, since GDAL's are not made for that.
    """

    def __init__(self, source: str, name: str = ""):
        """Open ``source``.

        Raises:
            PrithviError: ``source_unreadable`` or ``source_unsupported``.
        """
        product = product_at(source)  # many files that are one scene
        self.opens = product.vrt if product else resolve(source)
        super().__init__(source, name or (product.name if product else Path(source).name) or source)
        self._handles: list[tuple[int, Any]] = []  # (thread that had it last, handle) of those that are not in use
        self._closed = False
        self.work_bytes = 0  # that are made of it, where that is more than it holds
        self._readers: Optional[ReaderPool] = None
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        with self._using() as handle:
            self._refuse_unsupported(handle, [1] if handle.count < 3 else [])
            gcps, gcp_crs = handle.gcps
            self.full_grid = Grid(
                handle.width, handle.height, handle.crs or (gcp_crs if gcps else None), handle.transform, tuple(gcps)
            )
            self.tags = _all_tags(handle)
            self.dtype = str(handle.dtypes[0])
        self.window = Window(0, 0, self.full_grid.width, self.full_grid.height)
        self.warnings += product.warnings if product else []
        self.notes += [product.note] if product else []
        self._indexes: tuple[int, ...] = ()
        self._nodata: list[Optional[float]] = []
        self._mask_band: Optional[int] = None
        self._alpha: Optional[int] = None
        self._scaling: Optional[Scaling] = None
        if not self.full_grid.located:
            self.warnings.append(self._unlocated())

    # -- choosing ------------------------------------------------------------------------------------------------

    def prepare(
        self, card: ModelCard, bands: Sequence[int], scale: Optional[float], offset: Optional[float], sensor: str = ""
    ) -> None:
        """Choose bands, scaling and nodata for a model; all are then fixed.

        Args:
            sensor: a preset's id, or empty for automatic.
        Raises:
            PrithviError: ``bands_missing``, ``scaling_unknown``, ``source_unreadable``, ``parameter_invalid``.
        """
        preset = find_sensor(sensor, self.tags)
        with self._using() as handle:
            own = self._choose(handle, card, bands, preset)
        scaling, warnings = choose_scaling(
            (scale, offset),
            own,
            (card.scale, card.offset),
            len(self._indexes),
            self._sample(),
            self.dtype,
            self.tags,
            self.name,
            preset,
        )
        self.warnings += warnings
        self._scaling = scaling
        self.records["PRITHVI_SENSOR"] = " ".join(self.notes) or sensor or "automatic"
        unit = 10000.0 if card.units == "dn" else 1.0
        mean, std = np.array(card.mean), np.array(card.std)
        # (DN * scale + offset) * unit normalised by mean and std is one multiplication and one addition.
        self._gain = (np.array(scaling.scale) * unit / std).astype(np.float32)[:, None, None]
        self._bias = ((np.array(scaling.offset) * unit - mean) / std).astype(np.float32)[:, None, None]
        # Whether no number that fits the type is absurd: then none has to be looked at.
        whole = np.issubdtype(np.dtype(self.dtype), np.integer)
        limits = [np.iinfo(self.dtype).min, np.iinfo(self.dtype).max] if whole else [np.inf]
        self._bounded = all(np.all(np.abs(v * self._gain + self._bias) < ABSURD) for v in limits)

    def _choose(
        self, handle: Any, card: ModelCard, bands: Sequence[int], preset: Optional[Sensor]
    ) -> tuple[list[float], list[float]]:
        """Choose bands and nodata; returns the scales and offsets that the file gives for the bands."""
        names = _band_names(handle)
        data_bands = [i + 1 for i, c in enumerate(handle.colorinterp) if c != ColorInterp.alpha]
        usable = [names[i - 1] for i in data_bands]
        try:
            chosen, warnings = choose_bands(
                card.bands, names if bands else usable, bands, self.name, card.id, self.tags, preset
            )
        except PrithviError as e:
            raise with_whole_product(e, self.source) from None
        self.notes += [line for line in [order_note(usable, preset)] if line and not bands]
        self._indexes = chosen if bands else tuple(data_bands[i - 1] for i in chosen)
        self._refuse_unsupported(handle, self._indexes)
        kinds = {str(handle.dtypes[i - 1]) for i in self._indexes}
        height, width = handle.block_shapes[self._indexes[0] - 1]
        self._block = (int(height), int(width))
        self._mixed = len(kinds) > 1
        self.dtype = "float64" if self._mixed else kinds.pop()  # holds every number of the others
        self.warnings += warnings
        flags = [handle.mask_flag_enums[i - 1] for i in self._indexes]
        # GDAL makes a mask of an alpha band only in pictures of two or four bands, so alpha is looked at here.
        alphas = [i + 1 for i, c in enumerate(handle.colorinterp) if c == ColorInterp.alpha]
        self._alpha = next((a for a in alphas if a not in self._indexes), None)
        if any(MaskFlags.per_dataset in f and MaskFlags.alpha not in f for f in flags):
            self._mask_band = self._indexes[0]
        masked = self._mask_band is not None or self._alpha is not None
        declared = [handle.nodatavals[i - 1] for i in self._indexes]
        self._nodata, notes = fill_nodata(preset, declared, masked, self.name)
        self.notes += notes
        return [handle.scales[i - 1] for i in self._indexes], [handle.offsets[i - 1] for i in self._indexes]

    # -- what it is ----------------------------------------------------------------------------------------------

    def band_names(self) -> list[str]:
        """What each of the file's bands says it is, or ""."""
        with self._using() as handle:
            return _band_names(handle)

    def date(self, given: str, item: str = "") -> Optional[FoundDate]:
        """When it was taken: as ``given``, else as metadata, name or its STAC ``item`` tell."""
        with self._using() as handle:
            found = find_date(given, (handle.tags(i) for i in handle.indexes), self.tags, self.source)
        found = found or date_in_name(self.name)
        day = day_of_text(item)
        if day and (found is None or found.where == FILE_DATE):
            return FoundDate(day, "its STAC item")
        return found

    def _unlocated(self) -> str:
        """What is missing of the georeference, and what follows."""
        if self.full_grid.gcps:
            what, kept = "ground control points only", "the mask keeps them; polygons are in pixel coordinates"
        elif self.full_grid.crs is None and not self.full_grid.transform.is_identity:
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

    # -- reading -------------------------------------------------------------------------------------------------

    def read_piece(self, piece: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """Read stored numbers of the used bands, in the model's order.

        Args:
            piece: of the window.
            pixels: (bands, rows, cols) to fill, of the scene's type or float32.
            empty: (rows, cols) bool to fill with nodata.
        Raises:
            PrithviError: ``source_unreadable``; ``scaling_unknown`` for numbers that no scaling makes reflectance.
        """
        with self._using() as handle:
            self._fill(handle, piece, pixels, empty)
        if not self._bounded:
            pixels[:, empty] = 0
            refuse_absurd(pixels, self._gain, self._bias, self.name, self._indexes)

    def _fill(self, handle: Any, piece: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """See :meth:`read_piece`: a few rows of blocks at a time, each a sign of life."""
        width, height = piece.right - piece.left, piece.bottom - piece.top
        high = self._block[0]
        step = max(high, PIECE_BYTES // (width * len(self._indexes) * np.dtype(self.dtype).itemsize) // high * high)
        for top in range(0, height, step):
            part = slice(top, min(top + step, height))
            window = Window(piece.left, piece.top + top, width, part.stop - top)
            out = pixels[:, part]
            values, nodata = self._read_with(handle, window, out if pixels.dtype == self.dtype else None)
            if values is not out:
                out[...] = values
            empty[part] = nodata

    @property
    def normalisation(self) -> tuple[np.ndarray, np.ndarray]:
        """(bands, 1, 1) float32 gain and bias: stored number x gain + bias is the model's input."""
        return self._gain, self._bias

    @property
    def block_shape(self) -> tuple[int, int]:
        """Rows and columns of the blocks in which the file is stored."""
        return self._block

    def _read_with(self, handle: Any, part: Window, out: Optional[np.ndarray] = None) -> tuple[np.ndarray, np.ndarray]:
        """Stored numbers (bands, h, w), in ``out`` where given, and (h, w) bool nodata of a part of the window."""
        if self._closed:  # nobody waits for it any more
            raise cancelled_error()
        window = Window(part.col_off + self.window.col_off, part.row_off + self.window.row_off, part.width, part.height)
        if self._mixed:  # which rasterio reads band by band only
            values = np.stack([handle.read(i, window=window, out_dtype=self.dtype) for i in self._indexes])
        else:
            kind = None if out is not None else self.dtype
            values = handle.read(self._indexes, window=window, out=out, out_dtype=kind)
        empty = declared_empty(values, self._nodata)
        if self._mask_band is not None:
            empty |= handle.read_masks(self._mask_band, window=window) == 0
        if self._alpha is not None:
            empty |= handle.read(self._alpha, window=window) == 0
        if np.issubdtype(values.dtype, np.floating):
            empty |= ~np.isfinite(values).all(axis=0)
        self.stall_timeout.touch()
        return values, empty

    def _sample(self) -> Spread:
        """Percentiles of the valid stored numbers in small windows spread over the window."""
        w = self.window
        area = (int(w.col_off), int(w.row_off), int(w.width), int(w.height))
        with self._using() as handle:
            block_y, block_x = handle.block_shapes[0]
        windows = sample_windows(area, (block_x, block_y))
        if self._useful_readers() == 1 and min(block_x, self.full_grid.width) <= w.width:
            shares, do = [windows], self._valid_of_all  # not of a window in wider strips, which would all be decoded
        else:
            # Those of one block with one handle: it is decoded once. A task a thread: handing one over is not free.
            in_blocks: dict[tuple[int, int], list[Box]] = {}
            for window in windows:
                block = (window[0] + area[0]) // block_x, (window[1] + area[1]) // block_y
                in_blocks.setdefault(block, []).append(window)
            by_block, threads = list(in_blocks.values()), self.readers.count
            shares = [list(itertools.chain(*by_block[n::threads])) for n in range(min(threads, len(by_block)))]
            do = self._valid
        tasks = [self.readers.submit(do, share) for share in shares]
        samples = np.concatenate([self.stall_timeout.result(task) for task in tasks], axis=1)
        if not samples.size:
            return Spread()
        return Spread(*(tuple(map(float, p)) for p in np.percentile(samples, Spread.PERCENTILES, axis=1)))

    def _valid(self, windows: list[Box]) -> np.ndarray:
        """(bands, n) float64 valid numbers in windows."""
        with self._using() as handle:
            read = [self._read_with(handle, Window(*window)) for window in windows]
        return np.concatenate([values[:, ~empty].astype(np.float64) for values, empty in read], axis=1)

    def _valid_of_all(self, windows: list[Box]) -> np.ndarray:
        """:meth:`_valid` in all of a small scene's windows: it is read whole, which takes fewer calls.

        In a run over many scenes each call into GDAL or NumPy hands Python's lock over, which the GPU's thread wants.
        """
        height, width = int(self.window.height), int(self.window.width)
        values = np.empty((len(self._indexes), height, width), self.dtype)
        empty = np.empty((height, width), bool)
        with self._using() as handle:
            self._fill(handle, ReadWindow(0, 0, height, width), values, empty)
        rows, cols = (np.array(places) for places in rows_and_columns(windows))
        return values[:, rows[:, None], cols][:, ~empty[rows[:, None], cols]].astype(np.float64)

    # -- handles -------------------------------------------------------------------------------------------------

    @property
    def readers(self) -> ReaderPool:
        """Threads that read this scene: for judging the scaling and for everything after."""
        if self._closed:  # a run that gave the scene up, and whose thread came back
            raise cancelled_error()
        if self._readers is None:
            self._readers = ReaderPool(self._useful_readers())
        return self._readers

    def _useful_readers(self) -> int:
        """Few for a small scene: every thread has to open it, which takes longer than to read a megabyte."""
        pixel = max(len(self._indexes), 1) * np.dtype(self.dtype).itemsize
        whole = max(int(self.window.width) * int(self.window.height) * pixel, self.work_bytes)
        return max(1, min(reader_count(), -(-whole // READER_BYTES)))

    def pause(self) -> None:
        """Let the threads go and close the handles; whoever reads again opens it again."""
        self._let_go(TIMEOUTS.io_exit_s)

    def close(self) -> None:
        """Let the threads go and close the handles; a thread that still reads closes its own when it is done."""
        self._closed = True
        self._let_go(0.0)

    def _let_go(self, wait_s: float) -> None:
        if self._readers is not None:
            self._readers.close(wait_s)
            self._readers = None
        with self._lock:
            for _, handle in self._handles:
                handle.close()
            self._handles.clear()

    @contextmanager
    def _using(self) -> Iterator[Any]:
        """A handle that nobody else uses or closes meanwhile; the one this thread had before, where it is free.

        What GDAL keeps of a handle lies in the heap of the thread that had it made: handed around, heaps grow.

        Raises:
            PrithviError: ``source_unreadable`` for what GDAL says inside.
        """
        thread = threading.get_ident()
        with self._lock:
            own = next((number for number, (last, _) in enumerate(self._handles) if last == thread), -1)
            handle = self._handles.pop(own)[1] if self._handles else None
        handle = handle or self._open()
        try:
            yield handle
        except (RasterioError, OSError) as e:
            raise self._unreadable(e) from e
        finally:
            with self._lock:
                if self._closed:
                    handle.close()
                else:
                    self._handles.append((thread, handle))

    def _open(self) -> Any:
        # One after the other: threads that open at the same time hand Python's lock around, seven times slower.
        # Not with the lock of those who read and of close(): a server may keep this one waiting for minutes.
        with self._opening:
            try:
                return rasterio.open(self.opens)
            except (RasterioIOError, RasterioError, OSError) as e:
                raise self._unreadable(e) from e

    def _unreadable(self, cause: Exception) -> PrithviError:
        detail = cause_text(getattr(cause, "__cause__", None) or cause)
        return PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"{self.name} cannot be read as a raster: {detail}.",
            "Check that the file is complete and readable, for example with gdalinfo -checksum.",
        )

    def _refuse_unsupported(self, handle: Any, indexes: Sequence[int]) -> None:
        palettes = [i + 1 for i, c in enumerate(handle.colorinterp) if c == ColorInterp.palette] if handle.count else []
        subdatasets = [] if handle.count else handle.subdatasets
        refuse_unsupported(self.name, list(map(str, handle.dtypes)), palettes, subdatasets, indexes)


def _band_names(handle: Any) -> list[str]:
    return [d or handle.tags(i + 1).get("BandName", "") for i, d in enumerate(handle.descriptions)]


def _all_tags(handle: Any) -> dict[str, str]:
    """Metadata of every domain that tells of the sensor or product."""
    tags = dict(handle.tags())
    for domain in ("IMAGERY", "TIFFTAG"):
        tags.update(handle.tags(ns=domain))
    return {k: str(v) for k, v in tags.items()}
