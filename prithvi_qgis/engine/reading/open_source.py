"""Open the source of a request: one scene, or several dates on the grid of the first, in the order of time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional, Union

import numpy as np
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import without_query
from ...core.models.model_card import ModelCard
from ...core.protocol.messages import Segment
from ...core.scenes.bands import identify
from ...core.scenes.dates import FoundDate
from ...core.scenes.resolution import far_off, size_text
from ...core.system.heartbeat import Heartbeat
from ...core.system.timeouts import TIMEOUTS, Timeouts
from .raster_source import Grid, RasterSource
from .rasterio_source import RasterioSource
from .read_windows import ReadWindow
from .reader_pool import ReaderPool
from .stall_timeout import StallTimeout
from .target_grid import grid_at, pixel_size_m
from .warped_source import WarpedSource

_SAME_GRID = 0.01  # pixels; grids that differ by less are the same


@dataclass(frozen=True)
class DatedSource:
    """One date of a request."""

    scene: RasterioSource
    """File of the scene."""
    source: RasterSource
    """The same pixels on the grid of the first date."""
    alignment: str
    """How they were brought onto this grid, in words."""
    date: Optional[FoundDate]
    """When it was acquired; None where unknown."""

    @property
    def summary(self) -> str:
        """One line: date, file, bands, scaling and alignment."""
        bands = ", ".join(map(str, self.source.bands))
        when = self.date.text if self.date else "date not known"
        return f"{when}: {self.scene.name}, bands {bands}, {self.source.scaling.text}, {self.alignment}"


class MultiDateSource(RasterSource):
    """Several dates of the same area: channels are the bands of the first date, then those of the next.

    A pixel that is nodata on one date is nodata.
    """

    def __init__(self, base: RasterSource, dates: Sequence[DatedSource]):
        """Combine ``dates``, in the model's order; ``base`` is the one that defines the grid."""
        super().__init__(base.source, base.name)
        self.files = base.files
        self.full_grid, self.window, self.resampled = base.full_grid, base.window, base.resampled
        self._base, self._sources = base, [date.source for date in dates]
        self.frames = len(dates)
        dtypes = {source.dtype for source in self._sources}
        self.dtype = dtypes.pop() if len(dtypes) == 1 else "float32"
        self.warnings = [line for source in self._sources for line in source.warnings]
        self.notes = [line for source in self._sources for line in source.notes]
        self.records, self.stall_timeout = dict(base.records), base.stall_timeout
        self.bands, self.scaling, self.block_shape = base.bands, base.scaling, base.block_shape
        self.counted = [counts for source in self._sources for counts in source.counted]
        gains, biases = zip(*(source.normalisation for source in self._sources))
        self.normalisation = np.concatenate(gains), np.concatenate(biases)

    @property
    def readers(self) -> ReaderPool:
        return self._base.readers

    def read_window(self, window: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        step = len(self.bands)
        missing = np.empty_like(empty)
        empty[...] = False
        for number, source in enumerate(self._sources):
            source.read_window(window, pixels[number * step : (number + 1) * step], missing)
            empty |= missing

    def refuse_changed(self) -> None:
        for source in self._sources:
            source.refuse_changed()

    def close(self) -> None:
        for source in self._sources:
            source.close()


def open_source(
    request: Segment, card: ModelCard, heartbeat: Optional[Heartbeat] = None, timeouts: Timeouts = TIMEOUTS
) -> RasterSource:
    """Open every file that a request names, restrict it to EXTENT, and prepare it for a model.

    Args:
        request: what to segment.
        card: of the model.
        heartbeat: of the run that reads the pixels; its cancel ends the reading.
        timeouts: of that reading.
    Raises:
        PrithviError: the first problem, naming the file.
    """
    scenes: list[RasterioSource] = []
    try:
        paths, names = (request.source, *request.frames), (request.source_name, *request.frame_names)
        stated = (request.stated, *request.frames_stated)
        for path, name, metadata in itertools.zip_longest(paths, names, stated):
            scenes.append(RasterioSource(path, name or "", metadata))
            scenes[-1].stall_timeout = StallTimeout(heartbeat, scenes[-1].name, timeouts)
            if heartbeat is not None:  # a server may need seconds for each of many dates
                heartbeat.advance()
        first, *further = scenes
        base = _first(first, request, card)
        aligned = [(first, base, "its own grid"), *((scene, *_align(scene, base, request, card)) for scene in further)]
        given = request.dates or [""] * len(scenes)
        found = [scene.date(date) for scene, date in zip(scenes, given)]
        dates = [DatedSource(*parts, date) for parts, date in zip(aligned, found)]
        for scene in scenes if len(scenes) > 1 else ():
            scene.pause()  # the threads of the first read all of them
        return _with_dates(_combine(base, dates) if len(dates) > 1 else base, dates, card, any(request.dates))
    except BaseException:
        for scene in scenes:
            scene.close()
        raise


def whole_and_window(request: Segment) -> tuple[int, int]:
    """Return the pixels of a scene, and those of them within EXTENT, 0 where it touches none; reads the header only.

    Raises:
        PrithviError: the scene cannot be opened.
    """
    scene = RasterioSource(request.source, request.source_name, request.stated)
    try:
        whole = scene.full_grid.width * scene.full_grid.height
        try:
            scene.set_extent(request.extent, request.extent_crs)
        except PrithviError:
            return whole, 0
        return whole, int(scene.window.width) * int(scene.window.height)
    finally:
        scene.close()


# -- one scene ---------------------------------------------------------------------------------------------------------


def _first(scene: RasterioSource, request: Segment, card: ModelCard) -> RasterSource:
    """Return INPUT, prepared, at its native or at the requested pixel size."""
    grid = grid_at(scene.full_grid, request.resolution_m, scene.name) if request.resolution_m else None
    source: Union[RasterioSource, WarpedSource] = scene
    if grid is not None:
        source = WarpedSource(scene, grid, Window(0, 0, grid.width, grid.height), request.resampling)
    source.set_extent(request.extent, request.extent_crs)
    source.prepare(card, request.bands, request.scale, request.offset, request.sensor)
    before, size = pixel_size_m(scene.full_grid), pixel_size_m(source.full_grid)
    source.warnings += far_off(scene.name, size, card, resampled=grid is not None)
    if grid is not None and before and size:
        source.resampled = f"from {size_text(before)} to {size_text(size)} pixels ({request.resampling})"
        source.notes.append(f"{scene.name} is resampled {source.resampled}.")
        source.records["PRITHVI_RESAMPLED"] = source.resampled
    return source


# -- several dates -----------------------------------------------------------------------------------------------------


def _align(frame: RasterioSource, base: RasterSource, request: Segment, card: ModelCard) -> tuple[RasterSource, str]:
    """Return a further date on the grid of the first, prepared, and how it was aligned."""
    bands = _bands_of(frame, request.bands, card)
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
    resampling = request.resampling if shift is None else "nearest"  # a shift by whole pixels needs no interpolation
    warped = WarpedSource(frame, base.full_grid, base.window, resampling)
    warped.prepare(card, bands, request.scale, request.offset, request.sensor)
    share = warped.coverage()
    if share < 0.99:
        warped.warnings.append(
            f"{frame.name} covers about {share:.0%} of what is segmented of {base.name}; the rest becomes nodata."
        )
    how = "moved by whole pixels" if shift is not None else f"resampled to the first scene's grid ({resampling})"
    return warped, how


def _bands_of(frame: RasterioSource, requested: tuple[int, ...], card: ModelCard) -> tuple[int, ...]:
    """Return () where the file names the model's bands; else BANDS as for the first scene."""
    if not requested:
        return ()
    found = identify(frame.band_names(), frame.tags)
    return () if all(band in found for band in card.bands) else requested


def _whole_shift(frame: RasterioSource, base: RasterSource) -> Optional[tuple[int, int]]:
    """Return (columns, rows) from the base's pixels to the frame's where both lie on one grid, else None.

    Raises:
        PrithviError: ``source_unsupported`` where one lacks the georeference to align them.
    """
    one, other = frame.full_grid, base.full_grid
    if not (one.georeferenced and other.georeferenced):
        if _pixels_match(one, other):
            return 0, 0
        raise PrithviError(
            ErrorCode.SOURCE_UNSUPPORTED,
            f"{(base if one.georeferenced else frame).name} has no georeference by which {frame.name} ({one.width} x "
            f"{one.height} pixels) could be laid over {base.name} ({other.width} x {other.height}).",
            "Georeference both, or give all dates the same size.",
        )
    if one.crs != other.crs:
        if one.base is None or other.base is None or not one.base.same_body(other.base):
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"{frame.name} cannot be laid over {base.name}: no transformation leads from the CRS of one to that of "
                "the other.",
                "Give both scenes the same CRS, for example with gdal_edit -a_srs.",
            )
        return None
    step = ~one.transform @ other.transform
    width, height = other.width, other.height
    distortion = max(abs(step.a - 1) * width, abs(step.e - 1) * height, abs(step.b) * height, abs(step.d) * width)
    fraction = max(abs(step.c - round(step.c)), abs(step.f - round(step.f)))
    return (round(step.c), round(step.f)) if distortion < _SAME_GRID and fraction < _SAME_GRID else None


