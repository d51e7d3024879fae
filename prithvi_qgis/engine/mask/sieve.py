"""Merge patches that are too small into their largest neighbour, with GDAL's sieve.

GDAL's sieve cannot be stopped and holds the GIL, so it runs in a child process (:mod:`.sieve_process`).
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


def sieve(mask: Path, valid: Path, sieved: Path, rules: ClassRules, target: str, heartbeat: Heartbeat) -> None:
    """Write ``sieved``: the values of ``mask`` with 4-connected patches merged that are smaller than the smallest.

    Args:
        mask: a finished mask.
        valid: temporary file for the pixels that take part; nodata and uncertain pixels do not.
        sieved: raw values in rows.
        rules: of the mask, with the smallest patch that stays.
        target: final name of the mask, for messages.
        heartbeat: touched while the process computes; its cancel ends the process.
    Raises:
        PrithviError: ``disk_full``, ``output_unwritable``, ``out_of_memory``.
    """
    script = [sys.executable, "-P", "-W", "ignore", str(_SCRIPT)]
    command = [*script, str(mask), str(valid), str(sieved), str(rules.smallest_patch), *map(str, _kept_values(rules))]
    process = subprocess.Popen(  # nosec B603: a list without a shell, our own script and files
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    computed_s = 0.0
    try:
        while True:
            try:
                _, errors = process.communicate(timeout=TIMEOUTS.poll_s)
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
    last = (errors.strip().splitlines() or [f"exit code {process.returncode}"])[-1][:200]
    if process.returncode < 0 or "MemoryError" in errors or "memory" in last.lower():
        raise PrithviError(
            ErrorCode.OUT_OF_MEMORY,
            f"Merging small patches took more memory than there is ({last}).",
            "Leave MIN_AREA empty, or give a smaller EXTENT: a mask of very many patches needs much.",
        )
    raise disk_error(OSError(f"merging small patches failed ({last})"), target)


def sieved_rows(mask: Path, sieved: Path, rules: ClassRules, block: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield first row and (rows, width) values, from top to bottom; nodata and uncertain pixels stay as they were."""
    kept = _kept_values(rules)
    with rasterio.open(mask) as before:
        after = np.memmap(sieved, before.dtypes[0], "r", shape=(before.height, before.width))
        for top in range(0, before.height, block):
            window = Window(0, top, before.width, min(block, before.height - top))
            old = before.read(1, window=window)
            yield top, np.where(np.isin(old, kept), old, after[top : top + block])


def _kept_values(rules: ClassRules) -> list[int]:
    """Return the mask values that the sieve must not change: nodata and uncertain."""
    return [int(v) for v in (rules.nodata, rules.uncertain) if v >= 0]
