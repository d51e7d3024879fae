"""Read wavelengths of bands, and find the bands of the models by them.

Centres: Sentinel-2 MSI (ESA, Sentinel-2 Products Specification Document); those of Landsat 8/9 lie within 12 nm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Optional

CENTRES_NM: dict[str, float] = {
    "COASTAL_AEROSOL": 443,
    "BLUE": 490,
    "GREEN": 560,
    "RED": 665,
    "RED_EDGE_1": 705,
    "RED_EDGE_2": 740,
    "RED_EDGE_3": 783,
    "NIR_BROAD": 842,
    "NIR_NARROW": 865,
    "SWIR_1": 1610,
    "SWIR_2": 2190,
}
CIRRUS_NM = (1360.0, 1390.0)
# Centres that identify a band: those of optical sensors of 10 to 30 m, and no absorption band.
_RANGES_NM: dict[str, tuple[float, float]] = {
    "COASTAL_AEROSOL": (425, 456),
    "BLUE": (456, 522),
    "GREEN": (530, 590),
    "RED": (630, 685),
    "RED_EDGE_1": (695, 716),
    "RED_EDGE_2": (728, 752),
    "RED_EDGE_3": (770, 795),
    "NIR_BROAD": (800, 853),
    "NIR_NARROW": (853, 885),
    "SWIR_1": (1550, 1700),
    "SWIR_2": (2080, 2300),
}
# Centres that a band of this name may have on any sensor.
_POSSIBLE_NM = {
    "COASTAL_AEROSOL": (400, 475),
    "BLUE": (430, 535),
    "GREEN": (500, 615),
    "RED": (600, 710),
    "RED_EDGE": (670, 800),
    "NIR": (740, 1000),
    "SWIR_1": (1480, 1800),
    "SWIR_2": (1950, 2450),
}
_NUMBER = r"\d+(?:\.\d+)?(?:e-?\d+)?"
_VALUE = re.compile(rf"({_NUMBER})(?:\s*(?:-|–|to)\s*({_NUMBER}))?")
_IN_TEXT = re.compile(
    rf"(?<![\w.])\(?({_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?)\s*"
    r"(?:nm|nanomet(?:er|re)s?|[uµμ]m|microns?|micromet(?:er|re)s?)(?![a-z0-9])\)?"
    rf"|\(({_NUMBER})\)$"  # GDAL's description of an ENVI band whose header has no unit: "Band 1 (492.4)"
)
_ITEM = re.compile(
    r"(?:netcdfdim|dim)?(?:sensorband|band)?(?:cent(?:er|re|ral))?(?:radiation)?wavelength(?:cent(?:er|re|ral))?"
    r"(?:nm|um|microns?|value)?"
)


def wavelength_in(text: str) -> tuple[Optional[float], str]:
    """Return the wavelength in nm that a band's name contains, None for none, and the other text."""
    match = _IN_TEXT.search(text)
    nm = _in_nm(match.group(1) or match.group(2)) if match else None
    if match is None or nm is None:
        return None, text
    return nm, (text[: match.start()] + " " + text[match.end() :]).strip(" ,;:-")


def wavelength_of(items: Mapping[str, str]) -> Optional[float]:
    """Return the centre wavelength in nm among a band's metadata items; None without one.

    Known are GDAL's IMAGERY domain (``CENTRAL_WAVELENGTH_UM``), its drivers of ENVI, Sentinel-2, netCDF and Zarr, and
    the keys that other software writes. The unit follows from the number: no optical band is at 400 µm or at 2 nm.
    """
    for key, value in items.items():
        if _ITEM.fullmatch(re.sub(r"[^a-z]", "", key.lower())):
            nm = _in_nm(value)
            if nm is not None:
                return nm
    return None


def plain_wavelength(text: str) -> Optional[float]:
    """Return the wavelength in nm of a name that is nothing but a number, None for other names."""
    return _in_nm(text) if re.fullmatch(_NUMBER, text) else None


def band_at(nm: float) -> str:
    """Return the TerraTorch name of a band at a wavelength; "" where the models know none."""
    return next((band for band, (low, high) in _RANGES_NM.items() if low <= nm < high), "")


def may_be(band: str, nm: float) -> bool:
    """Whether a band of this TerraTorch name may have this centre wavelength on any sensor."""
    part = next((p for p in ("RED_EDGE", "NIR") if band.startswith(p)), band)
    low, high = _POSSIBLE_NM.get(part, (0, float("inf")))
    return low <= nm <= high


def _in_nm(text: str) -> Optional[float]:
    """Return a number, or the middle of two, in nm; None for what is no wavelength of reflected light."""
    match = _VALUE.search(str(text).lower())
    if match is None:
        return None
    ends = [float(number) for number in match.groups() if number]
    value = sum(ends) / len(ends)
    for low, high, factor in ((300, 3000, 1.0), (0.3, 3.0, 1e3), (3e-7, 3e-6, 1e9)):
        if low <= value <= high:
            return round(value * factor, 2)
    return None
