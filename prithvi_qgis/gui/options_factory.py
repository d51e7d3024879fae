"""Offers the options page to QGIS; the page is imported when the user opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QWidget

from ..algorithms.base import icon_path, tr

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

KEY = "prithvi"


class OptionsFactory(QgsOptionsWidgetFactory):
    """Adds "Prithvi" to Settings > Options. :meth:`unload` removes it."""

    def __init__(self, iface: QgisInterface):
        super().__init__(tr("Prithvi"), QIcon(icon_path()), KEY)
        self._iface = iface
        iface.registerOptionsWidgetFactory(self)

    def createWidget(self, parent: Optional[QWidget] = None) -> QgsOptionsPageWidget:
        from .options_page import OptionsPage

        return OptionsPage(parent)

    def unload(self) -> None:
        """Remove the page."""
        self._iface.unregisterOptionsWidgetFactory(self)
