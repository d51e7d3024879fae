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
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import source_files
from ...core.models.model_card import ModelCard
from ...core.protocol.stated_metadata import StatedMetadata
from ...core.scenes.bands import choose_bands, cirrus_band, order_note
from ...core.scenes.dates import FoundDate, date_in_name, find_date, with_stated_date
from ...core.scenes.gdal_names import ACCESS_HINT, is_remote, without_secrets
from ...core.scenes.granules import with_whole_product
from ...core.scenes.pixel_types import refuse_unsupported
from ...core.scenes.sampling import PixelBox, rows_and_columns, sample_windows
from ...core.scenes.scaling import Spread, choose_scaling
from ...core.scenes.sensors import Sensor, fill_nodata, find_sensor
from ...core.scenes.stack_names import refuse_unusable, stacked_bands
from ...core.scenes.validity import MaskBands, declares_nodata, mask_bands
from ...core.system.heartbeat import cancelled_error
from ...core.system.timeouts import TIMEOUTS
from ..gdal_errors import GDAL_ERRORS
from .band_vrt import cause_text, gdal_name, product_at, vrt_of_bands, with_lost_masks
from .file_metadata import read_metadata
from .nodata import Examined, PixelValidity, ValidityCounts
from .raster_source import RasterSource
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
        refuse_unusable(source)
        bands = stacked_bands(source)
        product = None if bands else product_at(source)  # several files that form one scene
        self.opens = vrt_of_bands(bands) if bands else product.vrt if product else source
        super().__init__(source, name or (product.name if product else Path(without_secrets(source)).name) or source)
        self._stated = stated
        # Not for what is opened in place of the source.
        options = stated.open_options if stated and not bands and not product else ()
        self._open_options = dict(option.partition("=")[::2] for option in options)
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
            self._versions = file_versions(map(gdal_name, source_files(source)))
            self.full_grid, self.metadata = read_metadata(handle, stated, self.name)
            self.tags = self.metadata.tags
            self.dtype = str(handle.dtypes[0])
            masked = None if bands or product else with_lost_masks(handle)
        if masked:
            self.pause()
            self.opens = masked
        self.window = Window(0, 0, self.full_grid.width, self.full_grid.height)
        self.warnings += [*(product.warnings if product else ()), *self.metadata.warnings]
        self.notes += [*([product.note] if product else ()), *self.metadata.notes]
        self._masks = MaskBands(None, (), ())
        self._cirrus = 0
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
        sample = self._sample()
        self.scaling, warnings = choose_scaling(
            (scale, offset),
            own,
            (card.scale, card.offset),
            len(self.bands),
            self._spread(self._validity.without_fill(sample)),
            self.dtype,
            self.tags,
            self.name,
            preset,
            self.metadata.scaling_by,
        )
        self.warnings += warnings
        self.records["PRITHVI_SENSOR"] = " ".join(self.notes) or sensor or "automatic"
        unit = 10000.0 if card.units == "dn" else 1.0
        mean, std = np.array(card.mean), np.array(card.std)
        # ((DN * scale + offset) * unit - mean) / std is one multiplication and one addition.
        gain = (np.array(self.scaling.scale) * unit / std).astype(np.float32)[:, None, None]
        bias = ((np.array(self.scaling.offset) * unit - mean) / std).astype(np.float32)[:, None, None]
        self.normalisation = gain, bias
        self._validity.use_scaling(self.scaling.scale, self.scaling.offset, gain, bias)
        warnings, notes = self._validity.sample_lines(self.name, sample)
        self.warnings += warnings
        self.notes += notes

    def _choose_bands(
        self, handle: DatasetReader, card: ModelCard, bands: Sequence[int], preset: Optional[Sensor]
    ) -> tuple[list[float], list[float]]:
        """Choose bands and nodata; return the scales and offsets that are declared for the bands."""
        names = self.band_names()
        data_bands = [i + 1 for i, c in enumerate(handle.colorinterp) if c != ColorInterp.alpha]
        usable = [names[i - 1] for i in data_bands]
        try:
            chosen, warnings = choose_bands(
                card.bands, names if bands else usable, bands, self.name, card.id, self.tags, preset
            )
        except PrithviError as e:
            raise with_whole_product(self._with_left_out(e), self.source) from None
        self.notes += [line for line in [order_note(usable, preset)] if line and not bands]
        self.bands = chosen if bands else tuple(data_bands[i - 1] for i in chosen)
        self._refuse_unsupported(handle, self.bands)
        dtypes = {str(handle.dtypes[i - 1]) for i in self.bands}
        height, width = handle.block_shapes[self.bands[0] - 1]
        self.block_shape = int(height), int(width)
        self._mixed = len(dtypes) > 1
        self.dtype = "float64" if self._mixed else dtypes.pop()  # float64 holds every value of the others
        self.warnings += warnings
        flags = [sum(handle.mask_flag_enums[i - 1]) for i in self.bands]
        alphas = [i + 1 for i, c in enumerate(handle.colorinterp) if c == ColorInterp.alpha]
        self._masks = mask_bands(self.bands, flags, alphas)
        cirrus = cirrus_band(usable, self.tags, preset, card.bands, bands)
        self._cirrus = data_bands[cirrus - 1] if cirrus else 0
        used = [self.metadata.bands[i - 1] for i in self.bands]
        decided = bool(self._masks) or any(band.fixed_nodata or band.nodata_ranges for band in used)
        nodata, notes = fill_nodata(preset, [band.nodata for band in used], decided, self.name)
        self._validity = PixelValidity(
            [band.all_ranges(value) for band, value in zip(used, nodata)],
            [band.dtype for band in used],
            self.bands,
            decided or any(declares_nodata(band.dtype, band.nodata) for band in used),
        )
        self.counted = [ValidityCounts(self.name, self._validity)]
        self.notes += notes
        return self.metadata.scaling(self.bands)

    def _with_left_out(self, error: PrithviError) -> PrithviError:
        """Return ``error``; where bands are missing, with what its STAC item states of assets that are left out."""
        left_out = self._stated.warnings if self._stated and error.code is ErrorCode.BANDS_MISSING else ()
        text = " ".join((error.text, *(line[:1].upper() + line[1:] for line in left_out)))
        return PrithviError(error.code, text, error.hint)

    # -- what it is ----------------------------------------------------------------------------------------------

    def band_names(self) -> list[str]:
        """Return the name of each band of the file, "" where there is none."""
        return [band.name for band in self.metadata.bands]

    def date(self, given: str) -> Optional[FoundDate]:
        """Return the acquisition date: as ``given``, else from metadata, name, or as its layer or STAC item states."""
        found = find_date(given, (band.tags for band in self.metadata.bands), self.tags) or self.named
        return with_stated_date(found, self._stated)

    def _georeference_warning(self) -> str:
        """Return which part of the georeference is missing, and the consequence."""
        if self.full_grid.gcps:
            what, kept = "ground control points only", "the mask keeps them; polygons are in pixel coordinates"
        elif self.full_grid.crs is None and not self.full_grid.transform.is_identity:
            what, kept = "a geotransform but no CRS", "the mask keeps the geotransform"
        elif self.full_grid.georeferenced:
            what, kept = "a CRS without a place on Earth (a local, geocentric or unknown one)", "the mask keeps it"
        else:
            what, kept = "no georeference", "the mask has none either"
        return f"{self.name} has {what}: {kept}, and areas are counted in pixels only."

    # -- reading -------------------------------------------------------------------------------------------------

    def read_window(self, window: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        reasons = self.read_with_reasons(window, pixels, empty)
        if reasons is not None:
            self.counted[0].add(window, reasons)

    def read_with_reasons(self, window: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> Optional[np.ndarray]:
        """Fill both arrays as :meth:`read_window` does; return :attr:`Examined.reasons`, which it does not count."""
        with self._handle() as handle:
            return self._fill(handle, window, pixels, empty)

    def _fill(
        self, handle: DatasetReader, window: ReadWindow, pixels: np.ndarray, empty: np.ndarray
    ) -> Optional[np.ndarray]:
        """Fill both arrays, a few rows of blocks per call into GDAL, each of which counts as progress."""
        height, width = window.shape
        high = self.block_shape[0]
        step = max(high, WINDOW_BYTES // (width * len(self.bands) * np.dtype(self.dtype).itemsize) // high * high)
        reasons = None
        for top in range(0, height, step):
            rows = slice(top, min(top + step, height))
            box = window.left, window.top + top, width, rows.stop - top
            out = pixels[:, rows]
            values, found = self._read_box(handle, box, out if pixels.dtype == self.dtype else None)
            if values is not out:
                out[...] = values
            empty[rows] = found.empty
            if found.reasons is not None:
                reasons = np.zeros(window.shape, np.uint8) if reasons is None else reasons
                reasons[rows] = found.reasons
        return reasons

    def _read_box(
        self, handle: DatasetReader, box: PixelBox, out: Optional[np.ndarray] = None
    ) -> tuple[np.ndarray, Examined]:
        """Return (bands, h, w) stored values, in ``out`` where given, and the nodata of a box of the window."""
        if self._closed:  # the run has given the scene up
            raise cancelled_error()
        window = Window(box[0] + self.window.col_off, box[1] + self.window.row_off, box[2], box[3])
        if self._mixed:  # rasterio reads bands of several types one by one only
            values = np.stack([handle.read(i, window=window, out_dtype=self.dtype) for i in self.bands])
        else:
            dtype = None if out is not None else self.dtype
            values = handle.read(self.bands, window=window, out=out, out_dtype=dtype)
        masks = [handle.read(number, window=window) for number in self._masks.alphas]
        if self._masks.shared:
            masks.append(handle.read_masks(self._masks.shared, window=window))
        own = handle.read_masks(self.bands, window=window) if self._masks.own else None
        found = self._validity.examine(values, masks, own)
        self.stall_timeout.touch()
        return values, found

    def _sample(self) -> np.ndarray:
        """Return (bands, n) float64 stored values of small windows spread over the window, without declared nodata."""
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
        return np.concatenate([self.stall_timeout.result(task) for task in tasks], axis=1)

    def _spread(self, sample: np.ndarray) -> Spread:
        """Return percentiles of a (bands, n) sample, and the darkest of the cirrus band."""
        if not sample.size:
            return Spread()
        whole = np.issubdtype(np.dtype(self.dtype), np.integer) or not np.any(sample % 1)
        cirrus = self.stall_timeout.result(self.readers.submit(self._darkest_cirrus)) if self._cirrus else None
        return Spread.of(np.percentile(sample, Spread.PERCENTILES, axis=1), whole, cirrus)

    def _darkest_cirrus(self) -> Optional[float]:
        """Return the 0.5th percentile of Sentinel-2's cirrus band, whose fill is 0 or less."""
        left, top = int(self.window.col_off), int(self.window.row_off)
        area = left, top, int(self.window.width), int(self.window.height)
        with self._handle() as handle:
            block_y, block_x = handle.block_shapes[0]
            windows = sample_windows(area, (block_x, block_y))
            read = [handle.read(self._cirrus, window=Window(c + left, r + top, w, h)) for c, r, w, h in windows]
        values = np.concatenate([v[v > 0] for v in read])
        return float(np.percentile(values, Spread.PERCENTILES[0])) if values.size else None

    def _valid_values(self, windows: list[PixelBox]) -> np.ndarray:
        """Return (bands, n) float64 valid stored values of windows."""
        with self._handle() as handle:
            read = [self._read_box(handle, window) for window in windows]
        return np.concatenate([values[:, ~found.empty].astype(np.float64, order="C") for values, found in read], axis=1)

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
        return values[:, rows[:, None], cols][:, ~empty[rows[:, None], cols]].astype(np.float64, order="C")

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
        except (*GDAL_ERRORS, OSError) as e:
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
                return rasterio.open(self.opens, **self._open_options)
            except (*GDAL_ERRORS, OSError) as e:
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
