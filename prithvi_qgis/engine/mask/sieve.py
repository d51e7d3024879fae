"""Patches that are too small, merged into their largest neighbour by GDAL's sieve.

GDAL gives no way to stop it and holds Python's lock, so it runs in a process of its own
(:mod:`engine.mask.sieve_process`).
"""

from __future__ import annotations

import subprocess  # nosec B404: runs a script of this folder
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import rasterio
from rasterio.windows import Window

from ...core.errors import ErrorCode, PrithviError
from ...core.system.heartbeat import Heartbeat
from ...core.system.timeouts import TIMEOUTS
from ..failures import disk_error
from .class_rules import ClassRules

_SCRIPT = Path(__file__).with_name("sieve_process.py")


def sieve(mask: Path, valid: Path, sieved: Path, pixels: int, rules: ClassRules, target: str,
          heartbeat: Heartbeat) -> None:  # fmt: skip
    """Write ``sieved``: ``mask`` with no patch of fewer than ``pixels`` beside a larger one, in 4 directions.

    Args:
        mask: finished; valid: scratch file for the pixels that take part, which nodata and unsure do not.
        target: what the mask will be called; heartbeat: records that the process computes, and may cancel it.
    Raises:
        PrithviError: ``disk_full``, ``output_unwritable``, ``out_of_memory``.
    """
    apart = [str(int(v)) for v in (rules.nodata, rules.unsure) if v >= 0]
    line = [sys.executable, "-P", "-W", "ignore", str(_SCRIPT), str(mask), str(valid), str(sieved), str(pixels), *apart]
    process = subprocess.Popen(  # nosec B603: a list without a shell, our own script and files
        line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    computed_s = 0.0
    try:
        while True:
            try:
                _, said = process.communicate(timeout=TIMEOUTS.poll_s)
                break
            except subprocess.TimeoutExpired:
                heartbeat.check_cancelled()
            with suppress(psutil.Error):  # it has ended
                times = psutil.Process(process.pid).cpu_times()
                if times.user + times.system > computed_s:  # not while it waits for a disk that hangs
                    computed_s = times.user + times.system
                    heartbeat.touch()
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode == 0:
        return
    last = (said.strip().splitlines() or [f"exit code {process.returncode}"])[-1][:200]
    if process.returncode < 0 or "MemoryError" in said or "memory" in last.lower():
        raise PrithviError(
            ErrorCode.OUT_OF_MEMORY,
            f"Merging small patches took more memory than there is ({last}).",
            "Leave MIN_AREA empty, or give a smaller EXTENT: a mask of very many patches needs much.",
        )
    raise disk_error(OSError(f"merging small patches failed ({last})"), target)


def sieved_rows(mask: Path, sieved: Path, rules: ClassRules, block: int) -> Iterator[tuple[int, np.ndarray]]:
    """First row and (rows, width) values, from top to bottom; nodata and unsure are where they were, exactly."""
    apart = [v for v in (rules.nodata, rules.unsure) if v >= 0]
    with rasterio.open(mask) as before:
        after = np.memmap(sieved, before.dtypes[0], "r", shape=(before.height, before.width))
        for top in range(0, before.height, block):
            window = Window(0, top, before.width, min(block, before.height - top))
            old = before.read(1, window=window)
            yield top, np.where(np.isin(old, apart), old, after[top : top + block])
