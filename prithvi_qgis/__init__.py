"""Prithvi-EO segmentation in QGIS, run by a local vLLM engine.

Importing this package must stay free of QGIS and of the engine's libraries: both QGIS's Python and the engine's own
Python import it. ``classFactory`` therefore imports the plugin only when QGIS asks for it.
"""

from __future__ import annotations

__version__ = "0.1.0"


def classFactory(iface):  # QGIS prescribes the name
    """Return the plugin for QGIS.

    Args:
        iface: ``QgisInterface``, or None under ``qgis_process``.
    """
    from .plugin import PrithviPlugin

    return PrithviPlugin(iface)
