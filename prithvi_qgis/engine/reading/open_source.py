"""From a request to what the run reads: one scene, or several dates on the first one's grid in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import without_query
from ...core.models.model_card import ModelCard
from ...core.protocol.messages import Segment
from ...core.scenes.bands import identify
from ...core.scenes.dates import FoundDate, date_in_name
from ...core.scenes.resolution import far_off, size_text
from ...core.scenes.scaling import Scaling
from ...core.scenes.stack_names import stacked_files
from ...core.system.heartbeat import Heartbeat
from ...core.system.timeouts import TIMEOUTS, Timeouts
from .raster_source import Grid, RasterSource
from .rasterio_source import RasterioSource
from .read_windows import ReadWindow
from .reader_pool import ReaderPool
from .stall_timeout import StallTimeout
from .target_grid import grid_at, pixel_size_m
from .warped_source import WarpedSource

_WHOLE = 0.01  # of a pixel: grids that lie no further apart are the same


@dataclass(frozen=True)
class DatedSource:
    """A date: the file, how it is read, and in words how it came onto the first one's grid."""

    scene: RasterioSource
    source: RasterSource
    how: str
    date: Optional[FoundDate]

    @property
    def line(self) -> str:
        """All of it, for people."""
        bands = ", ".join(map(str, self.source.bands))
        when = self.date.text if self.date else "date not known"
        return f"{when}: {self.scene.name}, bands {bands}, {self.source.scaling.text}, {self.how}"


