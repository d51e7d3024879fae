"""The plugin object that QGIS makes: adds the Processing provider and removes it again."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsApplication

from .provider import PrithviProvider


class PrithviPlugin:
    """What QGIS loads. Every add has its remove in :meth:`unload`."""

    def __init__(self, iface: Any):
        """``iface`` is ``QgisInterface``, or None under ``qgis_process``."""
        self.iface = iface
        self.provider: Optional[PrithviProvider] = None

    def initProcessing(self) -> None:
        """Add the provider; all that ``qgis_process`` calls."""
        if self.provider is None:
            self.provider = PrithviProvider()
            QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Start in the desktop."""
        self.initProcessing()

    def unload(self) -> None:
        """Take everything back; the engine stays warm for other front ends."""
        if self.provider is not None:
            # The registry owns the provider and deletes it.
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
