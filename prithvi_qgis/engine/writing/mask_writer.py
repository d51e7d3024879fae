"""Turn finished rows into outputs: count, write, merge small patches, and put the files in place."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Optional

import numpy as np

from ...core.protocol.messages import ClassArea
from ..mask.polygons import write_polygons
from ..mask.sieve import sieve, sieved_rows
from ..mask.statistics import MaskStatistics, StageTimer, statistics_for
from ..prepared_scene import PreparedScene
from .atomic_outputs import AtomicOutputs
from .geotiff_sink import BLOCK, PROBABILITY_TEXT, GeoTiffSink, disk_errors
from .provenance import outcome_tag, provenance
from .sidecars import aux_xml, mask_qml, value_aux_xml, value_qml
from .thumbnail import Thumbnail


class MaskWriter:
    """The requested outputs, filled with finished rows."""

    statistics: MaskStatistics
    """What was counted; complete once :meth:`finish` has returned."""
    thumbnail: Optional[Thumbnail]
    """Takes what is read of the scene; None where no thumbnail was requested."""

    def __init__(self, prepared: PreparedScene, stack: ExitStack):
        """Create the outputs.

        Args:
            prepared: with its backend.
            stack: closed by the caller when the run ends, however it does.
        """
        self._prepared = prepared
        request, rules, grid = prepared.request, prepared.rules, prepared.scene.grid
        self._staging = stack.enter_context(AtomicOutputs())
        self._polygons = self._staging.stage(request.polygons) if request.polygons else None
        self.thumbnail = Thumbnail(prepared) if request.thumbnail else None
        self._thumbnail_path = self._staging.stage(request.thumbnail) if request.thumbnail else None
        tags = provenance(prepared)
        self._path = self._staging.stage(request.output)
        self._mask = GeoTiffSink(self._path, request.output, grid, 1, tags, rules.dtype, rules.nodata)
        self._sinks = [self._mask]
        stack.callback(self._mask.discard)
        if rules.quantity is not None:
            self._mask.describe([rules.quantity.name], rules.quantity.unit)
        elif rules.dtype == "uint8":
            self._mask.colour(rules.classes)
        self._raw: Optional[GeoTiffSink] = None  # the mask before small patches are merged
        if rules.smallest_patch > 1:
            self._raw_path = self._staging.temp_path(request.output, ".raw.tif")
            self._raw = GeoTiffSink(self._raw_path, request.output, grid, 1, {}, rules.dtype, rules.nodata)
            stack.callback(self._raw.discard)
        self._probability: Optional[GeoTiffSink] = None
        if request.probability:
            path = self._staging.stage(request.probability)
            classes = prepared.card.classes
            self._probability = GeoTiffSink(path, request.probability, grid, len(classes), tags)
            self._sinks.append(self._probability)
            stack.callback(self._probability.discard)
            self._probability.describe([f"{c.name} ({PROBABILITY_TEXT})" for c in classes])
        self.statistics = statistics_for(rules, grid)

    def write(self, left: int, top: int, values: np.ndarray, percent: Optional[np.ndarray] = None) -> None:
        """Write the next rows; a new ``left`` begins a column strip.

        Args:
            left: first scene column.
            top: first scene row.
            values: (rows, width) of the mask's type, nodata among them.
            percent: (classes, rows, width) uint8, when probabilities were requested.
        """
        if self._raw is not None:
            self._raw.rows(left, values[None])
        else:
            self._final_rows(left, top, values)
        if self._probability and percent is not None:
            self._probability.rows(left, percent)

    def _final_rows(self, left: int, top: int, values: np.ndarray) -> None:
        """Count, draw and write rows of the mask as it stays."""
        self.statistics.count(left, top, values)
        if self.thumbnail is not None:
            self.thumbnail.mask(left, top, values)
        self._mask.rows(left, values[None])

    def tag(self, tags: Mapping[str, str]) -> None:
        """Add to the outputs' metadata."""
        for sink in self._sinks:
            sink.tag(tags)

    def finish(self) -> tuple[ClassArea, ...]:
        """Close, check and rename everything into place; a cancel before that leaves nothing."""
        prepared, rules = self._prepared, self._prepared.rules
        request, grid, heartbeat = prepared.request, prepared.scene.grid, prepared.heartbeat
        with StageTimer(self.statistics, "write"):
            if self._raw is not None:
                self._raw.finish()
                self._merge_small_patches()
            classes, values = self.statistics.classes(), self.statistics.values()
            self._mask.tag(outcome_tag(prepared.started, self.statistics, grid, classes))
            for sink in self._sinks:
                sink.finish()
                heartbeat.advance()
            if self._polygons:
                write_polygons(self._path, self._polygons, request.polygons, grid, rules, heartbeat.advance)
            with disk_errors(request.output):
                if self.thumbnail and self._thumbnail_path:
                    self.thumbnail.write(self._thumbnail_path, values)
                quantity = rules.quantity
                aux = aux_xml(classes) if quantity is None else value_aux_xml(quantity, values, grid)
                qml = mask_qml(classes) if quantity is None else value_qml(quantity, values)
                self._staging.sidecar(request.output, ".aux.xml", aux)
                self._staging.sidecar(request.output, ".qml", qml)
                self._staging.commit(heartbeat.advance)
        return classes

    def _merge_small_patches(self) -> None:
        """Make the mask from the raw mask; its rows are counted only here."""
        prepared = self._prepared
        output, rules, heartbeat = prepared.request.output, prepared.rules, prepared.heartbeat
        heartbeat.advance()
        valid, sieved = (self._staging.temp_path(output, suffix) for suffix in (".valid.tif", ".sieved"))
        sieve(self._raw_path, valid, sieved, rules, output, heartbeat)
        for top, values in sieved_rows(self._raw_path, sieved, rules, BLOCK):
            heartbeat.advance()
            self._final_rows(0, top, values)
