"""Write the origin of a mask into its metadata."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from ... import __version__
from ...core.folder_runs.fingerprint import FINGERPRINT_TAG, OUTCOME_TAG, fingerprint, without_query
from ...core.protocol.messages import ClassArea
from ...core.scenes.bands import label
from ..mask.statistics import MaskStatistics
from ..prepared_scene import PreparedScene
from ..reading.raster_source import Grid


def provenance(prepared: PreparedScene) -> dict[str, str]:
    """Return the GeoTIFF tags from which the same mask can be made again."""
    request, card, scene = prepared.request, prepared.card, prepared.scene
    backend, plan = prepared.backend, prepared.plan
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
        "PRITHVI_SOURCE": ", ".join(map(without_query, scene.files)),
        "PRITHVI_WINDOW": f"{window.col_off},{window.row_off},{window.width},{window.height}",
        "PRITHVI_BANDS": ", ".join(f"{label(b)}={n}" for b, n in zip(card.bands, scene.bands)),
        "PRITHVI_SCALING": scene.scaling.text,
        "PRITHVI_TILING": f"tile {card.tile}, stride {stride}, margin {plan.cols.trim}, "
        f"{len(plan.rows)} x {len(plan.cols)} tiles",
        FINGERPRINT_TAG: fingerprint(request, card),
        **prepared.rules.tags(),
        **scene.records,
    }


def outcome_tag(
    started: datetime, statistics: MaskStatistics, grid: Grid, classes: tuple[ClassArea, ...]
) -> dict[str, str]:
    """Return the tag that holds a mask's line of results.csv, so that a lost record can be restored."""
    outcome = {
        "seconds": round((datetime.now(timezone.utc) - started).total_seconds(), 3),
        "tiles_per_s": round(statistics.rate, 3),
        "valid_pixels": grid.width * grid.height - statistics.nodata,
        "started": started.isoformat(timespec="seconds"),
        **({"values": statistics.values()} if statistics.values() else {}),
        "areas_m2": {c.name: c.area_m2 for c in classes},
    }
    return {OUTCOME_TAG: json.dumps(outcome)}
