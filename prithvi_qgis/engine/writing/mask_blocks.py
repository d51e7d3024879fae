"""Masks that several workers make together: each writes blocks of rows, then one makes the outputs of them.

The outputs come from :class:`engine.writing.mask_writer.MaskWriter` like those of any other run, so that what is
counted, coloured, merged, drawn and recorded is the same.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional, Protocol

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import FINGERPRINT_TAG, fingerprint
from ...core.models.model_card import ModelCard
from ...core.protocol.messages import ClassArea, Segment
from ..failures import disk_error
from ..mask.class_rules import ClassRules, class_rules
from ..mask.statistics import MaskStatistics, StageTimer
from ..model.backend import InferenceModel
from ..reading.band_vrt import cause_text
from ..reading.raster_source import RasterSource
from ..reading.stall_timeout import Cancelled, cancelled_error
from ..tiling.row_blocks import RowBlock, row_block
from ..tiling.tile_grid import TilePlan
from .atomic_outputs import MARK, AtomicOutputs
from .geotiff_sink import BLOCK, GeoTiffSink
from .mask_writer import MaskWriter
from .provenance import provenance
from .thumbnail import Thumbnail

STRIP_BYTES = 32 << 20  # of parts that are read at once
_PART_TAG = "PRITHVI_PART"  # when it was begun, and seconds by stage
_PICTURE_TAG = "PRITHVI_PICTURE"  # what the block has seen of the scene, for the thumbnail
_RUN_TAGS = ("PRITHVI_ENGINE", "PRITHVI_DEVICE")


class Writer(Protocol):
    """What takes finished rows: all of a mask, or a block of it.

    Attributes:
        decision: what the values are; tally: what was counted.
        thumbnail: wants to see what is read of the scene; None where nothing does.
    """

    rules: ClassRules
    statistics: MaskStatistics
    thumbnail: Optional[Thumbnail]

    def write(self, left: int, top: int, values: np.ndarray, percent: Optional[np.ndarray] = None) -> None:
        """See :meth:`engine.writing.mask_writer.MaskWriter.write`."""

    def finish(self, cancelled: Cancelled) -> tuple[ClassArea, ...]:
        """See :meth:`engine.writing.mask_writer.MaskWriter.finish`."""


class BlockWriter:
    """Writes a block of rows as a raster of its own beside the mask; nothing of it is counted."""

    def __init__(
        self,
        request: Segment,
        card: ModelCard,
        scene: RasterSource,
        backend: InferenceModel,
        plan: TilePlan,
        block: RowBlock,
        stack: ExitStack,
    ):
        """``stack``: closed when the run ends, however it does."""
        self._output, self._began = request.output, datetime.now(timezone.utc)
        self.rules, self.statistics = class_rules(request, card), MaskStatistics()
        self.thumbnail: Optional[Thumbnail] = Thumbnail(scene, card, self.rules) if request.thumbnail else None
        self._staging = stack.enter_context(AtomicOutputs())
        tags = provenance(request, card, self.rules, scene, backend, plan)
        grid = scene.grid.part(0, block.top, scene.grid.width, block.bottom - block.top)

        def sink(target: str, bands: int, *kind: Any) -> GeoTiffSink:
            path = self._staging.stage(str(block_path(target, *request.block)))
            made = GeoTiffSink(path, target, grid, bands, tags, *kind)
            stack.callback(made.discard)
            return made

        self._mask = sink(request.output, 1, self.rules.dtype, self.rules.nodata)
        self._probability = sink(request.probability, len(card.classes)) if request.probability else None

    def write(self, left: int, top: int, values: np.ndarray, percent: Optional[np.ndarray] = None) -> None:
        """See :meth:`engine.writing.mask_writer.MaskWriter.write`; the first row is the block's first."""
        self._mask.rows(left, values[None])
        if self._probability is not None and percent is not None:
            self._probability.rows(left, percent)

    def finish(self, cancelled: Cancelled) -> tuple[ClassArea, ...]:
        """Close, check and rename; until then a cancel leaves nothing."""
        with StageTimer(self.statistics, "write"):
            told = {"started": self._began.isoformat(timespec="milliseconds"), "seconds": self.statistics.timings}
            picture = {_PICTURE_TAG: self.thumbnail.packed()} if self.thumbnail else {}
            self._mask.tag({_PART_TAG: json.dumps(told), **picture})
            for sink in (self._mask, self._probability):
                if sink is not None:
                    sink.finish()

            def check() -> None:
                if cancelled():
                    raise cancelled_error()

            try:
                self._staging.commit(check)
            except OSError as e:
                raise disk_error(e, self._output) from e
        return ()


