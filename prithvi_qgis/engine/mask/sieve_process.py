"""Run GDAL's sieve as a child process: python sieve_process.py MASK VALID SIEVED PIXELS VALUE...

Writes to VALID which pixels of MASK have none of the VALUEs, and to SIEVED the mask with patches below PIXELS merged,
as raw values in rows.
"""

from __future__ import annotations

import os
import sys

import numpy as np
import rasterio
import rasterio.features


def main(mask: str, valid: str, sieved: str, pixels: str, *kept: str) -> None:
    """Write both files; an error becomes an exception on standard error."""
    values = [int(v) for v in kept]
    with rasterio.open(mask) as src:
        profile: dict[str, object] = {
            "driver": "GTiff",
            "width": src.width,
            "height": src.height,
            "count": 1,
            # GDAL's sieve works row by row: blocks of whole rows are compressed once.
            "blockysize": 64,
            "compress": "deflate",
            "zlevel": 1,
            "bigtiff": "if_safer",
        }
        with rasterio.open(valid, "w", dtype="uint8", **profile) as out:
            for _, window in out.block_windows(1):
                known = ~np.isin(src.read(1, window=window), values)
                out.write(known.astype(np.uint8), 1, window=window)
        # Rasterio writes to an array only: this one is backed by a file, whose pages the system may evict. The space is
        # allocated before, because a full disk would kill the process at the first write to a page.
        dtype = np.dtype(src.dtypes[0])
        with open(sieved, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, src.width * src.height * dtype.itemsize)
        merged: np.memmap = np.memmap(sieved, dtype, "r+", shape=(src.height, src.width))
        with rasterio.open(valid) as known:
            rasterio.features.sieve(
                rasterio.band(src, 1), int(pixels), out=merged, mask=rasterio.band(known, 1), connectivity=4
            )
        merged.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
