"""Write the rasters of a run: the class mask, and the class probabilities when requested."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Optional, Union

import numpy as np
import rasterio
from rasterio.io import DatasetReader
from rasterio.windows import Window

from ...core.masks.styling import rgb
from ...core.models.model_card import ModelClass
from ...core.system.timeouts import TIMEOUTS
from ..failures import disk_error
from ..gdal_errors import GDAL_ERRORS
from ..reading.raster_source import Grid

BLOCK = 256  # pixels; GeoTIFF tiles of the outputs, and what column strips are aligned to
NODATA = 255
PROBABILITY_TEXT = "probability in percent, 255 = nodata"


@contextmanager
def disk_errors(target: str) -> Iterator[None]:
    """Turn errors of GDAL and of the system inside the block into :func:`~prithvi_qgis.engine.failures.disk_error`."""
    try:
        yield
    except (*GDAL_ERRORS, OSError) as e:
        raise disk_error(e if isinstance(e, OSError) else OSError(str(e)), target) from e


class GeoTiffSink:
    """A tiled, compressed GeoTIFF that is filled from the top, column strip by column strip.

    Rows are collected until whole blocks are complete, so that every block is compressed and written once.
    """

    def __init__(
        self,
        path: Path,
        target: str,
        grid: Grid,
        bands: int,
        tags: Mapping[str, str],
        dtype: str = "uint8",
        nodata: Union[int, float] = NODATA,
    ):
        """Create the file.

        Args:
            path: unfinished file.
            target: its name once it is finished, for errors.
            grid: size and georeference.
            bands: their number.
            tags: metadata.
            dtype: of every band.
            nodata: of every band.
        Raises:
            PrithviError: ``disk_full`` or ``output_unwritable``.
        """
        self._path, self._target, self._grid, self._bands = path, target, grid, bands
        profile: dict[str, object] = {
            "driver": "GTiff",
            "width": grid.width,
            "height": grid.height,
            "count": bands,
            "dtype": dtype,
            "nodata": nodata,
            "tiled": True,
            "blockxsize": BLOCK,
            "blockysize": BLOCK,
            "compress": "deflate",
            "num_threads": "all_cpus",
            "bigtiff": "if_safer",
            "interleave": "band",
        }
        if dtype == "float32":
            profile["predictor"] = 3
        if grid.crs is not None:
            profile["crs"] = grid.crs
        if grid.located or not grid.transform.is_identity:
            profile["transform"] = grid.transform
        if grid.gcps:
            profile["gcps"] = list(grid.gcps)
            profile.pop("transform", None)
        with disk_errors(target):
            self._file = rasterio.open(path, "w", **profile)
            self._file.update_tags(**tags)
        self._busy = threading.Lock()
        self._left = 0
        self._top = 0
        self._held: Optional[np.ndarray] = None

    def colour(self, classes: Sequence[ModelClass]) -> None:
        """Write the classes' colours to band 1, of bytes. Must come before the first row."""
        self._file.write_colormap(1, {c.value: (*rgb(c.color), 255) for c in classes})

    def tag(self, tags: Mapping[str, str]) -> None:
        """Add metadata that is known only at the end."""
        with disk_errors(self._target):
            self._file.update_tags(**tags)

    def describe(self, names: list[str], unit: str = "") -> None:
        """Name the bands, and their unit."""
        self._file.descriptions = names
        if unit:
            self._file.units = [unit] * len(names)

    def rows(self, left: int, values: np.ndarray) -> None:
        """Add (bands, rows, width) below the rows before; a new ``left`` begins a column strip at the top."""
        if left != self._left:
            self._left, self._top, self._held = left, 0, None
        held = values if self._held is None else np.concatenate([self._held, values], axis=1)
        whole = held.shape[1] // BLOCK * BLOCK
        if self._top + held.shape[1] == self._grid.height:
            whole = held.shape[1]
        if whole:
            window = Window(self._left, self._top, held.shape[2], whole)
            with disk_errors(self._target), self._busy:
                self._file.write(held[:, :whole], window=window)
            self._top += whole
        self._held = held[:, whole:].copy()

    def finish(self) -> None:
        """Close, and check that every block reached the disk: GDAL reports a full disk late or not at all."""
        with disk_errors(self._target):
            self._file.close()
            size = self._path.stat().st_size
            with rasterio.open(self._path) as check:
                ends = [end for band in range(1, self._bands + 1) for end in _block_ends(check, band)]
            if min(ends) <= 0 or max(ends) > size:
                raise OSError("some of it did not reach the disk")

    def discard(self) -> None:
        """Close the file, ignoring errors. A file in which another thread hangs stays open: GDAL would crash."""
        if not self._file.closed and self._busy.acquire(timeout=TIMEOUTS.io_exit_s):
            try:
                self._file.close()
            finally:
                self._busy.release()  # a thread that writes now finds it closed


def _block_ends(file: DatasetReader, band: int) -> list[int]:
    """Return the byte after each block, 0 for a block that was never written."""
    ends = []
    for y in range(-(-file.height // BLOCK)):
        for x in range(-(-file.width // BLOCK)):
            offset = file.get_tag_item(f"BLOCK_OFFSET_{x}_{y}", "TIFF", bidx=band)
            length = file.get_tag_item(f"BLOCK_SIZE_{x}_{y}", "TIFF", bidx=band)
            ends.append(int(offset) + int(length) if offset and length else 0)
    return ends
