"""What a QGIS layer or a STAC item states about a scene, beside what its file holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class StatedBand:
    """What is stated about one band; an empty field states nothing."""

    name: str = ""
    """Description or common name."""
    scale: Optional[float] = None
    """reflectance = stored value * scale + offset."""
    offset: Optional[float] = None
    """Offset of the same formula."""
    nodata: tuple[tuple[float, float], ...] = ()
    """Ranges of stored values that are nodata, both ends included."""
    file_nodata: bool = True
    """Whether the nodata value that the file declares counts."""
    wavelength_nm: Optional[float] = None
    """Centre wavelength."""
    dtype: str = ""
    """NumPy's name of the pixel type for which scale, offset and nodata are stated; empty for any."""


@dataclass(frozen=True)
class StatedMetadata:
    """Metadata of a scene from outside its file. It travels with the request; the reader merges it with the file's."""

    by: str
    """Who states it, for messages: ``its layer``, ``its STAC item``."""
    precedes_file: bool
    """Whether it counts before what the file holds: a layer's does, an item's fills what the file leaves open."""
    crs: str = ""
    """WKT 2 or ``EPSG:...``."""
    transform: tuple[float, ...] = ()
    """Geotransform in GDAL's order, for a file that has none."""
    shape: tuple[int, ...] = ()
    """Rows and columns for which ``transform`` is stated; () for any."""
    open_options: tuple[str, ...] = ()
    """``NAME=VALUE`` for GDAL."""
    tags: dict[str, str] = field(default_factory=dict)
    """Metadata on sensor, product and processing, under GDAL's or STAC's keys."""
    date: str = ""
    """ISO acquisition day."""
    bands: tuple[StatedBand, ...] = ()
    """In the order of the scene's bands; () states nothing about any, one without a name the same of all."""
    notes: tuple[str, ...] = ()
    """Lines for the log, without the scene's name: how the statements were understood."""
    warnings: tuple[str, ...] = ()
    """The same for the user's attention: statements that contradict each other or cannot be used."""
