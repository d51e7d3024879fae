"""Which scenes are so large that several workers should share them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ...core.protocol.messages import Segment
from ..tiling.row_blocks import blocks_wanted
from .scene_probe import probe_scenes

log = logging.getLogger("prithvi.engine")
WORTH_IT = 1.25  # shares: below that others wait less for a scene than cutting it costs


def plan_blocks(
    requests: Sequence[Segment],
    costs: Sequence[float],
    sizes: Sequence[float],
    workers: int,
    least_bytes: float,
    cancelled: Callable[[], bool],
) -> dict[int, int]:
    """Number of blocks of each scene that is worth more than a worker's share of the whole run.

    Only those are opened, to see how many rows of tiles they have. One that cannot be opened stays whole: whoever is to
    segment it says why.

    Args:
        costs: see :func:`engine.cluster.scene_costs.scene_costs`; sizes: see
        :func:`engine.cluster.scene_costs.local_bytes`. least_bytes: of a scene's files, or pixels where EXTENT leaves
        a part of them or they cannot be looked at;
            smaller ones are done before it would matter.
    """
    share = sum(costs) / max(1, workers)
    worth: dict[int, float] = {}  # shares
    for number, (request, cost, size) in enumerate(zip(requests, costs, sizes)):
        shares = cost / share if share else 0.0
        if workers > 1 and shares >= WORTH_IT and request.pipeline != "stock" and not 0 < size < least_bytes:
            worth[number] = shares
    try:
        seen = probe_scenes("rows", {number: requests[number] for number in worth}, cancelled) if worth else {}
    except OSError as e:  # a disk that is full, a process that cannot be had: they are done whole
        log.info("No scene is cut: %s", e)
        return {}
    cuts: dict[int, int] = {}
    for number, (rows, pixels) in seen.items():
        # A window may be a small part of large files.
        bound = 0 if sizes[number] and requests[number].extent is None else least_bytes
        blocks = blocks_wanted(int(rows), worth[number]) if pixels >= bound else 1
        if blocks > 1:
            cuts[number] = blocks
    return cuts
