"""One request from its message to its result."""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.masks.mask_options import check_mask_options
from ...core.models.model_card import ModelCard, read_card
from ...core.protocol.messages import ClassArea, Log, Message, Progress, Result, Segment
from ...core.scenes.dates import check_dates, check_frames, refuse_twice
from ...core.scenes.output_conflicts import find_conflict
from ...core.scenes.stack_names import scene_files
from ..mask.class_rules import class_rules, patch_lines, smallest_patch_px
from ..mask.statistics import MaskStatistics
from ..model.backend import InferenceModel
from ..model.model_folder import with_checksum
from ..model.model_loader import Loader
from ..reading.open_source import open_source
from ..reading.raster_source import RasterSource
from ..reading.stall_timeout import cancelled_error
from ..reading.warped_source import RESAMPLINGS
from ..tiling.tile_grid import TilePlan
from ..writing.atomic_outputs import clean_leftovers
from .stock_pipeline import refuse_stock, run_stock
from .streaming import plan_for, stream

Emit = Callable[[Message], None]


@dataclass
class PreparedScene:
    """A request whose scene is open and fits its model. Whoever has it closes ``scene``.

    Attributes:
        began: :func:`time.perf_counter` before anything was done; started: the time of day, ISO 8601.
    """

    request: Segment
    card: ModelCard
    scene: RasterSource
    plan: TilePlan
    began: float
    started: str

    def since(self, began: datetime) -> None:
        """Count from when others began with it."""
        passed = (datetime.now(timezone.utc) - began).total_seconds()
        self.began, self.started = time.perf_counter() - max(0.0, passed), began.isoformat(timespec="seconds")


def run_segment(request: Segment, loader: Loader, emit: Emit, cancelled: Callable[[], bool]) -> Result:
    """Segment one scene.

    Everything that can be wrong with the input is found before the model is loaded.

    Raises:
        PrithviError: whatever went wrong; no output exists then.
    """
    opened = open_scene(request, cancelled)
    card, scene = opened.card, opened.scene
    try:
        for text in scene.warnings:
            emit(Log("warning", text))
        for text in scene.notes:
            emit(Log("info", text))
        emit(Log("info", f"Bands {', '.join(map(str, scene.bands))}; {scene.scaling.text}."))
        for text in (
            *class_rules(request, card).lines(),
            *patch_lines(request, smallest_patch_px(request, scene.grid)),
        ):
            emit(Log("info", text))
        for folder in output_folders(request):
            clean_leftovers(folder)
        emit(Progress(0, 0, "loading"))
        card = with_checksum(card)
        backend, load_s = loader.load(request, card)
        if cancelled():
            raise cancelled_error()
        for line in model_lines(backend, card):
            emit(line)
        started = time.perf_counter()
        runner = run_stock if request.pipeline == "stock" else stream
        statistics, classes = runner(request, card, scene, backend, emit, cancelled)
        timings = {"load": load_s, **statistics.timings, "segment": time.perf_counter() - started}
        return result_of(opened, backend, statistics, classes, timings)
    finally:
        scene.close()


def model_lines(backend: InferenceModel, card: ModelCard) -> list[Log]:
    """What there is to say of a model that was loaded: where it runs, and whether plain torch runs it."""
    fallback_reason = getattr(backend, "fallback_reason", "")
    ran = Log("info", f"{card.id} on {backend.device_name} ({backend.device}), {backend.engine}.")
    return [Log("warning", fallback_reason), ran] if fallback_reason else [ran]


def open_scene(request: Segment, cancelled: Callable[[], bool]) -> PreparedScene:
    """Open a scene and check it and its request; loads nothing and writes nothing.

    ``cancelled`` is asked while the scene's pixels are waited for, now and later.

    Raises:
        PrithviError: the first thing that is wrong.
    """
    began, started = time.perf_counter(), datetime.now(timezone.utc).isoformat(timespec="seconds")
    card = read_card(Path(request.model))
    _check_request(request, card)
    scene = open_source(request, card, cancelled)
    try:
        smallest_patch_px(request, scene.grid)
        plan = plan_for(scene, card, request.stride)
        blocks = request.block[1] if request.block else request.join
        if blocks > len(plan.rows):
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"{scene.name} has {len(plan.rows)} rows of tiles, which make no {blocks} blocks.",
                "Segment the whole scene.",
            )
        if request.pipeline == "stock":
            refuse_stock(request, card, scene)
    except BaseException:
        scene.close()
        raise
    return PreparedScene(request, card, scene, plan, began, started)


