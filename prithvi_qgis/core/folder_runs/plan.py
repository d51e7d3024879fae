"""Which scenes of a folder run must be segmented, and which outputs of an earlier run are still valid."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..errors import ErrorCode
from ..models.model_card import ModelCard
from ..protocol.messages import Segment
from .file_names import PARTS
from .fingerprint import FINGERPRINT_TAG, OUTCOME_TAG, fingerprint
from .overview import PICTURES
from .raster_tool import RasterTool
from .records import Row, success_row, unwritable
from .scene_discovery import SceneSource


@dataclass(frozen=True)
class RunPlan:
    """Requests of the scenes to segment, and records of the others."""

    todo: list[Segment]
    order: list[int]
    """Number of each request's scene."""
    kept: list[Row]


def output_path(folder: Path, scene: SceneSource, kind: str) -> Path:
    """Return the path of a scene's ``mask``, ``probability``, ``polygons`` or ``thumbnail``."""
    if kind == "thumbnail":
        return folder / PICTURES / f"{scene.stem}.png"
    return folder / f"{scene.stem}_{kind}{'.gpkg' if kind == 'polygons' else '.tif'}"


def plan_run(
    folder: Path,
    scenes: Sequence[SceneSource],
    template: Segment,
    card: ModelCard,
    records: Sequence[Row],
    rasters: RasterTool,
    further: Collection[str] = (),
    overwrite: bool = False,
) -> RunPlan:
    """Compare the outputs of an earlier run with what this run would make, and create the folders of the others.

    Args:
        folder: of the outputs.
        scenes: all of the run.
        template: the request without the fields of a scene.
        card: of the model.
        records: of earlier runs in this folder.
        rasters: raster operations of this process.
        further: outputs in addition to the mask, ``probability`` or ``polygons``.
        overwrite: whether to segment again what is done.
    Raises:
        PrithviError: ``output_unwritable``.
    """
    _remove_blocks(folder, scenes)
    before = {row["input"]: row for row in records}

    def engine_died(number: int) -> bool:
        return before.get(scenes[number].key, {}).get("error_code") == ErrorCode.ENGINE_DIED.value

    keys = {scene.key for scene in scenes}
    kept = [row for key, row in before.items() if key not in keys and Path(row.get("output", "")).is_file()]
    todo: list[Segment] = []
    order: list[int] = []
    # Scenes that ended the engine come last: enough of them in a row end a run, without which the others would be lost.
    for number in sorted(range(len(scenes)), key=engine_died):
        scene = scenes[number]
        request = _request(folder, scene, template, further)
        row = None if overwrite else _row_of_done(scene, request, card, before.get(scene.key), rasters)
        if row is not None:
            kept.append(row)
            continue
        todo.append(request)
        order.append(number)
        for parent in {Path(request.output).parent, Path(request.thumbnail).parent}:
            try:
                parent.mkdir(parents=True, exist_ok=True)
            except OSError as e:
                raise unwritable(parent, e) from e
    return RunPlan(todo, order, kept)


def _remove_blocks(folder: Path, scenes: Sequence[SceneSource]) -> None:
    """Remove blocks of masks that a killed run has left; they may have other parameters, so none is used."""
    for parent in {output_path(folder, scene, "mask").parent for scene in scenes}:
        for block in parent.glob(PARTS):
            with contextlib.suppress(OSError):
                block.unlink()


def _request(folder: Path, scene: SceneSource, template: Segment, further: Collection[str]) -> Segment:
    def path(kind: str) -> str:
        return str(output_path(folder, scene, kind))

    return dataclasses.replace(
        template,
        source=scene.source,
        source_name=scene.name,
        stated=scene.stated,
        output=path("mask"),
        probability=path("probability") if "probability" in further else "",
        polygons=path("polygons") if "polygons" in further else "",
        thumbnail=path("thumbnail"),
    )


def _row_of_done(
    scene: SceneSource, request: Segment, card: ModelCard, row: Optional[Row], rasters: RasterTool
) -> Optional[Row]:
    """Return the record of a scene whose outputs are as this run would make them; None for one to segment."""
    mask = Path(request.output)
    if not mask.is_file() or not all(Path(p).is_file() for p in (request.probability, request.polygons) if p):
        return None
    tags = rasters.tags(mask)
    if tags.get(FINGERPRINT_TAG) != fingerprint(request, card):
        return None
    if row is not None and row["success"] == "true" and row["output"] == request.output:
        return row
    # A run that was killed between the mask and its record: the tags hold the same values.
    try:
        outcome = json.loads(tags[OUTCOME_TAG])
        areas = outcome.pop("areas_m2")
        outcome.pop("values", None)
        device = tags.get("PRITHVI_DEVICE", "").partition(" ")[0]
        facts = {"output": request.output, "model": card.id, "device": device}
        return success_row(scene.key, facts, areas, **outcome)
    except (KeyError, ValueError, TypeError):
        return None
