"""One request from its message to its result."""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable
from pathlib import Path

from ..contract.cards import ModelCard, read_card
from ..contract.dates import check_dates, check_frames, refuse_twice
from ..contract.errors import ErrorCode, PrithviError
from ..contract.mask_options import check_mask_options
from ..contract.messages import Log, Message, Progress, Result, Segment
from .decision import decide, patch_lines, smallest_patch_px
from .frames import open_source
from .loader import Loader
from .models import with_checksum
from .pipeline import plan_for, stream
from .staging import clean_leftovers
from .stock import refuse_stock, run_stock
from .warped import RESAMPLINGS

Emit = Callable[[Message], None]


def run_segment(request: Segment, loader: Loader, emit: Emit, cancelled: Callable[[], bool]) -> Result:
    """Segment one scene.

    Everything that can be wrong with the input is found before the model is loaded.

    Raises:
        PrithviError: whatever went wrong; no output exists then.
    """
    began = time.perf_counter()
    card = read_card(Path(request.model))
    _check_request(request, card)
    scene = open_source(request, card, cancelled)
    try:
        plan_for(scene, card, request.stride)
        smallest = smallest_patch_px(request, scene.grid)
        if request.pipeline == "stock":
            refuse_stock(request, card, scene)
        for line in scene.warnings:
            emit(Log("warning", line))
        for line in scene.notes:
            emit(Log("info", line))
        emit(Log("info", f"Bands {', '.join(map(str, scene.bands))}; {scene.scaling.text}."))
        for line in (*decide(request, card).lines(), *patch_lines(request, smallest)):
            emit(Log("info", line))
        for target in filter(None, (request.output, request.probability, request.polygons, request.report)):
            clean_leftovers(Path(target).absolute().parent)
        emit(Progress(0, 0, "loading"))
        card = with_checksum(card)
        backend, load_s = loader.load(request, card)
        if cancelled():
            raise PrithviError(ErrorCode.CANCELLED, "Cancelled; nothing was written.")
        if getattr(backend, "instead", ""):
            emit(Log("warning", backend.instead))
        emit(Log("info", f"{card.id} on {backend.device_name} ({backend.device}), {backend.engine}."))
        started = time.perf_counter()
        runner = run_stock if request.pipeline == "stock" else stream
        tally, classes = runner(request, card, scene, backend, emit, cancelled)
        ended = time.perf_counter()
        timings = {"load": load_s, **tally.timings, "segment": ended - started, "total": ended - began}
        grid = scene.grid
        return Result(
            output=request.output,
            probability=request.probability,
            polygons=request.polygons,
            report="",
            model=card.id,
            device=backend.device,
            device_name=backend.device_name,
            engine=backend.engine,
            tiles=tally.tiles,
            seconds=round(ended - began, 3),
            timings={k: round(v, 4) for k, v in timings.items()},
            width=grid.width,
            height=grid.height,
            nodata_pixels=tally.nodata,
            classes=classes,
            values=tally.values(),
            bands=scene.bands,
            scaling=scene.scaling.text,
            warnings=tuple(scene.warnings),
            frames=scene.frame_lines,
            resampled=scene.resampled,
            peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )
    finally:
        scene.close()


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
    check_mask_options(request, card)
    check_frames(card, len(request.frames))
    check_dates(request.dates, 1 + len(request.frames))
    _check_files(request)


def _check_files(request: Segment) -> None:
    """Outputs that would overwrite a scene or each other."""
    targets = [t for t in (request.output, request.probability, request.polygons, request.report) if t]
    if len({Path(t).resolve() for t in targets}) != len(targets):
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"Two outputs have the same name {targets[0]}.", "Give each its own."
        )
    sources = [request.source, *request.frames]
    refuse_twice(sources)
    for target, name in ((t, s) for t in targets for s in sources):
        if Path(name).exists() and Path(target).exists() and Path(target).samefile(name):
            raise PrithviError(
                ErrorCode.OUTPUT_IS_INPUT, f"The output {target} is an input scene itself.", "Choose another file."
            )
    for source in (Path(s).absolute() for s in sources):
        if source.exists() and Path(request.output).absolute().with_suffix("") == source.with_suffix(""):
            raise PrithviError(
                ErrorCode.OUTPUT_IS_INPUT,
                f"The output {request.output} would share its style file {source.stem}.qml with the scene "
                f"{source.name}.",
                "Choose another name.",
            )