def _pixels_match(one: Grid, other: Grid) -> bool:
    """Whether two scenes without georeference can be combined pixel by pixel."""
    gcps = [[(g.row, g.col, g.x, g.y) for g in grid.gcps] for grid in (one, other)]
    same = (one.width, one.height, one.crs) == (other.width, other.height, other.crs)
    return same and gcps[0] == gcps[1] and one.transform.almost_equals(other.transform)


def _combine(base: RasterSource, dates: list[DatedSource]) -> MultiDateSource:
    """Return all dates in the model's order: by time where all are known, else as given."""
    known = [d.date.day for d in dates if d.date]
    ordered = dates
    if len(known) == len(dates):
        ordered = [d for _, d in sorted(zip(known, dates), key=lambda pair: pair[0])]
    source = MultiDateSource(base, ordered)
    if len(known) == len(dates):
        moved = "" if ordered == dates else "; they were given in another one"
        source.notes.append(f"The dates go to the model in the order of time{moved}.")
    else:
        unknown = ", ".join(d.scene.name for d in dates if not d.date)
        source.warnings.append(
            f"When {unknown} {'was' if len(dates) - len(known) == 1 else 'were'} taken could not be found: the dates "
            "go to the model in the given order, which must be that of time. DATES tells them."
        )
    source.frame_lines = tuple(d.summary for d in ordered)
    source.notes += [f"{number}. {line}." for number, line in enumerate(source.frame_lines, 1)]
    source.records["PRITHVI_FRAMES"] = "; ".join(
        f"{number}: {', '.join(map(without_query, d.scene.files))}, {d.summary}" for number, d in enumerate(ordered, 1)
    )
    source.records["PRITHVI_DATES"] = ",".join(d.date.day.isoformat() if d.date else "" for d in ordered)
    for earlier, later in zip(ordered[:-1], ordered[1:]):
        if earlier.date and later.date and earlier.date.day == later.date.day:
            source.warnings.append(
                f"{earlier.scene.name} and {later.scene.name} are both of {later.date.day.isoformat()}; a model of "
                "several dates expects different ones."
            )
    return source


