"""The plugin's texts in QGIS's language."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from .client import translation
from .core.system import paths


class Translation:
    """Translates from its creation until :meth:`remove`; without a translation texts stay English."""

    def __init__(self) -> None:
        # QGIS keeps no reference to a translator, and neither does Qt.
        self._translator = QTranslator()
        # Qt goes from prithvi_es_MX to prithvi_es by itself.
        name, folder = f"prithvi_{QgsApplication.locale()}", str(paths.resources() / "i18n")
        self._installed = self._translator.load(name, folder) and QCoreApplication.installTranslator(self._translator)
        translation.set_translator(lambda text: QCoreApplication.translate("Prithvi", text))

    def remove(self) -> None:
        """Stop translating."""
        translation.set_translator()
        if self._installed:
            QCoreApplication.removeTranslator(self._translator)
            self._installed = False
