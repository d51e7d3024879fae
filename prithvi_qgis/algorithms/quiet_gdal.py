"""Silence for GDAL's own messages, where the plugin reports the failure itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from osgeo import gdal


@contextlib.contextmanager
def quiet_gdal() -> Iterator[None]:
    """Suppress GDAL's messages on standard error."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        yield
    finally:
        gdal.PopErrorHandler()