# -- dates -------------------------------------------------------------------------------------------------------------


def _with_dates(source: RasterSource, dates: list[DatedSource], card: ModelCard, given: bool) -> RasterSource:
    """Return the same source with the dates that condition the model, and with notes and warnings about them."""
    for date in dates:
        named = date.scene.named
        used = len(dates) > 1 or card.temporal_coords
        if used and date.date and named and date.date.where != "DATES" and named.day != date.date.day:
            source.warnings.append(
                f"{date.scene.name} was taken on {date.date.text}, but its name tells {named.day.isoformat()}. DATES "
                "tells otherwise."
            )
    if not card.temporal_coords:
        if given and len(dates) == 1:
            source.warnings.append(f"DATES is of no use here: {card.id} looks at one date and is not told which.")
        return source
    unknown = [d.scene.name for d in dates if not d.date]
    if unknown:
        source.warnings.append(
            f"{card.id} was trained with dates, but when {', '.join(unknown)} was taken is not known: it is told none. "
            "DATES tells them."
        )
        return source
    days = sorted(d.date.day for d in dates if d.date)
    # As in TerraTorch's data sets, 0 is the first of January.
    source.temporal = np.array([(day.year, day.timetuple().tm_yday - 1) for day in days], np.float32)
    if len(dates) == 1 and dates[0].date:
        source.notes.append(f"{dates[0].scene.name} was taken on {dates[0].date.text}.")
        source.records["PRITHVI_DATES"] = dates[0].date.day.isoformat()
    return source
