"""What the two algorithms that segment have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingException

from .. import desktop_forms
from ..base import Parameters, PrithviAlgorithm, one_line_errors

if TYPE_CHECKING:
    from qgis.PyQt.QtWidgets import QDialog, QWidget


class SegmentationAlgorithm(PrithviAlgorithm):
    """Base of "Prithvi segment" and "Prithvi segment folder"."""

    def read_job(self, parameters: Parameters, context: QgsProcessingContext) -> Any:
        """Read and check the parameters; on the main thread. Starts nothing and writes nothing.

        Raises:
            PrithviError: the first value that is wrong.
        """
        raise NotImplementedError

    def known_to_qgis(self, parameters: Parameters) -> dict[str, Any]:
        """Return the parameters as QGIS's own check can take them."""
        return parameters

    def groupId(self) -> str:
        return "segmentation"

    def createCustomParametersWidget(self, parent: Optional[QWidget] = None) -> Optional[QDialog]:
        return desktop_forms.create_form(self.create(), parent)

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        # Before QGIS's own check: the form then shows the plugin's line, and no engine has started.
        try:
            with one_line_errors():
                self.read_job(parameters, context)
        except QgsProcessingException as e:
            return False, str(e)
        return super().checkParameterValues(self.known_to_qgis(parameters), context)
