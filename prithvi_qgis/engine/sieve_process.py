"""A program of its own, run by path: python sieve_process.py MASK VALID SIEVED PIXELS VALUE...

Writes to VALID which pixels of MASK hold none of the VALUEs, and to SIEVED the mask with patches below PIXELS merged.
"""

from __future__ import annotations

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
        with rasterio.open(valid) as known, rasterio.open(sieved, "w", dtype=src.dtypes[0], **scratch) as out:
            rasterio.features.sieve(
                rasterio.band(src, 1),
                int(pixels),
                out=rasterio.band(out, 1),
                mask=rasterio.band(known, 1),
                connectivity=4,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
