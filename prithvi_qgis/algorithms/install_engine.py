"""``prithvi:installengine``: creates the engine's environment."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFolder,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
)

from .base import Parameters, Results, progress_to, search_words, tr
from .engine_selection import device_or_setting
from .network_algorithm import NetworkAlgorithm
from .parameter_names import DEVICES


class InstallEngine(NetworkAlgorithm):
    """Installs the engine, or checks the one that is there."""

    VARIANT = "VARIANT"
    WHEELHOUSE = "WHEELHOUSE"
    RAY = "RAY"
    FOLDER = "FOLDER"
    PYTHON = "PYTHON"
    REASON = "REASON"
    VERSIONS = "VERSIONS"

    def name(self) -> str:
        return "installengine"

    def displayName(self) -> str:
        return tr("Install engine")

    def shortDescription(self) -> str:
        return tr("Installs vLLM and TerraTorch for Prithvi in a folder of their own")

    def shortHelpString(self) -> str:
        return tr(
            "Installs the engine that runs the models (vLLM and TerraTorch) into a folder of yours, apart from QGIS's"
            " own Python. Needed once, and again when an update of the plugin asks for it. It takes about 7 GB of disk"
            " for CPU and 9 GB for CUDA, downloads 3 to 4 GB, and may be cancelled and run again at any time. An"
            " engine that is there is checked, and repaired if it does not work.\n\n"
            "Variant: automatic takes what the options say (Settings > Options > Prithvi), or looks at the graphics"
            " card and its driver and says what it chose and why. CUDA needs an NVIDIA card of compute capability 7.5"
            " or more (Turing, 2018) and driver 580 or newer.\n\n"
            "Folder of wheels: for machines without a network. Everything then comes from this folder: that of a bundle"
            " (Export bundle), or bare wheels. More in the manual (docs/air-gapped.md).\n\n"
            "Ray: an optional part, for segmenting folders on several GPUs or machines. It is installed when it is"
            " first asked for, or here in advance (200 MB); it listens on this machine alone unless you set up a"
            " cluster.\n\n"
            "The folder of the engine is set in the options, or by the environment variable PRITHVI_QGIS_HOME, else it"
            " is in your data folder. Proxy, mirror and certificate settings of uv and of pip are used; where they say"
            " nothing, QGIS's proxy and certificate authorities. In offline mode (options) nothing but a folder of"
            " wheels will do."
        )

    def tags(self) -> list[str]:
        return search_words(tr("prithvi,install,setup,engine,vllm,terratorch,cuda,gpu,cpu,update,repair"))

    def initAlgorithm(self, configuration: Parameters | None = None) -> None:
        self.addParameter(
            QgsProcessingParameterEnum(
                self.VARIANT, tr("Variant"), [tr("Automatic"), tr("CUDA (NVIDIA GPU)"), tr("CPU")], defaultValue=0
            )
        )
        wheelhouse = QgsProcessingParameterFile(
            self.WHEELHOUSE,
            tr("Folder of wheels (install without a network)"),
            Qgis.ProcessingFileParameterBehavior.Folder,
            optional=True,
        )
        wheelhouse.setFlags(wheelhouse.flags() | Qgis.ProcessingParameterFlag.Advanced)
        self.addParameter(wheelhouse)
        ray = QgsProcessingParameterBoolean(self.RAY, tr("Also Ray, for several GPUs or machines"), False)
        ray.setFlags(ray.flags() | Qgis.ProcessingParameterFlag.Advanced)
        self.addParameter(ray)
        self.addOutput(QgsProcessingOutputString(self.VARIANT, tr("Installed variant")))
        self.addOutput(QgsProcessingOutputFolder(self.FOLDER, tr("Folder of the engine")))
        self.addOutput(QgsProcessingOutputString(self.PYTHON, tr("Python of the engine")))
        self.addOutput(QgsProcessingOutputString(self.REASON, tr("Why this variant")))
        self.addOutput(QgsProcessingOutputString(self.VERSIONS, tr("Versions")))

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from ..client.install.engine_installer import install
        from ..client.install.optional_packages import RAY, component_versions, install_component

        report = progress_to(feedback)
        with self._offered() as offered:
            variant = device_or_setting(DEVICES[self.parameterAsEnum(values, self.VARIANT, context)])
            folder = self.parameterAsFile(values, self.WHEELHOUSE, context)
            wheelhouse = Path(folder).expanduser() if folder else None
            done = install(variant, wheelhouse, report, feedback.isCanceled, offered)
            installed = dict(done.versions)
            if self.parameterAsBoolean(values, self.RAY, context):
                install_component(done.variant, RAY, wheelhouse, report, feedback.isCanceled, offered)
                installed.update(component_versions(done.variant, RAY))
            versions = ", ".join(f"{name} {version}" for name, version in installed.items())
            message = (
                tr("The {} engine is installed in {} ({}).")
                if done.fresh
                else tr("The {} engine was there already and works, in {} ({}).")
            )
            feedback.pushInfo(f"{message.format(done.variant.upper(), done.folder, versions)} {done.reason}")
            return {
                self.VARIANT: done.variant,
                self.FOLDER: str(done.folder),
                self.PYTHON: str(done.python),
                self.REASON: done.reason,
                self.VERSIONS: versions,
            }
