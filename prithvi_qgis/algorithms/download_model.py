"""``prithvi:downloadmodel``: downloads a published model."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFolder,
    QgsProcessingOutputString,
    QgsProcessingParameterString,
)

from ..core.errors import ErrorCode, PrithviError
from ..core.models import catalogue
from ..core.system import paths
from .base import Parameters, Results, progress_to, search_words, tr
from .network_algorithm import NetworkAlgorithm
from .segmentation.validation import find_model


class DownloadModel(NetworkAlgorithm):
    """Downloads a model of the catalogue into the data folder."""

    MODEL = "MODEL"
    REVISION = "REVISION"

    def name(self) -> str:
        return "downloadmodel"

    def displayName(self) -> str:
        return tr("Download model")

    def groupId(self) -> str:
        return "models"

    def shortDescription(self) -> str:
        return tr("Downloads a published Prithvi model from the Hugging Face hub")

    def shortHelpString(self) -> str:
        return tr(
            "Downloads a published Prithvi model (floods, burn scars) from the Hugging Face hub; about 1.3 GB each."
            " Prithvi segment then runs it. A download may be cancelled and goes on where it stopped; the files are"
            " checked against the checksums that the hub names. The engine must be installed.\n\n"
            "Model: its name in the catalogue, such as flood-300m (docs/models.md lists them with their sources).\n\n"
            "Revision: the commit to download, 40 hexadecimal digits; empty for the one that this version pins.\n\n"
            "The hub's own settings are used: HF_HOME (where downloads lie), HF_ENDPOINT (a mirror), HF_TOKEN (for"
            " models that ask for consent), and QGIS's proxy and certificate authorities where yours say nothing. In"
            " offline mode (options) nothing is downloaded."
        )

    def tags(self) -> list[str]:
        return search_words(tr("prithvi,model,download,hugging face,flood,burn scars,weights,catalogue"))

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        model = QgsProcessingParameterString(self.MODEL, tr("Model"))
        listed = catalogue.list_models(paths.model_folders())
        names = [card.id for card, state in listed if card.source and card.source.repo]
        model.setMetadata({"widget_wrapper": {"value_hints": names}})
        self.addParameter(model)
        revision = QgsProcessingParameterString(self.REVISION, tr("Revision (empty for the pinned one)"), optional=True)
        revision.setFlags(revision.flags() | Qgis.ProcessingParameterFlag.Advanced)
        self.addParameter(revision)
        self.addOutput(QgsProcessingOutputFolder(self.MODEL, tr("Folder of the model")))
        self.addOutput(QgsProcessingOutputString(self.REVISION, tr("Revision")))

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from ..client.models.download_model import download_model

        report = progress_to(feedback)
        with self._offered() as offered:
            card = find_model(self.parameterAsString(values, self.MODEL, context))
            revision = self.parameterAsString(values, self.REVISION, context).strip()
            done = download_model(card, revision, report, feedback.isCanceled, offered)
            if not done.model:
                raise PrithviError(
                    ErrorCode.MODEL_MISSING,
                    f"The files of {card.id} are in the hub's cache, as TerraTorch wrote them.",
                    f"Import them: qgis_process run prithvi:importmodel --ID={card.id} --CONFIG={done.config}"
                    f" --CHECKPOINT={done.checkpoint}",
                )
            message = tr("{} is ready in {}.") if done.fresh else tr("{} was there already, in {}.")
            feedback.pushInfo(message.format(card.title, done.model))
            return {self.MODEL: done.model, self.REVISION: done.revision}
