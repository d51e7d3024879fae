"""Names and wavelengths of bands, as shown to users."""

from __future__ import annotations

from ...core.scenes.bands import label
from ...core.scenes.wavelengths import CENTRES_NM
from ..base import tr


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
    nm = CENTRES_NM.get(band)
    return tr("{} nm").format(f"{nm:g}") if nm else ""
