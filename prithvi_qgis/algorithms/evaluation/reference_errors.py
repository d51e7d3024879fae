"""The error of a reference that cannot be read; QGIS's start imports it."""

from __future__ import annotations

from ...core.errors import ErrorCode, PrithviError


def unreadable_reference(reference: object) -> PrithviError:
    """Return the error for ``reference``, a value of REFERENCE."""
    name = reference if isinstance(reference, str) and reference else "(empty)"
    return PrithviError(
        ErrorCode.SOURCE_UNREADABLE,
        f"REFERENCE {name} is no raster that can be read, and no layer of polygons or points.",
        "Choose a GeoTIFF, a GeoPackage or a layer of the project.",
    )
