"""Where a mask comes from, written into its metadata."""

from __future__ import annotations

from datetime import datetime, timezone

from .. import __version__
from ..contract.bands import label
from ..contract.cards import ModelCard
from ..contract.messages import Segment
from .backend import Loaded
from .decision import Decision
from .source import Source
from .tiling import TilePlan


def provenance(
    request: Segment, card: ModelCard, decision: Decision, scene: Source, backend: Loaded, plan: TilePlan
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
        "PRITHVI_SOURCE": scene.source.split("?", 1)[0],  # what follows may be somebody's signature
        "PRITHVI_WINDOW": f"{window.col_off},{window.row_off},{window.width},{window.height}",
        "PRITHVI_BANDS": ", ".join(f"{label(b)}={n}" for b, n in zip(card.bands, scene.bands)),
        "PRITHVI_SCALING": scene.scaling.text,
        "PRITHVI_TILING": f"tile {card.tile}, stride {stride}, margin {plan.cols.trim}, "
        f"{len(plan.rows)} x {len(plan.cols)} tiles",
        **_decided(request, decision),
        **scene.records,
    }


def _decided(request: Segment, decision: Decision) -> dict[str, str]:
    """What the values mean, and what else decided about them; only what applies."""
    if decision.quantity is not None:
        unit = f" ({decision.quantity.unit})" if decision.quantity.unit else ""
        return {"PRITHVI_QUANTITY": f"{decision.quantity.name}{unit}"}
    tags = {
        "PRITHVI_CLASSES": ", ".join(f"{c.value}={c.name}" for c in decision.classes),
        "PRITHVI_IGNORED": ", ".join(f"{c.value}={c.name}" for c in decision.ignored),
        "PRITHVI_MIN_PROBABILITY": decision.minima_text() if decision.minima else "",
        "PRITHVI_MIN_AREA": request.min_area.strip(),
    }
    return {name: value for name, value in tags.items() if value}
