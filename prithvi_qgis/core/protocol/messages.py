"""The messages between processes: frozen dataclasses, which :mod:`.codec` turns into JSON.

The first message on a connection is the engine's :class:`Hello`. A front end then sends one request
(:class:`Segment`, :class:`SegmentMany`, :class:`Status` or :class:`Shutdown`) and reads until the answer; while a
:class:`Segment` or :class:`SegmentMany` runs it may send :class:`Cancel`. Closing the connection cancels too.

This module has the messages of a request, and the vocabulary as a whole: :data:`Message`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Union

from ..errors import ErrorCode, PrithviError
from .command_messages import (
    BenchmarkReport,
    FileDone,
    FileProgress,
    ModelDownloaded,
    ModelImported,
    Percent,
    SmokeTest,
)
from .control_messages import Hello, Shutdown, Status, StatusReport, Stopping
from .stated_metadata import StatedMetadata

OPENED_AHEAD = 8
"""Scenes of a SegmentMany that the engine opens before it has begun with any."""


@dataclass(frozen=True)
class NetworkOptions:
    """How the requests that follow on this connection reach servers; see :mod:`..system.network_options`.

    A message of its own, because a request is logged, recorded and passed on in parts, and these are secrets.
    """

    options: dict[str, str] = field(repr=False)
    """Value by GDAL option or environment variable."""


@dataclass(frozen=True)
class Segment:
    """Segment one scene."""

    source: str
    """Path or GDAL name of the scene."""
    model: str
    """Folder that holds ``model.json``."""
    output: str
    """Mask to write, ``.tif``."""
    bands: tuple[int, ...] = ()
    """1-based band numbers in the model's order; empty detects them."""
    extent: Optional[tuple[float, float, float, float]] = None
    """(xmin, ymin, xmax, ymax) in ``extent_crs``; None is the whole scene."""
    scale: Optional[float] = None
    """reflectance = DN * scale + offset; None detects it."""
    offset: Optional[float] = None
    """Offset of the same formula."""
    stride: int = 0
    """Pixels between tiles; 0 is the model's."""
    pipeline: str = "streaming"
    """``streaming`` or ``stock`` (vLLM's own IO processor)."""
    device: str = "auto"
    """``auto``, ``cuda`` or ``cpu``."""
    batch_size: int = 0
    """Tiles per batch (vLLM's ``max_num_seqs``); 0 is automatic."""
    gpu_memory: float = 0.0
    """Share of the GPU's memory (``gpu_memory_utilization``), 0 to 1; 0 is automatic."""
    keep_warm_min: float = -1.0
    """Idle minutes before the engine exits; negative keeps the engine's setting."""
    probability: str = ""
    """Raster of class probabilities to write, or empty."""
    polygons: str = ""
    """GeoPackage to write, or empty."""
    report: str = ""
    """HTML report that the front end writes from the result, or empty; the engine ignores it."""
    source_name: str = ""
    """Display name of the scene, for messages and records."""
    memory_mb: int = 512
    """Budget for pixels in the engine's memory."""
    sensor: str = ""
    """Id of a preset in :mod:`prithvi_qgis.core.scenes.sensors`; empty uses the scene's metadata."""
    min_probability: dict[str, float] = field(default_factory=dict)
    """Confidence threshold by class value as text; pixels below it become uncertain."""
    min_area: str = ""
    """Minimum mapping unit, such as ``25 px`` or ``5000 m2``; empty keeps every patch."""
    ignore_classes: tuple[int, ...] = ()
    """Class values that become nodata, in addition to those that the model card ignores."""
    frames: tuple[str, ...] = ()
    """Images of further dates, paths or GDAL names."""
    frame_names: tuple[str, ...] = ()
    """Display names of ``frames``."""
    dates: tuple[str, ...] = ()
    """ISO dates, the source's first; an empty one is detected, and all of them if the tuple is empty."""
    resolution_m: float = 0.0
    """Pixel size at which the source is read, and of the mask; 0 is the source's own."""
    resampling: str = "bilinear"
    """For ``resolution_m`` and for frames on other grids: ``bilinear``, ``nearest`` or ``cubic``."""
    extent_crs: str = ""
    """CRS of ``extent`` as PROJ reads it; empty is the scene's."""
    thumbnail: str = ""
    """Small PNG of scene and mask to write, or empty."""
    block: tuple[int, ...] = ()
    """(index from 0, count): write this part of the mask alone, to a file next to ``output`` that ``join`` reads."""
    join: int = 0
    """Number of parts that ``block`` wrote, to make the outputs from; 0 segments the scene."""
    stated: Optional[StatedMetadata] = None
    """What the scene's layer or STAC item states about it."""
    frames_stated: tuple[StatedMetadata, ...] = ()
    """The same for each of ``frames``; () states nothing about any."""


@dataclass(frozen=True)
class SegmentMany:
    """Segment several scenes, whose tiles share batches.

    Answered with :class:`SceneStarted`, :class:`SceneDone` and :class:`SceneFailed` as they happen, and with
    :class:`ManyDone` at the end. :class:`Failed` ends the whole request: an error that does not belong to one scene,
    such as a model that does not load.
    """

    scenes: tuple[Segment, ...]

    @property
    def source(self) -> str:
        """The same as ``source_name``."""
        return self.source_name

    @property
    def source_name(self) -> str:
        """Display name, for messages."""
        if len(self.scenes) == 1:
            return self.scenes[0].source_name or self.scenes[0].source
        return f"{len(self.scenes)} scenes"

    @property
    def batch_size(self) -> int:
        """Tiles per batch; 0 is automatic."""
        return max((s.batch_size for s in self.scenes), default=0)

    @property
    def keep_warm_min(self) -> float:
        """Idle minutes before the engine exits; negative keeps the engine's setting."""
        return max((s.keep_warm_min for s in self.scenes), default=-1.0)


