"""``prithvi:exportbundle``: writes what a machine without a network needs."""

from __future__ import annotations

import platform
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..client.bundle.targets import MACHINES
from ..client.install.python_versions import PYTHONS
from ..client.runtime.hardware import choose_variant
from .base import Parameters, Results, search_words, tr
from .engine_selection import device_or_setting
from .network_algorithm import NetworkAlgorithm
from .parameter_names import DEVICES

_AUTO = "auto"


class ExportBundle(NetworkAlgorithm):
    """Writes a bundle, or completes one."""

    VARIANT = "VARIANT"
    PYTHON = "PYTHON"
    ARCHITECTURE = "ARCHITECTURE"
    MODELS = "MODELS"
    PART_SIZE_MB = "PART_SIZE_MB"
    RAY = "RAY"
    OUTPUT = "OUTPUT"
    FILES = "FILES"
    FETCHED = "FETCHED"
    SIZE_MB = "SIZE_MB"
    PARTS = "PARTS"

    def name(self) -> str:
        return "exportbundle"

    def displayName(self) -> str:
        return tr("Export bundle")

    def shortDescription(self) -> str:
        return tr("Writes engine, models and plugin into one folder for machines without a network")

    def shortHelpString(self) -> str:
        return tr(
            "Writes everything that a machine without a network needs into one folder: the engine's packages, models,"
            " the plugin, checksums, and INSTALL.txt with the exact commands. There, Install engine takes the folder as"
            " its folder of wheels, and Import model takes a model's model.json.\n\n"
            "The packages are downloaded (3 to 4 GB) unless they are in the folder already; what was downloaded is kept"
            " when you cancel, and the next run goes on there. Running it again for another variant or another Python"
            " adds to the folder.\n\n"
            "Variant, Python and architecture are those of the other machine, not of this one.\n\n"
            "Models: ids or folders with commas between; empty for all models that are ready in your own folder of"
            " models.\n\n"
            "Size of parts: for sticks with FAT (4000) or for mail. The parts then lie in the folder parts, with a"
            " script that joins them.\n\n"
            "Proxy, mirror and certificate settings of uv and of pip are used; where they say nothing, QGIS's. In"
            " offline mode (options) nothing is downloaded."
        )

    def tags(self) -> list[str]:
        return search_words(tr("prithvi,export,bundle,offline,air-gapped,network,wheels,stick,server,copy"))

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        here = platform.machine() if platform.machine() in MACHINES else MACHINES[0]
        texts = {
            self.VARIANT: tr("What the other machine runs the models on. Automatic: what suits this machine."),
            self.PYTHON: tr("Python of the other machine, such as 3.12; auto: that of the engine here."),
            self.ARCHITECTURE: tr("The other machine's processor (uname -m)."),
            self.MODELS: tr("Ids or folders with commas between. Empty: all that are ready in your folder of models."),
            self.PART_SIZE_MB: tr("In millions of bytes. 0: no parts."),
            self.RAY: tr("For segmenting folders on several GPUs or machines; 75 MB more."),
            self.OUTPUT: tr("A new or empty folder, or a bundle that is completed or added to."),
        }
        variants = [tr("Automatic"), tr("CUDA (NVIDIA GPU)"), tr("CPU")]
        numbers = QgsProcessingParameterNumber(
            self.PART_SIZE_MB,
            tr("Size of parts (MB)"),
            Qgis.ProcessingNumberParameterType.Integer,
            defaultValue=0,
            minValue=0,
        )
        parameters = [
            QgsProcessingParameterEnum(self.VARIANT, tr("Variant"), variants, defaultValue=0),
            _choice(self.PYTHON, tr("Python"), [_AUTO, *PYTHONS], _AUTO),
            _choice(self.ARCHITECTURE, tr("Architecture"), list(MACHINES), here),
            QgsProcessingParameterString(self.MODELS, tr("Models"), optional=True),
            numbers,
            QgsProcessingParameterBoolean(self.RAY, tr("Also Ray, for several GPUs or machines"), False),
            QgsProcessingParameterFolderDestination(self.OUTPUT, tr("Folder of the bundle")),
        ]
        for parameter in parameters:
            parameter.setHelp(texts[parameter.name()])
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber(self.FILES, tr("Files")))
        self.addOutput(QgsProcessingOutputNumber(self.FETCHED, tr("Files that were downloaded")))
        self.addOutput(QgsProcessingOutputNumber(self.SIZE_MB, tr("Size (MB)")))
        self.addOutput(QgsProcessingOutputString(self.PARTS, tr("Folder of the parts")))

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from ..client.bundle.export import BundleRequest, export_bundle
        from ..client.bundle.packages import python_here

        message = ""

        def report(percent: int, text: str) -> None:
            nonlocal message
            feedback.setProgress(percent)
            if text != message:
                message = text
                feedback.setProgressText(text)

        with self._offered() as offered:
            wanted = device_or_setting(DEVICES[self.parameterAsEnum(values, self.VARIANT, context)])
            # What is named need not run here.
            variant = choose_variant("auto").variant if wanted == "auto" else wanted
            python = self.parameterAsEnumString(values, self.PYTHON, context)
            request = BundleRequest(
                Path(self.parameterAsString(values, self.OUTPUT, context)).expanduser().absolute(),
                variant,
                python_here(variant) if python == _AUTO else python,
                self.parameterAsEnumString(values, self.ARCHITECTURE, context),
                self.parameterAsString(values, self.MODELS, context),
                self.parameterAsInt(values, self.PART_SIZE_MB, context),
                self.parameterAsBoolean(values, self.RAY, context),
            )
            done = export_bundle(request, report, feedback.isCanceled, offered)
            size_mb = round(done.size_bytes / 1e6)
            message = tr("{} files, {} MB. Carry the folder {} over; INSTALL.txt in it tells what to do there.")
            feedback.pushInfo(message.format(done.files, size_mb, done.folder))
            return {
                self.OUTPUT: str(request.folder),
                self.FILES: done.files,
                self.FETCHED: done.fetched,
                self.SIZE_MB: size_mb,
                self.PARTS: str(done.folder) if done.volumes else "",
            }


def _choice(name: str, title: str, values: list[str], default: str) -> QgsProcessingParameterEnum:
    """Return a choice whose values are text, also in scripts."""
    parameter = QgsProcessingParameterEnum(name, title, values, defaultValue=default)
    parameter.setUsesStaticStrings(True)
    return parameter
