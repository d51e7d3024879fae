"""``prithvi:evaluate``: assesses the accuracy of a mask against reference data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Optional

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterField,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from .base import Parameters, PrithviAlgorithm, Results, helped, search_words, tr
from .evaluation.reference_errors import unreadable_reference
from .parameter_names import IGNORE, INPUT, OUTPUT, OUTSIDE, REFERENCE, REPORT

if TYPE_CHECKING:
    from .evaluation.evaluate_mask import EvaluationRequest


class Evaluate(PrithviAlgorithm):
    """Compares a mask with a reference: confusion matrix, scores, areas with intervals, an agreement map."""

    def __init__(self) -> None:
        super().__init__()
        self._request: Optional[EvaluationRequest] = None

    def name(self) -> str:
        return "evaluate"

    def displayName(self) -> str:
        return tr("Evaluate a mask")

    def groupId(self) -> str:
        return "segmentation"

    def shortDescription(self) -> str:
        return tr("Tells how good a mask is: IoU, F1, accuracy, and areas with confidence intervals.")

    def shortHelpString(self) -> str:
        return tr(
            "Compares a mask with a reference: another raster, labelled polygons, or sample points. The outcome is the "
            "confusion matrix with IoU, F1, precision and recall of each class, accuracy and kappa, and the area of "
            "each class with its 95 % confidence interval.\n\nA reference on another grid is brought to the mask's by "
            "the nearest pixel. Pixels outside all polygons are left out, unless you say which class they "
            "have.\n\nAreas are estimated as Olofsson et al. (2014) advise: random points in each class of the mask "
            "give intervals to rely on; a reference that covers the whole mask gives areas without any."
        )

    def tags(self) -> list[str]:
        return search_words(
            tr(
                "prithvi,evaluate,accuracy,assessment,validation,confusion matrix,"
                "error matrix,iou,f1,kappa,precision,recall,area estimation,confidence interval,olofsson,"
                "ground truth,reference"
            )
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        for parameter in _parameters():
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("MEAN_IOU", tr("Mean IoU of the classes that occur")))
        self.addOutput(QgsProcessingOutputNumber("ACCURACY", tr("Share of the compared samples that are correct")))

    def check_values(self, values: Parameters, context: QgsProcessingContext) -> None:
        reference = values.get(REFERENCE)
        path = reference.partition("|")[0] if isinstance(reference, str) else ""
        # Before QGIS tries each kind of layer on it, and prints a line for each.
        if path.startswith("/") and not path.startswith("/vsi") and not Path(path).exists():
            raise unreadable_reference(reference)

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        good, message = super().checkParameterValues(parameters, context)
        if not good and message.startswith("Incorrect parameter value for REFERENCE"):
            message = unreadable_reference(parameters.get(REFERENCE)).line
        return good, message

    def prepare_run(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        from .evaluation.evaluate_mask import read_request

        self._request = read_request(self, values, context)

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from .evaluation.evaluate_mask import write_evaluation

        if self._request is None:
            raise QgsProcessingException("The algorithm was run without being prepared.")
        output = self.parameterAsFileOutput(values, OUTPUT, context)
        report = self.parameterAsFileOutput(values, REPORT, context) if values.get(REPORT) else ""
        document = write_evaluation(self._request, output, report, context, feedback)
        feedback.pushInfo(tr("Reference: {}").format(document["reference"]["how"]))
        for warning in document["warnings"]:
            feedback.pushWarning(warning)
        for c in document["classes"]:
            if c["iou"] is not None:
                feedback.pushInfo(tr("{}: IoU {:.4f}, F1 {:.4f}").format(c["name"], c["iou"], c["f1"]))
        results = {"OUTPUT": output, "MEAN_IOU": document["mean"]["iou"], "ACCURACY": document["accuracy"]}
        return {**results, REPORT: report} if report else results


def _parameters() -> list[QgsProcessingParameterDefinition]:
    kinds = Qgis.ProcessingSourceType
    either = [int(kind) for kind in (kinds.Raster, kinds.VectorPoint, kinds.VectorPolygon)]
    json_files, html_files = tr("JSON files (*.json)"), tr("HTML files (*.html)")
    return [
        helped(
            QgsProcessingParameterRasterLayer(INPUT, tr("Mask")),
            tr("A raster with one band of class values, such as the mask of Prithvi segment."),
        ),
        helped(
            QgsProcessingParameterMapLayer(REFERENCE, tr("Reference (raster, polygons or points)"), types=either),
            tr("What is known to be true. It may cover a part of the mask, and have another grid or CRS."),
        ),
        helped(
            QgsProcessingParameterField(
                "FIELD", tr("Field with the classes (vector references)"), None, REFERENCE, optional=True
            ),
            tr("Holds class values, or the names that the mask gives its classes, such as Water."),
        ),
        helped(
            QgsProcessingParameterString(OUTSIDE, tr("Class outside all polygons (empty: left out)"), optional=True),
            tr("A value or name. Polygons of water alone need it: everything else is then land, say."),
        ),
        helped(
            QgsProcessingParameterString(IGNORE, tr("Values to ignore"), optional=True),
            tr("Values or names, separated by commas, left out wherever they stand in the mask or in the reference."),
        ),
        helped(
            QgsProcessingParameterFileDestination(OUTPUT, tr("Figures"), json_files),
            tr("JSON with the confusion matrix, all scores, areas with intervals, and where they come from."),
        ),
        helped(
            QgsProcessingParameterFileDestination(REPORT, tr("Report"), html_files, optional=True),
            tr("One HTML file with a map of where mask and reference agree."),
        ),
    ]
