"""Opens scenes before they are assigned, in a separate process: opening a scene may end or block the process.

``python -m prithvi_qgis.engine.cluster.scene_probe PROBE REQUESTS RESULTS`` is that process. It appends a line ``number
values`` per scene, in order; the first scene without a line is the one that ended it, and another process continues
behind it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess  # nosec B404: runs this module
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ...core.models.model_card import read_card
from ...core.protocol.codec import decode, encode
from ...core.protocol.messages import Segment
from ...core.scenes.gdal_names import without_secrets
from ...core.system.timeouts import TIMEOUTS, Timeouts

MAX_LOST = 3  # scenes that may end the process
log = logging.getLogger("prithvi.engine")


def window_share(request: Segment) -> list[float]:
    """Return [share of the scene's pixels within EXTENT, 0 to 1]; no pixel is read."""
    from ..reading.open_source import whole_and_window

    whole, window = whole_and_window(request)
    return [window / whole]


def tile_rows(request: Segment) -> list[float]:
    """Return [rows of tiles, bytes of pixels] of the part of a scene that is to be segmented."""
    from ..reading.open_source import open_source
    from ..tiling.tile_grid import plan_tiles

    card = read_card(Path(request.model))
    scene = open_source(request, card)
    try:
        grid = scene.grid
        plan = plan_tiles(grid.height, grid.width, card.tile, request.stride or card.stride, card.margin)
        return [len(plan.rows), grid.width * grid.height * scene.channels * np.dtype(scene.dtype).itemsize]
    finally:
        scene.close()


_PROBES: dict[str, Callable[[Segment], list[float]]] = {"share": window_share, "rows": tile_rows}


def probe_scenes(
    probe: str, requests: Mapping[int, Segment], cancelled: Callable[[], bool], timeouts: Timeouts = TIMEOUTS
) -> dict[int, list[float]]:
    """Return what :func:`window_share` (``share``) or :func:`tile_rows` (``rows``) finds, by the scenes' numbers.

    Scenes that cannot be opened, or not in time, are missing: they fail with their own error when they are segmented.
    Returns early when ``cancelled``.
    """
    found: dict[int, list[float]] = {}
    waiting, deadline = dict(requests), time.monotonic() + timeouts.probe_s
    with tempfile.TemporaryDirectory(prefix="prithvi-probe-") as folder:
        for attempt in range(MAX_LOST + 1):
            if not waiting or cancelled() or time.monotonic() > deadline:
                break
            results = Path(folder) / f"results-{attempt}"
            _run(probe, waiting, results, cancelled, deadline, timeouts)
            for line in results.read_text(encoding="utf-8").split("\n")[:-1]:
                number, _, values = line.partition(" ")
                waiting.pop(int(number), None)
                if values != "[]":
                    found[int(number)] = json.loads(values)
            if waiting and not cancelled():  # the first one, since the process takes them in this order
                lost = waiting.pop(next(iter(waiting)))
                log.info("%s could not be probed", without_secrets(lost.source))
    return found


def _run(
    probe: str,
    waiting: Mapping[int, Segment],
    results: Path,
    cancelled: Callable[[], bool],
    deadline: float,
    timeouts: Timeouts,
) -> None:
    """Run one process until it ends or makes no progress."""
    requests = results.with_suffix(".requests")
    requests.write_bytes(b"\n".join(b"%d %b" % (number, encode(request)) for number, request in waiting.items()))
    results.touch()
    code = str(Path(__file__).resolve().parents[3])
    process = subprocess.Popen(  # nosec B603: a list without a shell, this module
        [sys.executable, "-W", "ignore", "-m", __name__, probe, str(requests), str(results)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([code, os.environ.get("PYTHONPATH", "")])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    size, grown = 0, time.monotonic()
    try:
        while process.poll() is None and not cancelled():
            time.sleep(timeouts.poll_s)
            now = time.monotonic()
            if results.stat().st_size != size:
                size, grown = results.stat().st_size, now
            if now > deadline or now - grown > timeouts.probe_scene_s:
                return
    finally:
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # one blocked by a dead disk ends when the disk lets go
            process.wait(timeouts.io_exit_s)


def main(probe: str, requests: str, results: str) -> None:
    """Probe the scenes of a request file."""
    with open(results, "a", encoding="utf-8") as out:
        for line in Path(requests).read_bytes().split(b"\n"):
            number, _, body = line.partition(b" ")
            request = decode(body)
            values: list[float] = []
            with contextlib.suppress(Exception):  # reported when the scene is segmented
                if isinstance(request, Segment):
                    values = _PROBES[probe](request)
            out.write(f"{int(number)} {json.dumps(values)}\n")
            out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # without waiting for threads that read
