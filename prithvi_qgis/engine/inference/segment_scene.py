"""Segment one scene: from its request to its result."""

from __future__ import annotations

import resource
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import read_card
from ...core.protocol.messages import ClassArea, Log, Progress, Result, Segment
from ...core.system.heartbeat import Heartbeat
from ...core.system.timeouts import TIMEOUTS, Timeouts
from ..mask.statistics import MaskStatistics
from ..model.backend import InferenceModel
from ..model.model_folder import with_checksum
from ..model.model_loader import Loader
from ..prepared_scene import Emit, PreparedScene
from ..reading.open_source import open_source
from ..reading.remote_files import forget_remote_files
from ..writing.atomic_outputs import clean_leftovers
from .request_checks import check_request
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
    forget_remote_files()
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
        for line in model_lines(backend, prepared.card.id):
            emit(line)
        began = time.perf_counter()
        run = run_stock if request.pipeline == "stock" else stream
        statistics, classes = run(prepared, backend, emit)
        warnings, notes = prepared.scene.validity_lines()
        for line in [Log("warning", text) for text in warnings] + [Log("info", text) for text in notes]:
            emit(line)
        timings = {"load": load_s, **statistics.timings, "segment": time.perf_counter() - began}
        return result_of(prepared, statistics, classes, timings)
    finally:
        prepared.scene.close()


def _scene_lines(prepared: PreparedScene) -> list[Log]:
    """Return the log lines about the scene that precede the loading of the model."""
    scene = prepared.scene
    infos = [
        *scene.notes,
        f"Bands {', '.join(map(str, scene.bands))}; {scene.scaling.text}.",
        *prepared.rules.lines(),
    ]
    return [Log("warning", text) for text in scene.warnings] + [Log("info", text) for text in infos]


def model_lines(backend: InferenceModel, model: str) -> list[Log]:
    """Return where a loaded model runs, and whether plain torch runs it."""
    fallback_reason = getattr(backend, "fallback_reason", "")
    device = Log("info", f"{model} on {backend.device_name} ({backend.device}), {backend.engine}.")
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
    check_request(request, card)
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
        warnings=(*scene.warnings, *scene.validity_lines()[0]),
        frames=scene.frame_lines,
        resampled=scene.resampled,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def output_folders(request: Segment) -> set[Path]:
    """Return the folders that a request writes to."""
    targets = (request.output, request.probability, request.polygons, request.report, request.thumbnail)
    return {Path(target).absolute().parent for target in targets if target}
