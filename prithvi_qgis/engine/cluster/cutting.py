"""Which scenes are so large that several workers should share them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np

from ...contract.messages import Segment
from ..row_blocks import blocks_wanted
from .costs import local_bytes

log = logging.getLogger("prithvi.engine")
WORTH_IT = 1.25  # shares: below that others wait less for a scene than cutting it costs


def choose_cuts(
    requests: Sequence[Segment],
    costs: Sequence[float],
    workers: int,
    least_bytes: float,
    cancelled: Callable[[], bool],
) -> dict[int, int]:
    """Number of blocks of each scene that is worth more than a worker's share of the whole run.

    Only those are opened, to see how many rows of tiles they have. One that cannot be opened stays whole: whoever is to
    segment it says why.

    Args:
        costs: see :func:`.costs.scene_costs`.
        least_bytes: of a scene's files, where they can be looked at; smaller ones are done before it would matter.
    """
    share = sum(costs) / max(1, workers)
    cuts: dict[int, int] = {}
    for number, (request, cost) in enumerate(zip(requests, costs)):
        shares = cost / share if share else 0.0
        if workers < 2 or shares < WORTH_IT or request.pipeline == "stock":
            continue
        size = local_bytes(request)
        if 0 < size < least_bytes:
            continue
        try:
            tile_rows = _tile_rows(request, cancelled, 0 if size else least_bytes)
        except Exception as e:  # whoever is to segment it meets the same, and records it
            log.info("%s is not cut: %s", request.source_name or request.source, e)
            tile_rows = 0
        blocks = blocks_wanted(tile_rows, shares)
        if blocks > 1:
            cuts[number] = blocks
    return cuts


def _tile_rows(request: Segment, cancelled: Callable[[], bool], least_bytes: float) -> int:
    """Rows of tiles of a scene; 0 where it has fewer bytes of pixels than ``least_bytes``."""
    from ..run import open_scene

    opened = open_scene(request, cancelled)
    try:
        scene = opened.scene
        size = scene.window.width * scene.window.height * scene.channels * np.dtype(scene.dtype).itemsize
        return len(opened.plan.rows) if size >= least_bytes else 0
    finally:
        opened.scene.close()
