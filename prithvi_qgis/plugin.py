"""The plugin object that QGIS creates: adds the provider and the interface, and removes them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Protocol

from qgis.core import QgsApplication

from . import settings
from .provider import PrithviProvider
from .translation import Translation

if TYPE_CHECKING:
    from qgis.gui import QgisInterface


class Unloadable(Protocol):
    """A part of the interface."""

    def unload(self) -> None:
        """Remove it from QGIS."""


class PrithviPlugin:
    """The plugin. :meth:`unload` removes everything that the other methods add."""

    def __init__(self, iface: Optional[QgisInterface]):
        """``iface`` is ``QgisInterface``, or None under ``qgis_process``."""
        self.iface = iface
        self.provider: Optional[PrithviProvider] = None
        self.translation: Optional[Translation] = None
        self.parts: list[Unloadable] = []

    def initProcessing(self) -> None:
        """Add the provider; ``qgis_process`` calls only this."""
        if self.provider is None:
            self.translation = Translation()
            settings.register()
            self.provider = PrithviProvider()
            QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Add provider and interface, in the desktop."""
        self.initProcessing()
        if self.iface is not None and not self.parts:
            from .gui.desktop_forms import FormRegistration
            from .gui.layer_menu import LayerMenu
            from .gui.options_factory import OptionsFactory
            from .gui.setup.setup_offer import FirstRun

            self.parts = [FormRegistration(), OptionsFactory(self.iface), FirstRun(self.iface), LayerMenu(self.iface)]

    def unload(self) -> None:
        """Remove everything; the engine keeps running for other front ends."""
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
