"""What the two algorithms that segment have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsProcessingContext

from .. import desktop_forms
from ..base import Parameters, PrithviAlgorithm

if TYPE_CHECKING:
    from qgis.PyQt.QtWidgets import QDialog, QWidget


class SegmentationAlgorithm(PrithviAlgorithm):
    """Base of "Prithvi segment" and "Prithvi segment folder"."""

    def read_job(self, values: Parameters, context: QgsProcessingContext) -> Any:
        """Read and check the parameters; on the main thread. Starts nothing and writes nothing.

        Raises:
            PrithviError: the first value that is wrong.
        """
        raise NotImplementedError

    def groupId(self) -> str:
        return "segmentation"

    def createCustomParametersWidget(self, parent: Optional[QWidget] = None) -> Optional[QDialog]:
        return desktop_forms.create_form(self.create(), parent)

    def check_values(self, values: Parameters, context: QgsProcessingContext) -> None:
        self.read_job(values, context)
