"""A program of its own, run by path: python sieve_process.py MASK VALID SIEVED PIXELS VALUE...

Writes to VALID which pixels of MASK hold none of the VALUEs, and to SIEVED the mask with patches below PIXELS merged,
as plain numbers in rows.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
import rasterio
import rasterio.features


def main(mask: str, valid: str, sieved: str, pixels: str, *apart: str) -> None:
    """Do it; what goes wrong is an exception on standard error."""
    values = [int(v) for v in apart]
    with rasterio.open(mask) as src:
        scratch: dict[str, Any] = {
            "driver": "GTiff",
            "width": src.width,
            "height": src.height,
            "count": 1,
            # GDAL's sieve goes row by row: blocks of whole rows are compressed once.
            "blockysize": 64,
            "compress": "deflate",
            "zlevel": 1,
            "bigtiff": "if_safer",
        }
        with rasterio.open(valid, "w", dtype="uint8", **scratch) as out:
            for _, window in out.block_windows(1):
                known = ~np.isin(src.read(1, window=window), values)
                out.write(known.astype(np.uint8), 1, window=window)
        # Rasterio takes no file to write to, only an array: this one lies in a file, which memory may forget. Its room
        # is taken before: a disk that is full would else kill the process.
        kind = np.dtype(src.dtypes[0])
        with open(sieved, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, src.width * src.height * kind.itemsize)
        merged: Any = np.memmap(sieved, kind, "r+", shape=(src.height, src.width))
        with rasterio.open(valid) as known:
            rasterio.features.sieve(
                rasterio.band(src, 1), int(pixels), out=merged, mask=rasterio.band(known, 1), connectivity=4
            )
        merged.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
