"""Protocol for the raster operations of a folder run, which each side of the plugin does with its own GDAL binding."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Optional, Protocol

from .raster_grid import RasterGrid


class RasterTool(Protocol):
    """What needs GDAL, whose two homes (QGIS, the engine) have it in different libraries."""

    def tags(self, path: Path) -> Mapping[str, str]:
        """Metadata of a raster; empty where it cannot be opened."""

    def place(self, path: Path) -> Optional[RasterGrid]:
        """Grid of a mask; None where it cannot be opened or has no georeference."""

    def cog(self, source: Path, target: Path) -> None:
        """Make a cloud-optimised GeoTIFF of ``source``. Raises OSError."""
