"""Names and wavelengths of bands, as shown to users."""

from __future__ import annotations

from ...core.scenes.bands import label
from ..base import tr

# Centres in nm of Sentinel-2's bands (ESA), to which those of Landsat and HLS lie close; for orientation only.
_WAVELENGTHS_NM = {
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


def band_name(band: str) -> str:
    """Return a TerraTorch band name in the user's language."""
    # Literals, so that the translators' tools find them.
    names = {
        "COASTAL_AEROSOL": tr("coastal aerosol"),
        "BLUE": tr("blue"),
        "GREEN": tr("green"),
        "RED": tr("red"),
        "RED_EDGE_1": tr("red edge 1"),
        "RED_EDGE_2": tr("red edge 2"),
        "RED_EDGE_3": tr("red edge 3"),
        "NIR_BROAD": tr("broad NIR"),
        "NIR_NARROW": tr("narrow NIR"),
        "SWIR_1": tr("SWIR 1"),
        "SWIR_2": tr("SWIR 2"),
    }
    return names.get(band) or label(band)


def wavelength(band: str) -> str:
    """Return the approximate centre wavelength of a band; empty where it is not known."""
    nm = _WAVELENGTHS_NM.get(band)
    return tr("{} nm").format(nm) if nm else ""