def result_of(
    opened: PreparedScene,
    backend: InferenceModel,
    statistics: MaskStatistics,
    classes: tuple[ClassArea, ...],
    timings: dict[str, float],
) -> Result:
    """What is told of a finished mask."""
    request, scene, grid = opened.request, opened.scene, opened.scene.grid
    total = time.perf_counter() - opened.began
    return Result(
        output=request.output,
        probability=request.probability,
        polygons=request.polygons,
        report="",
        model=opened.card.id,
        device=backend.device,
        device_name=backend.device_name,
        engine=backend.engine,
        tiles=statistics.tiles,
        seconds=round(total, 3),
        timings={k: round(v, 4) for k, v in {**timings, "total": total}.items()},
        width=grid.width,
        height=grid.height,
        nodata_pixels=statistics.nodata,
        classes=classes,
        values=statistics.values(),
        bands=scene.bands,
        scaling=scene.scaling.text,
        warnings=tuple(scene.warnings),
        frames=scene.frame_lines,
        resampled=scene.resampled,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def output_folders(request: Segment) -> set[Path]:
    """Where a request writes."""
    targets = (request.output, request.probability, request.polygons, request.report, request.thumbnail)
    return {Path(target).absolute().parent for target in targets if target}


def _check_request(request: Segment, card: ModelCard) -> None:
    """Numbers and combinations that no scene makes right."""
    problem = ""
    if request.pipeline not in ("streaming", "stock"):
        problem = f'pipeline "{request.pipeline}" is neither streaming nor stock.'
    elif request.device not in ("auto", "cuda", "cpu"):
        problem = f'device "{request.device}" is neither auto, cuda nor cpu.'
    elif not 0 <= request.batch_size <= 1024:
        problem = f"BATCH_SIZE {request.batch_size} is not between 0 (automatic) and 1024."
    elif not 0 <= request.gpu_memory <= 1:
        problem = f"GPU_MEMORY {request.gpu_memory:g} is not between 0 (automatic) and 1."
    elif request.memory_mb < 64:
        problem = f"A memory budget of {request.memory_mb} MB is below 64 MB."
    elif request.resampling not in RESAMPLINGS:
        problem = f'resampling "{request.resampling}" is none of {", ".join(RESAMPLINGS)}.'
    elif not (request.resolution_m == 0 or 0 < request.resolution_m < math.inf):
        problem = f"RESOLUTION {request.resolution_m:g} is no pixel size in metres."
    if problem:
        raise PrithviError(ErrorCode.PARAMETER_INVALID, problem, "Correct the value.")
    _check_block(request)
    check_mask_options(request, card)
    check_frames(card, len(request.frames))
    check_dates(request.dates, 1 + len(request.frames))
    _check_files(request)


def _check_block(request: Segment) -> None:
    if not request.block and not request.join:
        return
    block = request.block or (0, request.join)
    if len(block) != 2 or not 0 <= block[0] < block[1] or (request.block and request.join):
        problem = f"There is no block {request.block} of a mask (join {request.join})."
    elif request.pipeline == "stock":
        problem = "vLLM's stock IO processor takes whole scenes, no blocks."
    else:
        return
    raise PrithviError(ErrorCode.PARAMETER_INVALID, problem, "Segment the whole scene.")


def _check_files(request: Segment) -> None:
    """Outputs that would overwrite a scene or each other."""
    targets = [t for t in (request.output, request.probability, request.polygons, request.report) if t]
    if any(find_conflict(target, targets[:i]) for i, target in enumerate(targets)):
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"Two outputs have the same name {targets[0]}.", "Give each its own."
        )
    sources = [request.source, *request.frames]
    refuse_twice(sources)
    for source in sources:
        for name in scene_files(source):
            _refuse_overwriting(Path(name), request, targets)


def _refuse_overwriting(source: Path, request: Segment, targets: Sequence[str]) -> None:
    """An output must not be a file that the scene consists of, nor share its style file with one."""
    if not source.exists():
        return
    target = find_conflict(str(source), targets)
    if target:
        raise PrithviError(
            ErrorCode.OUTPUT_IS_INPUT, f"The output {target} is an input scene itself.", "Choose another file."
        )
    if Path(request.output).absolute().with_suffix("") == source.absolute().with_suffix(""):
        raise PrithviError(
            ErrorCode.OUTPUT_IS_INPUT,
            f"The output {request.output} would share its style file {source.stem}.qml with the scene {source.name}.",
            "Choose another name.",
        )
