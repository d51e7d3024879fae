"""Protocol for the raster operations of a folder run: QGIS and the engine have different bindings of GDAL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Optional, Protocol

from .raster_grid import RasterGrid


class RasterTool(Protocol):
    """Raster operations of a folder run."""

    def tags(self, path: Path) -> Mapping[str, str]:
        """Return the metadata of a raster; empty if it cannot be opened."""

    def grid(self, path: Path) -> Optional[RasterGrid]:
        """Return the grid of a mask; None if it cannot be opened or has no georeference."""

    def cog(self, source: Path, target: Path) -> None:
        """Write a cloud-optimised GeoTIFF of ``source``.

        Raises:
            OSError: it cannot be written.
        """
