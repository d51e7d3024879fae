"""Segment one scene: from its request to its result."""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.masks.mask_options import check_mask_options
from ...core.models.model_card import ModelCard, read_card
from ...core.protocol.messages import ClassArea, Log, Progress, Result, Segment
from ...core.scenes.dates import check_dates, check_frames, refuse_twice
from ...core.scenes.stack_names import scene_files
from ...core.system.heartbeat import Heartbeat
from ...core.system.timeouts import TIMEOUTS, Timeouts
from ..mask.class_rules import patch_lines
from ..mask.statistics import MaskStatistics
from ..model.backend import InferenceModel
from ..model.model_folder import with_checksum
from ..model.model_loader import Loader
from ..prepared_scene import Emit, PreparedScene
from ..reading.open_source import open_source
from ..reading.warped_source import RESAMPLINGS
from ..writing.atomic_outputs import clean_leftovers
from .stock_pipeline import refuse_stock, run_stock
from .streaming import stream


def run_segment(
    request: Segment, loader: Loader, emit: Emit, heartbeat: Optional[Heartbeat] = None, timeouts: Timeouts = TIMEOUTS
) -> Result:
    """Segment one scene.

    Everything that can be wrong with the input is found before the model is loaded.

    Raises:
        PrithviError: whatever went wrong; no output exists then.
    """
    prepared = open_scene(request, heartbeat or Heartbeat(), timeouts)
    try:
        for line in _scene_lines(prepared):
            emit(line)
        for folder in output_folders(request):
            clean_leftovers(folder)
        emit(Progress(done=0, total=0, stage="loading"))
        prepared.card = with_checksum(prepared.card)
        backend, load_s = loader.load(request, prepared.card)
        prepared.heartbeat.advance()
        for line in model_lines(backend, prepared.card):
            emit(line)
        began = time.perf_counter()
        run = run_stock if request.pipeline == "stock" else stream
        statistics, classes = run(prepared, backend, emit)
        timings = {"load": load_s, **statistics.timings, "segment": time.perf_counter() - began}
        return result_of(prepared, statistics, classes, timings)
    finally:
        prepared.scene.close()


def _scene_lines(prepared: PreparedScene) -> list[Log]:
    """Return what a person should know before the model is loaded."""
    scene = prepared.scene
    infos = [
        *scene.notes,
        f"Bands {', '.join(map(str, scene.bands))}; {scene.scaling.text}.",
        *prepared.rules.lines(),
        *patch_lines(prepared.request, prepared.smallest_patch),
    ]
    return [Log("warning", text) for text in scene.warnings] + [Log("info", text) for text in infos]


def model_lines(backend: InferenceModel, card: ModelCard) -> list[Log]:
    """Return where a loaded model runs, and whether plain torch runs it."""
    fallback_reason = getattr(backend, "fallback_reason", "")
    device = Log("info", f"{card.id} on {backend.device_name} ({backend.device}), {backend.engine}.")
    return [Log("warning", fallback_reason), device] if fallback_reason else [device]


def open_scene(request: Segment, heartbeat: Heartbeat, timeouts: Timeouts = TIMEOUTS) -> PreparedScene:
    """Open a scene and check it and its request; loads nothing and writes nothing.

    Args:
        request: checked before anything is opened.
        heartbeat: of the run, until the scene is closed.
        timeouts: limits of reading and writing.
    Raises:
        PrithviError: the first thing that is wrong.
    """
    began, started = time.perf_counter(), datetime.now(timezone.utc)
    card = read_card(Path(request.model))
    _check_request(request, card)
    scene = open_source(request, card, heartbeat, timeouts)
    try:
        prepared = PreparedScene(request, card, scene, heartbeat, timeouts, began, started)
        tile_rows = len(prepared.plan.rows)
        blocks = request.block[1] if request.block else request.join
        if blocks > tile_rows:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"{scene.name} has {tile_rows} rows of tiles, which make no {blocks} blocks.",
                "Segment the whole scene.",
            )
        if request.pipeline == "stock":
            refuse_stock(prepared)
    except BaseException:
        scene.close()
        raise
    return prepared


def result_of(
    prepared: PreparedScene, statistics: MaskStatistics, classes: tuple[ClassArea, ...], timings: dict[str, float]
) -> Result:
    """Return the result of a finished mask."""
    request, scene, backend = prepared.request, prepared.scene, prepared.backend
    total = time.perf_counter() - prepared.began
    return Result(
        output=request.output,
        probability=request.probability,
        polygons=request.polygons,
        report="",
        model=prepared.card.id,
        device=backend.device,
        device_name=backend.device_name,
        engine=backend.engine,
        tiles=statistics.tiles,
        seconds=round(total, 3),
        timings={k: round(v, 4) for k, v in {**timings, "total": total}.items()},
        width=scene.grid.width,
        height=scene.grid.height,
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
    """Return the folders that a request writes to."""
    targets = (request.output, request.probability, request.polygons, request.report, request.thumbnail)
    return {Path(target).absolute().parent for target in targets if target}


def _check_request(request: Segment, card: ModelCard) -> None:
    """Refuse values and combinations that are wrong for any scene."""
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
    """Refuse outputs that would overwrite a scene or each other."""
    targets = [t for t in (request.output, request.probability, request.polygons, request.report) if t]
    if len({Path(t).resolve() for t in targets}) != len(targets):
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"Two outputs have the same name {targets[0]}.", "Give each its own."
        )
    sources = [request.source, *request.frames]
    refuse_twice(sources)
    for source in sources:
        for name in scene_files(source):
            _refuse_overwriting(Path(name), request, targets)


def _refuse_overwriting(source: Path, request: Segment, targets: Sequence[str]) -> None:
    """Refuse an output that is a file of the scene, or that would share its style file with one."""
    if not source.exists():
        return
    for target in targets:
        if Path(target).exists() and Path(target).samefile(source):
            raise PrithviError(
                ErrorCode.OUTPUT_IS_INPUT, f"The output {target} is an input scene itself.", "Choose another file."
            )
    if Path(request.output).absolute().with_suffix("") == source.absolute().with_suffix(""):
        raise PrithviError(
            ErrorCode.OUTPUT_IS_INPUT,
            f"The output {request.output} would share its style file {source.stem}.qml with the scene {source.name}.",
            "Choose another name.",
        )
