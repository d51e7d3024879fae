"""What a raster layer states beside its file: the CRS, nodata and open options that the user set in QGIS."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from osgeo import osr
from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsRasterDataProvider, QgsRasterLayer, QgsRasterRange

from ...core.protocol.stated_metadata import StatedBand, StatedMetadata

BY = "its layer"
_OPEN_OPTION = re.compile(r"\|option:([^|]*)")
_CREDENTIAL = re.compile(r"\|credential:([^|]*)")
_INTEGERS = frozenset(
    getattr(Qgis.DataType, name)
    for name in ("Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32")
    if hasattr(Qgis.DataType, name)
)


@dataclass(frozen=True)
class GdalSource:
    """The source of a layer of QGIS's GDAL provider, in its parts."""

    location: str
    """What GDAL opens."""
    open_options: tuple[str, ...] = ()
    """``NAME=VALUE``."""
    credentials: bool = False
    """Whether QGIS holds credentials for it, which only its own process has."""


def gdal_source(source: str) -> GdalSource:
    """Split ``path|option:NAME=VALUE|credential:NAME=VALUE``."""
    location = _CREDENTIAL.sub("", _OPEN_OPTION.sub("", source))
    return GdalSource(location, tuple(_OPEN_OPTION.findall(source)), bool(_CREDENTIAL.search(source)))


def crs_text(crs: QgsCoordinateReferenceSystem) -> str:
    """Return ``EPSG:...``, else WKT 2, which also holds 3D, derived, compound and custom CRSs; empty for none."""
    if not crs.isValid():
        return ""
    return crs.authid() if crs.authid().startswith("EPSG:") else crs.toWkt(Qgis.CrsWktVariant.Preferred)


def stated_by(layer: QgsRasterLayer) -> Optional[StatedMetadata]:
    """Return what the layer states other than its file; None for a plain layer. On the main thread."""
    provider = layer.dataProvider()
    options = gdal_source(layer.source()).open_options if provider.name() == "gdal" else ()
    bands = tuple(_stated_band(provider, number) for number in range(1, layer.bandCount() + 1))
    bands = bands if any(band != StatedBand() for band in bands) else ()
    crs = "" if _same(layer.crs(), provider.crs()) else crs_text(layer.crs())
    return StatedMetadata(BY, True, crs, open_options=options, bands=bands) if crs or options or bands else None


def stated_of_product(stated: Optional[StatedMetadata], bands: int) -> tuple[Optional[StatedMetadata], bool]:
    """Return what a layer of one part of a product states of the whole, and whether something was left out.

    Args:
        stated: by the layer.
        bands: number of the product's bands. Nodata that all bands of the layer share counts for all of them.
    """
    if stated is None:
        return None, False
    alike = len(set(stated.bands)) == 1
    crs, every = stated.crs, stated.bands[:1] * bands if alike else ()
    whole = StatedMetadata(BY, True, crs, bands=every) if crs or every else None
    return whole, bool(stated.bands) and not alike


def with_nodata_per_band(
    stated: Optional[StatedMetadata], nodata: Sequence[Optional[float]]
) -> Optional[StatedMetadata]:
    """Return the metadata of a copy as GeoTIFF, which holds one nodata value for all bands.

    Args:
        stated: by the layer; its open options are applied to the copy already.
        nodata: declared by each band of the source.
    """
    stated = stated or StatedMetadata(BY, True)
    bands = stated.bands
    if len({repr(value) for value in nodata}) > 1:
        given = bands or (StatedBand(),) * len(nodata)
        own = [() if v is None or math.isnan(v) or not b.file_nodata else ((v, v),) for v, b in zip(nodata, given)]
        bands = tuple(StatedBand(nodata=b.nodata + values, file_nodata=False) for b, values in zip(given, own))
    return StatedMetadata(BY, True, stated.crs, bands=bands) if stated.crs or bands else None


def _same(one: QgsCoordinateReferenceSystem, other: QgsCoordinateReferenceSystem) -> bool:
    """Whether both are one CRS; a project may hold a CRS without authority in another spelling than its file."""
    if one == other or not one.isValid():
        return True
    if not other.isValid() or (one.authid() and other.authid()):
        return False
    pair = [osr.SpatialReference() for _ in range(2)]
    for system, crs in zip(pair, (one, other)):
        system.ImportFromWkt(crs.toWkt(Qgis.CrsWktVariant.Preferred))
    return bool(pair[0].IsSame(pair[1]))


def _stated_band(provider: QgsRasterDataProvider, number: int) -> StatedBand:
    declared = provider.sourceHasNoDataValue(number)
    ranges = tuple(_stored(range_, provider, number) for range_ in provider.userNoDataValues(number))
    return StatedBand(nodata=ranges, file_nodata=not declared or provider.useSourceNoDataValue(number))


def _stored(range_: QgsRasterRange, provider: QgsRasterDataProvider, number: int) -> tuple[float, float]:
    """Return (lowest, highest) stored value of a range, which QGIS holds in scaled values; nan is an open end.

    What QGIS does not read through GDAL is copied with its scaled values.
    """
    low, high = range_.min(), range_.max()
    low = -sys.float_info.max if math.isnan(low) else low
    high = sys.float_info.max if math.isnan(high) else high
    kinds = QgsRasterRange.BoundsType
    if range_.bounds() in (kinds.IncludeMax, kinds.Exclusive):
        low = math.nextafter(low, math.inf)
    if range_.bounds() in (kinds.IncludeMin, kinds.Exclusive):
        high = math.nextafter(high, -math.inf)
    scale, offset = provider.bandScale(number), provider.bandOffset(number)
    if provider.name() != "gdal" or (scale == 1 and offset == 0):
        return low, high
    ends = sorted(_unscaled(end, scale, offset, provider.sourceDataType(number)) for end in (low, high))
    return ends[0], ends[1]


def _unscaled(value: float, scale: float, offset: float, kind: Qgis.DataType) -> float:
    if abs(value) == sys.float_info.max:
        return math.copysign(value, value * scale)
    stored = (value - offset) / scale
    whole = round(stored)
    close = math.isclose(stored, whole, rel_tol=1e-9, abs_tol=1e-6)
    return float(whole) if kind in _INTEGERS and close else stored
