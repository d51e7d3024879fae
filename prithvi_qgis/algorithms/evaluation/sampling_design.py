"""The design of a sample, which travels in the fields of its points from drawing to evaluating."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional

LABEL = "label"
STRATUM, NAME = "stratum", "stratum_name"
PIXELS, AREA, POINTS = "stratum_pixels", "stratum_area", "stratum_points"
_NEEDED = (STRATUM, PIXELS, AREA, POINTS)


@dataclass(frozen=True)
class Stratum:
    """The class of a mask in which points were drawn."""

    pixels: int
    """Its pixels, within the area of interest where there was one."""
    area: float
    """Their area, in m2 or in pixels without georeference."""
    points: int
    """Points drawn in it."""


def field_indices(fields: Iterable[Any]) -> Optional[list[int]]:
    """Return where a layer has the fields of a design; None for a layer without one.

    Args:
        fields: of QGIS.
    """
    names = [field.name() for field in fields]
    return [names.index(name) for name in _NEEDED] if set(_NEEDED) <= set(names) else None
