"""Presets of satellite products: band order, scale, offset and nodata; and their detection from metadata.

Sources: Sentinel-2 Products Specification Document, version 14.9 (quantification 10000; RADIO_ADD_OFFSET and
BOA_ADD_OFFSET -1000 from processing baseline 04.00; nodata 0). HLS v2.0 User Guide (order of the layers, scale 0.0001,
fill -9999; the offset of Sentinel-2 is taken out already). USGS, Landsat 8-9 Collection 2 Level 2 Science Product Guide
(surface reflectance: scale 0.0000275, offset -0.2, fill 0).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from ..errors import ErrorCode, PrithviError
from .granules import PRODUCT_TAG

TAGS, NAME = "its tags", "its name"  # by which a sensor is detected, for messages
_L1C = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
_L2A = tuple(b for b in _L1C if b != "B10")  # the cirrus band has no surface reflectance
_S30 = _L1C
_L30 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B09", "B10", "B11")
_LANDSAT = tuple(f"B{n}" for n in range(1, 8))
_HLS_NAME = re.compile(r"HLS\.?([SL])30", re.IGNORECASE)
_LANDSAT_SURFACE = re.compile(r"^L[CO]0[89]_L2S[PR]_")


@dataclass(frozen=True)
class Sensor:
    """A satellite product, for files without its metadata."""

    id: str
    """Fixed name, for scripts."""
    title: str
    """For messages and lists."""
    orders: tuple[tuple[str, ...], ...]
    """Known band orders, of different lengths; "" is not a reflectance band (quality bits)."""
    landsat: bool
    """Whether band numbers are Landsat's, else Sentinel-2's."""
    scale: float
    """reflectance = stored value * scale + offset."""
    offset: float
    """Offset in reflectance."""
    nodata: float
    """Stored value of nodata pixels."""
    detected_by: str = ""
    """What of the file identifies it, :data:`TAGS` or :data:`NAME`; empty where the user chose it."""

    @property
    def source(self) -> str:
        """What identified the sensor, for messages."""
        return self.detected_by or "SENSOR"

    @property
    def phrase(self) -> str:
        """``HLS S30, as its tags say``."""
        return f"{self.title}, as {self.source} {'say' if self.detected_by == TAGS else 'says'}"


SENSORS: tuple[Sensor, ...] = (
    Sensor("sentinel2-l1c", "Sentinel-2 L1C before baseline 04.00", (_L1C,), False, 1e-4, 0.0, 0),
    Sensor("sentinel2-l1c-04", "Sentinel-2 L1C from baseline 04.00", (_L1C,), False, 1e-4, -0.1, 0),
    Sensor("sentinel2-l2a", "Sentinel-2 L2A before baseline 04.00", (_L2A,), False, 1e-4, 0.0, 0),
    Sensor("sentinel2-l2a-04", "Sentinel-2 L2A from baseline 04.00", (_L2A,), False, 1e-4, -0.1, 0),
    Sensor("hls-s30", "HLS S30", (_S30, (*_S30, "")), False, 1e-4, 0.0, -9999),
    Sensor("hls-l30", "HLS L30", (_L30, (*_L30, "")), True, 1e-4, 0.0, -9999),
    Sensor("landsat-sr", "Landsat 8/9 Collection 2 Level 2", (_LANDSAT,), True, 2.75e-5, -0.2, 0),
)


def find_sensor(name: str, tags: Mapping[str, str]) -> Optional[Sensor]:
    """Return the product of a file: as the user chose, else by its tags; None where neither identifies one.

    Args:
        name: a sensor's id, or empty for automatic.
        tags: the file's metadata.
    Raises:
        PrithviError: ``parameter_invalid`` for an unknown id.
    """
    if not name:
        return _detect(tags)
    if sensor := _by_id(name, ""):
        return sensor
    raise PrithviError(
        ErrorCode.PARAMETER_INVALID,
        f'SENSOR "{name}" is none of {", ".join(s.id for s in SENSORS)}.',
        "Choose one of them, or leave it automatic.",
    )


def _detect(tags: Mapping[str, str]) -> Optional[Sensor]:
    """Return HLS or Landsat Level 2 by its tags; HLS also has tags of the Sentinel-2 product that it is made from."""
    found = ""
    upper = {k.upper(): str(v) for k, v in tags.items()}
    name = upper.get(PRODUCT_TAG, "")
    hls = _HLS_NAME.match(name)
    if hls or _LANDSAT_SURFACE.match(name):
        return _by_id(f"hls-{hls.group(1).lower()}30" if hls else "landsat-sr", NAME)
    doi = _HLS_NAME.search(upper.get("IDENTIFIER_PRODUCT_DOI", ""))
    if doi:
        found = f"hls-{doi.group(1).lower()}30"
    elif "HLS_PROCESSING_TIME" in upper and "ACCODE" in upper:
        found = "hls-l30" if "LANDSAT_PRODUCT_ID" in upper else "hls-s30" if "PRODUCT_URI" in upper else ""
    elif _LANDSAT_SURFACE.match(upper.get("LANDSAT_PRODUCT_ID", "")):
        found = "landsat-sr"
    return _by_id(found, TAGS)


def _by_id(found: str, detected_by: str) -> Optional[Sensor]:
    return next((dataclasses.replace(s, detected_by=detected_by) for s in SENSORS if s.id == found), None)


def order_for(sensor: Sensor, count: int) -> tuple[str, ...]:
    """Return the sensor's order of ``count`` bands; empty when it has none of that length."""
    return next((order for order in sensor.orders if len(order) == count), ())


def fill_nodata(
    sensor: Optional[Sensor], declared: Sequence[Optional[float]], masked: bool, source: str
) -> tuple[list[Optional[float]], list[str]]:
    """Return the nodata value of each used band, and a note where it is the sensor's.

    Args:
        sensor: of the file, where known.
        declared: the file's nodata value of each band.
        masked: whether the file has a mask or an alpha band.
        source: name for messages.
    """
    values = list(declared)
    if sensor is None or masked or any(v is not None for v in values):
        return values, []
    line = f"{source} declares no nodata; {sensor.nodata:g} is taken as nodata ({sensor.phrase})."
    return [sensor.nodata] * len(values), [line]
