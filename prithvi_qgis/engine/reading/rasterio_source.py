"""Open one raster, choose its bands, scaling and nodata for a model, and read windows of it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

import numpy as np
import rasterio
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import source_files
from ...core.models.model_card import ModelCard
from ...core.protocol.stated_metadata import StatedMetadata
from ...core.scenes.bands import choose_bands, order_note
from ...core.scenes.dates import FILE_DATE, FoundDate, date_in_name, day_of_text, find_date
from ...core.scenes.gdal_names import ACCESS_HINT, is_remote
from ...core.scenes.granules import with_whole_product
from ...core.scenes.pixel_types import refuse_unsupported
from ...core.scenes.sampling import PixelBox, rows_and_columns, sample_windows
from ...core.scenes.scaling import Spread, choose_scaling
from ...core.scenes.sensors import Sensor, fill_nodata, find_sensor
from ...core.scenes.stack_names import stacked_bands
from ...core.system.heartbeat import cancelled_error
from ...core.system.timeouts import TIMEOUTS
from .band_vrt import cause_text, gdal_name, product_at, vrt_of_bands
from .nodata import MAX_DEVIATION, declared_nodata, refuse_undeclared_fill
from .raster_source import Grid, RasterSource
from .read_windows import READER_BYTES, WINDOW_BYTES, ReadWindow, reader_count
from .reader_pool import ReaderPool
from .remote_files import file_versions, refuse_changed


class RasterioSource(RasterSource):
    """One scene of one date, as its file stores it.

    Reading is thread-safe: no two threads use the same GDAL handle at a time.
    """

    named: Optional[FoundDate]
    """Date in its path or its name; None without one."""
    work_bytes = 0
    """Size of the derived pixels, if larger than the source's own; determines the number of threads."""

    def __init__(self, source: str, name: str = "", stated: Optional[StatedMetadata] = None):
        """Open ``source``.

        Args:
            source: path, GDAL name, or the name of a stack.
            name: for messages.
            stated: metadata from outside the file.
        Raises:
            PrithviError: ``source_unreadable`` or ``source_unsupported``.
        """
        bands = stacked_bands(source)
        product = None if bands else product_at(source)  # several files that form one scene
        self.opens = vrt_of_bands(bands) if bands else product.vrt if product else source
        super().__init__(source, name or (product.name if product else Path(source).name) or source)
        self._stated = stated
        if bands:
            self.files = [file for _, file in bands]
        self.named = date_in_name(source) or date_in_name(self.name)
        self._idle_handles: list[tuple[int, DatasetReader]] = []  # (thread that used it last, handle)
        self._closed = False
        self._readers: Optional[ReaderPool] = None
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        with self._handle() as handle:
            self._refuse_unsupported(handle, [1] if handle.count < 3 else [])
            gcps, gcp_crs = handle.gcps
            self.full_grid = Grid(
                handle.width, handle.height, handle.crs or (gcp_crs if gcps else None), handle.transform, tuple(gcps)
            )
            self._versions = file_versions(map(gdal_name, source_files(source)))
            self.tags = _all_tags(handle)
            self.dtype = str(handle.dtypes[0])
        self.window = Window(0, 0, self.full_grid.width, self.full_grid.height)
        self.warnings += product.warnings if product else []
        self.notes += [product.note] if product else []
        self._nodata: list[Optional[float]] = []
        self._mask_band: Optional[int] = None
        self._alpha: Optional[int] = None
        if not self.full_grid.located:
            self.warnings.append(self._georeference_warning())

    # -- choosing ------------------------------------------------------------------------------------------------

    def prepare(
        self, card: ModelCard, bands: Sequence[int], scale: Optional[float], offset: Optional[float], sensor: str = ""
    ) -> None:
        """Choose bands, scaling and nodata for a model, once and for all.

        Args:
            card: of the model.
            bands: 1-based numbers in the model's order; empty for automatic.
            scale: SCALE from the user, or None.
            offset: OFFSET from the user, or None.
            sensor: a preset's id; empty for automatic.
        Raises:
            PrithviError: ``bands_missing``, ``scaling_unknown``, ``source_unreadable``, ``parameter_invalid``.
        """
        preset = find_sensor(sensor, self.tags)
        with self._handle() as handle:
            own = self._choose_bands(handle, card, bands, preset)
        self.scaling, warnings = choose_scaling(
            (scale, offset),
            own,
            (card.scale, card.offset),
            len(self.bands),
            self._sample(),
            self.dtype,
            self.tags,
            self.name,
            preset,
        )
        self.warnings += warnings
        self.records["PRITHVI_SENSOR"] = " ".join(self.notes) or sensor or "automatic"
        unit = 10000.0 if card.units == "dn" else 1.0
        mean, std = np.array(card.mean), np.array(card.std)
        # ((DN * scale + offset) * unit - mean) / std is one multiplication and one addition.
        gain = (np.array(self.scaling.scale) * unit / std).astype(np.float32)[:, None, None]
        bias = ((np.array(self.scaling.offset) * unit - mean) / std).astype(np.float32)[:, None, None]
        self.normalisation = gain, bias
        # Where no value of the type is far off, values need no check.
        whole = np.issubdtype(np.dtype(self.dtype), np.integer)
        limits = [np.iinfo(self.dtype).min, np.iinfo(self.dtype).max] if whole else [np.inf]
        self._bounded = all(np.all(np.abs(v * gain + bias) < MAX_DEVIATION) for v in limits)

    def _choose_bands(
        self, handle: DatasetReader, card: ModelCard, bands: Sequence[int], preset: Optional[Sensor]
    ) -> tuple[list[float], list[float]]:
        """Choose bands and nodata; return the scales and offsets that the file declares for the bands."""
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
        self.bands = chosen if bands else tuple(data_bands[i - 1] for i in chosen)
        self._refuse_unsupported(handle, self.bands)
        dtypes = {str(handle.dtypes[i - 1]) for i in self.bands}
        height, width = handle.block_shapes[self.bands[0] - 1]
        self.block_shape = int(height), int(width)
        self._mixed = len(dtypes) > 1
        self.dtype = "float64" if self._mixed else dtypes.pop()  # float64 holds every value of the others
        self.warnings += warnings
        flags = [handle.mask_flag_enums[i - 1] for i in self.bands]
        # GDAL derives a mask from alpha only in rasters of two or four bands, so alpha is read here.
        alphas = [i + 1 for i, c in enumerate(handle.colorinterp) if c == ColorInterp.alpha]
        self._alpha = next((a for a in alphas if a not in self.bands), None)
        if any(MaskFlags.per_dataset in f and MaskFlags.alpha not in f for f in flags):
            self._mask_band = self.bands[0]
        masked = self._mask_band is not None or self._alpha is not None
        declared = [handle.nodatavals[i - 1] for i in self.bands]
        self._nodata, notes = fill_nodata(preset, declared, masked, self.name)
        self.notes += notes
        return [handle.scales[i - 1] for i in self.bands], [handle.offsets[i - 1] for i in self.bands]

    # -- what it is ----------------------------------------------------------------------------------------------

    def band_names(self) -> list[str]:
        """Return the description of each band of the file, "" where there is none."""
        with self._handle() as handle:
            return _band_names(handle)

    def date(self, given: str, item: str = "") -> Optional[FoundDate]:
        """Return the acquisition date: as ``given``, else from metadata, name, or its STAC ``item``'s datetime."""
        with self._handle() as handle:
            found = find_date(given, (handle.tags(i) for i in handle.indexes), self.tags) or self.named
        day = day_of_text(item)
        if day and (found is None or found.where == FILE_DATE):
            return FoundDate(day, "its STAC item")
        return found

    def _georeference_warning(self) -> str:
        """Return which part of the georeference is missing, and the consequence."""
        if self.full_grid.gcps:
            what, kept = "ground control points only", "the mask keeps them; polygons are in pixel coordinates"
        elif self.full_grid.crs is None and not self.full_grid.transform.is_identity:
            what, kept = "a geotransform but no CRS", "the mask keeps the geotransform"
        else:
            what, kept = "no georeference", "the mask has none either"
        return f"{self.name} has {what}: {kept}, and areas are counted in pixels only."

    # -- reading -------------------------------------------------------------------------------------------------

    def read_window(self, window: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        with self._handle() as handle:
            self._fill(handle, window, pixels, empty)
        if not self._bounded:
            pixels[:, empty] = 0
            refuse_undeclared_fill(pixels, *self.normalisation, self.name, self.bands)

    def _fill(self, handle: DatasetReader, window: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """Fill both arrays, a few rows of blocks per call into GDAL, each of which counts as progress."""
        height, width = window.shape
        high = self.block_shape[0]
        step = max(high, WINDOW_BYTES // (width * len(self.bands) * np.dtype(self.dtype).itemsize) // high * high)
        for top in range(0, height, step):
            rows = slice(top, min(top + step, height))
            box = window.left, window.top + top, width, rows.stop - top
            out = pixels[:, rows]
            values, missing = self._read_box(handle, box, out if pixels.dtype == self.dtype else None)
            if values is not out:
                out[...] = values
            empty[rows] = missing

    def _read_box(
        self, handle: DatasetReader, box: PixelBox, out: Optional[np.ndarray] = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (bands, h, w) stored values, in ``out`` where given, and (h, w) bool nodata of a box of the window."""
        if self._closed:  # the run has given the scene up
            raise cancelled_error()
        window = Window(box[0] + self.window.col_off, box[1] + self.window.row_off, box[2], box[3])
        if self._mixed:  # rasterio reads bands of several types one by one only
            values = np.stack([handle.read(i, window=window, out_dtype=self.dtype) for i in self.bands])
        else:
            dtype = None if out is not None else self.dtype
            values = handle.read(self.bands, window=window, out=out, out_dtype=dtype)
        empty = declared_nodata(values, self._nodata)
        if self._mask_band is not None:
            empty |= handle.read_masks(self._mask_band, window=window) == 0
        if self._alpha is not None:
            empty |= handle.read(self._alpha, window=window) == 0
        if np.issubdtype(values.dtype, np.floating):
            empty |= ~np.isfinite(values).all(axis=0)
        self.stall_timeout.touch()
        return values, empty

    def _sample(self) -> Spread:
        """Return percentiles of the valid stored values in small windows spread over the window."""
        w = self.window
        area = (int(w.col_off), int(w.row_off), int(w.width), int(w.height))
        with self._handle() as handle:
            block_y, block_x = handle.block_shapes[0]
        windows = sample_windows(area, (block_x, block_y))
        if self._useful_readers() == 1 and min(block_x, self.full_grid.width) <= w.width:
            # Not for a window in wider strips of the file, which would all be decoded.
            shares, read_sample = [windows], self._valid_values_of_whole
        else:
            # One handle for the windows of one block, which is decoded once; one task per thread, since each costs.
            in_blocks: dict[tuple[int, int], list[PixelBox]] = {}
            for window in windows:
                block = (window[0] + area[0]) // block_x, (window[1] + area[1]) // block_y
                in_blocks.setdefault(block, []).append(window)
            by_block, threads = list(in_blocks.values()), self.readers.count
            shares = [list(itertools.chain(*by_block[n::threads])) for n in range(min(threads, len(by_block)))]
            read_sample = self._valid_values
        tasks = [self.readers.submit(read_sample, share) for share in shares]
        samples = np.concatenate([self.stall_timeout.result(task) for task in tasks], axis=1)
        return Spread.of(np.percentile(samples, Spread.PERCENTILES, axis=1)) if samples.size else Spread()

    def _valid_values(self, windows: list[PixelBox]) -> np.ndarray:
        """Return (bands, n) float64 valid stored values of windows."""
        with self._handle() as handle:
            read = [self._read_box(handle, window) for window in windows]
        return np.concatenate([values[:, ~empty].astype(np.float64) for values, empty in read], axis=1)

    def _valid_values_of_whole(self, windows: list[PixelBox]) -> np.ndarray:
        """Return :meth:`_valid_values` of a small scene, which is read whole because that takes fewer calls.

        In a run over many scenes each call into GDAL or NumPy releases the GIL, for which the GPU's thread competes.
        """
        height, width = int(self.window.height), int(self.window.width)
        values = np.empty((len(self.bands), height, width), self.dtype)
        empty = np.empty((height, width), bool)
        with self._handle() as handle:
            self._fill(handle, ReadWindow(0, 0, height, width), values, empty)
        rows, cols = (np.array(numbers) for numbers in rows_and_columns(windows))
        return values[:, rows[:, None], cols][:, ~empty[rows[:, None], cols]].astype(np.float64)

    # -- handles -------------------------------------------------------------------------------------------------

    @property
    def readers(self) -> ReaderPool:
        if self._closed:  # the thread of a run that has given the scene up
            raise cancelled_error()
        if self._readers is None:
            self._readers = ReaderPool(self._useful_readers())
        return self._readers

    def _useful_readers(self) -> int:
        """Few for a small scene: every thread must open it, which takes longer than reading a megabyte."""
        pixel_bytes = max(len(self.bands), 1) * np.dtype(self.dtype).itemsize
        whole = max(int(self.window.width) * int(self.window.height) * pixel_bytes, self.work_bytes)
        return max(1, min(reader_count(), -(-whole // READER_BYTES)))

    def refuse_changed(self) -> None:
        refuse_changed(self.name, self._versions)

    def pause(self) -> None:
        """Release threads and handles; the next read opens the file again."""
        self._release(TIMEOUTS.io_exit_s)

    def close(self) -> None:
        """Release threads and handles; a thread that still reads closes its handle afterwards."""
        self._closed = True
        self._release(0.0)

    def _release(self, wait_s: float) -> None:
        if self._readers is not None:
            self._readers.close(wait_s)
            self._readers = None
        with self._lock:
            for _, handle in self._idle_handles:
                handle.close()
            self._idle_handles.clear()

    @contextmanager
    def _handle(self) -> Iterator[DatasetReader]:
        """Borrow a handle that no other thread uses or closes meanwhile: the thread's previous one where it is idle.

        GDAL allocates a handle's data in the heap of the thread that opened it: moved between threads, heaps grow.

        Raises:
            PrithviError: ``source_unreadable`` for GDAL's errors inside.
        """
        thread = threading.get_ident()
        with self._lock:
            own = next((number for number, (last, _) in enumerate(self._idle_handles) if last == thread), -1)
            handle = self._idle_handles.pop(own)[1] if self._idle_handles else None
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
                    self._idle_handles.append((thread, handle))

    def _open(self) -> DatasetReader:
        # One after the other: threads that open at the same time contend for the GIL, seven times slower.
        # Not under the lock of readers and close(): a server may block this one for minutes.
        with self._opening:
            try:
                return rasterio.open(self.opens)
            except (RasterioError, OSError) as e:
                raise self._unreadable(e) from e

    def _unreadable(self, cause: Exception) -> PrithviError:
        detail = cause_text(getattr(cause, "__cause__", None) or cause)
        return PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"{self.name} cannot be read as a raster: {detail}.",
            ACCESS_HINT
            if any(map(is_remote, source_files(self.source)))
            else "Check that the file is complete and readable, for example with gdalinfo -checksum.",
        )

    def _refuse_unsupported(self, handle: DatasetReader, bands: Sequence[int]) -> None:
        palettes = [i + 1 for i, c in enumerate(handle.colorinterp) if c == ColorInterp.palette] if handle.count else []
        subdatasets = [] if handle.count else handle.subdatasets
        refuse_unsupported(self.name, list(map(str, handle.dtypes)), palettes, subdatasets, bands)


def _band_names(handle: DatasetReader) -> list[str]:
    return [d or handle.tags(i + 1).get("BandName", "") for i, d in enumerate(handle.descriptions)]


def _all_tags(handle: DatasetReader) -> dict[str, str]:
    """Return the metadata of every domain that may describe sensor or product."""
    tags = dict(handle.tags())
    for domain in ("IMAGERY", "TIFFTAG"):
        tags.update(handle.tags(ns=domain))
    return {k: str(v) for k, v in tags.items()}
