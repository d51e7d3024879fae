"""Which scenes are so large that several workers should share them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ...contract.messages import Segment
from ..row_blocks import blocks_wanted
from .costs import local_bytes
from .looking import look

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
        least_bytes: of a scene's files, or pixels where EXTENT leaves a part of them or they cannot be looked at;
            smaller ones are done before it would matter.
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
        # A window may be a small part of large files.
        bound = 0 if size and request.extent is None else least_bytes
        try:
            tile_rows = _tile_rows(request, cancelled, bound)
        except Exception as e:  # a disk that is full, a process that cannot be had: it is done whole
            log.info("%s is not cut: %s", request.source_name or request.source, e)
            tile_rows = 0
        blocks = blocks_wanted(tile_rows, shares)
        if blocks > 1:
            cuts[number] = blocks
    return cuts


def _tile_rows(request: Segment, cancelled: Callable[[], bool], least_bytes: float) -> int:
    """Rows of tiles of a scene; 0 where it has fewer bytes of pixels than ``least_bytes``, or cannot be opened."""
    rows, size = look("rows", {0: request}, cancelled).get(0, (0, 0))
    return int(rows) if size >= least_bytes else 0
