"""Where a mask comes from, written into its metadata."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ... import __version__
from ...core.folder_runs.fingerprint import FINGERPRINT_TAG, OUTCOME_TAG, fingerprint, without_query
from ...core.models.model_card import ModelCard
from ...core.protocol.messages import ClassArea, Segment
from ...core.scenes.bands import label
from ...core.scenes.stack_names import stacked_files
from ..mask.class_rules import ClassRules
from ..model.backend import InferenceModel
from ..reading.raster_source import Grid, RasterSource
from ..tiling.tile_grid import TilePlan

if TYPE_CHECKING:
    from ..mask.statistics import MaskStatistics


def provenance(
    request: Segment,
    card: ModelCard,
    rules: ClassRules,
    scene: RasterSource,
    backend: InferenceModel,
    plan: TilePlan,
) -> dict[str, str]:
    """GeoTIFF tags that tell how to make the same mask again."""
    window = scene.window
    stride = card.tile if request.pipeline == "stock" else request.stride or card.stride
    return {
        "TIFFTAG_SOFTWARE": f"prithvi_qgis {__version__}",
        "TIFFTAG_DATETIME": datetime.now(timezone.utc).strftime("%Y:%m:%d %H:%M:%S"),
        "PRITHVI_MODEL": card.id,
        "PRITHVI_MODEL_REVISION": card.revision,
        "PRITHVI_MODEL_SHA256": card.sha256,
        "PRITHVI_ENGINE": backend.engine,
        "PRITHVI_DEVICE": f"{backend.device} ({backend.device_name})",
        "PRITHVI_PIPELINE": request.pipeline,
        "PRITHVI_SOURCE": ", ".join(map(without_query, stacked_files(request.source) or [scene.source])),
        "PRITHVI_WINDOW": f"{window.col_off},{window.row_off},{window.width},{window.height}",
        "PRITHVI_BANDS": ", ".join(f"{label(b)}={n}" for b, n in zip(card.bands, scene.bands)),
        "PRITHVI_SCALING": scene.scaling.text,
        "PRITHVI_TILING": f"tile {card.tile}, stride {stride}, margin {plan.cols.trim}, "
        f"{len(plan.rows)} x {len(plan.cols)} tiles",
        FINGERPRINT_TAG: fingerprint(request, card),
        **_decided(request, rules),
        **scene.records,
    }


def _decided(request: Segment, rules: ClassRules) -> dict[str, str]:
    """What the values mean, and what else decided about them; only what applies."""
    if rules.quantity is not None:
        unit = f" ({rules.quantity.unit})" if rules.quantity.unit else ""
        return {"PRITHVI_QUANTITY": f"{rules.quantity.name}{unit}"}
    tags = {
        "PRITHVI_CLASSES": ", ".join(f"{c.value}={c.name}" for c in rules.classes),
        "PRITHVI_IGNORED": ", ".join(f"{c.value}={c.name}" for c in rules.ignored),
        "PRITHVI_MIN_PROBABILITY": rules.min_probability_text() if rules.min_probabilities else "",
        "PRITHVI_MIN_AREA": request.min_area.strip(),
    }
    return {name: value for name, value in tags.items() if value}


def outcome_tag(
    began: datetime, statistics: MaskStatistics, grid: Grid, classes: tuple[ClassArea, ...]
) -> dict[str, str]:
    """What a record tells of a mask, in the mask itself: one whose record was lost gets it back."""
    outcome = {
        "seconds": round((datetime.now(timezone.utc) - began).total_seconds(), 3),
        "tiles_per_s": round(statistics.rate, 3),
        "valid_pixels": grid.width * grid.height - statistics.nodata,
        "started": began.isoformat(timespec="seconds"),
        **({"values": statistics.values()} if statistics.values() else {}),
        "areas_m2": {c.name: c.area_m2 for c in classes},
    }
    return {OUTCOME_TAG: json.dumps(outcome)}