@dataclass(frozen=True)
class SceneStarted:
    """A scene of a :class:`SegmentMany` is open, and its tiles are read from now on."""

    number: int
    """Index of the scene, from 0."""


@dataclass(frozen=True)
class SceneFailed:
    """A scene of a :class:`SegmentMany` has no mask; the others continue."""

    number: int
    code: str
    text: str
    hint: str = ""
    model: str = ""
    """Id of the model."""


@dataclass(frozen=True)
class ManyDone:
    """A :class:`SegmentMany` has ended."""

    done: int
    failed: int


@dataclass(frozen=True)
class Cancel:
    """Stop the running request of this connection within one batch."""


@dataclass(frozen=True)
class Accepted:
    """The request is queued."""

    ahead: int = 0
    """Requests before it."""


@dataclass(frozen=True)
class Progress:
    """Progress of a request, sent at least every few seconds as a heartbeat."""

    done: int
    """Tiles, or scenes of a :class:`SegmentMany`."""
    total: int
    """Total in the unit of ``done``; 0 if unknown."""
    stage: str
    """``waiting``, ``starting``, ``opening`` (many scenes), ``loading``, ``segmenting`` or ``writing``."""
    tiles_per_s: float = 0.0
    """Rate in the steady state; 0 is unknown."""
    begun: float = 0.0
    """SegmentMany: finished share of the scenes in progress, in scenes."""
    tiles: int = 0
    """SegmentMany: tiles so far."""
    gpu_used_mb: int = 0
    """SegmentMany: 0 on the CPU or where unknown."""
    gpu_total_mb: int = 0


@dataclass(frozen=True)
class Log:
    """A line for a person."""

    level: str
    """``info`` or ``warning``."""
    text: str


@dataclass(frozen=True)
class ClassArea:
    """One class of the mask."""

    value: int
    name: str
    color: str
    """``#rrggbb``."""
    pixels: int
    area_m2: Optional[float]
    """None without georeference."""
    unsure: bool = False
    """Not a class of the model: pixels below the confidence threshold."""


@dataclass(frozen=True)
class Result:
    """A finished mask."""

    output: str
    model: str
    """Id of the model."""
    device: str
    """``cuda`` or ``cpu``."""
    device_name: str
    engine: str
    """The libraries that ran, with versions."""
    tiles: int
    seconds: float
    """Wall time in the engine."""
    timings: dict[str, float]
    """Seconds per stage (``load``, ``read``, ``infer``, ``blend``, ``write``, ``total``); stages overlap."""
    width: int
    height: int
    nodata_pixels: int
    classes: tuple[ClassArea, ...]
    """Classes in order of value; empty for a regression."""
    bands: tuple[int, ...]
    """Band numbers of the source that were used."""
    scaling: str
    """The scaling in words."""
    warnings: tuple[str, ...] = ()
    """Lines that were sent as :class:`Log` before."""
    probability: str = ""
    """Path, or empty."""
    polygons: str = ""
    """Path, or empty."""
    report: str = ""
    """Path, or empty; set by the front end."""
    peak_memory_mb: float = 0.0
    """Highest resident memory of the engine's process so far."""
    values: dict[str, float] = field(default_factory=dict)
    """Regression: ``mean``, ``std``, ``min``, ``max`` and ``pixels`` with data; empty for classes."""
    frames: tuple[str, ...] = ()
    """One line per date in the model's order: date, image, how it was read; empty for models of one date."""
    resampled: str = ""
    """How the source was resampled to another pixel size, or empty."""


@dataclass(frozen=True)
class SceneDone:
    """A scene of a :class:`SegmentMany` has its mask."""

    number: int
    result: Result
    started: str
    """When it was opened, ISO 8601 with time zone."""


@dataclass(frozen=True)
class WorkerState:
    """One worker: an engine on one device."""

    name: str
    host: str = ""
    device: str = ""
    state: str = "starting"
    """``starting``, ``working``, ``ended`` or ``lost``."""
    scene: str = ""
    """The scene in progress, or empty."""
    tiles_per_s: float = 0.0
    """Rate in ``scene``."""
    scenes: int = 0
    """Scenes that have ended, failed ones included."""
    errors: int = 0
    """Scenes that failed."""
    gpu_used_mb: int = 0
    """0 on the CPU or where unknown."""
    gpu_total_mb: int = 0


@dataclass(frozen=True)
class Workers:
    """The state of every worker of a run."""

    workers: tuple[WorkerState, ...]


@dataclass(frozen=True)
class Failed:
    """The request, or the child process's command, ended without a result."""

    code: str
    """Value of an :class:`~prithvi_qgis.core.errors.ErrorCode`."""
    text: str
    hint: str = ""

    @classmethod
    def of(cls, error: PrithviError) -> Failed:
        """Return the message of an exception."""
        return cls(error.code.value, error.text, error.hint)

    def error(self) -> PrithviError:
        """Return the exception; an unknown code, of a newer engine, becomes ``internal``."""
        try:
            code = ErrorCode(self.code)
        except ValueError:
            code = ErrorCode.INTERNAL
        return PrithviError(code, self.text, self.hint)


Request = Union[Segment, SegmentMany]
Message = Union[
    Hello,
    NetworkOptions,
    Segment,
    SegmentMany,
    Cancel,
    Status,
    Shutdown,
    Accepted,
    Progress,
    Log,
    Result,
    SceneStarted,
    SceneDone,
    SceneFailed,
    ManyDone,
    StatusReport,
    Stopping,
    Failed,
    BenchmarkReport,
    FileDone,
    FileProgress,
    ModelDownloaded,
    ModelImported,
    Percent,
    SmokeTest,
    Workers,
]
