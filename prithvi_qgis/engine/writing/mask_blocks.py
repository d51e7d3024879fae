"""Masks that several workers make together: each writes blocks of rows, then one makes the outputs of them.

The outputs come from :class:`.MaskWriter` like those of any other run, so that what is
counted, coloured, merged, drawn and recorded is the same.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import Optional, Protocol, Union

import numpy as np
import rasterio
from rasterio.io import DatasetReader
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import FINGERPRINT_TAG, fingerprint
from ...core.protocol.messages import ClassArea, Segment
from ..gdal_errors import GDAL_ERRORS
from ..mask.statistics import MaskStatistics, StageTimer
from ..prepared_scene import PreparedScene
from ..reading.band_vrt import cause_text
from ..tiling.row_blocks import RowBlock, row_block
from .atomic_outputs import MARK, AtomicOutputs
from .geotiff_sink import BLOCK, NODATA, GeoTiffSink, disk_errors
from .mask_writer import MaskWriter
from .provenance import provenance
from .thumbnail import Thumbnail

STRIP_BYTES = 32 << 20  # of blocks that are read at once
_BLOCK_TAG = "PRITHVI_PART"  # when it was begun, seconds by stage, and what was counted of its nodata
_PICTURE_TAG = "PRITHVI_PICTURE"  # what the block has read of the scene, for the thumbnail
_RUN_TAGS = ("PRITHVI_ENGINE", "PRITHVI_DEVICE")


class Writer(Protocol):
    """Takes finished rows: those of a whole mask, or of a block of it."""

    statistics: MaskStatistics
    thumbnail: Optional[Thumbnail]

    def write(self, left: int, top: int, values: np.ndarray, percent: Optional[np.ndarray] = None) -> None:
        """Write the next rows, as :meth:`~prithvi_qgis.engine.writing.mask_writer.MaskWriter.write` does."""

    def finish(self) -> tuple[ClassArea, ...]:
        """Put the files in place, as :meth:`~prithvi_qgis.engine.writing.mask_writer.MaskWriter.finish` does."""


class BlockWriter:
    """Writes a block of rows as a raster next to the mask; nothing of it is counted."""

    def __init__(self, prepared: PreparedScene, block: RowBlock, stack: ExitStack):
        """``stack``: closed by the caller when the run ends, however it does."""
        self._prepared = prepared
        request, rules, full_grid = prepared.request, prepared.rules, prepared.scene.grid
        self.statistics = MaskStatistics()
        self.thumbnail: Optional[Thumbnail] = Thumbnail(prepared) if request.thumbnail else None
        self._staging = stack.enter_context(AtomicOutputs())
        tags = provenance(prepared)
        grid = full_grid.part(0, block.top, full_grid.width, block.bottom - block.top)

        def sink(target: str, bands: int, dtype: str, nodata: Union[int, float]) -> GeoTiffSink:
            path = self._staging.stage(str(block_path(target, *request.block)))
            made = GeoTiffSink(path, target, grid, bands, tags, dtype, nodata)
            stack.callback(made.discard)
            return made

        self._mask = sink(request.output, 1, rules.dtype, rules.nodata)
        self._sinks = [self._mask]
        self._probability: Optional[GeoTiffSink] = None
        if request.probability:
            self._probability = sink(request.probability, len(prepared.card.classes), "uint8", NODATA)
            self._sinks.append(self._probability)

    def write(self, left: int, top: int, values: np.ndarray, percent: Optional[np.ndarray] = None) -> None:
        """Write the next rows; the first row is the block's first."""
        self._mask.rows(left, values[None])
        if self._probability is not None and percent is not None:
            self._probability.rows(left, percent)

    def finish(self) -> tuple[ClassArea, ...]:
        """Close, check and rename; a cancel before that leaves nothing."""
        started, heartbeat = self._prepared.started, self._prepared.heartbeat
        with StageTimer(self.statistics, "write"):
            record = {
                "started": started.isoformat(timespec="milliseconds"),
                "seconds": self.statistics.timings,
                "validity": [counts.record() for counts in self._prepared.scene.counted],
            }
            picture = {_PICTURE_TAG: self.thumbnail.packed()} if self.thumbnail else {}
            self._mask.tag({_BLOCK_TAG: json.dumps(record), **picture})
            for sink in self._sinks:
                sink.finish()
                heartbeat.advance()
            with disk_errors(self._prepared.request.output):
                self._staging.commit(heartbeat.advance)
        return ()


