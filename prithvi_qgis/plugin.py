"""The plugin object that QGIS makes: adds the Processing provider and removes it again."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsApplication

from . import settings
from .provider import PrithviProvider
from .translation import Translation


class PrithviPlugin:
    """What QGIS loads. Every add has its remove in :meth:`unload`."""

    def __init__(self, iface: Any):
        """``iface`` is ``QgisInterface``, or None under ``qgis_process``."""
        self.iface = iface
        self.provider: Optional[PrithviProvider] = None
        self.translation: Optional[Translation] = None
        self.parts: list[Any] = []

    def initProcessing(self) -> None:
        """Add the provider; all that ``qgis_process`` calls."""
        if self.provider is None:
            self.translation = Translation()
            settings.register()
            self.provider = PrithviProvider()
            QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Start in the desktop."""
        self.initProcessing()
        if self.iface is not None and not self.parts:
            from .gui.desktop_forms import FormRegistration
            from .gui.layer_menu import LayerMenu
            from .gui.options_factory import OptionsFactory
            from .gui.setup.setup_offer import FirstRun

            self.parts = [FormRegistration(), OptionsFactory(self.iface), FirstRun(self.iface), LayerMenu(self.iface)]

    def unload(self) -> None:
        """Take everything back; the engine stays warm for other front ends."""
        while self.parts:
            self.parts.pop().unload()
        if self.provider is not None:
            # The registry owns the provider and deletes it.
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
            settings.unregister()
        if self.translation is not None:
            self.translation.remove()
            self.translation = None
