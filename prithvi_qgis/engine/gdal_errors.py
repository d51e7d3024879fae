"""What rasterio raises when GDAL or PROJ reports an error."""

from __future__ import annotations

from rasterio._err import CPLE_BaseError
from rasterio.errors import CRSError, RasterioError

GDAL_ERRORS = (RasterioError, CRSError, CPLE_BaseError)
"""All of them, for an ``except`` clause: some of GDAL's errors come through as they are, under no public name."""