class BlockMerger:
    """Makes the outputs of a scene from its blocks, in place of a ``SceneRun``; has no tiles."""

    total = done = 0

    def __init__(self, prepared: PreparedScene):
        """Read the blocks' tags, and open the outputs. Time counts from when the first block was begun.

        Raises:
            PrithviError: a block that is missing, or is another run's; an output that cannot be written.
        """
        self._prepared, request, card = prepared, prepared.request, prepared.card
        self._stack = ExitStack()
        try:
            self._blocks = list(self._open(request.output))
            self._probabilities = list(self._open(request.probability)) if request.probability else []
            tags = [block.tags() for block in self._blocks]
            records = [json.loads(t[_BLOCK_TAG]) for t in tags]
            prepared.count_from(min(datetime.fromisoformat(record["started"]) for record in records))
            self._refuse_foreign([t.get(FINGERPRINT_TAG, "") for t in tags])
            self._writer = MaskWriter(prepared, self._stack)
            if self._writer.thumbnail is not None:
                for tag in tags:
                    self._writer.thumbnail.unpack(tag[_PICTURE_TAG])
            self._writer.tag({name: ", ".join(sorted({t.get(name, "") for t in tags})) for name in _RUN_TAGS})
        except BaseException:
            self._stack.close()
            raise
        bands = len(card.classes) if self._probabilities else 1
        item = np.dtype(prepared.rules.dtype).itemsize
        self._columns = max(BLOCK, STRIP_BYTES // (BLOCK * bands * item) // BLOCK * BLOCK)
        self.statistics.tiles = prepared.plan.count
        for record in records:
            for stage, seconds in record["seconds"].items():
                self.statistics.timings[stage] += seconds
            for counts, counted in zip(prepared.scene.counted, record["validity"]):
                counts.merge(counted)

    @property
    def statistics(self) -> MaskStatistics:
        """What was counted so far."""
        return self._writer.statistics

    def finish(self) -> tuple[ClassArea, ...]:
        """Make the outputs of the blocks, which stay; the run that had them made removes them."""
        with StageTimer(self.statistics, "write"):
            width = self._blocks[0].width
            for left in range(0, width, self._columns):
                top = 0
                for number, block in enumerate(self._blocks):
                    for row in range(0, block.height, BLOCK):
                        columns, rows = min(self._columns, width - left), min(BLOCK, block.height - row)
                        window = Window(left, row, columns, rows)
                        percent = self._read(self._probabilities[number], None, window) if self._probabilities else None
                        self._writer.write(left, top, self._read(block, 1, window), percent)
                        top += rows
                        self._prepared.heartbeat.advance()
        return self._writer.finish()

    def close(self) -> None:
        """Free everything; outputs that are not finished are removed."""
        self._stack.close()

    def _open(self, target: str) -> Iterator[DatasetReader]:
        width, count = None, self._prepared.request.join
        for index in range(count):
            path = block_path(target, index, count)
            try:
                file = rasterio.open(path)
            except (*GDAL_ERRORS, OSError) as e:
                raise _unreadable(path, e) from e
            # Not as a context, which rasterio wants to be left by the thread that entered it.
            self._stack.callback(file.close)
            block = row_block(self._prepared.plan.rows, index, count)
            width = width or file.width
            if (file.height, file.width) != (block.bottom - block.top, width):
                raise _unreadable(path, "it has another size")
            yield file

    def _refuse_foreign(self, found: list[str]) -> None:
        """Refuse blocks of other parameters, or of a scene that has changed since."""
        request = self._prepared.request
        wanted = fingerprint(request, self._prepared.card)
        for index, tag in enumerate(found):
            if tag != wanted:
                why = "the scene or the model has changed since it was begun"
                raise _unreadable(block_path(request.output, index, request.join), why)

    @staticmethod
    def _read(block: DatasetReader, band: Optional[int], window: Window) -> np.ndarray:
        try:
            return block.read(band, window=window)
        except (*GDAL_ERRORS, OSError) as e:
            raise _unreadable(block.name, e) from e


def block_path(target: str, index: int, count: int) -> Path:
    """Return where block ``index`` of an output lies until all of them are there.

    ``core.folder_runs.file_names.PARTS`` matches these names.
    """
    path = Path(target).absolute()
    return path.with_name(f".{path.stem}{MARK}block-{index + 1}of{count}{path.suffix}")


def remove_blocks(request: Segment) -> None:
    """Remove every block of a request's outputs, finished or not."""
    for target in (request.output, request.probability):
        if target:
            path = Path(target).absolute()
            for before in (".", ".."):  # finished, and under the name that AtomicOutputs makes of it
                for block in path.parent.glob(f"{before}{glob.escape(path.stem)}{MARK}block-*"):
                    with suppress(OSError):
                        block.unlink()


def _unreadable(block: object, why: object) -> PrithviError:
    return PrithviError(
        ErrorCode.SOURCE_UNREADABLE,
        f"The part {block} of the mask cannot be used: {cause_text(why)}.",
        "Check that every worker sees the output folder under the same name, and run again.",
    )