class BlockMerger:
    """A scene whose blocks are all there, from its parts to its outputs. Stands where a ``Course`` does; has no tiles.

    Attributes:
        began: when its first block was begun.
    """

    total = done = 0

    def __init__(self, request: Segment, card: ModelCard, scene: RasterSource, plan: TilePlan, backend: InferenceModel):
        """Look at the parts, and open the outputs.

        Raises:
            PrithviError: a part that is not there, or is another run's; an output that cannot be written.
        """
        self._plan = plan
        self._stack = ExitStack()
        try:
            self._parts = list(self._open(request.output, request))
            self._further = list(self._open(request.probability, request)) if request.probability else []
            tags = [part.tags() for part in self._parts]
            told = [json.loads(t[_PART_TAG]) for t in tags]
            self.began = min(datetime.fromisoformat(part["started"]) for part in told)
            self._refuse_foreign([t.get(FINGERPRINT_TAG, "") for t in tags], request, card)
            self._writer = MaskWriter(request, card, scene, backend, plan, self._stack, self.began)
            if self._writer.thumbnail is not None:
                for tag in tags:
                    self._writer.thumbnail.unpack(tag[_PICTURE_TAG])
            self._writer.tag({name: ", ".join(sorted({t.get(name, "") for t in tags})) for name in _RUN_TAGS})
        except BaseException:
            self._stack.close()
            raise
        bands = len(card.classes) if self._further else 1
        item = np.dtype(self._writer.rules.dtype).itemsize
        self._columns = max(BLOCK, STRIP_BYTES // (BLOCK * bands * item) // BLOCK * BLOCK)
        self.statistics.tiles = plan.count
        for part in told:
            for stage, seconds in part["seconds"].items():
                self.statistics.timings[stage] += seconds

    @property
    def statistics(self) -> MaskStatistics:
        """What was counted."""
        return self._writer.statistics

    def finish(self, cancelled: Cancelled) -> tuple[ClassArea, ...]:
        """Make the outputs of the parts, which stay: whoever had them made removes them."""
        with StageTimer(self.statistics, "write"):
            width = self._parts[0].width
            for left in range(0, width, self._columns):
                top = 0
                for number, part in enumerate(self._parts):
                    for row in range(0, part.height, BLOCK):
                        if cancelled():
                            raise cancelled_error()
                        columns, rows = min(self._columns, width - left), min(BLOCK, part.height - row)
                        window = Window(left, row, columns, rows)
                        percent = self._read(self._further[number], None, window) if self._further else None
                        self._writer.write(left, top, self._read(part, 1, window), percent)
                        top += rows
        return self._writer.finish(cancelled)

    def close(self) -> None:
        """Free everything; outputs that are not finished are removed."""
        self._stack.close()

    def _open(self, target: str, request: Segment) -> Iterator[Any]:
        width = None
        for index in range(request.join):
            path = block_path(target, index, request.join)
            try:
                part = rasterio.open(path)
            except (RasterioError, OSError) as e:
                raise _unreadable(path, e) from e
            # Not as a context, which rasterio wants to be left by the thread that entered it.
            self._stack.callback(part.close)
            block = row_block(self._plan.rows, index, request.join)
            width = width or part.width
            if (part.height, part.width) != (block.bottom - block.top, width):
                raise _unreadable(path, "it has another size")
            yield part

    @staticmethod
    def _refuse_foreign(found: list[str], request: Segment, card: ModelCard) -> None:
        """Parts of other parameters, or of a scene that has changed since."""
        wanted = fingerprint(request, card)
        for index, tag in enumerate(found):
            if tag != wanted:
                why = "the scene or the model has changed since it was begun"
                raise _unreadable(block_path(request.output, index, request.join), why)

    @staticmethod
    def _read(part: Any, band: Optional[int], window: Window) -> np.ndarray:
        try:
            return part.read(band, window=window)
        except (RasterioError, OSError) as e:
            raise _unreadable(part.name, e) from e


def block_path(target: str, index: int, count: int) -> Path:
    """Where block ``index`` of an output lies until all of them are there. See also
    ``core.folder_runs.file_names.PARTS``."""
    path = Path(target).absolute()
    return path.with_name(f".{path.stem}{MARK}block-{index + 1}of{count}{path.suffix}")


def remove_blocks(request: Segment) -> None:
    """Remove every part of a request's outputs, finished or not."""
    for target in (request.output, request.probability):
        if target:
            path = Path(target).absolute()
            for before in (".", ".."):  # finished, and under the name that staging makes of it
                for part in path.parent.glob(f"{before}{glob.escape(path.stem)}{MARK}block-*"):
                    with suppress(OSError):
                        part.unlink()


def _unreadable(part: object, why: object) -> PrithviError:
    return PrithviError(
        ErrorCode.SOURCE_UNREADABLE,
        f"The part {part} of the mask cannot be used: {cause_text(why)}.",
        "Check that every worker sees the output folder under the same name, and run again.",
    )
