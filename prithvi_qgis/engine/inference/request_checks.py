"""Check a request before anything of it is opened."""

from __future__ import annotations

import math
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.masks.mask_options import check_mask_options
from ...core.models.model_card import ModelCard
from ...core.protocol.messages import Segment
from ...core.scenes.dates import check_dates, check_frames, refuse_twice
from ...core.scenes.output_conflicts import find_conflict
from ...core.scenes.stack_names import scene_files
from ..reading.warped_source import RESAMPLINGS


def check_request(request: Segment, card: ModelCard) -> None:
    """Refuse values and combinations that are wrong for any scene.

    Raises:
        PrithviError: the first thing that is wrong.
    """
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
    if not 0 <= request.stride <= card.tile:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"STRIDE {request.stride} is not between 1 and the tile of {card.id}, {card.tile} pixels.",
            f"Leave it at 0 for {card.stride}.",
        )
    _check_block(request)
    _check_files(request)
    check_mask_options(request, card)
    check_frames(card, len(request.frames))
    check_dates(request.dates, 1 + len(request.frames))
    refuse_twice([request.source, *request.frames])


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
    """Refuse outputs that would overwrite each other or a scene, or share their style file with one."""
    targets = [t for t in (request.output, request.probability, request.polygons, request.report) if t]
    if any(find_conflict(target, targets[:i]) for i, target in enumerate(targets)):
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"Two outputs have the same name {targets[0]}.", "Give each its own."
        )
    files = [Path(file) for source in (request.source, *request.frames) for file in scene_files(source)]
    for file in filter(Path.exists, files):
        target = find_conflict(str(file), targets)
        if target:
            raise PrithviError(
                ErrorCode.OUTPUT_IS_INPUT, f"The output {target} is an input scene itself.", "Choose another file."
            )
        if Path(request.output).absolute().with_suffix("") == file.absolute().with_suffix(""):
            raise PrithviError(
                ErrorCode.OUTPUT_IS_INPUT,
                f"The output {request.output} would share its style file {file.stem}.qml with the scene {file.name}.",
                "Choose another name.",
            )
