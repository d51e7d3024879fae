"""Looking at scenes before they are handed out, in a process of its own: opening one may kill or hold up whoever does.

``python -m prithvi_qgis.engine.cluster.scene_probe WHAT REQUESTS SEEN`` is that process. It appends a line ``number
value`` for each scene; the first one without a line is the one that ended it, and another process goes on behind it.
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

LOOK_S = 90.0  # for all scenes: what is not seen by then is estimated
EACH_S = 15.0  # for one of them, and for the process to begin
MOST_LOST = 3  # scenes that may end the process
_POLL_S = 0.1
log = logging.getLogger("prithvi.engine")


def window_share(request: Segment) -> list[float]:
    """[part of the scene's pixels that EXTENT leaves, 0 to 1]; nothing of the pixels is read."""
    from ..reading.open_source import whole_and_window

    whole, window = whole_and_window(request)
    return [window / whole]


def tile_rows(request: Segment) -> list[float]:
    """[rows of tiles, bytes of pixels] of what is to be segmented of a scene."""
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


_LOOKS: dict[str, Callable[[Segment], list[float]]] = {"share": window_share, "rows": tile_rows}


def probe_scenes(
    what: str,
    requests: Mapping[int, Segment],
    cancelled: Callable[[], bool],
    seconds: float = LOOK_S,
    each_s: float = EACH_S,
) -> dict[int, list[float]]:
    """What :func:`window_share` (``share``) or :func:`tile_rows` (``rows``) see, by the scenes' numbers.

    Scenes that cannot be opened, or not in time, are missing: whoever is to segment them meets the same and says why.
    Returns early when ``cancelled``.
    """
    seen: dict[int, list[float]] = {}
    waiting, deadline = dict(requests), time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="prithvi-look-") as folder:
        for attempt in range(MOST_LOST + 1):
            if not waiting or cancelled() or time.monotonic() > deadline:
                break
            told = Path(folder) / f"seen-{attempt}"
            _run(what, waiting, told, cancelled, deadline, each_s)
            for number, value in _lines(told):
                waiting.pop(number, None)
                if value:
                    seen[number] = value
            if waiting and not cancelled():
                number = next(iter(waiting))  # they are looked at in this order
                log.info("%s could not be looked at", waiting.pop(number).source)
    return seen


def _run(
    what: str,
    waiting: Mapping[int, Segment],
    told: Path,
    cancelled: Callable[[], bool],
    deadline: float,
    each_s: float,
) -> None:
    """One process, until it is through, dies, or gets no further."""
    asked = told.with_name(f"{told.name}.asked")
    asked.write_bytes(b"\n".join(b"%d %b" % (number, encode(request)) for number, request in waiting.items()))
    told.touch()
    code = str(Path(__file__).resolve().parents[3])
    process = subprocess.Popen(  # nosec B603: a list without a shell, this module
        [sys.executable, "-W", "ignore", "-m", __name__, what, str(asked), str(told)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([code, os.environ.get("PYTHONPATH", "")])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    size, moved = 0, time.monotonic()
    try:
        while process.poll() is None and not cancelled():
            time.sleep(_POLL_S)
            now = time.monotonic()
            if told.stat().st_size != size:
                size, moved = told.stat().st_size, now
            if now > deadline or now - moved > each_s:
                return
    finally:
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # one that a dead disk holds ends when it lets go
            process.wait(1.0)


def _lines(told: Path) -> list[tuple[int, list[float]]]:
    found = []
    for line in told.read_text(encoding="utf-8").split("\n")[:-1]:
        number, _, value = line.partition(" ")
        found.append((int(number), json.loads(value)))
    return found


def main(what: str, asked: str, told: str) -> None:
    """The process."""
    with open(told, "a", encoding="utf-8") as out:
        for line in Path(asked).read_bytes().split(b"\n"):
            number, _, body = line.partition(b" ")
            request = decode(body)
            value: list[float] = []
            with contextlib.suppress(Exception):  # it is said by whoever is to segment it
                if isinstance(request, Segment):
                    value = _LOOKS[what](request)
            out.write(f"{int(number)} {json.dumps(value)}\n")
            out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # without waiting for threads that read
