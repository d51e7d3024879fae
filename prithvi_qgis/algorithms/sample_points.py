"""``prithvi:samplepoints``: draws a stratified random sample of a mask, to be labelled and evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import (
    Qgis,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QMetaType

from .base import Parameters, PrithviAlgorithm, Results, helped, search_words, tr
from .parameter_names import INPUT, OUTPUT

if TYPE_CHECKING:
    from .evaluation.draw_points import Sample, SampleRequest
    from .evaluation.evaluate_mask import ComparedLayer

COUNT, ALLOCATION, SEED, MIN_DISTANCE, AOI = "COUNT", "ALLOCATION", "SEED", "MIN_DISTANCE", "AOI"


class SamplePoints(PrithviAlgorithm):
    """Draws random points in each class of a mask."""

    def __init__(self) -> None:
        super().__init__()
        self._mask: Optional[ComparedLayer] = None
        self._aoi: Optional[QgsProcessingFeatureSource] = None
        self._request: Optional[SampleRequest] = None

    def name(self) -> str:
        return "samplepoints"

    def displayName(self) -> str:
        return tr("Draw sample points")

    def groupId(self) -> str:
        return "segmentation"

    def shortDescription(self) -> str:
        return tr("Draws random points in each class of a mask, to be labelled and given to Evaluate a mask.")

    def shortHelpString(self) -> str:
        return tr(
            "Draws a stratified random sample: within each class of the mask, every pixel has the same chance. Label "
            "the points on images without looking at the mask, in the field label, which offers the mask's classes. "
            "Then give the layer to Evaluate a mask as reference, with the field label.\n\nEach point carries its "
            "class, and that class's pixels, area and number of points, so that accuracies and areas are weighted by "
            "the design. Label all points, and delete none.\n\nProportional allocation is best for the overall "
            "accuracy, equal allocation for the user's accuracy of each class. Olofsson et al. (2014) advise 50 points "
            "for rare classes and the rest in proportion to area."
        )

    def tags(self) -> list[str]:
        return search_words(
            tr("sample,random points,stratified,accuracy,assessment,validation,area estimation,olofsson,reference")
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        for parameter in _parameters():
            self.addParameter(parameter)

    def prepare_run(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        from ..accuracy.sampling import Allocation
        from .evaluation.draw_points import SampleRequest
        from .evaluation.evaluate_mask import mask_layer

        self._mask = mask_layer(self, values, context)
        self._aoi = self.parameterAsSource(values, AOI, context) if values.get(AOI) else None
        self._request = SampleRequest(
            self.parameterAsInt(values, COUNT, context),
            Allocation(self.parameterAsEnum(values, ALLOCATION, context)),
            values.get(SEED),
            self.parameterAsDouble(values, MIN_DISTANCE, context),
        )

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from .evaluation.draw_points import AreaOfInterest, draw_points
        from .evaluation.mask_file import MaskFile
        from .evaluation.sample_layer import describe
        from .reports.picture import GdalExceptions

        if self._mask is None or self._request is None:
            raise QgsProcessingException("The algorithm was run without being prepared.")
        with GdalExceptions(), self._mask.opened(feedback, context) as path:
            mask = MaskFile(path, self._mask.name, self._mask.crs)
            transforms = context.transformContext()
            aoi = AreaOfInterest(self._aoi, mask, transforms) if self._aoi else None
            sample = draw_points(
                mask,
                aoi,
                self._request,
                transforms,
                lambda share: feedback.setProgress(100 * share),
                feedback.isCanceled,
            )
            sink, output = self.parameterAsSink(values, OUTPUT, context, _fields(), QgsWkbTypes.Type.Point, mask.crs)
            if sink is None:
                raise QgsProcessingException(self.invalidSinkError(values, OUTPUT))
            _write(sample, sink)
            del sink  # closes the file
            describe(output, sample, context)
        _report(sample, self._request, feedback)
        return {OUTPUT: output}


def _fields() -> QgsFields:
    from .evaluation.sampling_design import AREA, LABEL, NAME, PIXELS, POINTS, STRATUM

    kinds = QMetaType.Type
    fields = QgsFields()
    for name, kind in (
        *((LABEL, kinds.Int), (STRATUM, kinds.Int), (NAME, kinds.QString)),
        *((PIXELS, kinds.LongLong), (AREA, kinds.Double), (POINTS, kinds.Int)),
    ):
        fields.append(QgsField(name, kind))
    return fields


def _write(sample: Sample, sink: QgsFeatureSink) -> None:
    for (x, y), value in zip(sample.positions, sample.strata):
        feature = QgsFeature(_fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        stratum = sample.design[value]
        feature.setAttributes(
            [None, value, sample.names[value], stratum.pixels, stratum.area, stratum.points],
        )
        sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert)


def _report(sample: Sample, request: SampleRequest, feedback: QgsProcessingFeedback) -> None:
    for value, stratum in sorted(sample.design.items()):
        feedback.pushInfo(
            tr("{}: {:,} points in {:,} pixels").format(sample.names[value], stratum.points, stratum.pixels)
        )
    feedback.pushInfo(tr("SEED {} draws the same points again.").format(sample.seed))
    if len(sample.positions) < request.count:
        feedback.pushWarning(
            tr("{:,} points were drawn in place of {:,}: there are no more pixels, or none far enough apart.").format(
                len(sample.positions), request.count
            )
        )


def _parameters() -> list[QgsProcessingParameterDefinition]:
    numbers = Qgis.ProcessingNumberParameterType
    return [
        helped(
            QgsProcessingParameterRasterLayer(INPUT, tr("Mask")),
            tr("A raster with one band of class values, such as the mask of Prithvi segment."),
        ),
        helped(
            QgsProcessingParameterNumber(COUNT, tr("Number of points"), numbers.Integer, 300, minValue=2),
            tr("Of all classes together."),
        ),
        helped(
            QgsProcessingParameterEnum(
                ALLOCATION,
                tr("Points per class"),
                [
                    tr("In proportion to its area"),
                    tr("The same for all"),
                    tr("50 for rare classes, the rest in proportion (Olofsson et al. 2014)"),
                ],
                defaultValue=2,
            ),
            tr("Each class gets two at least, since fewer have no variance."),
        ),
        helped(
            QgsProcessingParameterNumber(
                MIN_DISTANCE, tr("Minimum distance between points (m)"), numbers.Double, 0.0, minValue=0.0
            ),
            tr("Metres on the ground, or pixels for a mask without georeference."),
        ),
        helped(
            QgsProcessingParameterFeatureSource(
                AOI, tr("Area of interest"), [int(Qgis.ProcessingSourceType.VectorPolygon)], optional=True
            ),
            tr("Polygons; points lie within, and areas refer to it."),
        ),
        helped(
            QgsProcessingParameterNumber(SEED, tr("Seed"), numbers.Integer, None, optional=True, minValue=0),
            tr("The same number draws the same points again. Empty: other points each time."),
        ),
        helped(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Sample points"), Qgis.ProcessingSourceType.VectorPoint),
            tr("Points with an empty field label, the class of the mask, and the design of the sample."),
        ),
    ]
