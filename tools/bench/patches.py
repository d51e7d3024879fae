"""Memory and time of merging small patches (MIN_AREA), in masks from calm to pure noise.

Run with the engine's Python: python -m tools.bench patches [--side 8192]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "prithvi_qgis" / "engine" / "mask" / "sieve_process.py"
CLASSES = 13


def make_mask(path: Path, side: int, speckle: float) -> None:
    """Write fields of some hundred pixels, nodata at the left, and a share ``speckle`` of random classes."""
    rng = np.random.default_rng(1)
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "uint8", "nodata": 255}
    tiled = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"}
    x = np.arange(side)
    with rasterio.open(path, "w", **profile, **tiled) as out:
        for top in range(0, side, 256):
            y = np.arange(top, min(top + 256, side))[:, None]
            fields = (np.sin(x / 37) + np.cos(y / 53) + np.sin((x + y) / 91) + 3) / 6
            values = (fields * CLASSES).astype(np.uint8)
            noisy = rng.random(values.shape) < speckle
            values[noisy] = rng.integers(0, CLASSES, int(noisy.sum()))
            values[:, : side // 20] = 255
            out.write(values, 1, window=rasterio.windows.Window(0, top, side, len(y)))


def anonymous_mb(pid: int) -> int:
    """Return anonymous memory of a process in MB, which it cannot give back; 0 after its end."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) >> 10 for line in text.splitlines() if line.startswith("RssAnon")), 0)


def main() -> None:
    """Print a row of a table for each mask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=8192)
    parser.add_argument("--one", type=float, help="internal: one share of noise")
    options = parser.parse_args()
    if options.one is None:
        print("| noise | seconds | peak of own memory, MB | with what is mapped from files, MB |")
        print("| --- | --- | --- | --- |", flush=True)
        for speckle in (0.0, 0.02, 0.2, 1.0):
            line = [sys.executable, "-m", "tools.bench", "patches", "--side", str(options.side), "--one", str(speckle)]
            subprocess.run(line, check=True, cwd=ROOT)
        return
    with tempfile.TemporaryDirectory(prefix="prithvi-patches-") as folder:
        mask, valid, sieved = (Path(folder) / f"{name}.tif" for name in ("mask", "valid", "sieved"))
        make_mask(mask, options.side, options.one)
        began = time.perf_counter()
        line = [sys.executable, "-P", "-W", "ignore", str(SCRIPT), str(mask), str(valid), str(sieved), "25", "255"]
        process = subprocess.Popen(line)
        own = 0
        while process.poll() is None:
            own = max(own, anonymous_mb(process.pid))
            time.sleep(0.05)
        if process.returncode:
            sys.exit(process.returncode)
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"| {options.one:.0%} of the pixels | {seconds:.1f} | {own} | {peak:.0f} |", flush=True)
