"""Decides which scenes are so large that several workers should share them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ...core.protocol.messages import Segment
from ..tiling.row_blocks import blocks_wanted
from .scene_probe import probe_scenes

log = logging.getLogger("prithvi.engine")
MIN_SHARES = 1.25  # below that the others wait less for a scene than dividing it costs


def plan_blocks(
    requests: Sequence[Segment],
    costs: Sequence[float],
    sizes: Sequence[float],
    workers: int,
    min_bytes: float,
    cancelled: Callable[[], bool],
) -> dict[int, int]:
    """Return the number of blocks of each scene that costs more than a worker's share of the whole run.

    Only those are opened, to find their number of tile rows. A scene that cannot be opened stays whole and fails with
    its own error when it is segmented.

    Args:
        requests: one per scene.
        costs: see :func:`.scene_costs`.
        sizes: see :func:`.local_bytes`.
        workers: number of workers, at least 1.
        min_bytes: size of the smallest scene to divide, in bytes of its files, or of its pixels where EXTENT leaves a
            part of them or the files' size is unknown.
        cancelled: ends the probing early.
    """
    share = sum(costs) / workers
    shares: dict[int, float] = {}
    for number, (request, cost, size) in enumerate(zip(requests, costs, sizes)):
        large = share and cost / share >= MIN_SHARES and not 0 < size < min_bytes
        if large and workers > 1 and request.pipeline != "stock":
            shares[number] = cost / share
    try:
        probed = probe_scenes("rows", {number: requests[number] for number in shares}, cancelled) if shares else {}
    except OSError as e:  # a full disk, or no process to be had
        log.info("No scene is cut: %s", e)
        return {}
    block_counts: dict[int, int] = {}
    for number, (rows, pixel_bytes) in probed.items():
        # The window may be a small part of large files.
        known = sizes[number] and requests[number].extent is None
        blocks = blocks_wanted(int(rows), shares[number]) if known or pixel_bytes >= min_bytes else 1
        if blocks > 1:
            block_counts[number] = blocks
    return block_counts