class MultiDateSource(RasterSource):
    """Several dates of one place: channels are the bands of the first date, then those of the next."""

    def __init__(self, base: RasterSource, frames: Sequence[DatedSource]):
        """``base``: on whose grid all lie; ``frames``: in the model's order, the base among them."""
        super().__init__(base.source, base.name)
        self.full_grid, self.window, self.resampled = base.full_grid, base.window, base.resampled
        self._base, self._parts = base, [f.source for f in frames]
        self.frames = len(frames)
        kinds = {part.dtype for part in self._parts}
        self.dtype = kinds.pop() if len(kinds) == 1 else "float32"
        self.warnings = [line for part in self._parts for line in part.warnings]
        self.notes = [line for part in self._parts for line in part.notes]
        self.records, self.stall_timeout = dict(base.records), base.stall_timeout

    @property
    def bands(self) -> tuple[int, ...]:
        """See :class:`engine.reading.raster_source.RasterSource`."""
        return self._base.bands

    @property
    def scaling(self) -> Scaling:
        """Of the first scene; each has its own."""
        return self._base.scaling

    @property
    def normalisation(self) -> tuple[np.ndarray, np.ndarray]:
        """See :class:`engine.reading.raster_source.RasterSource`."""
        gains, biases = zip(*(part.normalisation for part in self._parts))
        return np.concatenate(gains), np.concatenate(biases)

    @property
    def block_shape(self) -> tuple[int, int]:
        """See :class:`engine.reading.raster_source.RasterSource`."""
        return self._base.block_shape

    @property
    def readers(self) -> ReaderPool:
        """The first scene's."""
        return self._base.readers

    def read_piece(self, piece: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """See :class:`engine.reading.raster_source.RasterSource`; a pixel that is nodata on one date is nodata."""
        step = len(self.bands)
        missing = np.empty_like(empty)
        empty[...] = False
        for number, part in enumerate(self._parts):
            part.read_piece(piece, pixels[number * step : (number + 1) * step], missing)
            empty |= missing

    def close(self) -> None:
        """See :class:`engine.reading.raster_source.RasterSource`."""
        for part in self._parts:
            part.close()


def open_source(
    request: Segment, card: ModelCard, heartbeat: Optional[Heartbeat] = None, timeouts: Timeouts = TIMEOUTS
) -> RasterSource:
    """Open, cut and prepare all that a request names; ``heartbeat``: of the run that reads its pixels.

    Raises:
        PrithviError: the first thing that is wrong, naming the file.
    """
    scenes: list[RasterioSource] = []
    try:
        scenes.append(RasterioSource(request.source, request.source_name))
        scenes[0].stall_timeout = StallTimeout(heartbeat, scenes[0].name, timeouts)
        base = _first(scenes[0], request, card)
        aligned = [(scenes[0], base, "its own grid")]
        for number, path in enumerate(request.frames):
            scenes.append(RasterioSource(path, request.frame_names[number] if request.frame_names else ""))
            scenes[-1].stall_timeout = StallTimeout(heartbeat, scenes[-1].name, timeouts)
            aligned.append((scenes[-1], *_align(scenes[-1], base, request, card)))
        items = [request.taken] + [""] * len(request.frames)
        dates = [scene.date(*told) for scene, *told in zip(scenes, request.dates or [""] * len(scenes), items)]
        frames = [DatedSource(*parts, found) for parts, found in zip(aligned, dates)]
        for scene in scenes if len(scenes) > 1 else ():
            scene.pause()  # the first one's threads read all of them
        return _dated(_stacked(base, frames) if len(frames) > 1 else base, frames, card, bool(any(request.dates)))
    except BaseException:
        for scene in scenes:
            scene.close()
        raise


def whole_and_window(request: Segment) -> tuple[int, int]:
    """Pixels of a scene, and those of them that EXTENT leaves; 0 where it touches none. Reads nothing but the header.

    Raises:
        PrithviError: a scene that cannot be opened.
    """
    scene = RasterioSource(request.source, request.source_name)
    try:
        whole = scene.full_grid.width * scene.full_grid.height
        try:
            scene.set_extent(extent_in(request, scene))
        except PrithviError:
            return whole, 0
        return whole, int(scene.window.width) * int(scene.window.height)
    finally:
        scene.close()


def extent_in(request: Segment, scene: RasterSource) -> Optional[Sequence[float]]:
    """The request's extent in the scene's CRS.

    Raises:
        PrithviError: ``extent_outside`` where it cannot be told.
    """
    if request.extent is None or not request.extent_crs:
        return request.extent
    if not scene.full_grid.located:
        why = f"{scene.name} has no georeference, so EXTENT in another CRS has no place in it."
        raise PrithviError(ErrorCode.EXTENT_OUTSIDE, why, "Leave EXTENT empty for such scenes.")
    try:
        return transform_bounds(request.extent_crs, scene.full_grid.crs, *request.extent, densify_pts=21)
    except (RasterioError, ValueError) as e:
        why = f"EXTENT ({request.extent_crs}) cannot be brought into the CRS of {scene.name}: {e}."
        raise PrithviError(ErrorCode.EXTENT_OUTSIDE, why, "Give EXTENT with a CRS that covers the scene.") from e


# -- one scene ---------------------------------------------------------------------------------------------------------


def _first(scene: RasterioSource, request: Segment, card: ModelCard) -> RasterSource:
    """INPUT, at its own pixel size or at the one that is asked for."""
    grid = grid_at(scene.full_grid, request.resolution_m, scene.name) if request.resolution_m else None
    if grid is None:
        scene.set_extent(extent_in(request, scene))
        scene.prepare(card, request.bands, request.scale, request.offset, request.sensor)
        scene.warnings += far_off(scene.name, pixel_size_m(scene.full_grid), card)
        return scene
    warped = WarpedSource(scene, grid, Window(0, 0, grid.width, grid.height), request.resampling)
    before, after = pixel_size_m(scene.full_grid), pixel_size_m(grid)
    if before and after:
        warped.resampled = f"from {size_text(before)} to {size_text(after)} pixels ({request.resampling})"
    warped.set_extent(extent_in(request, warped))
    warped.prepare(card, request.bands, request.scale, request.offset, request.sensor)
    warped.warnings += far_off(scene.name, after, card, resampled=True)
    warped.notes.append(f"{scene.name} is resampled {warped.resampled}.")
    warped.records["PRITHVI_RESAMPLED"] = warped.resampled
    return warped


# -- several dates -----------------------------------------------------------------------------------------------------


def _align(frame: RasterioSource, base: RasterSource, request: Segment, card: ModelCard) -> tuple[RasterSource, str]:
    """A further date on the first one's grid, prepared; and how it came there."""
    bands = _own_bands(frame, request.bands, card)
    shift = _whole_shift(frame, base)
    if shift is not None:
        at = Window(
            base.window.col_off + shift[0], base.window.row_off + shift[1], base.window.width, base.window.height
        )
        inside = min(at.col_off, at.row_off) >= 0
        if (
            inside
            and at.col_off + at.width <= frame.full_grid.width
            and at.row_off + at.height <= frame.full_grid.height
        ):
            frame.window = at
            frame.prepare(card, bands, request.scale, request.offset, request.sensor)
            return frame, "on the first scene's pixels"
    resampling = request.resampling if shift is None else "nearest"  # whole pixels are moved, nothing to interpolate
    warped = WarpedSource(frame, base.full_grid, base.window, resampling)
    warped.prepare(card, bands, request.scale, request.offset, request.sensor)
    share = warped.covered()
    if share < 0.99:
        warped.warnings.append(
            f"{frame.name} covers about {share:.0%} of what is segmented of {base.name}; the rest becomes nodata."
        )
    how = "moved by whole pixels" if shift is not None else f"resampled to the first scene's grid ({resampling})"
    return warped, how


def _own_bands(frame: RasterioSource, asked: tuple[int, ...], card: ModelCard) -> tuple[int, ...]:
    """() where the file says which band is which; else BANDS as for the first scene."""
    if not asked:
        return ()
    found = identify(frame.band_names(), frame.tags)
    return () if all(band in found for band in card.bands) else asked


def _whole_shift(frame: RasterioSource, base: RasterSource) -> Optional[tuple[int, int]]:
    """(columns, rows) from the base's pixels to the frame's where both lie on one grid, else None.

    Raises:
        PrithviError: ``source_unsupported`` for what cannot be laid over each other.
    """
    one, other = frame.full_grid, base.full_grid
    if not (one.located and other.located):
        if _same_place(one, other):
            return 0, 0
        raise PrithviError(
            ErrorCode.SOURCE_UNSUPPORTED,
            f"{(base if one.located else frame).name} has no georeference by which {frame.name} ({one.width} x "
            f"{one.height} pixels) could be laid over {base.name} ({other.width} x {other.height}).",
            "Georeference both, or give all dates the same size.",
        )
    if one.crs != other.crs:
        return None
    step = ~one.transform @ other.transform
    width, height = other.width, other.height
    bent = max(abs(step.a - 1) * width, abs(step.e - 1) * height, abs(step.b) * height, abs(step.d) * width)
    off = max(abs(step.c - round(step.c)), abs(step.f - round(step.f)))
    return (round(step.c), round(step.f)) if bent < _WHOLE and off < _WHOLE else None


def _same_place(one: Grid, other: Grid) -> bool:
    """Whether scenes without a place on Earth are taken pixel by pixel."""
    places = [[(g.row, g.col, g.x, g.y) for g in grid.gcps] for grid in (one, other)]
    same = (one.width, one.height, one.crs) == (other.width, other.height, other.crs)
    return same and places[0] == places[1] and one.transform.almost_equals(other.transform)


def _stacked(base: RasterSource, frames: list[DatedSource]) -> MultiDateSource:
    """All dates in the model's order: of time where all are known, else as given."""
    known = [f.date.day for f in frames if f.date]
    ordered = frames
    if len(known) == len(frames):
        ordered = [f for _, f in sorted(zip(known, frames), key=lambda pair: pair[0])]
    stack = MultiDateSource(base, ordered)
    if len(known) == len(frames):
        moved = "" if ordered == frames else "; they were given in another one"
        stack.notes.append(f"The dates go to the model in the order of time{moved}.")
    else:
        unknown = ", ".join(f.scene.name for f in frames if not f.date)
        stack.warnings.append(
            f"When {unknown} {'was' if len(frames) - len(known) == 1 else 'were'} taken could not be found: the dates "
            "go to the model in the given order, which must be that of time. DATES tells them."
        )
    stack.frame_lines = tuple(f.line for f in ordered)
    stack.notes += [f"{number}. {line}." for number, line in enumerate(stack.frame_lines, 1)]
    stack.records["PRITHVI_FRAMES"] = "; ".join(
        f"{number}: {_files_of(f.scene)}, {f.line}" for number, f in enumerate(ordered, 1)
    )
    stack.records["PRITHVI_DATES"] = ",".join(f.date.day.isoformat() if f.date else "" for f in ordered)
    for earlier, later in zip(ordered[:-1], ordered[1:]):
        if earlier.date and later.date and earlier.date.day == later.date.day:
            stack.warnings.append(
                f"{earlier.scene.name} and {later.scene.name} are both of {later.date.day.isoformat()}; a model of "
                "several dates expects different ones."
            )
    return stack


def _files_of(scene: RasterioSource) -> str:
    return ", ".join(map(without_query, stacked_files(scene.source) or [scene.source]))


# -- dates -------------------------------------------------------------------------------------------------------------


def _dated(source: RasterSource, frames: list[DatedSource], card: ModelCard, given: bool) -> RasterSource:
    """The same source with the dates that the model is told, and what is to be said of them."""
    for frame in frames:
        named = date_in_name(frame.scene.source) or date_in_name(frame.scene.name)
        used = len(frames) > 1 or card.temporal_coords
        if used and frame.date and named and frame.date.where != "DATES" and named.day != frame.date.day:
            source.warnings.append(
                f"{frame.scene.name} was taken on {frame.date.text}, but its name tells {named.day.isoformat()}. DATES "
                "tells otherwise."
            )
    if not card.temporal_coords:
        if given and len(frames) == 1:
            source.warnings.append(f"DATES is of no use here: {card.id} looks at one date and is not told which.")
        return source
    unknown = [f.scene.name for f in frames if not f.date]
    if unknown:
        source.warnings.append(
            f"{card.id} was trained with dates, but when {', '.join(unknown)} was taken is not known: it is told none. "
            "DATES tells them."
        )
        return source
    days = sorted(f.date.day for f in frames if f.date)
    # As TerraTorch's data sets count: 0 is the first of January.
    source.temporal = np.array([(day.year, day.timetuple().tm_yday - 1) for day in days], np.float32)
    if len(frames) == 1 and frames[0].date:
        source.notes.append(f"{frames[0].scene.name} was taken on {frames[0].date.text}.")
        source.records["PRITHVI_DATES"] = frames[0].date.day.isoformat()
    return source
