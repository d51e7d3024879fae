"""``prithvi:importmodel``: imports a model that was trained with TerraTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFolder,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from .base import Parameters, PrithviAlgorithm, Results, search_words, tr
from .engine_selection import choose_variant, device_or_setting


class ImportModel(PrithviAlgorithm):
    """Imports configuration and checkpoint, and checks that they run."""

    CONFIG = "CONFIG"
    CHECKPOINT = "CHECKPOINT"
    ID = "ID"
    CLASSES = "CLASSES"
    OVERWRITE = "OVERWRITE"
    MODEL = "MODEL"

    def name(self) -> str:
        return "importmodel"

    def displayName(self) -> str:
        return tr("Import model")

    def groupId(self) -> str:
        return "models"

    def shortDescription(self) -> str:
        return tr("Makes a model for Prithvi segment from a TerraTorch configuration and checkpoint")

    def shortHelpString(self) -> str:
        return tr(
            "Makes a model that you trained in TerraTorch ready for Prithvi segment. Needed are the YAML"
            " of the training, as LightningCLI writes it, and its checkpoint.\n\n"
            "Bands, means, standard deviations and the size of tiles are read from the YAML. Names and colours of the"
            ' classes may be given as JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]. Without them the'
            " names of the training are used, or numbers, and colours that colour-blind people can tell apart."
            ' A class with "ignore": true has no data in masks. A model that predicts a quantity takes'
            ' {"name": "Biomass", "unit": "Mg/ha", "min": 0, "max": 300}.\n\n'
            "Nothing that comes with the files is run: a configuration that names anything but known parts of"
            " TerraTorch is refused, and so is a checkpoint that holds more than weights.\n\n"
            "From a bundle (Export bundle) take the model's model.json as configuration: configuration and weights lie"
            " beside it, their checksums are compared, and they are copied.\n\n"
            "At last a tile is segmented by vLLM and by plain TerraTorch. If they disagree, nothing is imported.\n\n"
            "The model is then in the folder models of the engine's data folder, under its id: choose it by that id in"
            " Prithvi segment. To remove a model, delete its folder."
        )

    def tags(self) -> list[str]:
        words = tr("prithvi,import,model,checkpoint,terratorch,fine-tuned,weights,own,yaml,ckpt,safetensors")
        return search_words(words)

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        file = Qgis.ProcessingFileParameterBehavior.File
        texts = {
            self.CONFIG: tr("The YAML of the training, with its model and data sections; or a bundle's model.json."),
            self.CHECKPOINT: tr(
                "The weights: .ckpt as Lightning saves it, .pt, .pth or .safetensors. A model.json has them beside it."
            ),
            self.ID: tr(
                "The model's name in lists and in scripts: letters, digits, points, hyphens and underlines."
                " Empty: the one in model.json."
            ),
            self.CLASSES: tr(
                "A JSON list with value, name and color of each class; of a regression, name and unit of its quantity."
            ),
            self.OVERWRITE: tr("Replaces a model that has this id already."),
        }
        optional = QgsProcessingParameterString(
            self.CLASSES, tr("Classes (JSON)"), defaultValue="", multiLine=True, optional=True
        )
        parameters = [
            QgsProcessingParameterFile(
                self.CONFIG,
                tr("TerraTorch configuration"),
                file,
                fileFilter=tr("Configurations (*.yaml *.yml model.json)"),
            ),
            QgsProcessingParameterFile(
                self.CHECKPOINT,
                tr("Checkpoint"),
                file,
                optional=True,
                fileFilter=tr("Checkpoints (*.ckpt *.pt *.pth *.safetensors)"),
            ),
            QgsProcessingParameterString(self.ID, tr("Id of the new model"), optional=True),
            optional,
            QgsProcessingParameterBoolean(self.OVERWRITE, tr("Replace a model of that id"), defaultValue=False),
        ]
        for parameter in parameters:
            parameter.setHelp(texts[parameter.name()])
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputFolder(self.MODEL, tr("Folder of the model")))

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from ..client.models.import_model import import_model

        reported = ""

        def report(percent: int, text: str) -> None:
            nonlocal reported
            feedback.setProgress(percent)
            if text != reported:
                reported = text
                feedback.pushInfo(text)

        checkpoint = self.parameterAsFile(values, self.CHECKPOINT, context)
        folder = import_model(
            choose_variant(device_or_setting("auto")),
            Path(self.parameterAsFile(values, self.CONFIG, context)).expanduser(),
            Path(checkpoint).expanduser() if checkpoint else None,
            self.parameterAsString(values, self.ID, context).strip(),
            self.parameterAsString(values, self.CLASSES, context),
            self.parameterAsBool(values, self.OVERWRITE, context),
            report,
            feedback.isCanceled,
        )
        feedback.pushInfo(tr("The model is in {}. Run it with MODEL={}.").format(folder, folder.name))
        return {self.MODEL: str(folder)}
