"""The messages between a front end and the engine: frozen dataclasses, which :mod:`core.protocol.codec` makes JSON of.

The first message on a connection is the engine's :class:`Hello`. A front end then sends one request
(:class:`Segment`, :class:`SegmentMany`, :class:`Status` or :class:`Shutdown`) and reads until the answer; while a
:class:`Segment` or :class:`SegmentMany` runs it may send :class:`Cancel`. Closing the connection cancels too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Union

from ..errors import ErrorCode, PrithviError

CONTRACT_VERSION = 1


@dataclass(frozen=True)
class Hello:
    """The engine's greeting: who it is.

    Attributes:
        package: version of the package it runs.
        contract: :data:`CONTRACT_VERSION` it speaks.
        code: hash of the code it runs, see ``client.runtime.code_copy``.
        variant: ``cpu`` or ``cuda``.
        pid: its process.
    """

    package: str
    contract: int
    code: str
    variant: str
    pid: int


@dataclass(frozen=True)
class Segment:
    """Segment one scene.

    Attributes:
        source: path or GDAL name of the scene.
        model: folder that holds ``model.json``.
        output: mask to write, ``.tif``.
        bands: 1-based band numbers in the model's order; empty finds them.
        extent: (xmin, ymin, xmax, ymax) in the scene's CRS; None takes all of it.
        scale, offset: reflectance = DN * scale + offset; None finds them.
        stride: step between tiles in pixels; 0 takes the model's.
        pipeline: ``streaming`` or ``stock`` (vLLM's own IO processor).
        device: ``auto``, ``cuda`` or ``cpu``.
        batch_size: tiles at once (vLLM's ``max_num_seqs``); 0 chooses.
        gpu_memory: share of the GPU (``gpu_memory_utilization``), 0 to 1; 0 chooses.
        keep_warm_min: idle minutes before the engine exits; negative leaves it as it is.
        probability: raster of class probabilities to write, or empty.
        polygons: GeoPackage to write, or empty.
        report: HTML report that the front end draws from the result, or empty; the engine leaves it alone.
        source_name: what a person calls the scene, for messages and records.
        memory_mb: budget for pixels in the engine's memory.
        sensor: id of a preset in ``core.scenes.sensors``; empty takes what the scene's own metadata tell.
        min_probability: by class value as text, the probability below which the winning class is not believed.
        min_area: the smallest patch that stays, such as ``25 px`` or ``5000 m2``; empty keeps all.
        ignore_classes: class values that become nodata, beside those that the model's card ignores.
        frames: further dates of the place, paths or GDAL names; frame_names: what a person calls them.
        dates: ISO, the source's first, "" or no tuple at all where a date is to be found.
        resolution_m: pixel size at which the source is read, and of the mask; 0 takes its own.
        resampling: for that and for frames on other grids: ``bilinear``, ``nearest`` or ``cubic``.
        extent_crs: CRS of ``extent`` where it is not the scene's, as PROJ understands it.
        thumbnail: small PNG of scene and mask to write, or empty.
        block: (index from 0, count): make only this part of the mask, a file beside ``output`` that :attr:`join`
            looks for; the other outputs are left alone. Empty makes all of it.
        join: number of such parts, all of them there, to make the outputs of; 0 segments the scene.
        taken: the day, ISO, on which the scene's STAC item says it was taken, for one that does not tell itself.
    """

    source: str
    model: str
    output: str
    bands: tuple[int, ...] = ()
    extent: Optional[tuple[float, float, float, float]] = None
    scale: Optional[float] = None
    offset: Optional[float] = None
    stride: int = 0
    pipeline: str = "streaming"
    device: str = "auto"
    batch_size: int = 0
    gpu_memory: float = 0.0
    keep_warm_min: float = -1.0
    probability: str = ""
    polygons: str = ""
    report: str = ""
    source_name: str = ""
    memory_mb: int = 512
    sensor: str = ""
    min_probability: dict[str, float] = field(default_factory=dict)
    min_area: str = ""
    ignore_classes: tuple[int, ...] = ()
    frames: tuple[str, ...] = ()
    frame_names: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    resolution_m: float = 0.0
    resampling: str = "bilinear"
    extent_crs: str = ""
    thumbnail: str = ""
    block: tuple[int, ...] = ()
    join: int = 0
    taken: str = ""


OPENED_AHEAD = 8  # scenes of a SegmentMany that the engine opens before it has begun with any


@dataclass(frozen=True)
class SegmentMany:
    """Segment several scenes, whose tiles share batches.

    Answered with :class:`SceneStarted`, :class:`SceneDone` and :class:`SceneFailed` as they happen, and with
    :class:`ManyDone` at the end. :class:`Failed` ends all of it: what concerns no scene in particular, such as a model
    that does not load.
    """

    scenes: tuple[Segment, ...]

    @property
    def source(self) -> str:
        """For messages."""
        return self.source_name

    @property
    def source_name(self) -> str:
        """What a person calls it."""
        if len(self.scenes) == 1:
            return self.scenes[0].source_name or self.scenes[0].source
        return f"{len(self.scenes)} scenes"

    @property
    def batch_size(self) -> int:
        """Tiles at once; 0 chooses."""
        return max((s.batch_size for s in self.scenes), default=0)

    @property
    def keep_warm_min(self) -> float:
        """Idle minutes before the engine exits; negative leaves it as it is."""
        return max((s.keep_warm_min for s in self.scenes), default=-1.0)


@dataclass(frozen=True)
class SceneStarted:
    """Scene ``number`` of a :class:`SegmentMany`, from 0, has been opened and is read from now on."""

    number: int


@dataclass(frozen=True)
class SceneFailed:
    """Scene ``number`` has no mask; the others go on. ``model``: id of the model it was to be segmented with."""

    number: int
    code: str
    text: str
    hint: str = ""
    model: str = ""


@dataclass(frozen=True)
class ManyDone:
    """A :class:`SegmentMany` has ended."""

    done: int
    failed: int


@dataclass(frozen=True)
class Cancel:
    """Stop the running request of this connection within one batch."""


@dataclass(frozen=True)
class Status:
    """Ask what the engine is doing; answered at once with :class:`StatusReport`."""


@dataclass(frozen=True)
class Shutdown:
    """End the engine: at once, or only if no request runs or waits (``when_idle``)."""

    when_idle: bool = False


@dataclass(frozen=True)
class Accepted:
    """The request stands in line; ``ahead`` requests come first."""

    ahead: int = 0


@dataclass(frozen=True)
class Progress:
    """How far the request is. Also the heartbeat: sent at least every few seconds.

    Attributes:
        done, total: tiles, or scenes of a :class:`SegmentMany`; total 0 means unknown.
        stage: ``waiting``, ``starting``, ``opening`` (many scenes), ``loading``, ``segmenting``, ``writing``.
        tiles_per_s: rate in the steady state, 0 when unknown.
        begun: of a :class:`SegmentMany`: what is done of the scenes that are not finished, in scenes.
        tiles: of a :class:`SegmentMany`: tiles done so far.
        gpu_used_mb, gpu_total_mb: of a :class:`SegmentMany`: memory of the engine's GPU; 0 on the CPU or where unknown.
    """

    done: int
    total: int
    stage: str
    tiles_per_s: float = 0.0
    begun: float = 0.0
    tiles: int = 0
    gpu_used_mb: int = 0
    gpu_total_mb: int = 0


@dataclass(frozen=True)
class Log:
    """A line for the person: ``level`` is ``info`` or ``warning``."""

    level: str
    text: str


@dataclass(frozen=True)
class ClassArea:
    """One class of the mask: value, name, colour ``#rrggbb``, pixels, and area in m2 (None without georeference).

    ``unsure``: no class of the model, but where its winning class was below the minimum probability.
    """

    value: int
    name: str
    color: str
    pixels: int
    area_m2: Optional[float]
    unsure: bool = False


@dataclass(frozen=True)
class Result:
    """A finished mask.

    Attributes:
        output, probability, polygons: paths written, empty where not asked for; report: filled in by the front end.
        model: id of the model.
        device: ``cuda`` or ``cpu``; device_name: the processor's name; engine: what ran, with versions.
        tiles: tiles inferred; seconds: wall time in the engine; timings: seconds by stage (``load``, ``read``,
            ``infer``, ``blend``, ``write``, ``total``); stages overlap.
        width, height: mask size in pixels; nodata_pixels: pixels without a class.
        classes: one :class:`ClassArea` a class, in order of value; empty for a regression.
        values: of a regression: ``mean``, ``std``, ``min``, ``max`` and ``pixels`` with data; empty for classes.
        bands: source band numbers used; scaling: the scaling in words; warnings: lines already sent as :class:`Log`.
        peak_memory_mb: highest resident memory of the engine's process so far.
        frames: a line a date in the model's order: when, what, how it was read; empty for models of one date.
        resampled: how the source was brought to another pixel size, or empty.
    """

    output: str
    model: str
    device: str
    device_name: str
    engine: str
    tiles: int
    seconds: float
    timings: dict[str, float]
    width: int
    height: int
    nodata_pixels: int
    classes: tuple[ClassArea, ...]
    bands: tuple[int, ...]
    scaling: str
    warnings: tuple[str, ...] = ()
    probability: str = ""
    polygons: str = ""
    report: str = ""
    peak_memory_mb: float = 0.0
    values: dict[str, float] = field(default_factory=dict)
    frames: tuple[str, ...] = ()
    resampled: str = ""


@dataclass(frozen=True)
class SceneDone:
    """Scene ``number`` of a :class:`SegmentMany` has its mask.

    Attributes:
        started: when it was opened, ISO 8601 with time zone.
    """

    number: int
    result: Result
    started: str


@dataclass(frozen=True)
class StatusReport:
    """What the engine is doing.

    Attributes:
        state: ``starting``, ``loading``, ``idle`` or ``busy``.
        variant, device, device_name: where it runs; empty until known.
        model: id of the loaded model, or empty.
        waiting: requests in line behind the running one.
        idle_s: seconds since the last request ended; keep_warm_min: idle minutes before it exits.
        gpu_free_mb, gpu_total_mb, gpu_used_by_engine_mb: 0 without a GPU.
        gpu_temperature_c, gpu_busy_percent: 0 without a GPU.
        memory_mb: resident memory of the engine now.
        scene: the one that is being segmented, or empty; done, total: its tiles, total 0 while unknown.
        scenes: of a :class:`SegmentMany` that runs, else 0; done, total: scenes then.
    """

    state: str
    variant: str
    device: str = ""
    device_name: str = ""
    model: str = ""
    waiting: int = 0
    idle_s: float = 0.0
    keep_warm_min: float = 10.0
    gpu_free_mb: int = 0
    gpu_total_mb: int = 0
    gpu_used_by_engine_mb: int = 0
    memory_mb: int = 0
    pid: int = 0
    gpu_temperature_c: int = 0
    gpu_busy_percent: int = 0
    scene: str = ""
    done: int = 0
    total: int = 0
    scenes: int = 0


@dataclass(frozen=True)
class Stopping:
    """Answer to :class:`Shutdown`: ``yes`` is False when the engine stays because it is busy."""

    yes: bool


@dataclass(frozen=True)
class Failed:
    """The request ended without a result."""

    code: str
    text: str
    hint: str = ""

    def error(self) -> PrithviError:
        """The same as an exception; a code from a newer engine becomes ``internal``."""
        try:
            code = ErrorCode(self.code)
        except ValueError:
            code = ErrorCode.INTERNAL
        return PrithviError(code, self.text, self.hint)


Message = Union[
    Hello,
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
]
Request = Union[Segment, SegmentMany]
